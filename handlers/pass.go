package handlers

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"time"

	"greendesk/bot"
	"greendesk/desk"
	"greendesk/internal/kv"
)

// passTTL is how long a link to a contact's own pages lets in by itself.
const passTTL = 30 * time.Minute

// Passes let a contact into its own pages from a link in the chat, which only
// it can read. An account with the right to web authorisation does without;
// one that has it not has no other way. A pass may be used more than once:
// link checkers open it first.
//
// A pass is a contact's, not a WeChat user's: once the contact is erased it lets
// nobody in, even if the same person comes back as a new one.
type Passes struct {
	Store kv.Store
	Desk  *desk.Desk
	Log   *slog.Logger
}

func passKey(pass string) string { return "pass:" + pass }

// mint makes a pass for a contact, "" when the store does not answer: then the
// page asks the platform who it is.
func (p Passes) mint(ctx context.Context, openid string) string {
	if p.Store == nil {
		return ""
	}
	pass := rand.Text()
	contact, err := p.Desk.ContactOf(ctx, openid)
	if err == nil {
		err = p.Store.Set(ctx, passKey(pass), []byte(contact), passTTL)
	}
	if err != nil {
		p.Log.WarnContext(ctx, "link without a pass", "error", err)
		return ""
	}
	return pass
}

// holder is the id of the contact to whom a pass was given, "" when it was given
// to nobody or is over.
func (p Passes) holder(ctx context.Context, pass string) (string, error) {
	contact, err := p.Store.Get(ctx, passKey(pass))
	return string(contact), err
}

// For is the renderer of what one contact reads: links to its own pages let it
// in.
func (r Renderer) For(ctx context.Context, openid string) Renderer {
	r.pass = sync.OnceValue(func() string { return r.Passes.mint(ctx, openid) })
	return r
}

// address is the whole address of a page.
func (r Renderer) address(path string) string {
	if r.pass != nil && (path == bot.MyPath || strings.HasPrefix(path, bot.MyPath+"/")) {
		if pass := r.pass(); pass != "" {
			return r.BaseURL + path + "?pass=" + pass
		}
	}
	return r.BaseURL + path
}
