package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"greendesk/internal/apperr"
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
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = extractor(cfg.TrustedProxies)
	e.HTTPErrorHandler = errorHandler(cfg.Log)
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
		cfg.Log.Error("panic in a handler", "error", err, "stack", string(stack))
		return err
	}}))
	e.Use(requestLog(cfg.Log), secureHeaders)
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

// extractor finds the client's address: the peer's, or what trusted proxies
// say of it.
func extractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	opts := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		opts = append(opts, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(opts...)
}

// requestLog writes one line a request at debug, failures at warn. The query
// is left out: it holds signatures and openids.
func requestLog(log *slog.Logger) echo.MiddlewareFunc {
	return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		LogMethod: true, LogURIPath: true, LogStatus: true, LogLatency: true, LogError: true, HandleError: true,
		LogValuesFunc: func(c echo.Context, v middleware.RequestLoggerValues) error {
			level := slog.LevelDebug
			if v.Status >= http.StatusInternalServerError {
				level = slog.LevelWarn
			}
			if !log.Enabled(c.Request().Context(), level) {
				return nil
			}
			log.LogAttrs(c.Request().Context(), level, "request", slog.String("method", v.Method), slog.String("path", v.URIPath),
				slog.Int("status", v.Status), slog.Duration("took", v.Latency), slog.Any("error", v.Error))
			return nil
		},
	})
}

// secureHeaders allows pages our own style sheet and nothing else.
func secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		return next(c)
	}
}

// status is the HTTP status of an error's code.
func status(err error) int {
	var he *echo.HTTPError
	if errors.As(err, &he) {
		return he.Code
	}
	switch apperr.CodeOf(err) {
	case apperr.Invalid:
		return http.StatusBadRequest
	case apperr.NotFound:
		return http.StatusNotFound
	case apperr.Conflict:
		return http.StatusConflict
	case apperr.Forbidden:
		return http.StatusForbidden
	case apperr.TooLarge:
		return http.StatusRequestEntityTooLarge
	case apperr.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// errorHandler is the one mapper of errors: a page for people, never the text
// of a driver.
func errorHandler(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		code := status(err)
		if code >= http.StatusInternalServerError {
			log.Error("request failed", "path", c.Request().URL.Path, "error", err)
		}
		message := apperr.MessageOf(err)
		var he *echo.HTTPError
		if errors.As(err, &he) {
			message = "没有找到这个页面，请从公众号的消息里重新打开。"
		}
		if err := writeError(c, code, message); err != nil {
			log.Error("error page not written", "error", err)
		}
	}
}
