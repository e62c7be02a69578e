package admin

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

// What a session holds.
const (
	sessionAccount = "account" // id of who signed in
	sessionEpoch   = "epoch"   // of the account then
	sessionID      = "id"      // names the session when it has ended: see leave
	sessionNext    = "next"    // the page that was asked for before signing in
	sessionSecret  = "secret"  // a TOTP secret that is being enrolled
	sessionProved  = "proved"  // Unix seconds when password and code were shown once more
)

// accountKey is where the guard leaves the signed-in account in the context.
const accountKey = "account"

// guarded is a route's handler behind its row of the role table.
func (k *Console) guarded(r route) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		if r.who.open {
			return r.do(k, c)
		}
		a, in, err := k.signedIn(c)
		if err != nil {
			return err
		}
		if !in {
			return k.askToSignIn(c)
		}
		c.Set(accountKey, a)
		if !ready(a) && !r.who.setup {
			return c.Redirect(http.StatusSeeOther, "/admin/setup")
		}
		if !r.who.allows(actor(c)) {
			return apperr.New(apperr.Forbidden, "您的角色不能用这个功能。需要的话，请找管理员。")
		}
		return r.do(k, c)
	}
}

// ready tells whether an account has done its first steps.
func ready(a staff.Account) bool { return a.Enrolled && !a.Temporary }

// signedIn is the account of the session. A session ends with any change that
// raises the account's epoch, and when the account is disabled.
func (k *Console) signedIn(c echo.Context) (staff.Account, bool, error) {
	ctx := c.Request().Context()
	a, in, err := k.holds(ctx)
	if err == nil && !in && a.ID != "" {
		err = k.sessions.Destroy(ctx)
	}
	return a, in, err
}

// holds is the account of the session in a context, and whether the session
// still holds.
func (k *Console) holds(ctx context.Context) (staff.Account, bool, error) {
	id := k.sessions.GetString(ctx, sessionAccount)
	if id == "" {
		return staff.Account{}, false, nil
	}
	a, err := k.staff.Account(ctx, id)
	if err != nil && apperr.CodeOf(err) != apperr.NotFound {
		return a, false, err
	}
	a.ID = id // also of an account that is gone
	if err != nil || !a.Active || a.Epoch != k.sessions.GetInt64(ctx, sessionEpoch) {
		return a, false, nil
	}
	left, err := k.cfg.State.Get(ctx, leftKey(k.sessions.GetString(ctx, sessionID)))
	return a, err == nil && left == nil, err
}

func leftKey(id string) string { return "staff-left:" + id }

// leave ends the session for good. A request of the same browser that is still
// under way writes the session back when it ends (a draft that is being
// saved); it must not bring it back to life.
func (k *Console) leave(c echo.Context) error {
	ctx := c.Request().Context()
	if err := k.cfg.State.Set(ctx, leftKey(k.sessions.GetString(ctx, sessionID)), []byte{1}, sessionLife); err != nil {
		return apperr.Wrap(apperr.Unavailable, "现在退不出去，请稍等一会儿再试，或者关掉浏览器。", err)
	}
	return k.sessions.Destroy(ctx)
}

// enter begins the session of an account that has been verified.
func (k *Console) enter(c echo.Context, a staff.Account) error {
	ctx := c.Request().Context()
	if err := k.sessions.RenewToken(ctx); err != nil {
		return err
	}
	k.sessions.Put(ctx, sessionAccount, a.ID)
	k.sessions.Put(ctx, sessionEpoch, a.Epoch)
	k.sessions.Put(ctx, sessionID, rand.Text())
	return nil
}

// reenter keeps the session of somebody who changed their own account, while
// the change ended all others.
func (k *Console) reenter(c echo.Context) error {
	a, err := k.staff.Account(c.Request().Context(), account(c).ID)
	if err != nil {
		return err
	}
	c.Set(accountKey, a)
	return k.enter(c, a)
}

// askToSignIn sends a person to the sign-in page and remembers the page they
// wanted; a program gets 401.
func (k *Console) askToSignIn(c echo.Context) error {
	r := c.Request()
	if r.Method != http.MethodGet || !strings.Contains(r.Header.Get(echo.HeaderAccept), "text/html") {
		return echo.NewHTTPError(http.StatusUnauthorized)
	}
	if r.URL.Path != "/admin/" {
		k.sessions.Put(r.Context(), sessionNext, r.URL.RequestURI())
	}
	return c.Redirect(http.StatusSeeOther, "/admin/sign-in")
}

// account is who is signed in. Only routes that are not open have one.
func account(c echo.Context) staff.Account {
	a, _ := c.Get(accountKey).(staff.Account)
	return a
}

// actor is who is signed in, as the domain wants to know them.
func actor(c echo.Context) staff.Actor { return account(c).Actor(c.RealIP()) }
