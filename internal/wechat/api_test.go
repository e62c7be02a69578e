package wechat

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const testSecret = "s3cr3t-0123456789abcdef0123456789"

// clock is a time that tests move.
type clock struct{ ms atomic.Int64 }

func newClock() *clock                   { c := &clock{}; c.ms.Store(testNow.UnixMilli()); return c }
func (c *clock) Now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// memory is a shared cache that replicas of a test have in common.
type memory struct {
	mu   sync.Mutex
	now  func() time.Time
	vals map[string]memoryValue
	down bool

	beforeLock func() // runs before the next SetNX
}

type memoryValue struct {
	val   []byte
	until time.Time
}

var errDown = fmt.Errorf("dial tcp 10.0.0.1:6379: connection refused")

func newMemory(now func() time.Time) *memory {
	return &memory{now: now, vals: map[string]memoryValue{}}
}

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return nil, errDown
	}
	if v, ok := m.vals[key]; ok && m.now().Before(v.until) {
		return v.val, nil
	}
	return nil, nil
}

func (m *memory) Set(_ context.Context, key string, val []byte, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return errDown
	}
	m.vals[key] = memoryValue{val, m.now().Add(ttl)}
	return nil
}

func (m *memory) SetNX(_ context.Context, key string, val []byte, ttl time.Duration) (bool, error) {
	if m.beforeLock != nil {
		m.beforeLock()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return false, errDown
	}
	if v, ok := m.vals[key]; ok && m.now().Before(v.until) {
		return false, nil
	}
	m.vals[key] = memoryValue{val, m.now().Add(ttl)}
	return true, nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return errDown
	}
	delete(m.vals, key)
	return nil
}

// platform answers as the documents say. It knows one token, which lives two hours.
type platform struct {
	t      testing.TB
	server *httptest.Server
	clock  *clock

	mu       sync.Mutex
	token    string
	until    time.Time
	fetched  int // calls of stable_token
	forced   int
	refused  int  // calls with a bad token
	sticky   bool // normal mode returns the old token although it is dead
	dead     map[string]bool
	requests []request
	answers  map[string]func(w http.ResponseWriter, r request) // by path, after the token check
}

type request struct {
	method, path string
	query        url.Values
	body         string
	form         map[string]string // multipart: field → disposition and content
}

func newPlatform(t testing.TB) *platform {
	p := &platform{t: t, clock: newClock(), dead: map[string]bool{}, answers: map[string]func(http.ResponseWriter, request){}}
	p.server = httptest.NewServer(p)
	t.Cleanup(p.server.Close)
	return p
}

// client is one replica; cache may be shared. The API is mounted under a path, as the simulator's is.
func (p *platform) client(cache Cache) *Client {
	p.t.Helper()
	c, err := NewClient(ClientConfig{AppID: testAppID, Secret: testSecret, BaseURL: p.server.URL + "/sim", Cache: cache, Timeout: 5 * time.Second, Now: p.clock.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(c.Close)
	return c
}

func (p *platform) newClient() *Client { return p.client(newMemory(p.clock.Now)) }

func (p *platform) answer(path, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[path] = func(w http.ResponseWriter, _ request) { _, _ = io.WriteString(w, body) }
}

func (p *platform) handle(path string, h func(http.ResponseWriter, request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[path] = h
}

// revoke kills the token in use.
func (p *platform) revoke(sticky bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead[p.token], p.sticky = true, sticky
	if !sticky {
		p.token = ""
	}
}

func (p *platform) counts() (fetched, forced, refused int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetched, p.forced, p.refused
}

// last is the newest request to path.
func (p *platform) last(path string) request {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.requests) - 1; i >= 0; i-- {
		if p.requests[i].path == path {
			return p.requests[i]
		}
	}
	p.t.Fatalf("no request to %s", path)
	return request{}
}

func (p *platform) count(path string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.requests {
		if r.path == path {
			n++
		}
	}
	return n
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got := request{method: r.Method, path: strings.TrimPrefix(r.URL.Path, "/sim"), query: r.URL.Query()}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		got.form = readForm(r)
	} else {
		body, _ := io.ReadAll(r.Body)
		got.body = string(body)
	}
	p.mu.Lock()
	p.requests = append(p.requests, got)
	answer := p.answers[got.path]
	p.mu.Unlock()
	switch {
	case !strings.HasPrefix(r.URL.Path, "/sim/"):
		http.NotFound(w, r)
	case got.path == "/cgi-bin/stable_token" && answer == nil:
		p.stableToken(w, got)
	case strings.HasPrefix(got.path, "/cgi-bin/") && got.path != "/cgi-bin/stable_token" && !p.knows(got.query.Get("access_token")):
		_, _ = io.WriteString(w, `{"errcode":40001,"errmsg":"invalid credential, access_token is invalid or not latest rid: 1"}`)
	case answer != nil:
		answer(w, got)
	default:
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}
}

func readForm(r *http.Request) map[string]string {
	form := map[string]string{}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return form
	}
	for field, files := range r.MultipartForm.File {
		f, err := files[0].Open()
		if err != nil {
			continue
		}
		content, _ := io.ReadAll(f)
		form[field] = files[0].Header.Get("Content-Disposition") + ":" + string(content)
		_ = f.Close()
	}
	return form
}

func (p *platform) knows(token string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if token != "" && token == p.token && !p.dead[token] && p.clock.Now().Before(p.until) {
		return true
	}
	p.refused++
	return false
}

func (p *platform) stableToken(w http.ResponseWriter, r request) {
	var in struct {
		GrantType, AppID, Secret string
		Force                    bool `json:"force_refresh"`
	}
	_ = json.Unmarshal([]byte(strings.Replace(r.body, "grant_type", "GrantType", 1)), &in)
	if in.AppID != testAppID || in.Secret != testSecret || in.GrantType != "client_credential" || r.method != http.MethodPost {
		_, _ = io.WriteString(w, `{"errcode":40125,"errmsg":"invalid appsecret rid: 1"}`)
		return
	}
	time.Sleep(2 * time.Millisecond) // long enough for others to come in between
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetched++
	if in.Force {
		p.forced++
	}
	now := p.clock.Now()
	if p.token == "" || !now.Before(p.until.Add(-earlyRefresh)) || in.Force || p.dead[p.token] && !p.sticky {
		p.token, p.until = fmt.Sprintf("TOKEN-%d-%d", p.fetched, now.Unix()), now.Add(7200*time.Second)
	}
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":%d}`, p.token, int(p.until.Sub(now)/time.Second))
}
