package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

// lookEvery is how often a stream looks whether another process has changed
// something, whether the session still holds, and who else looks. Changes by
// this process show at once.
const lookEvery = 2 * time.Second

// stream is one open page that follows what it shows, by server-sent events:
//
//	pulse    a word that changes with what is shown
//	present  the names of who else looks, as JSON
//	over     the session ended, or the page is no longer the actor's to see
type stream struct {
	k        *Console
	c        echo.Context
	out      *http.ResponseController
	pulse    func(context.Context, staff.Actor) (string, error)
	present  func(context.Context, staff.Actor) ([]string, error) // nil for none
	concerns func(consultation string) bool

	sent map[string]string // the last of each event
}

// headerFollows marks the requests of a page that is open and has heard of a
// change: they are no reads of their own.
const headerFollows = "X-Follows"

func follows(c echo.Context) bool { return c.Request().Header.Get(headerFollows) != "" }

// followQueue keeps a page of the queue up to date.
func (k *Console) followQueue(c echo.Context) error {
	return k.follow(&stream{k: k, c: c, pulse: k.desk.QueuePulse, concerns: func(string) bool { return true }})
}

// followCase keeps the page of a consultation up to date and says who else
// looks at it.
func (k *Console) followCase(c echo.Context) error {
	id := c.Param("id")
	s := &stream{k: k, c: c, concerns: func(changed string) bool { return changed == id }}
	s.pulse = func(ctx context.Context, a staff.Actor) (string, error) { return k.desk.Pulse(ctx, a, id) }
	s.present = func(ctx context.Context, a staff.Actor) ([]string, error) { return k.look(ctx, id, a) }
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), time.Second)
		defer cancel()
		k.lookAway(ctx, id, actor(c).Account)
	}()
	return k.follow(s)
}

// follow runs a stream until the page, the session or the program ends.
func (k *Console) follow(s *stream) error {
	if !strings.Contains(s.c.Request().Header.Get(echo.HeaderAccept), "text/event-stream") {
		return echo.NewHTTPError(http.StatusNotAcceptable)
	}
	ctx, cancel := context.WithCancel(s.c.Request().Context())
	defer cancel()
	defer context.AfterFunc(k.closed, cancel)()
	if _, err := s.pulse(ctx, actor(s.c)); err != nil {
		return err
	}
	changed := make(chan struct{}, 1)
	defer k.desk.Watch(func(consultation string) {
		if s.concerns(consultation) {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	})()
	if err := s.open(); err != nil {
		return err
	}
	tick := time.NewTicker(k.looks)
	defer tick.Stop()
	for {
		if goOn, err := s.report(ctx); !goOn || err != nil {
			return s.end(ctx, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-tick.C:
		}
	}
}

// open begins the answer. The server's limit for reading a request must not end
// it, and no proxy may hold it back.
func (s *stream) open() error {
	s.sent = map[string]string{}
	w := s.c.Response()
	s.out = http.NewResponseController(w)
	if err := s.out.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("admin: stream: %w", err)
	}
	w.Header().Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	return nil
}

// report sends what has changed since the last report. It reports false when
// the stream is over.
func (s *stream) report(ctx context.Context) (bool, error) {
	a, in, err := s.k.stillIn(ctx, s.c)
	if err != nil || !in || !a.MayConsult() {
		return false, err
	}
	word, err := s.pulse(ctx, a)
	if apperr.CodeOf(err) == apperr.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if s.present != nil {
		names, err := s.present(ctx, a)
		if err != nil { // nice to know, and not worth ending the stream
			s.k.cfg.Log.WarnContext(ctx, "who looks is not known", "error", err)
			names = []string{}
		}
		list, err := json.Marshal(names)
		if err != nil {
			return false, err
		}
		if err := s.send("present", string(list)); err != nil {
			return false, err
		}
	}
	return true, s.send("pulse", word)
}

// send writes an event, unless it says what the last one said; then a comment
// keeps the connection open.
func (s *stream) send(event, data string) error {
	var b bytes.Buffer
	if last, ok := s.sent[event]; ok && last == data {
		b.WriteString(":\n\n")
	} else {
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", event, data)
	}
	s.sent[event] = data
	if err := s.out.SetWriteDeadline(time.Now().Add(lookEvery)); err != nil {
		return err
	}
	if _, err := s.c.Response().Write(b.Bytes()); err != nil {
		return err
	}
	return s.out.Flush()
}

// end says that the stream is over. A page that is gone is no failure, and an
// answer that has begun cannot become an error page: the script tries again.
func (s *stream) end(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
	case err != nil:
		s.k.cfg.Log.WarnContext(ctx, "stream ended", "path", s.c.Path(), "error", err)
	default:
		_ = s.send("over", "over") // the page may be gone, too
	}
	return nil
}

// stillIn looks up anew whose the session of a stream is, and whether it still
// holds.
func (k *Console) stillIn(ctx context.Context, c echo.Context) (staff.Actor, bool, error) {
	cookie, err := c.Cookie(k.sessions.Cookie.Name)
	if err != nil {
		return staff.Actor{}, false, nil
	}
	// The request's context holds the session as it was when the stream began.
	fresh, cancel := context.WithTimeout(context.Background(), lookEvery)
	defer cancel()
	if fresh, err = k.sessions.Load(fresh, cookie.Value); err != nil {
		return staff.Actor{}, false, err
	}
	a, in, err := k.holds(fresh)
	return a.Actor(c.RealIP()), in && a.ID == account(c).ID, errOr(ctx, err)
}

// errOr is err, or why ctx ended.
func errOr(ctx context.Context, err error) error {
	if err == nil {
		return ctx.Err()
	}
	return err
}
