package desk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"greendesk/desk/route"
	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Group is an advisory group (专家咨询服务组): who studies questions on its topics
// together.
type Group struct {
	ID      string // "" for one that is not made yet
	Name    string
	Topics  []string // names that Topics lists
	Off     bool     // gets no more questions
	Members []Member
}

// Member is an account in a group.
type Member struct {
	Account string
	Name    string // by Groups; SaveGroup does not read it
	Leads   bool
}

// Topics lists the topics that questions have, route.General last.
func (d *Desk) Topics() ([]string, error) {
	t, err := d.topics()
	if err != nil {
		return nil, err
	}
	return t.Names(), nil
}

// Groups lists the advisory groups with their members, by name, for any member
// of staff.
func (d *Desk) Groups(ctx context.Context, a staff.Actor) ([]Group, error) {
	if a.Account == "" {
		return nil, notStaff()
	}
	return groups(ctx, d.db)
}

func groups(ctx context.Context, q querier) ([]Group, error) {
	rows, err := q.Query(ctx, `SELECT id, name, topics, off FROM advisory_groups ORDER BY name, id`)
	out, err := list(rows, err, func(r row) (Group, error) {
		var g Group
		var topics string
		var off int
		err := r.Scan(&g.ID, &g.Name, &topics, &off)
		g.Topics, g.Off = strings.Fields(topics), off == 1
		return g, err
	})
	if err != nil {
		return nil, err
	}
	type membership struct {
		group string
		Member
	}
	rows, err = q.Query(ctx, `SELECT m.group_id, m.account_id, a.name, m.leads FROM group_members m JOIN accounts a ON a.id = m.account_id
		ORDER BY m.leads DESC, a.name, a.id`)
	members, err := list(rows, err, func(r row) (membership, error) {
		var m membership
		var leads int
		err := r.Scan(&m.group, &m.Account, &m.Name, &leads)
		m.Leads = leads == 1
		return m, err
	})
	for _, m := range members {
		if i := slices.IndexFunc(out, func(g Group) bool { return g.ID == m.group }); i >= 0 {
			out[i].Members = append(out[i].Members, m.Member)
		}
	}
	return out, err
}

// SaveGroup makes or changes a group, its members too, by an administrator. It
// returns the group's id. A group that is on has a lead.
func (d *Desk) SaveGroup(ctx context.Context, a staff.Actor, g Group) (string, error) {
	if err := mustAdminister(a); err != nil {
		return "", err
	}
	var err error
	if g.Name, err = oneWord(g.Name, "组名", 30); err != nil {
		return "", err
	}
	if g.Topics, err = d.knownTopics(g.Topics); err != nil {
		return "", err
	}
	if len(g.Topics) == 0 {
		return "", apperr.New(apperr.Invalid, "请至少选一个主题；什么都管的组请选“"+route.General+"”。")
	}
	if !g.Off && !slices.ContainsFunc(g.Members, func(m Member) bool { return m.Leads }) {
		return "", apperr.New(apperr.Invalid, "请至少选一位组长：没有人有空时，问题交给组长。")
	}
	var id string
	err = d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		saved, err := d.saveGroup(ctx, tx, g)
		if err != nil {
			return err
		}
		id = saved
		return d.record(ctx, tx, a, "save", "group:"+saved, fmt.Sprintf("%s：%s，%d 人", g.Name, strings.Join(g.Topics, " "), len(g.Members)))
	})
	return id, err
}

