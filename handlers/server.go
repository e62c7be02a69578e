package handlers

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

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
	Store          *knowledge.Store
	Engine         *knowledge.Engine
	Ready          map[string]Pinger // by the name of what is asked
	TrustedProxies []netip.Prefix
	Log            *slog.Logger
	Now            func() time.Time
}

// New builds the enterprises' edge: /wechat, /clauses/, /healthz, /readyz and
// the style sheet.
func New(cfg Config) (*echo.Echo, error) {
	e := web.NewServer(web.Config{TrustedProxies: cfg.TrustedProxies, Policy: web.PagePolicy, ErrorPage: writeError, Log: cfg.Log})
	w := &wechatHandler{callback: cfg.Callback, exchange: cfg.Exchange, log: cfg.Log}
	e.GET("/wechat", w.verify)
	e.POST("/wechat", w.push)
	h := &health{ready: cfg.Ready, engine: cfg.Engine}
	e.GET("/healthz", h.live)
	e.GET("/readyz", h.readiness)
	pages, err := newPages(cfg.Store, cfg.Now)
	if err != nil {
		return nil, err
	}
	pages.register(e)
	return e, nil
}
