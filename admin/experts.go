package admin

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/desk/worktime"
	"greendesk/internal/apperr"
)

// experts lists who may be given consultations: all for administrators and
// leads, for others themselves.
func (k *Console) experts(c echo.Context) error {
	all, err := k.cfg.Desk.Experts(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	return k.render(c, "experts.html", "专家", all)
}

// expertView is the page of one expert.
type expertView struct {
	desk.Expert
	Topics, Counties []tick
	Industries       string // as typed, parted by spaces
	Limit            string // as typed
	Own              bool   // it is the reader
	Manages          bool   // the reader is an administrator
	Leave            desk.Leave
	Recusal          desk.Recusal // as typed
}

// expertOf is the expert of the address, as far as the reader may see them.
func (k *Console) expertOf(c echo.Context) (desk.Expert, error) {
	all, err := k.cfg.Desk.Experts(c.Request().Context(), actor(c))
	if err != nil {
		return desk.Expert{}, err
	}
	i := slices.IndexFunc(all, func(e desk.Expert) bool { return e.Account == c.Param("id") })
	if i < 0 {
		return desk.Expert{}, apperr.New(apperr.NotFound, "没有找到这位专家。")
	}
	return all[i], nil
}

// expert shows an expert.
func (k *Console) expert(c echo.Context) error {
	e, err := k.expertOf(c)
	if err != nil {
		return err
	}
	return k.showExpert(c, expertView{Expert: e, Industries: strings.Join(e.Industries, " "), Limit: strconv.Itoa(e.Limit)}, nil)
}

func (k *Console) showExpert(c echo.Context, v expertView, problem error) error {
	topics, err := k.cfg.Desk.Topics()
	if err != nil {
		return err
	}
	v.Topics, v.Counties = ticks(topics, v.Expert.Topics), ticks(desk.Counties(), v.Expert.Counties)
	v.Own, v.Manages = v.Account == account(c).ID, actor(c).Has(staff.RoleAdministrator)
	return k.renderProblem(c, "expert.html", v.Name, v, problem)
}

// saveExpert changes what an expert is given.
func (k *Console) saveExpert(c echo.Context) error {
	e, err := k.expertOf(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return apperr.Wrap(apperr.Invalid, "表单没有读懂，请再提交一次。", err)
	}
	v := expertView{Industries: form.Get("industries"), Limit: form.Get("limit")}
	e.Topics, e.Counties, e.Industries, e.Hours = form["topic"], form["county"], strings.Fields(v.Industries), strings.TrimSpace(form.Get("hours"))
	var wrong error
	if e.Limit, err = strconv.Atoi(strings.TrimSpace(v.Limit)); err != nil {
		wrong = apperr.Wrap(apperr.Invalid, "同时办理的件数请填一个整数。", err)
	} else {
		wrong = k.cfg.Desk.SaveExpert(c.Request().Context(), actor(c), e)
	}
	if wrong != nil {
		v.Expert = e
		return k.showExpert(c, v, wrong)
	}
	return k.flash(c, "/admin/experts", "已保存“"+e.Name+"”。")
}

// addLeave enters days on which an expert gets nothing.
func (k *Console) addLeave(c echo.Context) error {
	leave := desk.Leave{Days: worktime.Days{From: c.FormValue("from"), To: c.FormValue("to")}, Reason: c.FormValue("reason")}
	err := k.cfg.Desk.AddLeave(c.Request().Context(), actor(c), c.Param("id"), leave.Days, leave.Reason)
	return k.afterExpert(c, expertView{Leave: leave}, "请假已登记，这几天不会分派新的咨询。", err)
}

// dropLeave takes a leave back.
func (k *Console) dropLeave(c echo.Context) error {
	err := k.cfg.Desk.DropLeave(c.Request().Context(), actor(c), c.Param("id"), c.FormValue("leave"))
	return k.afterExpert(c, expertView{}, "请假已取消。", err)
}

// recuse keeps an expert from an enterprise.
func (k *Console) recuse(c echo.Context) error {
	r := desk.Recusal{Code: c.FormValue("code"), Reason: c.FormValue("reason")}
	out, err := k.cfg.Desk.Recuse(c.Request().Context(), actor(c), c.Param("id"), r)
	return k.afterExpert(c, expertView{Recusal: r}, recusedWords(out), err)
}

// recusedWords says what came of a recusal, so that a code of another
// enterprise is noticed.
func recusedWords(r desk.Recused) string {
	said := "已登记回避" + r.Name + "（" + r.Code + "）。"
	if r.Name == "" {
		said = "已登记回避 " + r.Code + "。还没有人绑定过这家企业，请再核对一遍代码。"
	}
	if r.Held == 0 {
		return said + "手上没有这家企业的咨询。"
	}
	return said + "手上这家企业的 " + strconv.Itoa(r.Held) + " 件咨询已转给别人。"
}

// dropRecusal lets an expert serve an enterprise again.
func (k *Console) dropRecusal(c echo.Context) error {
	err := k.cfg.Desk.DropRecusal(c.Request().Context(), actor(c), c.Param("id"), c.FormValue("code"))
	return k.afterExpert(c, expertView{}, "回避已取消。", err)
}

// afterExpert goes back to the expert's page, with what was typed when it
// could not be done.
func (k *Console) afterExpert(c echo.Context, typed expertView, done string, problem error) error {
	if problem == nil {
		return k.flash(c, "/admin/experts/"+c.Param("id"), done)
	}
	e, err := k.expertOf(c)
	if err != nil {
		return err
	}
	typed.Expert, typed.Industries, typed.Limit = e, strings.Join(e.Industries, " "), strconv.Itoa(e.Limit)
	return k.showExpert(c, typed, problem)
}
