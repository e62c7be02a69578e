package admin

import (
	"slices"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/internal/apperr"
)

// groups lists the advisory groups.
func (k *Console) groups(c echo.Context) error {
	all, err := k.cfg.Desk.Groups(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	return k.render(c, "groups.html", "专家组", all)
}

// groupView is the form of one group.
type groupView struct {
	Group   desk.Group
	Topics  []tick
	Experts []memberTick
}

// tick is a choice of a list.
type tick struct {
	Name   string
	Ticked bool
}

type memberTick struct {
	desk.Expert
	Member, Leads bool
}

func ticks(names, ticked []string) []tick {
	var out []tick
	for _, n := range names {
		out = append(out, tick{Name: n, Ticked: slices.Contains(ticked, n)})
	}
	return out
}

// newGroup is the id in the address of a group that is to be made.
const newGroup = "new"

func (k *Console) groupView(c echo.Context, g desk.Group) (groupView, error) {
	topics, err := k.cfg.Desk.Topics()
	if err != nil {
		return groupView{}, err
	}
	experts, err := k.cfg.Desk.Experts(c.Request().Context(), actor(c))
	if err != nil {
		return groupView{}, err
	}
	v := groupView{Group: g, Topics: ticks(topics, g.Topics)}
	for _, e := range experts {
		m := memberTick{Expert: e}
		if i := slices.IndexFunc(g.Members, func(m desk.Member) bool { return m.Account == e.Account }); i >= 0 {
			m.Member, m.Leads = true, g.Members[i].Leads
		}
		v.Experts = append(v.Experts, m)
	}
	return v, nil
}

// group shows the form of a group.
func (k *Console) group(c echo.Context) error {
	var g desk.Group
	if id := c.Param("id"); id != newGroup {
		all, err := k.cfg.Desk.Groups(c.Request().Context(), actor(c))
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(g desk.Group) bool { return g.ID == id })
		if i < 0 {
			return apperr.New(apperr.NotFound, "没有找到这个组，可能已经改过了。")
		}
		g = all[i]
	}
	return k.showGroup(c, g, nil)
}

func (k *Console) showGroup(c echo.Context, g desk.Group, problem error) error {
	v, err := k.groupView(c, g)
	if err != nil {
		return err
	}
	title := g.Name
	if g.ID == "" {
		title = "新建专家组"
	}
	return k.renderProblem(c, "group.html", title, v, problem)
}

// saveGroup makes or changes a group.
func (k *Console) saveGroup(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return apperr.Wrap(apperr.Invalid, "表单没有读懂，请再提交一次。", err)
	}
	g := desk.Group{ID: c.Param("id"), Name: form.Get("name"), Topics: form["topic"], Off: form.Get("off") != ""}
	for _, id := range form["member"] {
		g.Members = append(g.Members, desk.Member{Account: id, Leads: slices.Contains(form["lead"], id)})
	}
	for _, id := range form["lead"] {
		if !slices.Contains(form["member"], id) { // whoever leads belongs to it
			g.Members = append(g.Members, desk.Member{Account: id, Leads: true})
		}
	}
	if _, err := k.cfg.Desk.SaveGroup(c.Request().Context(), actor(c), g); err != nil {
		return k.showGroup(c, g, err)
	}
	return k.flash(c, "/admin/groups", "已保存“"+g.Name+"”。")
}
