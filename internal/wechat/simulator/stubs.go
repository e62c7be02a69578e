package simulator

import (
	"net/http"
	"time"
)

type Menu struct{}
type tokenStore struct{}
type oauthGrant struct{}
type qrTicket struct{}
type Template struct{ ID string }
type APICall struct{}
type timedSecret struct {
	value string
	until time.Time
}

func DefaultTemplates() []Template { return nil }
func (p *Platform) ticketOf(scene string) string { return "t" + scene }
func (p *Platform) Handler() http.Handler { return http.NotFoundHandler() }
