package admin

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/kv"
	"greendesk/internal/testenv"
)

// world is a console over real HTTP, on a database and a session store of its
// own.
type world struct {
	t       *testing.T
	url     string
	staff   *staff.Store
	console *Console
	office
	codes   *codes
	words   map[string]string // login → password
	secrets map[string]string // login → TOTP secret
}

// codes is the clock of the authenticators. Each look moves it by a period, so
// that no code is used twice.
type codes struct {
	mu sync.Mutex
	at time.Time
}

func (c *codes) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *codes) next() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(30 * time.Second)
	return c.at
}

func newWorld(t *testing.T, trusted ...netip.Prefix) *world {
	t.Helper()
	w := &world{t: t, codes: &codes{at: time.Now()}, words: map[string]string{}, secrets: map[string]string{}}
	database := testenv.OpenMigrated(t, testenv.SQLite(t))
	var err error
	w.staff, err = staff.New(database, time.Now, w.codes.now)
	must(t, err)
	state := kv.NewMemory()
	t.Cleanup(state.Close)
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	w.url = "http://" + server.Listener.Addr().String()
	w.furnish(database)
	w.console, err = New(Config{Staff: w.staff, Desk: w.desk, Engine: w.engine, Knowledge: w.knowledge, State: state, BaseURL: w.url, OAuth: true, TrustedProxies: trusted, Log: testenv.Log(t), Now: time.Now,
		AuthorizeURL: func(back, state string) (string, error) {
			return "https://open.example/?" + url.Values{"back": {back}, "state": {state}}.Encode(), nil
		},
		OpenID: func(_ context.Context, code string) (string, error) {
			if code == "snapshot" {
				return "", apperr.New(apperr.Forbidden, "快照页")
			}
			return "o-" + code, nil
		}})
	must(t, err)
	server.Config.Handler = w.console
	server.Start()
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hire makes an account that can sign in.
func (w *world) hire(login string, roles ...staff.Role) staff.Account {
	w.t.Helper()
	ctx, by := w.t.Context(), staff.CommandLine()
	a, word, err := w.staff.Create(ctx, by, staff.Person{Login: login, Name: "王" + login, Roles: roles})
	must(w.t, err)
	w.words[login], w.secrets[login] = login+" 的 长密码 一二三", staff.NewSecret()
	must(w.t, w.staff.SetPassword(ctx, by, a.ID, word, w.words[login]))
	must(w.t, w.staff.Enrol(ctx, by, a.ID, w.secrets[login], ""))
	a, err = w.staff.Account(ctx, a.ID)
	must(w.t, err)
	return a
}

// browser is a client with cookies that follows no redirect.
type browser struct {
	w *world
	c *http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(w.t, err)
	return &browser{w: w, c: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is what came back.
type answer struct {
	status   int
	location string
	body     string
	header   http.Header
}

func (b *browser) do(method, path string, form url.Values, change ...func(*http.Request)) answer {
	b.w.t.Helper()
	r, err := http.NewRequest(method, b.w.url+path, strings.NewReader(form.Encode()))
	must(b.w.t, err)
	r.Header.Set("Accept", "text/html")
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, fn := range change {
		fn(r)
	}
	res, err := b.c.Do(r)
	must(b.w.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.w.t, err)
	return answer{status: res.StatusCode, location: res.Header.Get("Location"), body: string(body), header: res.Header}
}

func (b *browser) get(path string) answer { b.w.t.Helper(); return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	b.w.t.Helper()
	return b.do(http.MethodPost, path, form)
}

// code is the next code of a login's authenticator.
func (w *world) code(login string) string {
	w.t.Helper()
	code, err := staff.Code(w.secrets[login], w.codes.next())
	must(w.t, err)
	return code
}

// try sends the sign-in form.
func (b *browser) try(login, password, code string) answer {
	b.w.t.Helper()
	return b.post("/admin/sign-in", url.Values{"login": {login}, "password": {password}, "code": {code}})
}

// as signs a login in.
func (w *world) as(login string) *browser {
	w.t.Helper()
	b := w.browser()
	if got := b.try(login, w.words[login], w.code(login)); got.status != http.StatusSeeOther || got.location != "/admin/" {
		w.t.Fatalf("%s cannot sign in: %d %s", login, got.status, got.body)
	}
	return b
}
