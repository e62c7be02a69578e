package admin

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

// signInView is the sign-in form.
type signInView struct{ Login string }

// signInPage asks who it is.
func (k *Console) signInPage(c echo.Context) error {
	if _, in, err := k.signedIn(c); err != nil || in {
		return orRedirect(c, err, "/admin/")
	}
	return k.render(c, "signin.html", "登录", signInView{})
}

// signIn checks login, password and code. They are asked for on one page, so
// that nobody learns that a password alone was right.
func (k *Console) signIn(c echo.Context) error {
	ctx, login := c.Request().Context(), c.FormValue("login")
	give, err := k.tries.take(ctx, login, c.RealIP())
	if err != nil {
		return apperr.Wrap(apperr.Unavailable, "现在不能登录，请稍等一会儿再试。", err)
	}
	if give == nil {
		tooMany := echo.NewHTTPError(http.StatusTooManyRequests, "试的次数太多了。为了账号安全，请 15 分钟后再试；忘了密码请找管理员重置。")
		return k.renderProblem(c, "signin.html", "登录", signInView{Login: login}, tooMany)
	}
	a, err := k.staff.Verify(ctx, staff.Attempt{Login: login, Password: c.FormValue("password"), Code: c.FormValue("code"), IP: c.RealIP()})
	if err != nil {
		return k.renderProblem(c, "signin.html", "登录", signInView{Login: login}, err)
	}
	next := k.sessions.PopString(ctx, sessionNext)
	if next == "" {
		next = "/admin/"
	}
	if err := errors.Join(give(ctx), k.enter(c, a)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, next)
}

// signOut ends the session.
func (k *Console) signOut(c echo.Context) error {
	ctx := c.Request().Context()
	if err := errors.Join(k.staff.SignOut(ctx, actor(c)), k.sessions.Destroy(ctx)); err != nil {
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
