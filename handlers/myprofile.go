package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"greendesk/bot"
	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/internal/web"
)

// profile shows what a contact has said of itself, in a form to correct it.
func (m *my) profile(c echo.Context, openid string) error {
	ctx := c.Request().Context()
	profile, err := m.desk.Profile(ctx, openid)
	if err != nil {
		return err
	}
	privacy, err := m.desk.Privacy(ctx)
	if err != nil {
		return err
	}
	view := newProfileView(profile, privacy, nil)
	view.Flash = web.TakeFlash(ctx, m.sessions)
	return m.pages.render(c, "profile.html", view)
}

// saveProfile keeps the form, or shows it again with what is wrong at each field.
func (m *my) saveProfile(c echo.Context, openid string) error {
	if err := m.throttle(c, openid, "profile", changesAnHour); err != nil {
		return err
	}
	ctx := c.Request().Context()
	privacy, err := m.desk.Privacy(ctx)
	if err != nil {
		return err
	}
	var profile desk.Profile
	for _, f := range desk.Fields() {
		profile.Set(f, c.FormValue(string(f)))
	}
	wrong := profile.Clean()
	view := newProfileView(profile, privacy, wrong)
	agreed := c.FormValue("agreed")
	switch {
	case agreed == "":
		view.Problem = "请先看《个人信息告知书》，同意后勾选，再保存。"
	case len(wrong) > 0:
		view.Problem, view.Agreed = "有几处要改一改，已标出来。", agreed == privacy.Fingerprint
	default:
		if err := m.desk.Bind(ctx, openid, profile, agreed); err != nil {
			if view.Problem = apperr.MessageOf(err); apperr.CodeOf(err) == apperr.Conflict {
				break
			}
			return err
		}
		web.SetFlash(ctx, m.sessions, "已保存。")
		return c.Redirect(http.StatusSeeOther, bot.ProfilePath)
	}
	return m.pages.renderStatus(c, http.StatusBadRequest, "profile.html", view)
}

// askErase says what can be erased.
func (m *my) askErase(c echo.Context, openid string) error {
	profile, err := m.desk.Profile(c.Request().Context(), openid)
	if err != nil {
		return err
	}
	return m.pages.render(c, "erase.html", profile.Bound())
}

// erase forgets the profile, or the contact altogether.
func (m *my) erase(c echo.Context, openid string) error {
	ctx := c.Request().Context()
	switch c.FormValue("what") {
	case "profile":
		if err := m.desk.Unbind(ctx, openid); err != nil {
			return err
		}
		web.SetFlash(ctx, m.sessions, "您的姓名、职务、电话和企业绑定已经删除。")
		return c.Redirect(http.StatusSeeOther, bot.ProfilePath)
	case "all":
		if err := m.exchange.Erase(ctx, openid, m.now()); err != nil {
			return err
		}
		if err := m.sessions.Destroy(ctx); err != nil {
			return apperr.Wrap(apperr.Unavailable, "", err)
		}
		return m.pages.render(c, "erased.html", nil)
	}
	return apperr.New(apperr.Invalid, "请选择要删除什么。")
}
