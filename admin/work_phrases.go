package admin

import (
	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/desk/staff"
)

// phrasesView are the canned replies that somebody may use.
type phrasesView struct {
	List  []desk.Canned
	Edit  desk.Canned // in the form
	Leads bool        // may keep what is everybody's
}

// phrases lists the canned replies.
func (k *Console) phrases(c echo.Context) error {
	return k.phrasesProblem(c, desk.Canned{ID: c.QueryParam("edit")}, nil)
}

// phrasesProblem lists them with what was wrong with the form.
func (k *Console) phrasesProblem(c echo.Context, form desk.Canned, problem error) error {
	a := actor(c)
	list, err := k.desk.Canned(c.Request().Context(), a)
	if err != nil {
		return err
	}
	v := phrasesView{List: list, Edit: form, Leads: a.Has(staff.RoleLead)}
	if problem == nil && form.ID != "" {
		v.Edit = desk.Canned{} // of one that is gone, a new one
		for _, x := range list {
			if x.ID == form.ID {
				v.Edit = x
			}
		}
	}
	return k.renderProblem(c, "phrases.html", "常用语", v, problem)
}

// savePhrase keeps a canned reply.
func (k *Console) savePhrase(c echo.Context) error {
	form := desk.Canned{ID: c.FormValue("id"), Title: c.FormValue("title"), Body: writes(c.FormValue("body")), Shared: c.FormValue("shared") != ""}
	if _, err := k.desk.SaveCanned(c.Request().Context(), actor(c), form); err != nil {
		return k.phrasesProblem(c, form, err)
	}
	return k.flash(c, "/admin/phrases", "已保存。")
}

// dropPhrase deletes one.
func (k *Console) dropPhrase(c echo.Context) error {
	if err := k.desk.DropCanned(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return k.phrasesProblem(c, desk.Canned{}, err)
	}
	return k.flash(c, "/admin/phrases", "已删除。")
}
