package web

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"greendesk/internal/apperr"
)

// ErrorPage shows a person what went wrong. A missing page has the message "".
type ErrorPage func(c echo.Context, status int, message string) error

// Config is what a server needs.
type Config struct {
	TrustedProxies []netip.Prefix // whose word about a client's address counts
	Policy         string         // Content-Security-Policy
	ErrorPage      ErrorPage
	Log            *slog.Logger
}

// PagePolicy allows pages our own style sheets and pictures and nothing else.
const PagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// ScriptPolicy also allows our own script files, and what they fetch from us.
const ScriptPolicy = PagePolicy + "; script-src 'self'; connect-src 'self'"

// NewServer makes an echo without routes that recovers from panics, knows its
// clients' addresses, logs requests, sets the security headers and maps errors.
func NewServer(cfg Config) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = extractor(cfg.TrustedProxies)
	e.HTTPErrorHandler = errorHandler(cfg.ErrorPage, cfg.Log)
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
		cfg.Log.Error("panic in a handler", "error", err, "stack", string(stack))
		return err
	}}))
	e.Use(requestLog(cfg.Log), secureHeaders(cfg.Policy))
	return e
}

// Protect refuses changes that another origin's page makes a browser ask for.
func Protect(next http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "这个请求不是从本站的页面发出的，没有执行。请回到本站页面再试。", http.StatusForbidden)
	}))
	return p.Handler(next)
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

func secureHeaders(policy string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("X-Content-Type-Options", "nosniff")
			// Not no-referrer: under that a browser names no origin with our own forms, and one
			// that sends no Sec-Fetch-Site (iOS before 16.4, plain http) would be refused by Protect.
			h.Set("Referrer-Policy", "same-origin")
			return next(c)
		}
	}
}

// Status is the HTTP status of an error.
func Status(err error) int {
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
func errorHandler(page ErrorPage, log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		code := Status(err)
		if code >= http.StatusInternalServerError {
			log.Error("request failed", "path", c.Request().URL.Path, "error", err)
		}
		message := apperr.MessageOf(err)
		var he *echo.HTTPError
		if errors.As(err, &he) {
			message = ""
		}
		if err := page(c, code, message); err != nil {
			log.Error("error page not written", "error", err)
		}
	}
}