func (d *Desk) saveGroup(ctx context.Context, tx *db.Tx, g Group) (string, error) {
	var other string
	err := tx.QueryRow(ctx, `SELECT id FROM advisory_groups WHERE name = $1 AND id <> $2`, g.Name, g.ID).Scan(&other)
	if err == nil {
		return "", apperr.New(apperr.Conflict, "已经有叫“"+g.Name+"”的组，请换一个名字。")
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	if g.ID == "" {
		g.ID = db.NewID()
		_, err = tx.Exec(ctx, `INSERT INTO advisory_groups (id, name, topics, off, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)`,
			g.ID, g.Name, strings.Join(g.Topics, " "), bit(g.Off), d.millis())
	} else {
		var n int64
		n, err = affected(tx.Exec(ctx, `UPDATE advisory_groups SET name = $2, topics = $3, off = $4, updated_at = $5 WHERE id = $1`,
			g.ID, g.Name, strings.Join(g.Topics, " "), bit(g.Off), d.millis()))
		if err == nil && n == 0 {
			err = apperr.New(apperr.NotFound, "没有找到这个组，请刷新页面。")
		}
	}
	if err != nil {
		return "", err
	}
	return g.ID, d.saveMembers(ctx, tx, g)
}

func (d *Desk) saveMembers(ctx context.Context, tx *db.Tx, g Group) error {
	if _, err := tx.Exec(ctx, `DELETE FROM group_members WHERE group_id = $1`, g.ID); err != nil {
		return err
	}
	for _, m := range g.Members {
		name, roles, err := consultant(ctx, tx, m.Account)
		if err != nil {
			return err
		}
		if m.Leads && !roles.Has(staff.RoleLead) {
			return apperr.New(apperr.Invalid, name+"还没有“"+staff.RoleLead.Name()+"”角色，请先在人员里加上，再选为组长。")
		}
		_, err = tx.Exec(ctx, `INSERT INTO group_members (group_id, account_id, leads) VALUES ($1, $2, $3)
			ON CONFLICT (group_id, account_id) DO UPDATE SET leads = excluded.leads`, g.ID, m.Account, bit(m.Leads))
		if err != nil {
			return err
		}
	}
	return nil
}

// consultant returns the name and roles of an account that may be given
// consultations.
func consultant(ctx context.Context, q querier, account string) (string, staff.Actor, error) {
	var name, roles string
	err := q.QueryRow(ctx, `SELECT name, roles FROM accounts WHERE id = $1 AND state = 'active'`, account).Scan(&name, &roles)
	of := staff.Actor{Account: account, Name: name, Roles: staff.SplitRoles(roles)}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", of, apperr.New(apperr.Invalid, "没有找到这位同事，或者账号已停用，请从名单里重新选择。")
	case err == nil && !of.MayConsult():
		return "", of, apperr.New(apperr.Invalid, name+"没有专家或组长角色，或者是执法人员，不能办理咨询。")
	}
	return name, of, err
}

// knownTopics checks topics and orders them, each once.
func (d *Desk) knownTopics(topics []string) ([]string, error) {
	known, err := d.Topics()
	if err != nil {
		return nil, err
	}
	for _, t := range topics {
		if !slices.Contains(known, t) {
			return nil, apperr.New(apperr.Invalid, "没有“"+t+"”这个主题，请从名单里选。")
		}
	}
	var out []string
	for _, t := range known {
		if slices.Contains(topics, t) {
			out = append(out, t)
		}
	}
	return out, nil
}

func mustAdminister(a staff.Actor) error {
	if a.Has(staff.RoleAdministrator) {
		return nil
	}
	return apperr.New(apperr.Forbidden, "只有管理员可以这样做。")
}

func notStaff() error {
	return apperr.New(apperr.Forbidden, "请先登录。")
}

// oneWord checks a text of one line.
func oneWord(text, what string, most int) (string, error) {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "\x00", "")), " ")
	switch n := len([]rune(text)); {
	case n == 0:
		return "", apperr.New(apperr.Invalid, "请填写"+what+"。")
	case n > most:
		return "", apperr.New(apperr.TooLarge, fmt.Sprintf("%s最多 %d 个字，现在有 %d 个。", what, most, n))
	}
	return text, nil
}

// bit is how a boolean is stored.
func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// record writes what an actor did to the people of the desk into the audit log.
func (d *Desk) record(ctx context.Context, tx *db.Tx, a staff.Actor, action, object, detail string) error {
	return staff.Record(ctx, tx, staff.Entry{At: d.now(), Actor: a.Account, Action: action, Object: object, Detail: detail, IP: a.IP})
}
