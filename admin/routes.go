package admin

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
)

// route is one row of the role table.
type route struct {
	method, path string
	who          access
	nav          string // its name in the navigation, "" if it is not there
	do           func(*Console, echo.Context) error
}

// access is who may use a route.
type access struct {
	open    bool         // everybody, without signing in
	setup   bool         // also those who have yet to set a password or a TOTP secret
	consult bool         // only those who may read consultations at all: staff.Actor.MayConsult
	private bool         // nobody with an enforcement role: it holds what enterprises asked
	roles   []staff.Role // one of these; none: every member of staff
}

// allows tells whether a member of staff may use the route.
func (w access) allows(a staff.Actor) bool {
	if w.consult && !a.MayConsult() {
		return false
	}
	if w.private && a.Has(staff.RoleEnforcement) {
		return false
	}
	return len(w.roles) == 0 || slices.ContainsFunc(w.roles, func(r staff.Role) bool { return a.Has(r) })
}

// Who there is.
func everybody() access  { return access{open: true} }
func members() access    { return access{} }
func settingUp() access  { return access{setup: true} }
func consulting() access { return access{consult: true} }
func curating() access   { return access{private: true, roles: []staff.Role{staff.RoleCurator}} }
func only(roles ...staff.Role) access {
	return access{roles: roles}
}

// routes is the role table: the only place where a route is made. The test
// beside it walks the router and fails on any route that is not here.
func routes() []route { return slices.Concat(workRoutes(), shellRoutes()) }

// shellRoutes are signing in, the own account, and what administrators and
// auditors do.
func shellRoutes() []route {
	return []route{
		{http.MethodGet, "/admin/style.css", everybody(), "", (*Console).style},
		{http.MethodGet, "/admin/sign-in", everybody(), "", (*Console).signInPage},
		{http.MethodPost, "/admin/sign-in", everybody(), "", (*Console).signIn},
		{http.MethodGet, "/admin/wechat", everybody(), "", (*Console).wechatStart},
		{http.MethodGet, "/admin/wechat/back", everybody(), "", (*Console).wechatBack},
		{http.MethodGet, "/admin/wechat/bind/:token", everybody(), "", (*Console).bindStart},
		{http.MethodPost, "/admin/wechat/bind", everybody(), "", (*Console).bind},

		{http.MethodGet, "/admin/setup", settingUp(), "", (*Console).setupPage},
		{http.MethodGet, "/admin/setup/code.png", settingUp(), "", (*Console).setupCode},
		{http.MethodPost, "/admin/setup/password", settingUp(), "", (*Console).setupPassword},
		{http.MethodPost, "/admin/setup/totp", settingUp(), "", (*Console).setupTOTP},
		{http.MethodPost, "/admin/sign-out", settingUp(), "", (*Console).signOut},

		{http.MethodGet, "/admin/", members(), "", (*Console).home},

		{http.MethodGet, "/admin/people", only(staff.RoleAdministrator), "人员", (*Console).people},
		{http.MethodPost, "/admin/people", only(staff.RoleAdministrator), "", (*Console).createPerson},
		{http.MethodGet, "/admin/people/new", only(staff.RoleAdministrator), "", (*Console).newPerson},
		{http.MethodGet, "/admin/people/:id", only(staff.RoleAdministrator), "", (*Console).person},
		{http.MethodPost, "/admin/people/:id", only(staff.RoleAdministrator), "", (*Console).changePerson},
		{http.MethodPost, "/admin/people/:id/active", only(staff.RoleAdministrator), "", (*Console).activatePerson},
		{http.MethodPost, "/admin/people/:id/reset", only(staff.RoleAdministrator), "", (*Console).resetPerson},

		{http.MethodGet, "/admin/groups", only(staff.RoleAdministrator), "专家组", (*Console).groups},
		{http.MethodPost, "/admin/groups", only(staff.RoleAdministrator), "", (*Console).saveGroup},
		{http.MethodGet, "/admin/groups/:id", only(staff.RoleAdministrator), "", (*Console).group},
		{http.MethodPost, "/admin/groups/:id", only(staff.RoleAdministrator), "", (*Console).saveGroup},
		{http.MethodGet, "/admin/experts", only(staff.RoleExpert, staff.RoleLead, staff.RoleAdministrator), "专家", (*Console).experts},
		{http.MethodGet, "/admin/experts/:id", only(staff.RoleExpert, staff.RoleLead, staff.RoleAdministrator), "", (*Console).expert},
		{http.MethodPost, "/admin/experts/:id", only(staff.RoleAdministrator), "", (*Console).saveExpert},
		{http.MethodPost, "/admin/experts/:id/leave", only(staff.RoleExpert, staff.RoleLead, staff.RoleAdministrator), "", (*Console).addLeave},
		{http.MethodPost, "/admin/experts/:id/leave/drop", only(staff.RoleExpert, staff.RoleLead, staff.RoleAdministrator), "", (*Console).dropLeave},
		{http.MethodPost, "/admin/experts/:id/recusal", only(staff.RoleExpert, staff.RoleLead, staff.RoleAdministrator), "", (*Console).recuse},
		{http.MethodPost, "/admin/experts/:id/recusal/drop", only(staff.RoleAdministrator), "", (*Console).dropRecusal},
		{http.MethodGet, "/admin/settings", only(staff.RoleAdministrator), "设置", (*Console).settings},
		{http.MethodPost, "/admin/settings/:name", only(staff.RoleAdministrator), "", (*Console).changeSetting},

		{http.MethodGet, "/admin/audit", only(staff.RoleAuditor), "审计", (*Console).audit},
		{http.MethodPost, "/admin/audit/export", only(staff.RoleAuditor), "", (*Console).exportAudit},
		{http.MethodPost, "/admin/audit/verify", only(staff.RoleAuditor), "", (*Console).verifyAudit},

		{http.MethodGet, "/admin/me", members(), "我的账号", (*Console).me},
		{http.MethodPost, "/admin/me/password", members(), "", (*Console).mePassword},
		{http.MethodPost, "/admin/me/prove", members(), "", (*Console).meProve},
		{http.MethodGet, "/admin/me/wechat", members(), "", (*Console).bindPage},
		{http.MethodGet, "/admin/me/wechat.png", members(), "", (*Console).bindCode},
		{http.MethodPost, "/admin/me/wechat/unbind", members(), "", (*Console).unbind},
	}
}
