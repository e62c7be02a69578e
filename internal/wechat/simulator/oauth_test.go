package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// authorizeURL asks to come back to the enterprise's page.
func (s *table) authorizeURL(scope string) string {
	return s.api.URL + "/connect/oauth2/authorize?" + url.Values{
		"appid": {testAppID}, "redirect_uri": {"https://green.example/bind?from=menu"}, "response_type": {"code"}, "scope": {scope}, "state": {"s&1"},
	}.Encode() + "#wechat_redirect"
}

// exchangeCode swaps a code for tokens.
func (s *table) exchangeCode(code string) answer {
	s.t.Helper()
	return s.do("GET", "/sns/oauth2/access_token?grant_type=authorization_code&appid="+testAppID+"&secret="+testSecret+"&code="+code, nil)
}

func TestOAuthCodeWorksOnceForFiveMinutes(t *testing.T) {
	s := newTable(t, nil)
	back, err := s.Authorize(s.openid, s.authorizeURL("snsapi_userinfo"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(back)
	if err != nil || u.Host != "green.example" || u.Query().Get("from") != "menu" || u.Query().Get("state") != "s&1" {
		t.Fatalf("sent back to %s", back)
	}
	code := u.Query().Get("code")
	got := s.exchangeCode(code)
	if got.text("openid") != s.openid || got.text("scope") != "snsapi_userinfo" || got["is_snapshotuser"] != nil {
		t.Fatalf("tokens %v", got)
	}
	if second := s.exchangeCode(code).code(); second != 40163 {
		t.Errorf("the second exchange: %d, want 40163", second)
	}
	if unknown := s.exchangeCode("nonsense").code(); unknown != 40029 {
		t.Errorf("an unknown code: %d", unknown)
	}
	old := s.IssueCode(s.openid, "snsapi_base")
	s.Clock().Advance(5 * time.Minute)
	if late := s.exchangeCode(old).code(); late != 40029 {
		t.Errorf("a lapsed code: %d", late)
	}
	info := s.do("GET", "/sns/userinfo?access_token="+got.text("access_token")+"&openid="+s.openid, nil)
	if info.text("nickname") != Presets()[0].Name {
		t.Errorf("user info %v", info)
	}
	if code := s.do("GET", "/sns/auth?access_token="+got.text("access_token")+"&openid=other", nil).code(); code != 40003 {
		t.Errorf("another's openid: %d", code)
	}
	fresh := s.do("GET", "/sns/oauth2/refresh_token?grant_type=refresh_token&appid="+testAppID+"&refresh_token="+got.text("refresh_token"), nil)
	if fresh.text("access_token") == "" || fresh.text("access_token") == got.text("access_token") {
		t.Errorf("refreshed %v", fresh)
	}
}

func TestBaseScopeTellsNoName(t *testing.T) {
	s := newTable(t, nil)
	got := s.exchangeCode(s.IssueCode(s.openid, "snsapi_base"))
	if code := s.do("GET", "/sns/userinfo?access_token="+got.text("access_token")+"&openid="+s.openid, nil).code(); code != 48001 {
		t.Errorf("code %d", code)
	}
}

func TestSnapshotUserIsMarked(t *testing.T) {
	s := newTable(t, nil)
	_ = s.SetSnapshot(s.openid, true)
	if got := s.exchangeCode(s.IssueCode(s.openid, "snsapi_base")); got["is_snapshotuser"] != float64(1) {
		t.Errorf("tokens %v", got)
	}
}

func TestConsentPageAsksAndSendsBack(t *testing.T) {
	s := newTable(t, nil)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	page, err := client.Get(s.authorizeURL("snsapi_userinfo"))
	if err != nil {
		t.Fatal(err)
	}
	body := readAll(t, page)
	if page.StatusCode != http.StatusOK || !strings.Contains(body, "green.example") || !strings.Contains(body, "允许") {
		t.Fatalf("HTTP %d: %s", page.StatusCode, body)
	}
	for decision, hasCode := range map[string]bool{"allow": true, "deny": false} {
		resp, err := client.PostForm(s.authorizeURL("snsapi_userinfo"), url.Values{"decision": {decision}, "openid": {s.openid}})
		if err != nil {
			t.Fatal(err)
		}
		_ = readAll(t, resp)
		back, err := resp.Location()
		if err != nil {
			t.Fatal(err)
		}
		if got := back.Query().Get("code") != ""; got != hasCode {
			t.Errorf("%s: sent to %s", decision, back)
		}
	}
	silent, err := http.NewRequest("GET", s.authorizeURL("snsapi_base"), nil)
	if err != nil {
		t.Fatal(err)
	}
	silent.AddCookie(&http.Cookie{Name: personCookie, Value: s.openid})
	resp, err := client.Do(silent)
	if err != nil {
		t.Fatal(err)
	}
	_ = readAll(t, resp)
	if back, err := resp.Location(); err != nil || back.Query().Get("code") == "" {
		t.Errorf("snsapi_base of a known person asks: HTTP %d", resp.StatusCode)
	}
}

func TestConsentPageRefusesStrangeAddresses(t *testing.T) {
	s := newTable(t, func(o *Options) { o.OAuthHost = "green.example" })
	for name, change := range map[string]url.Values{
		"other app":  {"appid": {"wx0"}},
		"other host": {"redirect_uri": {"https://evil.example/"}},
		"javascript": {"redirect_uri": {"javascript:alert(1)"}},
		"scope":      {"scope": {"snsapi_everything"}},
	} {
		u, _ := url.Parse(s.authorizeURL("snsapi_base"))
		q := u.Query()
		for k, v := range change {
			q[k] = v
		}
		u.RawQuery = q.Encode()
		if _, err := s.Authorize(s.openid, u.String()); err == nil {
			t.Errorf("%s: allowed", name)
		}
		resp, err := http.Get(u.String())
		if err != nil {
			t.Fatal(err)
		}
		if body := readAll(t, resp); resp.StatusCode != http.StatusBadRequest || strings.Contains(body, "允许") {
			t.Errorf("%s: HTTP %d", name, resp.StatusCode)
		}
	}
}
