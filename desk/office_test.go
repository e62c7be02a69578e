package desk

import (
	"context"
	"fmt"
	"testing"

	"greendesk/desk/staff"
	"greendesk/internal/db"
)

// office is a desk with staff: two experts and a lead in the air group, an
// expert of water, an enforcement officer, an administrator.
type office struct {
	*Desk
	t     *testing.T
	clock *clock

	li, wang, zhao, qian, sun, admin staff.Actor
}

// run executes one statement.
func (o office) run(query string, args ...any) {
	o.t.Helper()
	must(o.t, o.db.InTx(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}))
}

func (o office) account(id, name string, roles ...staff.Role) staff.Actor {
	o.run(`INSERT INTO accounts (id, login, name, phone, password, password_at, totp, roles, state, created_at, updated_at)
		VALUES ($1, $1, $2, '', '', 0, '', $3, 'active', 0, 0)`, id, name, staff.JoinRoles(roles))
	return staff.Actor{Account: id, Name: name, Roles: roles, IP: "10.0.0.1"}
}

// staff makes the accounts, groups and enterprises of an office.
func (o office) staff() office {
	o.t.Helper()
	o.li = o.account("li", "李工", staff.RoleExpert)
	o.wang = o.account("wang", "王工", staff.RoleExpert)
	o.zhao = o.account("zhao", "赵组长", staff.RoleExpert, staff.RoleLead)
	o.qian = o.account("qian", "钱工", staff.RoleExpert)
	o.sun = o.account("sun", "孙执法", staff.RoleExpert, staff.RoleLead, staff.RoleEnforcement)
	o.admin = o.account("admin", "管理员", staff.RoleAdministrator, staff.RoleAuditor)
	o.run(`INSERT INTO advisory_groups (id, name, topics, created_at, updated_at) VALUES ('air', '大气组', '废气', 0, 0), ('water', '水组', '废水', 0, 0)`)
	o.run(`INSERT INTO group_members (group_id, account_id, leads) VALUES ('air', 'li', 0), ('air', 'wang', 0), ('air', 'zhao', 1), ('air', 'sun', 1), ('water', 'qian', 0)`)
	o.run(`INSERT INTO enterprises (id, code, name, industry, county, permit, created_at, updated_at) VALUES ('e1', '91411100MA00000001', '漯河食品厂', '', '', '', 0, 0)`)
	return o
}

// staffed runs a test on both databases, with staff.
func staffed(t *testing.T, fn func(t *testing.T, o office)) {
	t.Helper()
	desks(t, func(t *testing.T, d *Desk, c *clock) { fn(t, office{Desk: d, t: t, clock: c}.staff()) })
}

// by is the expert of an account.
func (o office) by(account string) staff.Actor {
	return map[string]staff.Actor{"li": o.li, "wang": o.wang, "zhao": o.zhao, "qian": o.qian}[account]
}

// message stores a message of openid and returns its id.
func (o office) message(openid, key string) string {
	o.t.Helper()
	r, err := o.Receive(context.Background(), o.clock.message(openid, key))
	must(o.t, err)
	return r.ID
}

// asked makes a consultation of openid that the air group has.
func (o office) asked(openid, question string) Consultation {
	o.t.Helper()
	in := o.message(openid, "m:"+openid+question)
	c, err := o.Escalate(context.Background(), Escalation{OpenID: openid, Inbound: in, Question: question, Reason: ReasonAbstained,
		Context: []Turn{{Asked: "你好", Answered: "您好"}}})
	must(o.t, err)
	o.run(`UPDATE consultations SET group_id = 'air' WHERE id = $1`, c.ID)
	return c
}

// version is the version that a page opened now would have.
func (o office) version(id string) int64 { return o.current(id).Version }

// current reads a consultation as it stands.
func (o office) current(id string) Consultation {
	o.t.Helper()
	c, err := scanConsultation(o.db.QueryRow(context.Background(), selectConsultation+` WHERE k.id = $1`, id))
	must(o.t, err)
	return c
}

// count runs a query for one number.
func (o office) count(query string, args ...any) int {
	o.t.Helper()
	var n int
	must(o.t, o.db.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

// story is the history of a consultation: who, from, to.
func (o office) story(id string) []string {
	o.t.Helper()
	list, err := events(context.Background(), o.db, id)
	must(o.t, err)
	var out []string
	for _, e := range list {
		if e.Reason == "" {
			o.t.Errorf("an event without a reason: %+v", e)
		}
		out = append(out, fmt.Sprintf("%s:%s>%s", e.Actor, e.From, e.To))
	}
	return out
}
