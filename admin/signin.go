package admin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

// signInView is the sign-in form.
type signInView struct {
	Login  string
	WeChat bool // the browser is WeChat's, which can sign in by itself
}

func (k *Console) signInView(c echo.Context, login string) signInView {
	return signInView{Login: login, WeChat: k.cfg.OAuth && strings.Contains(c.Request().UserAgent(), "MicroMessenger")}
}

// signInPage asks who it is.
func (k *Console) signInPage(c echo.Context) error {
	if _, in, err := k.signedIn(c); err != nil || in {
		return orRedirect(c, err, "/admin/")
	}
	return k.render(c, "signin.html", "登录", k.signInView(c, ""))
}

// signIn checks login, password and code. They are asked for on one page, so
// that nobody learns that a password alone was right.
func (k *Console) signIn(c echo.Context) error {
	ctx, login := c.Request().Context(), c.FormValue("login")
	var a staff.Account
	err := k.limited(c, login, func() error {
		var err error
		a, err = k.staff.Verify(ctx, staff.Attempt{Login: login, Password: c.FormValue("password"), Code: c.FormValue("code"), IP: c.RealIP()})
		return err
	})
	if err != nil {
		return k.renderProblem(c, "signin.html", "登录", k.signInView(c, login), err)
	}
	return k.welcome(c, a)
}

// welcome begins a session and opens the page that was asked for.
func (k *Console) welcome(c echo.Context, a staff.Account) error {
	next := k.sessions.PopString(c.Request().Context(), sessionNext)
	if next == "" {
		next = "/admin/"
	}
	return orRedirect(c, k.enter(c, a), next)
}

// limited runs a check of a login's secrets, unless there have been too many.
func (k *Console) limited(c echo.Context, login string, check func() error) error {
	ctx := c.Request().Context()
	give, err := k.tries.take(ctx, login, c.RealIP())
	if err != nil {
		return apperr.Wrap(apperr.Unavailable, "现在不能登录，请稍等一会儿再试。", err)
	}
	if give == nil {
		return echo.NewHTTPError(http.StatusTooManyRequests, "试的次数太多了。为了账号安全，请 15 分钟后再试；忘了密码请找管理员重置。")
	}
	if err := check(); err != nil {
		return err
	}
	return give(ctx)
}

// signOut ends the session.
func (k *Console) signOut(c echo.Context) error {
	if err := errors.Join(k.staff.SignOut(c.Request().Context(), actor(c)), k.leave(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/sign-in")
}

func orRedirect(c echo.Context, err error, path string) error {
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, path)
}
