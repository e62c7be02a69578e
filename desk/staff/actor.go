// Package staff is who works at the desk: accounts with their roles, and the
// audit log of what they did and read.
package staff

import (
	"slices"
	"strings"
)

// Role is what an account may do. An account may have several.
type Role string

// The roles.
const (
	RoleExpert        Role = "expert"        // 专家: answers consultations
	RoleLead          Role = "lead"          // 组长: also assigns, signs and takes over within a group
	RoleCurator       Role = "curator"       // 知识管理员: keeps the knowledge base right
	RoleAdministrator Role = "administrator" // 管理员: accounts, groups, settings; reads no consultation
	RoleAuditor       Role = "auditor"       // 审计员: the audit log; reads no consultation
	// RoleEnforcement marks 执法人员. Whoever has it reads no consultation,
	// whatever else they are: the charter promises enterprises help, not evidence.
	RoleEnforcement Role = "enforcement"
)

// Roles lists all roles in the order in which people see them.
func Roles() []Role {
	return []Role{RoleExpert, RoleLead, RoleCurator, RoleAdministrator, RoleAuditor, RoleEnforcement}
}

// Name is how people call a role.
func (r Role) Name() string {
	switch r {
	case RoleExpert:
		return "专家"
	case RoleLead:
		return "组长"
	case RoleCurator:
		return "知识管理员"
	case RoleAdministrator:
		return "管理员"
	case RoleAuditor:
		return "审计员"
	case RoleEnforcement:
		return "执法人员"
	}
	return string(r)
}

// Actor is a signed-in member of staff who does something: every change and
// every read of a consultation takes one.
type Actor struct {
	Account string // id
	Name    string
	Roles   []Role
	IP      string // for the audit log, "" when not known
}

// Has reports whether the actor has one of the roles.
func (a Actor) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) })
}

// MayConsult reports whether the actor may read any consultation at all:
// experts and leads may, those with an enforcement role never. Which ones is
// the desk's to say (desk.Desk.Open).
func (a Actor) MayConsult() bool {
	return a.Has(RoleExpert, RoleLead) && !a.Has(RoleEnforcement)
}

// JoinRoles is how roles are stored: sorted words parted by spaces, each once.
func JoinRoles(roles []Role) string {
	words := make([]string, 0, len(roles))
	for _, r := range roles {
		words = append(words, string(r))
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// SplitRoles reads what JoinRoles wrote.
func SplitRoles(stored string) []Role {
	var out []Role
	for w := range strings.FieldsSeq(stored) {
		out = append(out, Role(w))
	}
	return out
}
