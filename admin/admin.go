// Package admin is the staff's edge: the console, under /admin, in which
// experts answer and administrators keep accounts, groups and settings.
//
// Every route stands in one table (routes.go) with who may use it; the
// navigation is made of the same table. A handler parses, makes one call of
// the domain with the signed-in actor, and renders or redirects.
package admin

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/kv"
	"greendesk/internal/web"
	"greendesk/knowledge"
)

//go:embed pages
var pageFiles embed.FS

// Config wires the console.
type Config struct {
	Staff     *staff.Store
	Desk      *desk.Desk
	Engine    *knowledge.Engine
	Knowledge *knowledge.Store
	State     kv.Store // sessions, tries to sign in
	BaseURL   string   // of the whole service, without a slash at the end
	OAuth     bool     // the account may ask WeChat who somebody is
	// AuthorizeURL is where WeChat asks who somebody is; they come back to the
	// address with a code and the state. OpenID is who a code stands for;
	// apperr.Forbidden for one who is nobody (a snapshot user).
	AuthorizeURL   func(back, state string) (string, error)
	OpenID         func(ctx context.Context, code string) (string, error)
	TrustedProxies []netip.Prefix
	Log            *slog.Logger
	Now            func() time.Time
}

// How long a session lives without a request, and at most.
const (
	sessionIdle = 2 * time.Hour
	sessionLife = 12 * time.Hour
)

// maxForm is the largest form that is read: a long answer with its citations
// is far smaller.
const maxForm = "1M"

// Console serves everything under /admin/.
type Console struct {
	cfg      Config
	staff    *staff.Store
	desk     *desk.Desk
	sessions *scs.SessionManager
	tries    tries
	pages    *web.Pages
	echo     *echo.Echo
	handler  http.Handler
	closed   context.Context // ends with Close, and all streams with it
	close    context.CancelFunc
	looks    time.Duration // between two looks of a stream
}

// New builds the console.
func New(cfg Config) (*Console, error) {
	files, err := fs.Sub(pageFiles, "pages")
	if err != nil {
		return nil, fmt.Errorf("admin: pages: %w", err)
	}
	k := &Console{cfg: cfg, staff: cfg.Staff, desk: cfg.Desk, tries: tries{store: cfg.State}, looks: lookEvery}
	k.closed, k.close = context.WithCancel(context.Background())
	if k.pages, err = web.ParsePages(files); err != nil {
		return nil, err
	}
	k.sessions = web.NewSessions(cfg.State, web.SessionOptions{Cookie: "greendesk_staff", Path: "/admin", Secure: strings.HasPrefix(cfg.BaseURL, "https://"),
		Idle: sessionIdle, Lifetime: sessionLife, Log: cfg.Log})
	k.echo = web.NewServer(web.Config{TrustedProxies: cfg.TrustedProxies, Policy: web.ScriptPolicy, ErrorPage: k.errorPage, Log: cfg.Log})
	k.echo.Use(middleware.BodyLimit(maxForm))
	for _, r := range routes() {
		k.echo.Add(r.method, r.path, k.guarded(r))
	}
	k.handler = k.sessions.LoadAndSave(web.Protect(k.echo))
	return k, nil
}

// ServeHTTP implements http.Handler.
func (k *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { k.handler.ServeHTTP(w, r) }

// Close ends the streams to open pages, so that a server can shut down.
func (k *Console) Close() { k.close() }
