package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"greendesk/bot"
	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/internal/web"
)

// card shows what a contact has said of itself, in a form to correct it.
func (m *my) card(c echo.Context, openid string) error {
	ctx := c.Request().Context()
	card, err := m.desk.Card(ctx, openid)
	if err != nil {
		return err
	}
	privacy, err := m.desk.Privacy(ctx)
	if err != nil {
		return err
	}
	view := newCardView(card, privacy, nil)
	view.Flash = web.TakeFlash(ctx, m.sessions)
	return m.pages.render(c, "card.html", view)
}

// saveCard keeps the form, or shows it again with what is wrong at each field.
func (m *my) saveCard(c echo.Context, openid string) error {
	if err := m.throttle(c, openid, "card", changesAnHour); err != nil {
		return err
	}
	ctx := c.Request().Context()
	privacy, err := m.desk.Privacy(ctx)
	if err != nil {
		return err
	}
	var card desk.Card
	for _, f := range desk.Fields() {
		card.Set(f, c.FormValue(string(f)))
	}
	wrong := card.Clean()
	view := newCardView(card, privacy, wrong)
	agreed := c.FormValue("agreed")
	switch {
	case agreed == "":
		view.Problem = "请先看《个人信息告知书》，同意后勾选，再保存。"
	case len(wrong) > 0:
		view.Problem, view.Agreed = "有几处要改一改，已标出来。", agreed == privacy.Fingerprint
	default:
		if err := m.desk.Bind(ctx, openid, card, agreed); err != nil {
			if view.Problem = apperr.MessageOf(err); apperr.CodeOf(err) == apperr.Conflict {
				break
			}
			return err
		}
		web.SetFlash(ctx, m.sessions, "已保存。")
		return c.Redirect(http.StatusSeeOther, bot.PageCard)
	}
	return m.pages.renderStatus(c, http.StatusBadRequest, "card.html", view)
}

// askErase says what can be erased.
func (m *my) askErase(c echo.Context, openid string) error {
	card, err := m.desk.Card(c.Request().Context(), openid)
	if err != nil {
		return err
	}
	return m.pages.render(c, "erase.html", card.Bound())
}

// erase forgets the card, or the contact altogether.
func (m *my) erase(c echo.Context, openid string) error {
	ctx := c.Request().Context()
	switch c.FormValue("what") {
	case "card":
		if err := m.desk.Unbind(ctx, openid); err != nil {
			return err
		}
		web.SetFlash(ctx, m.sessions, "您的姓名、职务、电话和企业绑定已经删除。")
		return c.Redirect(http.StatusSeeOther, bot.PageCard)
	case "all":
		if err := m.bot.Erase(ctx, openid, m.now()); err != nil {
			return err
		}
		if err := m.sessions.Destroy(ctx); err != nil {
			return apperr.Wrap(apperr.Unavailable, "", err)
		}
		return m.pages.render(c, "erased.html", nil)
	}
	return apperr.New(apperr.Invalid, "请选择要删除什么。")
}
