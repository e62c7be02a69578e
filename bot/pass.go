package bot

import (
	"context"
	"crypto/rand"
	"time"
)

// PassTTL is how long a link to a contact's own pages lets in by itself.
const PassTTL = 30 * time.Minute

// passQuery is the name of a pass in a page's address.
const passQuery = "?pass="

// Passes let a contact into its own pages from a link in the chat, which only
// it can read. An account with the right to web authorisation does not need
// them; one without has no other way. They may be used more than once: link
// checkers open them first.
type Passes struct{ Store Sessions }

func passKey(pass string) string { return "pass:" + pass }

// Mint makes a pass for a contact.
func (p Passes) Mint(ctx context.Context, contact string) (string, error) {
	pass := rand.Text()
	return pass, p.Store.Set(ctx, passKey(pass), []byte(contact), PassTTL)
}

// Holder is the contact to whom a pass was given, "" when it was given to
// nobody or is over.
func (p Passes) Holder(ctx context.Context, pass string) (string, error) {
	if pass == "" {
		return "", nil
	}
	contact, err := p.Store.Get(ctx, passKey(pass))
	return string(contact), err
}

// Addresses of a contact's own pages.
const (
	PageMine = "/my"
	PageCard = "/my/card"
)

// PageOf is the address of one consultation.
func PageOf(consultation string) string { return PageMine + "/consultations/" + consultation }

// own links to one of the contact's own pages. Without a pass the page asks
// the platform who it is: a failure is logged.
func (b *Bot) own(ctx context.Context, contact, label, page string) Link {
	pass, err := Passes{b.sessions}.Mint(ctx, contact)
	if err != nil {
		b.log.WarnContext(ctx, "link without a pass", "error", err)
		return Link{Label: label, Path: page}
	}
	return Link{Label: label, Path: page + passQuery + pass}
}
