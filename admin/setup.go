package admin

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"rsc.io/qr"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

// provedFor is how long one who showed password and code once more may change
// how they sign in.
const provedFor = 10 * time.Minute

// setupView is the first steps of an account: a password, then a TOTP secret.
type setupView struct {
	Password bool   // the step is the password
	Secret   string // in groups of four, for those who cannot scan
}

// setupPage shows the next step.
func (k *Console) setupPage(c echo.Context) error { return k.setupStep(c, nil) }

func (k *Console) setupStep(c echo.Context, problem error) error {
	a := account(c)
	if a.Temporary {
		return k.renderProblem(c, "setup.html", "设置密码", setupView{Password: true}, problem)
	}
	if !k.mayEnrol(c) {
		return c.Redirect(http.StatusSeeOther, "/admin/")
	}
	return k.renderProblem(c, "setup.html", "设置动态码", setupView{Secret: grouped(k.secret(c))}, problem)
}

// mayEnrol tells whether a TOTP secret may be set now: it is the first, or
// password and code have just been shown.
func (k *Console) mayEnrol(c echo.Context) bool {
	return !account(c).Enrolled || k.proved(c)
}

// secret is the secret that this session offers to enrol.
func (k *Console) secret(c echo.Context) string {
	ctx := c.Request().Context()
	s := k.sessions.GetString(ctx, sessionSecret)
	if s == "" {
		s = staff.NewSecret()
		k.sessions.Put(ctx, sessionSecret, s)
	}
	return s
}

// setupCode is the picture that authenticators scan.
func (k *Console) setupCode(c echo.Context) error {
	if account(c).Temporary || !k.mayEnrol(c) {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	return picture(c, staff.SecretURL(account(c).Login, k.secret(c)))
}

// picture writes a text as a QR code.
func picture(c echo.Context, text string) error {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return err
	}
	code.Scale = 6
	return c.Blob(http.StatusOK, "image/png", code.PNG())
}

// setupPassword sets a password in place of the temporary one.
func (k *Console) setupPassword(c echo.Context) error {
	if !account(c).Temporary {
		return c.Redirect(http.StatusSeeOther, "/admin/")
	}
	if err := k.setPassword(c, ""); err != nil {
		return k.setupStep(c, err)
	}
	return c.Redirect(http.StatusSeeOther, "/admin/setup")
}

// setPassword sets the password of the form, which is typed twice, and keeps
// this session.
func (k *Console) setPassword(c echo.Context, old string) error {
	word := c.FormValue("password")
	if word != c.FormValue("again") {
		return apperr.New(apperr.Invalid, "两次输入的密码不一样，请重新输入。")
	}
	if err := k.staff.SetPassword(c.Request().Context(), actor(c), account(c).ID, old, word); err != nil {
		return err
	}
	return k.reenter(c)
}

// setupTOTP enrols the secret that was shown.
func (k *Console) setupTOTP(c echo.Context) error {
	if account(c).Temporary || !k.mayEnrol(c) {
		return c.Redirect(http.StatusSeeOther, "/admin/setup")
	}
	ctx := c.Request().Context()
	if err := k.staff.Enrol(ctx, actor(c), account(c).ID, k.secret(c), c.FormValue("code")); err != nil {
		return k.setupStep(c, err)
	}
	k.sessions.Remove(ctx, sessionSecret)
	k.sessions.Remove(ctx, sessionProved)
	if err := k.reenter(c); err != nil {
		return err
	}
	return k.flash(c, "/admin/", "动态码已设好，下次登录要用。")
}

func grouped(s string) string {
	var out []byte
	for i := range len(s) {
		if i > 0 && i%4 == 0 {
			out = append(out, ' ')
		}
		out = append(out, s[i])
	}
	return string(out)
}
