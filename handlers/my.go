package handlers

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"greendesk/bot"
	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/internal/kv"
	"greendesk/internal/web"
	"greendesk/internal/wechat"
)

// my are a contact's own pages: its consultations, its data. Whoever opens one
// is signed in by the platform (OAuth), or by a pass in a link of the chat.
type my struct {
	desk     *desk.Desk
	bot      *bot.Bot
	client   *wechat.Client
	state    kv.Store
	sessions *scs.SessionManager
	passes   Passes
	pages    *pages
	baseURL  string
	oauth    bool // the account may ask the platform who somebody is
	log      *slog.Logger
	now      func() time.Time
}

// How long a session lives without a request, and at most: whoever comes later
// is signed in again without noticing.
const (
	sessionIdle = 12 * time.Hour
	sessionLife = 7 * 24 * time.Hour
)

func newMy(cfg Config, p *pages) *my {
	return &my{desk: cfg.Desk, bot: cfg.Exchange.bot, client: cfg.Client, state: cfg.State, passes: Passes{Store: cfg.State, Desk: cfg.Desk, Log: cfg.Log}, pages: p, baseURL: cfg.BaseURL,
		oauth: cfg.OAuth, log: cfg.Log, now: cfg.Now,
		sessions: web.NewSessions(cfg.State, web.SessionOptions{Cookie: "greendesk_my", Path: "/my", Secure: strings.HasPrefix(cfg.BaseURL, "https://"),
			Idle: sessionIdle, Lifetime: sessionLife, Log: cfg.Log})}
}

// Keys of a session.
const (
	keyOpenID = "openid"
	keyState  = "oauth_state"
	keyTo     = "oauth_to" // where to go after signing in
)

// session gives a handler the browser's session, and refuses what another
// site's page asks for.
func (m *my) session(h echo.HandlerFunc) echo.HandlerFunc {
	private := func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		return h(c)
	}
	return echo.WrapMiddleware(m.sessions.LoadAndSave)(echo.WrapMiddleware(web.Protect)(private))
}

// signedIn lets a handler see who it is; whoever is not signed in yet is first
// sent to do so.
func (m *my) signedIn(h ownHandler) echo.HandlerFunc {
	return m.session(func(c echo.Context) error {
		ctx := c.Request().Context()
		get := c.Request().Method == http.MethodGet
		if pass := c.QueryParam("pass"); get && pass != "" {
			// The link's holder takes the place of whoever used this browser before.
			return m.admit(c, pass)
		}
		openid := m.sessions.GetString(ctx, keyOpenID)
		switch {
		case openid != "":
			return h(c, openid)
		case get:
			return c.Redirect(http.StatusSeeOther, "/my/login?to="+url.QueryEscape(c.Request().URL.Path))
		}
		return apperr.New(apperr.Forbidden, "登录已过期，刚才的内容还没有提交。请返回上一页把文字复制下来，再从公众号重新打开“我的咨询”。")
	})
}

// admit signs in the holder of a pass and leaves the pass out of the address.
func (m *my) admit(c echo.Context, pass string) error {
	ctx := c.Request().Context()
	openid, err := m.passes.holder(ctx, pass)
	if err != nil {
		return apperr.Wrap(apperr.Unavailable, "", err)
	}
	if openid != "" {
		if err := m.signIn(c, openid); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, c.Request().URL.Path)
}

func (m *my) signIn(c echo.Context, openid string) error {
	ctx := c.Request().Context()
	if err := m.sessions.RenewToken(ctx); err != nil {
		return apperr.Wrap(apperr.Unavailable, "", err)
	}
	m.sessions.Put(ctx, keyOpenID, openid)
	return nil
}

// login sends the browser to the platform, which knows who it is.
func (m *my) login(c echo.Context) error {
	if !m.oauth {
		return apperr.New(apperr.Forbidden, "请从公众号进来：在公众号里点“我的咨询”，再点消息里的链接。链接 30 分钟内有效。")
	}
	ctx := c.Request().Context()
	state := rand.Text()
	m.sessions.Put(ctx, keyState, state)
	m.sessions.Put(ctx, keyTo, ownPage(c.QueryParam("to")))
	address, err := m.client.AuthorizeURL(m.baseURL+"/my/oauth", wechat.ScopeBase, state)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// ownPage admits only addresses of a contact's own pages.
func ownPage(to string) string {
	if strings.HasPrefix(to, "/my/") && !strings.Contains(to, "..") && !strings.ContainsAny(to, "\\\r\n") {
		return to
	}
	return bot.MyPath
}

// granted is where the platform sends the browser back to.
func (m *my) granted(c echo.Context) error {
	ctx := c.Request().Context()
	state, to := m.sessions.PopString(ctx, keyState), m.sessions.PopString(ctx, keyTo)
	if state == "" || c.QueryParam("state") != state {
		if m.sessions.GetString(ctx, keyOpenID) != "" { // opened again, by the back key
			return c.Redirect(http.StatusSeeOther, bot.MyPath)
		}
		return apperr.New(apperr.Forbidden, "登录没有完成，请从公众号重新打开“我的咨询”。")
	}
	code := c.QueryParam("code")
	if code == "" {
		return apperr.New(apperr.Forbidden, "您没有同意授权，看不了自己的咨询。想看时，从公众号重新打开“我的咨询”。")
	}
	id, err := m.client.OAuthExchange(ctx, code)
	switch {
	case wechat.ClassOf(err) == wechat.ClassOAuthCode:
		return apperr.Wrap(apperr.Forbidden, "这个登录链接用过或过期了，请从公众号重新打开“我的咨询”。", err)
	case err != nil:
		return apperr.Wrap(apperr.Unavailable, "现在连不上微信，请过一会儿从公众号重新打开。", err)
	case id.Snapshot:
		return m.pages.render(c, "snapshot.html", nil)
	}
	if err := m.signIn(c, id.OpenID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// throttle refuses what somebody does more often than most times an hour.
func (m *my) throttle(c echo.Context, openid, what string, most int64) error {
	n, err := m.state.Incr(c.Request().Context(), "often:"+what+":"+desk.Fingerprint(openid), time.Hour)
	if err != nil {
		return apperr.Wrap(apperr.Unavailable, "", err)
	}
	if n > most {
		return apperr.New(apperr.Unavailable, "您这一小时提交得太多了，请过一会儿再来。急事可以在公众号里直接发消息。")
	}
	return nil
}
