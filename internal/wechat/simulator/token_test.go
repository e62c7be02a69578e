package simulator

import (
	"strings"
	"testing"
	"time"
)

func TestStableTokenRules(t *testing.T) {
	s := following(t, nil)
	first := s.stable(false).text("access_token")
	s.Clock().Advance(time.Hour)
	again := s.stable(false)
	if again.text("access_token") != first || again["expires_in"].(float64) > 3601 {
		t.Errorf("an hour later: %v", again)
	}
	s.Clock().Advance(56 * time.Minute)
	second := s.stable(false).text("access_token")
	if second == first {
		t.Fatal("no new token four minutes before the end")
	}
	use := func(token string) int {
		return s.do("GET", "/cgi-bin/user/info?openid="+s.openid+"&access_token="+token, nil).code()
	}
	if code := use(first); code != 0 {
		t.Errorf("the former token in its overlap: %d", code)
	}
	s.Clock().Advance(5 * time.Minute)
	if code := use(first); code != 42001 {
		t.Errorf("the former token after its end: %d", code)
	}
	third := s.stable(true).text("access_token")
	if code := use(second); code != 40001 || third == second {
		t.Errorf("after force_refresh: %d", code)
	}
	if code := s.stable(true).code(); code != 45011 {
		t.Errorf("force_refresh twice within 30 s: %d", code)
	}
	for range 19 {
		s.Clock().Advance(31 * time.Second)
		if code := s.stable(true).code(); code != 0 {
			t.Fatalf("force_refresh: %d", code)
		}
	}
	s.Clock().Advance(31 * time.Second)
	if code := s.stable(true).code(); code != 45009 {
		t.Errorf("the 21st force_refresh of a day: %d", code)
	}
	for token, want := range map[string]int{"": 41001, "short": 40014, strings.Repeat("x", 136): 40001} {
		if code := use(token); code != want {
			t.Errorf("token %q: %d, want %d", token, code, want)
		}
	}
}

func TestPlainTokensInvalidateEachOther(t *testing.T) {
	s := following(t, nil)
	get := func() string {
		return s.do("GET", "/cgi-bin/token?grant_type=client_credential&appid="+testAppID+"&secret="+testSecret, nil).text("access_token")
	}
	stable, a, b := s.stable(false).text("access_token"), get(), get()
	use := func(token string) int {
		return s.do("GET", "/cgi-bin/user/info?openid="+s.openid+"&access_token="+token, nil).code()
	}
	if use(a) != 0 || use(b) != 0 || use(stable) != 0 {
		t.Error("a fresh token was refused")
	}
	s.Clock().Advance(5*time.Minute + time.Second)
	if use(a) == 0 || use(b) != 0 || use(stable) != 0 {
		t.Errorf("after five minutes: a %d, b %d, stable %d", use(a), use(b), use(stable))
	}
}

func TestCredentialsAreChecked(t *testing.T) {
	s := newTable(t, nil)
	for query, want := range map[string]int{
		"grant_type=client_credential&appid=" + testAppID + "&secret=wrong":      40125,
		"grant_type=client_credential&appid=wx1&secret=" + testSecret:            40013,
		"grant_type=password&appid=" + testAppID + "&secret=" + testSecret:       40002,
		"grant_type=client_credential&secret=" + testSecret:                      41002,
		"grant_type=client_credential&appid=" + testAppID + "&secret=":           41004,
		"grant_type=client_credential&appid=" + testAppID + "&secret=short":      40125,
		"grant_type=client_credential&appid=" + testAppID + "&secret=0123456789": 40125,
	} {
		if code := s.do("GET", "/cgi-bin/token?"+query, nil).code(); code != want {
			t.Errorf("%s: %d, want %d", query, code, want)
		}
	}
}

func TestJSTicketIsStableWhileItLives(t *testing.T) {
	s := newTable(t, nil)
	get := func() string { return s.do("GET", s.with("/cgi-bin/ticket/getticket?type=jsapi"), nil).text("ticket") }
	first := get()
	if first == "" || get() != first {
		t.Error("the ticket changes between calls")
	}
	s.Clock().Advance(2 * time.Hour)
	if get() == first {
		t.Error("the ticket outlives its 7200 s")
	}
}
