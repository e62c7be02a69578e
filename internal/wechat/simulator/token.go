package simulator

import (
	"strings"
	"time"
)

// Token rules of the platform.
const (
	tokenLife       = 7200 * time.Second
	tokenOverlap    = 5 * time.Minute  // the former token works on for so long
	forceGap        = 30 * time.Second // between two force_refresh
	forcesPerDay    = 20
	minTokenLetters = 32
)

// tokenStore holds the two independent kinds of access tokens.
type tokenStore struct {
	until  map[string]time.Time // every token not yet forgotten → when it lapses
	stable string
	plain  string
	forces []time.Time
}

type timedSecret struct {
	value string
	until time.Time
}

func invalidCredential() *apiErr {
	return fail(40001, "invalid credential, access_token is invalid or not latest")
}

// checkToken: unknown or revoked 40001, malformed 40014, lapsed 42001, missing 41001.
func (p *Platform) checkToken(token string, now time.Time) *apiErr {
	if token == "" {
		return fail(41001, "access_token missing")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	until, known := p.tokens.until[token]
	switch {
	case !known && len(token) < minTokenLetters:
		return fail(40014, "invalid access_token")
	case !known:
		return invalidCredential()
	case !now.Before(until):
		return fail(42001, "access_token expired")
	}
	return nil
}

// ExpireTokens lets every access token lapse now: the next call answers 42001.
func (p *Platform) ExpireTokens() {
	past := p.clock.Now().Add(-time.Second) // before any call under way
	p.mu.Lock()
	for t := range p.tokens.until {
		p.tokens.until[t] = past
	}
	p.mu.Unlock()
}

// RevokeTokens invalidates every access token: the next call answers 40001.
func (p *Platform) RevokeTokens() {
	p.mu.Lock()
	clear(p.tokens.until)
	p.tokens.stable, p.tokens.plain = "", ""
	p.mu.Unlock()
}

func (p *Platform) revokeToken(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.tokens.until, token)
	if p.tokens.stable == token {
		p.tokens.stable = ""
	}
	if p.tokens.plain == token {
		p.tokens.plain = ""
	}
}

// checkApp checks appid and secret.
func (p *Platform) checkApp(appID, secret string) *apiErr {
	switch {
	case appID == "":
		return fail(41002, "appid missing")
	case appID != p.opt.AppID:
		return fail(40013, "invalid appid")
	case secret == "":
		return fail(41004, "appsecret missing")
	case secret != p.opt.Secret:
		return fail(40125, "invalid appsecret")
	}
	return nil
}

// newToken issues a token until now+tokenLife. The caller holds p.mu.
func (p *Platform) newToken(now time.Time) string {
	if p.tokens.until == nil {
		p.tokens.until = map[string]time.Time{}
	}
	for t, until := range p.tokens.until { // forget what lapsed long ago
		if now.Sub(until) > 24*time.Hour {
			delete(p.tokens.until, t)
		}
	}
	token := "97_" + p.randomText(133)
	p.tokens.until[token] = now.Add(tokenLife)
	return token
}

// stableToken: the same token for every caller until five minutes before its end, then a new one while the former works
// on; force_refresh ends the former at once and is limited to 20 a day, 30 s apart.
func (p *Platform) stableToken(c *call) (any, *apiErr) {
	var req struct {
		GrantType string `json:"grant_type"`
		AppID     string `json:"appid"`
		Secret    string `json:"secret"`
		Force     bool   `json:"force_refresh"`
	}
	if failure := c.decode(&req); failure != nil {
		return nil, failure
	}
	if req.GrantType != "client_credential" {
		return nil, fail(40002, "invalid grant_type")
	}
	if failure := p.checkApp(req.AppID, req.Secret); failure != nil {
		return nil, failure
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if req.Force {
		if failure := p.tokens.admitForce(c.now); failure != nil {
			return nil, failure
		}
		delete(p.tokens.until, p.tokens.stable)
		p.tokens.stable = ""
	}
	until, known := p.tokens.until[p.tokens.stable]
	if !known || until.Sub(c.now) <= tokenOverlap {
		p.tokens.stable = p.newToken(c.now)
		until = p.tokens.until[p.tokens.stable]
	}
	return tokenAnswer(p.tokens.stable, until.Sub(c.now)), nil
}

func (t *tokenStore) admitForce(now time.Time) *apiErr {
	var today []time.Time
	for _, at := range t.forces {
		if now.Sub(at) < 24*time.Hour {
			today = append(today, at)
		}
	}
	t.forces = today
	if n := len(today); n > 0 && now.Sub(today[n-1]) < forceGap {
		return fail(45011, "%s", words(45011))
	}
	if len(today) >= forcesPerDay {
		return fail(45009, "%s", words(45009))
	}
	t.forces = append(t.forces, now)
	return nil
}

// plainToken: every call issues another token and leaves the former one five minutes.
func (p *Platform) plainToken(c *call) (any, *apiErr) {
	q := c.r.URL.Query()
	if q.Get("grant_type") != "client_credential" {
		return nil, fail(40002, "invalid grant_type")
	}
	if failure := p.checkApp(q.Get("appid"), q.Get("secret")); failure != nil {
		return nil, failure
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for former, until := range p.tokens.until {
		switch {
		case former == p.tokens.stable:
		case former != p.tokens.plain && until.After(c.now): // two refreshes ago: gone
			delete(p.tokens.until, former)
		case until.After(c.now.Add(tokenOverlap)):
			p.tokens.until[former] = c.now.Add(tokenOverlap)
		}
	}
	p.tokens.plain = p.newToken(c.now)
	return tokenAnswer(p.tokens.plain, tokenLife), nil
}

func tokenAnswer(token string, life time.Duration) map[string]any {
	return map[string]any{"access_token": token, "expires_in": int(life / time.Second)}
}

// jsapiTicket: one ticket for 7200 s.
func (p *Platform) jsapiTicket(c *call) (any, *apiErr) {
	if kind := c.r.URL.Query().Get("type"); !strings.EqualFold(kind, "jsapi") {
		return nil, fail(40097, "invalid args")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jsTicket.until.Sub(c.now) <= tokenOverlap {
		p.jsTicket = timedSecret{"sM4AOVdWfPE4DxkXGEs8V" + p.randomText(65), c.now.Add(tokenLife)}
	}
	return map[string]any{"errcode": 0, "errmsg": "ok", "ticket": p.jsTicket.value,
		"expires_in": int(p.jsTicket.until.Sub(c.now) / time.Second)}, nil
}
