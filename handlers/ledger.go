package handlers

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"greendesk/desk"
	"greendesk/internal/kv"
	"greendesk/internal/wechat"
)

// window is a time in which the platform takes 客服 messages to one contact.
type window struct {
	name  string
	lasts time.Duration
	takes int
}

// The platform's windows, the one that closes first first: a click, a scan or
// following opens 3 messages for a minute, a message opens 5 for 48 hours.
var (
	tapWindow  = window{"tap", time.Minute, 3}
	wordWindow = window{"word", 48 * time.Hour, 5}
)

// Ledger counts, for each contact, what the platform still takes from us. It
// spares calls that cannot succeed and lets long answers leave room; the last
// word is the platform's. It lives in the session store: what is lost there
// is asked of SQL (the time of the contact's last message), without the count.
type Ledger struct {
	Store kv.Store
	Log   *slog.Logger
	Now   func() time.Time
}

// Allowance is what may be sent to a contact now.
type Allowance struct {
	Left  int  // messages, 0 when no window is open
	Known bool // false when the store does not know: Left is then a guess
}

// Opened notes that a push of the platform opened a window. A failure is
// logged: it costs a guess later.
func (l *Ledger) Opened(ctx context.Context, p *wechat.Push) {
	w := wordWindow
	if p.IsEvent() {
		switch p.Event {
		case wechat.EventSubscribe, wechat.EventScan, wechat.EventClick:
			w = tapWindow
		default:
			return
		}
	}
	opened := strconv.FormatInt(p.CreatedAt.UnixMilli(), 10)
	if err := l.Store.Set(ctx, w.key(p.FromUser), []byte(opened), w.lasts); err != nil {
		l.Log.WarnContext(ctx, "window not noted", "error", err)
	}
}

// Left tells what may be sent to openid now; lastWord is when they last wrote,
// as SQL knows it.
func (l *Ledger) Left(ctx context.Context, openid string, lastWord time.Time) Allowance {
	a := Allowance{}
	for _, w := range []window{tapWindow, wordWindow} {
		left, known := l.left(ctx, w, openid)
		a.Left += left
		a.Known = a.Known || known
	}
	if !a.Known && l.Now().Sub(lastWord) < wordWindow.lasts {
		a.Left = 1
	}
	return a
}

// Spent counts one message against the window that closes first.
func (l *Ledger) Spent(ctx context.Context, openid string) {
	for _, w := range []window{tapWindow, wordWindow} {
		if left, known := l.left(ctx, w, openid); !known || left == 0 {
			continue
		}
		opened, err := l.Store.Get(ctx, w.key(openid))
		if err == nil {
			_, err = l.Store.Incr(ctx, w.used(openid, string(opened)), w.lasts)
		}
		if err != nil {
			l.Log.WarnContext(ctx, "message not counted", "error", err)
		}
		return
	}
}

// left is what a window still takes; known is false when the store has
// nothing of an open window.
func (l *Ledger) left(ctx context.Context, w window, openid string) (left int, known bool) {
	opened, err := l.Store.Get(ctx, w.key(openid))
	if err != nil || opened == nil {
		return 0, false
	}
	at, err := strconv.ParseInt(string(opened), 10, 64)
	if err != nil || l.Now().Sub(time.UnixMilli(at)) >= w.lasts {
		return 0, false
	}
	used, err := l.Store.Get(ctx, w.used(openid, string(opened)))
	if err != nil {
		return 0, false
	}
	n, _ := strconv.Atoi(string(used)) // nothing is used yet
	return max(0, w.takes-n), true
}

// Forget deletes what the store has of a contact's windows. A failure is logged:
// what cannot be deleted now ends by itself, and names nobody.
func (l *Ledger) Forget(ctx context.Context, openid string) {
	for _, w := range []window{tapWindow, wordWindow} {
		opened, err := l.Store.Get(ctx, w.key(openid))
		if err == nil && opened != nil {
			err = errors.Join(l.Store.Delete(ctx, w.used(openid, string(opened))), l.Store.Delete(ctx, w.key(openid)))
		}
		if err != nil {
			l.Log.ErrorContext(ctx, "window not deleted, it ends by itself", "error", err)
		}
	}
}

func (w window) key(openid string) string {
	return "window:" + w.name + ":" + desk.Fingerprint(openid)
}

func (w window) used(openid, opened string) string {
	return w.key(openid) + ":" + opened
}
