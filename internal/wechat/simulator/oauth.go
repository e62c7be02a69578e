package simulator

import (
	"errors"
	"net/http"
	"net/url"
	"time"
)

// OAuth lifetimes.
const (
	codeLife      = 5 * time.Minute
	snsTokenLife  = 7200 * time.Second
	refreshLife   = 30 * 24 * time.Hour
	scopeBase     = "snsapi_base"
	scopeUserinfo = "snsapi_userinfo"
)

// oauthGrant is one consent: a code, later the tokens it was exchanged for. All share one map, by their secret.
type oauthGrant struct {
	kind   string // code, token, refresh
	openid string
	scope  string
	until  time.Time
	used   bool
}

// IssueCode is what a tap on 允许 yields: a code for openid that works once, for five minutes.
func (p *Platform) IssueCode(openid, scope string) string {
	return p.issue("code", 32, openid, scope, codeLife)
}

func (p *Platform) issue(kind string, letters int, openid, scope string, life time.Duration) string {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	const crowded = 4096
	if len(p.codes) > crowded { // forget what lapsed a day ago
		for s, g := range p.codes {
			if now.Sub(g.until) > 24*time.Hour {
				delete(p.codes, s)
			}
		}
	}
	secret := p.randomText(letters)
	p.codes[secret] = &oauthGrant{kind: kind, openid: openid, scope: scope, until: now.Add(life)}
	return secret
}

// Authorize is a phone opening an authorize address and tapping 允许: it returns where the browser is sent, code and
// state included. The error is what the phone shows instead.
func (p *Platform) Authorize(openid, authorizeURL string) (string, error) {
	u, err := url.Parse(authorizeURL)
	if err != nil {
		return "", err
	}
	req, err := p.checkAuthorize(u.Query())
	if err != nil {
		return "", err
	}
	if err := p.withUser(openid, func(*user) {}); err != nil {
		return "", err
	}
	return p.grant(req, openid), nil
}

// authorizeRequest is a checked authorize address.
type authorizeRequest struct{ redirect, scope, state string }

// checkAuthorize refuses what the platform refuses; the messages are the phone's.
func (p *Platform) checkAuthorize(q url.Values) (authorizeRequest, error) {
	req := authorizeRequest{redirect: webURL(q.Get("redirect_uri")), scope: q.Get("scope"), state: q.Get("state")}
	target, err := url.Parse(req.redirect)
	switch {
	case q.Get("appid") != p.opt.AppID:
		return req, errors.New("appid 参数错误（40013）")
	case q.Get("response_type") != "code":
		return req, errors.New("response_type 参数错误（10010）")
	case req.scope != scopeBase && req.scope != scopeUserinfo, !p.Verified():
		return req, errors.New("Scope 参数错误或没有 Scope 权限（10005）") //nolint:staticcheck // WeChat's own words, shown on the phone
	case err != nil || req.redirect == "", p.opt.OAuthHost != "" && target.Host != p.opt.OAuthHost:
		return req, errors.New("redirect_uri 域名与后台配置不一致（10003）")
	case len(req.state) > 128:
		return req, errors.New("state 参数过长（10006）")
	}
	return req, nil
}

func (p *Platform) grant(req authorizeRequest, openid string) string {
	return withQuery(req.redirect, url.Values{"code": {p.IssueCode(openid, req.scope)}, "state": {req.state}})
}

// oauthToken exchanges a code: unknown or lapsed 40029, used 40163.
func (p *Platform) oauthToken(c *call) (any, *apiErr) {
	q := c.r.URL.Query()
	if q.Get("grant_type") != "authorization_code" {
		return nil, fail(40002, "invalid grant_type")
	}
	if failure := p.checkApp(q.Get("appid"), q.Get("secret")); failure != nil {
		return nil, failure
	}
	p.mu.Lock()
	g := p.codes[q.Get("code")]
	switch {
	case g == nil || g.kind != "code" || !g.used && !c.now.Before(g.until):
		p.mu.Unlock()
		return nil, fail(40029, "invalid code")
	case g.used:
		p.mu.Unlock()
		return nil, fail(40163, "code been used")
	}
	g.used = true
	openid, scope := g.openid, g.scope
	u := p.users[openid]
	snapshot := u != nil && u.snapshot
	p.mu.Unlock()
	answer := p.snsTokens(openid, scope, p.issue("refresh", 86, openid, scope, refreshLife))
	if snapshot {
		answer["is_snapshotuser"] = 1
	}
	return answer, nil
}

func (p *Platform) snsTokens(openid, scope, refresh string) map[string]any {
	return map[string]any{
		"access_token": p.issue("token", 86, openid, scope, snsTokenLife), "expires_in": int(snsTokenLife / time.Second),
		"refresh_token": refresh, "openid": openid, "scope": scope,
	}
}

