package handlers

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"greendesk/internal/kv"
	"greendesk/internal/testenv"
)

// Every address that the router knows stands in the table, and those of a
// contact's own things answer nobody who is not signed in.
func TestEveryRouteIsInTheTableAndOwnPagesNeedSigningIn(t *testing.T) {
	memory := kv.NewMemory()
	t.Cleanup(memory.Close)
	cfg := Config{Exchange: &Exchange{}, State: memory, BaseURL: "https://desk.example", Log: testenv.Log(t), Now: time.Now}
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSite(cfg)
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]route{}
	for _, r := range s.routes() {
		if (r.open == nil) == (r.own == nil) {
			t.Errorf("%s %s is for nobody or for both", r.method, r.path)
		}
		table[r.method+" "+r.path] = r
	}
	public := []string{"/wechat", "/healthz", "/readyz", "/clauses/:id", "/documents/:version", "/style.css", "/icon.svg", "/my/login", "/my/oauth"}
	for _, known := range e.Routes() {
		r, ok := table[known.Method+" "+known.Path]
		if !ok {
			t.Errorf("%s %s is not in the table", known.Method, known.Path)
			continue
		}
		if r.own == nil {
			if !slices.Contains(public, r.path) {
				t.Errorf("%s %s is open to everybody: if it should be, say so here", r.method, r.path)
			}
			continue
		}
		req := httptest.NewRequestWithContext(t.Context(), r.method, strings.ReplaceAll(r.path, ":id", "0123456789abcdef"), nil)
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, req)
		switch {
		case r.method == http.MethodGet && rec.Code == http.StatusSeeOther && strings.HasPrefix(rec.Header().Get("Location"), "/my/login?to="):
		case r.method == http.MethodPost && rec.Code == http.StatusForbidden:
		default:
			t.Errorf("%s %s answers a stranger with %d", r.method, r.path, rec.Code)
		}
		if rec.Header().Get("Cache-Control") != "no-store" && rec.Code != http.StatusForbidden {
			t.Errorf("%s %s may be kept by others: %q", r.method, r.path, rec.Header().Get("Cache-Control"))
		}
	}
	if len(e.Routes()) != len(table) {
		t.Errorf("%d routes, %d in the table", len(e.Routes()), len(table))
	}
}

func TestSigningInLeadsOnlyToOwnPages(t *testing.T) {
	for to, want := range map[string]string{
		"/my/consultations/1": "/my/consultations/1", "/my/profile": "/my/profile", "": "/my", "/my": "/my", "https://evil.example": "/my", "//evil.example": "/my",
		"/my/../wechat": "/my", "/my/\\evil": "/my", "/mystery": "/my",
	} {
		if got := ownPage(to); got != want {
			t.Errorf("%q leads to %q", to, got)
		}
	}
}
