package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// route is one address of the enterprises' edge. Exactly one of open and own
// is set: whom it serves cannot be forgotten.
type route struct {
	method, path string
	open         echo.HandlerFunc // for anybody, or for whoever signs in by it
	own          ownHandler       // for a contact who is signed in, and of its own things only
}

// ownHandler answers a signed-in contact.
type ownHandler func(c echo.Context, openid string) error

// routes is every address of the enterprises' edge.
func (s *site) routes() []route {
	return []route{
		{method: http.MethodGet, path: "/wechat", open: s.wechat.verify},
		{method: http.MethodPost, path: "/wechat", open: s.wechat.push},
		{method: http.MethodGet, path: "/healthz", open: s.health.live},
		{method: http.MethodGet, path: "/readyz", open: s.health.readiness},
		{method: http.MethodGet, path: "/clauses/:id", open: s.pages.clause},
		{method: http.MethodGet, path: "/documents/:version", open: s.pages.document},
		{method: http.MethodGet, path: "/style.css", open: s.pages.style},
		{method: http.MethodGet, path: "/icon.svg", open: s.pages.icon},

		{method: http.MethodGet, path: "/my/login", open: s.my.session(s.my.login)},
		{method: http.MethodGet, path: "/my/oauth", open: s.my.session(s.my.granted)},
		{method: http.MethodGet, path: "/my", own: s.my.list},
		{method: http.MethodGet, path: "/my/consultations/:id", own: s.my.thread},
		{method: http.MethodPost, path: "/my/consultations/:id/word", own: s.my.word},
		{method: http.MethodPost, path: "/my/consultations/:id/rating", own: s.my.rate},
		{method: http.MethodPost, path: "/my/consultations/:id/reopen", own: s.my.reopen},
		{method: http.MethodGet, path: "/my/files/:id", own: s.my.file},
		{method: http.MethodGet, path: "/my/profile", own: s.my.profile},
		{method: http.MethodPost, path: "/my/profile", own: s.my.saveProfile},
		{method: http.MethodGet, path: "/my/erase", own: s.my.askErase},
		{method: http.MethodPost, path: "/my/erase", own: s.my.erase},
	}
}
