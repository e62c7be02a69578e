package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/knowledge"
)

// readyLimit is how long a dependency may take to answer.
const readyLimit = 2 * time.Second

// health answers the machines that watch us.
type health struct {
	ready  map[string]Pinger
	engine *knowledge.Engine
}

// live says that the process runs.
func (h *health) live(c echo.Context) error { return c.String(http.StatusOK, "ok") }

// readiness says which of the things we need are there; 503 when one is not.
// A search server is not needed: where candidates come from is only told. It
// names no addresses and no errors.
func (h *health) readiness(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyLimit)
	defer cancel()
	out := map[string]any{"clauses": h.engine.Clauses(), "search": h.engine.SearchState()}
	code := http.StatusOK
	for name, ping := range h.ready {
		if err := ping(ctx); err != nil {
			out[name], code = "down", http.StatusServiceUnavailable
			continue
		}
		out[name] = "ok"
	}
	return c.JSON(code, out)
}
