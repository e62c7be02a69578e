package admin

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
)

// sessionWord holds a temporary password until the next page shows it, once.
const sessionWord = "word"

// people lists the accounts.
func (k *Console) people(c echo.Context) error {
	all, err := k.staff.Accounts(c.Request().Context())
	if err != nil {
		return err
	}
	return k.render(c, "people.html", "人员", all)
}

// personView is the form of one account.
type personView struct {
	ID      string // "" for one that is to be made
	Person  staff.Person
	Roles   []roleTick
	Account staff.Account
	Word    string // a temporary password, shown once
}

type roleTick struct {
	Role   staff.Role
	Means  string
	Ticked bool
}

func newPersonView(id string, p staff.Person) personView {
	v := personView{ID: id, Person: p}
	for _, r := range staff.Roles() {
		v.Roles = append(v.Roles, roleTick{Role: r, Means: roleMeans(r), Ticked: slices.Contains(p.Roles, r)})
	}
	return v
}

// roleMeans says in a few words what a role may do.
func roleMeans(r staff.Role) string {
	switch r {
	case staff.RoleExpert:
		return "答复企业的咨询"
	case staff.RoleLead:
		return "还能分派、复核、接手本组的咨询"
	case staff.RoleCurator:
		return "管理知识库"
	case staff.RoleAdministrator:
		return "管理账号、专家组和设置；看不到咨询"
	case staff.RoleAuditor:
		return "看审计记录；看不到咨询"
	case staff.RoleEnforcement:
		return "执法岗位；不论还有什么角色，都看不到咨询"
	}
	return ""
}

// personForm reads the form.
func personForm(c echo.Context) staff.Person {
	p := staff.Person{Login: c.FormValue("login"), Name: c.FormValue("name"), Phone: c.FormValue("phone")}
	for _, r := range c.Request().PostForm["role"] {
		p.Roles = append(p.Roles, staff.Role(r))
	}
	return p
}

// newPerson asks for a new account.
func (k *Console) newPerson(c echo.Context) error {
	return k.render(c, "person.html", "新建账号", newPersonView("", staff.Person{}))
}

// createPerson makes an account and shows its temporary password.
func (k *Console) createPerson(c echo.Context) error {
	ctx, p := c.Request().Context(), personForm(c)
	a, word, err := k.staff.Create(ctx, actor(c), p)
	if err != nil {
		return k.renderProblem(c, "person.html", "新建账号", newPersonView("", p), err)
	}
	k.sessions.Put(ctx, sessionWord, word)
	return k.flash(c, "/admin/people/"+a.ID, "账号已建好。")
}

// person shows an account.
func (k *Console) person(c echo.Context) error {
	ctx := c.Request().Context()
	a, err := k.staff.Account(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	v := newPersonView(a.ID, staff.Person{Login: a.Login, Name: a.Name, Phone: a.Phone, Roles: a.Roles})
	v.Account, v.Word = a, k.sessions.PopString(ctx, sessionWord)
	return k.render(c, "person.html", a.Name, v)
}

// changePerson changes name, telephone and roles.
func (k *Console) changePerson(c echo.Context) error {
	ctx, p := c.Request().Context(), personForm(c)
	a, err := k.staff.Account(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if err := k.staff.SetPerson(ctx, actor(c), a.ID, p); err != nil {
		p.Login = a.Login
		v := newPersonView(a.ID, p)
		v.Account = a
		return k.renderProblem(c, "person.html", a.Name, v, err)
	}
	return k.flash(c, "/admin/people", "已保存“"+p.Name+"”。角色变了的话，本人要重新登录。")
}

// activatePerson disables an account, or lets it in again.
func (k *Console) activatePerson(c echo.Context) error {
	active := c.FormValue("active") == "yes"
	if err := k.staff.SetActive(c.Request().Context(), actor(c), c.Param("id"), active); err != nil {
		return err
	}
	if active {
		return k.flash(c, "/admin/people/"+c.Param("id"), "账号已恢复。")
	}
	return k.flash(c, "/admin/people/"+c.Param("id"), "账号已停用，登录着的也已退出。")
}

// resetPerson gives an account a temporary password and shows it.
func (k *Console) resetPerson(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("id")
	word, err := k.staff.Reset(ctx, actor(c), id)
	if err != nil {
		return err
	}
	if id == account(c).ID { // the administrator's own: this session has just ended
		return c.Redirect(http.StatusSeeOther, "/admin/sign-in")
	}
	k.sessions.Put(ctx, sessionWord, word)
	return k.flash(c, "/admin/people/"+id, "已重置。动态码和微信绑定也清掉了，本人下次登录时重新设。")
}
