package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/internal/apperr"
	"greendesk/internal/kv"
	"greendesk/internal/testenv"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// server is a server with one route for everything, that does what a test
// says.
func server(t *testing.T, do echo.HandlerFunc, trusted ...netip.Prefix) *echo.Echo {
	t.Helper()
	e := NewServer(Config{TrustedProxies: trusted, Policy: PagePolicy, Log: testenv.Log(t), ErrorPage: func(c echo.Context, status int, message string) error {
		return c.String(status, "page: "+message)
	}})
	e.Any("/", do)
	return e
}

func ask(h http.Handler, method string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://desk.example/", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestErrorsBecomePagesWithoutTheirCauses(t *testing.T) {
	driver := errors.New("pq: password authentication failed for user greendesk")
	for _, c := range []struct {
		err    error
		status int
		body   string
	}{
		{apperr.New(apperr.Invalid, "请填姓名。"), 400, "page: 请填姓名。"},
		{fmt.Errorf("around: %w", apperr.Wrap(apperr.NotFound, "没有。", driver)), 404, "page: 没有。"},
		{apperr.New(apperr.Conflict, "c"), 409, "page: c"},
		{apperr.New(apperr.Forbidden, "f"), 403, "page: f"},
		{apperr.New(apperr.TooLarge, "l"), 413, "page: l"},
		{apperr.New(apperr.Unavailable, "u"), 503, "page: u"},
		{driver, 500, "page: " + apperr.MessageOf(driver)},
		{echo.ErrMethodNotAllowed, 405, "page: "},
	} {
		got := ask(server(t, func(echo.Context) error { return c.err }), http.MethodGet)
		if got.Code != c.status || got.Body.String() != c.body {
			t.Errorf("%v: %d %q", c.err, got.Code, got.Body)
		}
	}
	if got := ask(server(t, func(echo.Context) error { panic("geheim") }), http.MethodGet); got.Code != 500 || strings.Contains(got.Body.String(), "geheim") {
		t.Errorf("panic: %d %s", got.Code, got.Body)
	}
}

// TestOnlyTrustedProxiesSayWhoTheClientIs: httptest's peer is 192.0.2.1.
func TestOnlyTrustedProxiesSayWhoTheClientIs(t *testing.T) {
	say := func(c echo.Context) error { return c.String(http.StatusOK, c.RealIP()) }
	for want, trusted := range map[string][]netip.Prefix{"192.0.2.1": nil, "10.9.9.9": {netip.MustParsePrefix("192.0.2.0/24")}} {
		for _, header := range []string{"X-Forwarded-For", "X-Real-Ip"} {
			got := ask(server(t, say, trusted...), http.MethodGet, header, "10.9.9.9").Body.String()
			if header == "X-Real-Ip" {
				want = "192.0.2.1" // nobody is believed by that
			}
			if got != want {
				t.Errorf("%s, trusting %v: %s", header, trusted, got)
			}
		}
	}
}

// TestFormsOfOurOwnPagesPassInEveryBrowser: with Sec-Fetch-Site, and without
// it by the origin, which Referrer-Policy must let the browser name.
func TestFormsOfOurOwnPagesPassInEveryBrowser(t *testing.T) {
	h := Protect(server(t, func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }))
	for _, c := range []struct {
		status int
		header []string
	}{
		{204, []string{"Sec-Fetch-Site", "same-origin"}},
		{204, []string{"Sec-Fetch-Site", "none"}},
		{204, []string{"Origin", "https://desk.example"}},
		{204, nil},
		{403, []string{"Sec-Fetch-Site", "cross-site"}},
		{403, []string{"Sec-Fetch-Site", "same-site"}},
		{403, []string{"Origin", "https://evil.example"}},
		{403, []string{"Origin", "null"}},
	} {
		got := ask(h, http.MethodPost, c.header...)
		if got.Code != c.status {
			t.Errorf("%v: %d", c.header, got.Code)
		}
	}
	if got := ask(h, http.MethodGet).Header().Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("Referrer-Policy %q: under no-referrer the origin of our own forms is null", got)
	}
}

// TestSessionsOfTwoEdgesLieApart, in one store, under the hashes of their
// tokens, and a new token takes the data along.
func TestSessionsOfTwoEdgesLieApart(t *testing.T) {
	store := kv.NewMemory()
	t.Cleanup(store.Close)
	edge := func(cookie string) http.Handler {
		s := NewSessions(store, SessionOptions{Cookie: cookie, Path: "/", Secure: true, Idle: time.Hour, Lifetime: time.Hour, Log: testenv.Log(t)})
		return s.LoadAndSave(server(t, func(c echo.Context) error {
			ctx := c.Request().Context()
			was := s.GetString(ctx, "who") + TakeFlash(ctx, s)
			if c.Request().Method == http.MethodPost {
				s.Put(ctx, "who", cookie)
				SetFlash(ctx, s, "!")
				must(t, s.RenewToken(ctx))
			}
			return c.String(http.StatusOK, was)
		}))
	}
	a, b := edge("a"), edge("b")
	set := ask(a, http.MethodPost).Result().Cookies()[0]
	if !set.HttpOnly || !set.Secure || set.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", set)
	}
	if kept, err := store.Get(t.Context(), "session:a:"+set.Value); err != nil || kept != nil {
		t.Errorf("the token itself is in the store: %v", err)
	}
	for want, got := range map[string]string{
		"a!": ask(a, http.MethodGet, "Cookie", "a="+set.Value).Body.String(),
		"":   ask(b, http.MethodGet, "Cookie", "b="+set.Value).Body.String(),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	next := ask(a, http.MethodPost, "Cookie", "a="+set.Value).Result().Cookies()[0]
	if got := ask(a, http.MethodGet, "Cookie", "a="+set.Value).Body.String(); got != "" {
		t.Errorf("the old token still opens %q", got)
	}
	if got := ask(a, http.MethodGet, "Cookie", "a="+next.Value).Body.String(); got != "a!" {
		t.Errorf("the new token opens %q", got)
	}
}

func TestPagesEscapeAndSpeakChinasTime(t *testing.T) {
	pages, err := ParsePages(fstest.MapFS{"p.html": {Data: []byte(`{{.Text}} {{when .At}} {{stamp .At}}|{{when .Never}}`)}, "bad.html": {Data: []byte(`a{{.None}}`)}})
	must(t, err)
	view := struct {
		Text      string
		At, Never time.Time
	}{Text: "<script>", At: time.Date(2026, 11, 25, 17, 3, 9, 0, time.UTC)}
	got := ask(server(t, func(c echo.Context) error { return pages.Render(c, http.StatusOK, "p.html", view) }), http.MethodGet)
	if got.Body.String() != "&lt;script&gt; 11月26日 01:03 2026-11-26 01:03:09|" {
		t.Error(got.Body)
	}
	if got := ask(server(t, func(c echo.Context) error { return pages.Render(c, http.StatusOK, "bad.html", view) }), http.MethodGet); got.Code != 500 || strings.HasPrefix(got.Body.String(), "a") {
		t.Errorf("half a page was sent: %d %s", got.Code, got.Body)
	}
}
