package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
	"greendesk/knowledge"
)

// world is a bot with everything behind it: the starter knowledge, a desk on a
// real database.
type world struct {
	bot    *Bot
	desk   *desk.Desk
	db     *db.DB
	engine *knowledge.Engine
	clock  atomic.Int64
	sent   atomic.Int64
	hasty  bool // messages come at once
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t testing.TB, sessions Sessions) *world {
	t.Helper()
	w := &world{db: testenv.OpenMigrated(t, testenv.SQLite(t))}
	w.clock.Store(time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC).UnixMilli())
	log := testenv.Log(t)
	store := knowledge.New(w.db, log, w.now)
	must(t, store.ImportStarter(t.Context()))
	engine, err := knowledge.NewEngine(store, log, w.now)
	must(t, err)
	must(t, engine.Sync(t.Context()))
	w.engine = engine
	queue, err := jobs.New(w.db, log, jobs.Options{})
	must(t, err)
	queue.Handle(desk.KindDeliver, func(context.Context, jobs.Job) error { return nil })
	w.desk = desk.New(w.db, queue, log, w.now)
	router, err := LoadRouter(engine.Folder())
	must(t, err)
	w.bot = New(engine, w.desk, sessions, router, log, w.now)
	return w
}

func (w *world) now() time.Time { return time.UnixMilli(w.clock.Load()) }

// receive stores a message as the callback does.
func (w *world) receive(t testing.TB, contact string, m Message) Message {
	t.Helper()
	if !w.hasty {
		w.clock.Add(4000)
	}
	m.Contact, m.At = contact, w.now()
	content, err := json.Marshal(m)
	must(t, err)
	key := fmt.Sprintf("m:%d", w.sent.Add(1))
	r, err := w.desk.Receive(t.Context(), desk.Inbound{Key: key, OpenID: contact, Kind: m.Kind, Content: string(content), SentAt: m.At})
	must(t, err)
	m.ID = r.ID
	return m
}

// say sends a message and returns the reply.
func (w *world) say(t testing.TB, contact string, m Message) Reply {
	t.Helper()
	m = w.receive(t, contact, m)
	r, err := w.bot.Handle(t.Context(), m)
	must(t, err)
	_, err = w.desk.Answered(t.Context(), m.ID, r.Text)
	must(t, err)
	return r
}

func text(s string) Message { return Message{Kind: KindText, Text: s} }

func tap(t Tap) Message { return Message{Kind: KindText, Text: t.Label, Tap: fmt.Sprint(t.ID)} }

// count reads one number from the database.
func (w *world) count(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	must(t, w.db.QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}

// expert does something in the contact's newest consultation, as an expert
// who takes it first.
func (w *world) expert(t testing.TB, contact, verb, words string) {
	t.Helper()
	li := staff.Actor{Account: "li", Name: "李工", Roles: []staff.Role{staff.RoleExpert, staff.RoleLead}}
	must(t, w.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO accounts (id, login, name, phone, password, password_at, totp, roles, state, created_at, updated_at)
			VALUES ('li', 'li', '李工', '', '', 0, '', 'expert lead', 'active', 0, 0) ON CONFLICT DO NOTHING`)
		return err
	}))
	cs, err := w.desk.Consultations(t.Context(), contact, 1)
	must(t, err)
	c := cs[0]
	if c.State == desk.StateNew {
		must(t, w.desk.Accept(t.Context(), li, c.ID, c.Version))
		cs, err = w.desk.Consultations(t.Context(), contact, 1)
		must(t, err)
		c = cs[0]
	}
	switch verb {
	case "ask":
		must(t, w.desk.AskBack(t.Context(), li, c.ID, c.Version, words))
	case "answer":
		_, err = w.desk.Submit(t.Context(), li, c.ID, c.Version, words, nil)
		must(t, err)
	case "share":
		must(t, w.desk.Share(t.Context(), li, c.ID, words))
	default:
		t.Fatalf("an expert does not %q", verb)
	}
}
