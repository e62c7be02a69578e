package handlers

import (
	"context"
	"crypto/rand"
	"encoding/json"
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

// passFor is what the store keeps of a pass.
type passFor struct {
	Contact string `json:"contact"`
	OpenID  string `json:"openid"`
}

func passKey(pass string) string { return "pass:" + pass }

// mint makes a pass for a contact, "" when the store does not answer: then the
// page asks the platform who it is.
func (p Passes) mint(ctx context.Context, openid string) string {
	if p.Store == nil {
		return ""
	}
	pass := rand.Text()
	if err := p.keep(ctx, pass, openid); err != nil {
		p.Log.WarnContext(ctx, "link without a pass", "error", err)
		return ""
	}
	return pass
}

func (p Passes) keep(ctx context.Context, pass, openid string) error {
	contact, err := p.Desk.ContactOf(ctx, openid)
	if err != nil {
		return err
	}
	b, err := json.Marshal(passFor{Contact: contact, OpenID: openid})
	if err != nil {
		return err
	}
	return p.Store.Set(ctx, passKey(pass), b, passTTL)
}

// holder is the contact to whom a pass was given, "" when it was given to
// nobody, is over, or the contact was erased.
func (p Passes) holder(ctx context.Context, pass string) (string, error) {
	b, err := p.Store.Get(ctx, passKey(pass))
	if err != nil || len(b) == 0 {
		return "", err
	}
	var kept passFor
	if json.Unmarshal(b, &kept) != nil { // of another version of the program
		return "", nil
	}
	now, err := p.Desk.ContactOf(ctx, kept.OpenID)
	if err != nil || now == "" || now != kept.Contact {
		return "", err
	}
	return kept.OpenID, nil
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