// find is a live grant of that kind, or the errcode of a missing or lapsed one.
func (p *Platform) find(kind, secret string, now time.Time) (oauthGrant, *apiErr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.codes[secret]
	switch {
	case g == nil || g.kind != kind:
		if kind == "refresh" {
			return oauthGrant{}, fail(40030, "invalid refresh_token")
		}
		return oauthGrant{}, invalidCredential()
	case !now.Before(g.until):
		return oauthGrant{}, fail(42001, "access_token expired")
	}
	return *g, nil
}

func (p *Platform) oauthRefresh(c *call) (any, *apiErr) {
	q := c.r.URL.Query()
	if q.Get("grant_type") != "refresh_token" {
		return nil, fail(40002, "invalid grant_type")
	}
	if q.Get("appid") != p.opt.AppID {
		return nil, fail(40013, "invalid appid")
	}
	g, failure := p.find("refresh", q.Get("refresh_token"), c.now)
	if failure != nil {
		return nil, failure
	}
	return p.snsTokens(g.openid, g.scope, q.Get("refresh_token")), nil
}

func (p *Platform) oauthCheck(c *call) (any, *apiErr) {
	q := c.r.URL.Query()
	g, failure := p.find("token", q.Get("access_token"), c.now)
	if failure == nil && g.openid != q.Get("openid") {
		failure = fail(40003, "invalid openid")
	}
	return nil, failure
}

// oauthUserInfo tells the name to who was granted snsapi_userinfo.
func (p *Platform) oauthUserInfo(c *call) (any, *apiErr) {
	q := c.r.URL.Query()
	g, failure := p.find("token", q.Get("access_token"), c.now)
	switch {
	case failure != nil:
		return nil, failure
	case g.openid != q.Get("openid"):
		return nil, fail(40003, "invalid openid")
	case g.scope != scopeUserinfo:
		return nil, fail(48001, "%s", words(48001))
	}
	name := ""
	_ = p.withUser(g.openid, func(u *user) { name = u.Name }) // a code issued to nobody has no name
	return map[string]any{"openid": g.openid, "nickname": name, "sex": 0, "province": "", "city": "",
		"country": "", "headimgurl": "", "privilege": []string{}}, nil
}

// personCookie remembers whose phone the browser plays.
const personCookie = "simulated_person"

// serveConsent shows who asks for what. snsapi_base needs no tap: when the browser already plays somebody, it goes
// straight back with a code, as in WeChat.
func (p *Platform) serveConsent(w http.ResponseWriter, r *http.Request) {
	req, err := p.checkAuthorize(r.URL.Query())
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		p.render(w, "consent.html", consentPage{Account: p.opt.AccountName, Problem: err.Error()})
		return
	}
	current := ""
	if c, err := r.Cookie(personCookie); err == nil {
		current = c.Value
	}
	known := p.withUser(current, func(*user) {}) == nil
	if known && req.scope == scopeBase {
		http.Redirect(w, r, p.grant(req, current), http.StatusFound) //nolint:gosec // checkAuthorize let the address pass, as the platform would
		return
	}
	target, err := url.Parse(req.redirect)
	if err != nil {
		http.Error(w, "redirect_uri", http.StatusBadRequest)
		return
	}
	p.render(w, "consent.html", consentPage{
		Account: p.opt.AccountName, Host: target.Host, Profile: req.scope == scopeUserinfo, People: p.People(), Current: current,
	})
}

// consentPage is what consent.html shows.
type consentPage struct {
	Account, Host, Problem, Current string
	Profile                         bool
	People                          []Person
}

// serveDecision takes 允许 or 拒绝 for the person chosen. 拒绝 goes back without a code.
func (p *Platform) serveDecision(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	req, err := p.checkAuthorize(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.PostFormValue("decision") != "allow" {
		http.Redirect(w, r, withQuery(req.redirect, url.Values{"state": {req.state}}), http.StatusSeeOther)
		return
	}
	openid := r.PostFormValue("openid")
	if err := p.withUser(openid, func(*user) {}); err != nil {
		http.Error(w, "没有这个用户", http.StatusBadRequest)
		return
	}
	setPerson(w, openid)
	http.Redirect(w, r, p.grant(req, openid), http.StatusSeeOther) //nolint:gosec // checkAuthorize let the address pass, as the platform would
}

// setPerson remembers whose phone the browser plays.
func setPerson(w http.ResponseWriter, openid string) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // a demo on plain http: Secure would lose it
		Name: personCookie, Value: openid, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
