package simulator

import (
	"context"
	"fmt"
	"time"
)

// Outcome is how a push ended.
type Outcome string

// The outcomes of an exchange.
const (
	Pending      Outcome = "pending"      // deliveries under way
	Replied      Outcome = "replied"      // a passive reply was shown
	Acknowledged Outcome = "acknowledged" // empty body or "success"
	Failed       Outcome = "failed"       // the fault line
)

// Exchange is one message or event with all its deliveries.
type Exchange struct {
	ID       int64     `json:"id"`
	OpenID   string    `json:"openid"`
	Kind     string    `json:"kind"` // MsgType, or the Event's name
	MsgID    string    `json:"msgId,omitempty"`
	At       time.Time `json:"at"` // virtual
	Forged   bool      `json:"forged,omitempty"`
	Outcome  Outcome   `json:"outcome"`
	Why      string    `json:"why,omitempty"`   // of a failure: what was wrong with the answer
	Reply    *Bubble   `json:"reply,omitempty"` // the passive reply as shown
	Attempts []Attempt `json:"attempts"`        // in the order they ended
	// Ignored counts further good answers to the same push (duplicate deliveries); the phone showed the first only.
	Ignored int `json:"ignored,omitempty"`
}

// ReplyText is the text of the passive reply, "" when there was none.
func (e *Exchange) ReplyText() string {
	if e.Reply == nil {
		return ""
	}
	return e.Reply.Text
}

// Attempt is one delivery on the wire.
type Attempt struct {
	Number     int           `json:"number"`
	URL        string        `json:"url"`
	Plain      string        `json:"plain"`           // the XML before encryption
	Body       string        `json:"body"`            // the XML as sent
	Status     int           `json:"status"`          // HTTP status; 0 = no answer
	Reply      string        `json:"reply"`           // as received
	ReplyPlain string        `json:"replyPlain"`      // decrypted
	Err        string        `json:"err,omitempty"`   // why there was no good answer
	Fault      string        `json:"fault,omitempty"` // what was injected
	Took       time.Duration `json:"took"`            // real time, ns
}

// Exchanges are the newest exchanges, oldest first (Options.Keep of them), with those under way.
func (p *Platform) Exchanges() []Exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Exchange
	for _, e := range p.exchanges.newest() {
		list = append(list, e.snapshot())
	}
	return list
}

// snapshot copies what later deliveries may still change. The caller holds p.mu.
func (e *Exchange) snapshot() Exchange {
	c := *e
	c.Attempts = append([]Attempt{}, e.Attempts...) // never nil: the page reads a list
	return c
}

// WaitBubble waits until a bubble of the person with an id above after satisfies match (nil = any), and returns it.
// The error is ctx's.
func (p *Platform) WaitBubble(ctx context.Context, openid string, after int64, match func(Bubble) bool) (Bubble, error) {
	var found Bubble
	err := p.wait(ctx, func() bool {
		for _, b := range p.Transcript(openid) {
			if b.ID > after && (match == nil || match(b)) {
				found = b
				return true
			}
		}
		return false
	})
	if err != nil {
		return found, fmt.Errorf("simulator: wait for a bubble of %s: %w", openid, err)
	}
	return found, nil
}

// WaitIdle waits until no delivery is under way.
func (p *Platform) WaitIdle(ctx context.Context) error {
	err := p.wait(ctx, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.inFlight == 0
	})
	if err != nil {
		return fmt.Errorf("simulator: wait until idle: %w", err)
	}
	return nil
}

// LastBubble is the id of the newest bubble of all chats, 0 before the first: a mark for WaitBubble.
func (p *Platform) LastBubble() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.nextBubble
}

// wait re-checks done whenever something changes.
func (p *Platform) wait(ctx context.Context, done func() bool) error {
	l := p.hub.listen()
	defer p.hub.leave(l)
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.wake:
			if _, closed := l.take(); closed && !done() {
				return context.Canceled
			}
		}
	}
	return nil
}
