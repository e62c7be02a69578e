package admin

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

// What a session holds on the way through WeChat.
const (
	sessionState   = "state"   // what must come back with the code
	sessionBinding = "binding" // the token of the account to bind; "" when signing in
	sessionOpenID  = "openid"  // who is to be bound
	sessionToken   = "token"   // on the computer: the token that its QR code shows
)

// bindFor is how long a QR code for binding works.
const bindFor = 10 * time.Minute

// wechatStart signs in through WeChat, on the phone.
func (k *Console) wechatStart(c echo.Context) error {
	k.sessions.Remove(c.Request().Context(), sessionBinding)
	return k.askWeChat(c)
}

// askWeChat sends the phone to WeChat, which sends it back to wechatBack.
func (k *Console) askWeChat(c echo.Context) error {
	if !k.cfg.OAuth {
		return apperr.New(apperr.NotFound, "本公众号没有“网页授权”权限，不能用微信登录。请用账号和密码登录。")
	}
	state := rand.Text()
	address, err := k.cfg.AuthorizeURL(k.cfg.BaseURL+"/admin/wechat/back", state)
	if err != nil {
		return err
	}
	k.sessions.Put(c.Request().Context(), sessionState, state)
	return c.Redirect(http.StatusFound, address)
}

// wechatBack comes back from WeChat: to bind, or to sign in.
func (k *Console) wechatBack(c echo.Context) error {
	ctx := c.Request().Context()
	state := k.sessions.PopString(ctx, sessionState)
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(c.QueryParam("state"))) != 1 || c.QueryParam("code") == "" {
		return apperr.New(apperr.Invalid, "这次微信登录已经过期，请重新打开登录页再试。")
	}
	openid, err := k.cfg.OpenID(ctx, c.QueryParam("code"))
	if err != nil {
		return err
	}
	token := k.sessions.GetString(ctx, sessionBinding)
	if token == "" {
		a, err := k.staff.VerifyOpenID(ctx, openid, c.RealIP())
		if err != nil {
			return err
		}
		return k.welcome(c, a)
	}
	a, err := k.toBind(c, token)
	if err != nil {
		return err
	}
	k.sessions.Put(ctx, sessionOpenID, openid)
	return k.render(c, "bind.html", "绑定微信", a)
}

// bindPage shows a QR code that binds whoever scans it to the account.
func (k *Console) bindPage(c echo.Context) error {
	if !k.proved(c) {
		return c.Redirect(http.StatusSeeOther, "/admin/me")
	}
	ctx, token := c.Request().Context(), rand.Text()
	a := account(c)
	if err := k.cfg.State.Set(ctx, bindKey(token), []byte(a.ID+" "+strconv.FormatInt(a.Epoch, 10)), bindFor); err != nil {
		return apperr.Wrap(apperr.Unavailable, "现在不能绑定，请稍等一会儿再试。", err)
	}
	k.sessions.Put(ctx, sessionToken, token)
	return k.render(c, "scan.html", "绑定微信", "/admin/wechat/bind/"+token)
}

func bindKey(token string) string { return "staff-bind:" + token }

// bindCode is the picture to scan.
func (k *Console) bindCode(c echo.Context) error {
	token := k.sessions.GetString(c.Request().Context(), sessionToken)
	if token == "" {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	return picture(c, k.cfg.BaseURL+"/admin/wechat/bind/"+token)
}

// toBind is the account that a token is for. It is void when the account has
// changed since.
func (k *Console) toBind(c echo.Context, token string) (staff.Account, error) {
	ctx := c.Request().Context()
	void := apperr.New(apperr.NotFound, "这个二维码已经用过或过期了。请在电脑上的“我的账号”里重新打开一个。")
	kept, err := k.cfg.State.Get(ctx, bindKey(token))
	if err != nil {
		return staff.Account{}, apperr.Wrap(apperr.Unavailable, "现在不能绑定，请稍等一会儿再试。", err)
	}
	id, epoch, _ := strings.Cut(string(kept), " ")
	if id == "" {
		return staff.Account{}, void
	}
	a, err := k.staff.Account(ctx, id)
	if err != nil {
		return a, err
	}
	if !a.Active || strconv.FormatInt(a.Epoch, 10) != epoch {
		return a, void
	}
	return a, nil
}

// bindStart is what the QR code opens on the phone.
func (k *Console) bindStart(c echo.Context) error {
	if _, err := k.toBind(c, c.Param("token")); err != nil {
		return err
	}
	k.sessions.Put(c.Request().Context(), sessionBinding, c.Param("token"))
	return k.askWeChat(c)
}

// bind binds who came back from WeChat, after they said yes. A code binds
// once.
func (k *Console) bind(c echo.Context) error {
	ctx := c.Request().Context()
	token, openid := k.sessions.PopString(ctx, sessionBinding), k.sessions.PopString(ctx, sessionOpenID)
	if token == "" || openid == "" {
		return apperr.New(apperr.Invalid, "这次绑定已经过期。请在电脑上重新打开二维码，再扫一次。")
	}
	a, err := k.toBind(c, token)
	if err != nil {
		return err
	}
	if err := k.cfg.State.Delete(ctx, bindKey(token)); err != nil {
		return err
	}
	if err := k.staff.Bind(ctx, a.Actor(c.RealIP()), openid); err != nil {
		return err
	}
	return k.flash(c, "/admin/sign-in", "已绑定“"+a.Name+"”。以后在微信里打开这一页，点“用微信登录”就行。")
}

// unbind takes the account's WeChat user away.
func (k *Console) unbind(c echo.Context) error {
	if err := k.staff.Unbind(c.Request().Context(), actor(c)); err != nil {
		return err
	}
	if err := k.reenter(c); err != nil {
		return err
	}
	return k.flash(c, "/admin/me", "微信已解绑，在别处登录的都已退出。")
}
