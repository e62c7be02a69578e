package admin

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
)

// me is the page of the signed-in account.
func (k *Console) me(c echo.Context) error { return k.meProblem(c, nil) }

func (k *Console) meProblem(c echo.Context, problem error) error {
	return k.renderProblem(c, "me.html", "我的账号", account(c), problem)
}

// mePassword changes the password.
func (k *Console) mePassword(c echo.Context) error {
	err := k.limited(c, account(c).Login, func() error { return k.setPassword(c, c.FormValue("old")) })
	if err != nil {
		return k.meProblem(c, err)
	}
	return k.flash(c, "/admin/me", "密码已改，在别处登录的都已退出。")
}

// meProve takes password and code once more, before the ways to sign in are
// changed: a session left open must not be enough for that.
func (k *Console) meProve(c echo.Context) error {
	ctx, login := c.Request().Context(), account(c).Login
	err := k.limited(c, login, func() error {
		_, err := k.staff.Verify(ctx, staff.Attempt{Login: login, Password: c.FormValue("password"), Code: c.FormValue("code"), IP: c.RealIP()})
		return err
	})
	if err != nil {
		return k.meProblem(c, err)
	}
	k.sessions.Put(ctx, sessionProved, time.Now().Unix())
	if c.FormValue("then") == "wechat" {
		return c.Redirect(http.StatusSeeOther, "/admin/me/wechat")
	}
	return c.Redirect(http.StatusSeeOther, "/admin/setup")
}

// proved tells whether password and code have just been shown.
func (k *Console) proved(c echo.Context) bool {
	return time.Since(time.Unix(k.sessions.GetInt64(c.Request().Context(), sessionProved), 0)) < provedFor
}
