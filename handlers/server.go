package handlers

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/internal/kv"
	"greendesk/internal/web"
	"greendesk/internal/wechat"
	"greendesk/knowledge"
)

// Pinger answers whether something we depend on is there.
type Pinger func(ctx context.Context) error

// Config wires the enterprises' edge.
type Config struct {
	Callback       *wechat.Callback
	Exchange       *Exchange
	Desk           *desk.Desk
	Store          *knowledge.Store
	Engine         *knowledge.Engine
	State          kv.Store // sessions, what is done too often
	Client         *wechat.Client
	BaseURL        string            // of our own pages, without a slash at its end
	OAuth          bool              // the account has the right to web authorisation
	Ready          map[string]Pinger // by the name of what is asked
	TrustedProxies []netip.Prefix
	Log            *slog.Logger
	Now            func() time.Time
}

// site is the enterprises' edge.
type site struct {
	wechat *wechatHandler
	health *health
	pages  *pages
	my     *my
}

// New builds the enterprises' edge: see routes.
func New(cfg Config) (*echo.Echo, error) {
	s, err := newSite(cfg)
	if err != nil {
		return nil, err
	}
	e := web.NewServer(web.Config{TrustedProxies: cfg.TrustedProxies, Policy: web.PagePolicy, ErrorPage: writeError, Log: cfg.Log})
	for _, r := range s.routes() {
		h := r.open
		if r.own != nil {
			h = s.my.signedIn(r.own)
		}
		e.Add(r.method, r.path, h)
	}
	return e, nil
}

func newSite(cfg Config) (*site, error) {
	pages, err := newPages(cfg.Store, cfg.Now)
	if err != nil {
		return nil, err
	}
	return &site{wechat: &wechatHandler{callback: cfg.Callback, exchange: cfg.Exchange, log: cfg.Log}, health: &health{ready: cfg.Ready, engine: cfg.Engine},
		pages: pages, my: newMy(cfg, pages)}, nil
}
