package admin

import (
	"context"
	"strconv"
	"time"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
	"greendesk/knowledge"
)

// office is the desk and the knowledge base behind a console.
type office struct {
	db        *db.DB
	desk      *desk.Desk
	engine    *knowledge.Engine
	knowledge *knowledge.Store
	asked     int
}

// furnish opens the desk and an empty knowledge base. What the desk enqueues
// stays in the queue.
func (w *world) furnish(d *db.DB) {
	w.t.Helper()
	w.db = d
	q, err := jobs.New(d, testenv.Log(w.t), jobs.Options{})
	must(w.t, err)
	for _, kind := range []string{desk.KindDeliver, desk.KindShred} {
		q.Handle(kind, func(context.Context, jobs.Job) error { return nil })
	}
	w.desk = desk.New(d, q, testenv.Log(w.t), time.Now)
	w.knowledge = knowledge.New(d, testenv.Log(w.t), time.Now)
	w.engine, err = knowledge.NewEngine(w.knowledge, testenv.Log(w.t), time.Now)
	must(w.t, err)
}

// learn fills the knowledge base.
func (w *world) learn() {
	w.t.Helper()
	must(w.t, w.knowledge.ImportStarter(w.t.Context()))
	must(w.t, w.engine.Sync(w.t.Context()))
}

// run executes one statement.
func (w *world) run(query string, args ...any) {
	w.t.Helper()
	must(w.t, w.db.InTx(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}))
}

// group makes an advisory group of accounts, the first its lead.
func (w *world) group(id string, members ...staff.Account) {
	w.t.Helper()
	w.run(`INSERT INTO advisory_groups (id, name, topics, created_at, updated_at) VALUES ($1, $2, '', 0, 0)`, id, id+"组")
	for i, m := range members {
		leads := 0
		if i == 0 {
			leads = 1
		}
		w.run(`INSERT INTO group_members (group_id, account_id, leads) VALUES ($1, $2, $3)`, id, m.ID, leads)
	}
}

// ask has an enterprise hand a question to a group.
func (w *world) ask(group, question string) desk.Consultation {
	w.t.Helper()
	ctx := w.t.Context()
	w.asked++
	openid := "o-" + strconv.Itoa(w.asked)
	in, err := w.desk.Receive(ctx, desk.Inbound{Key: "m:" + openid, OpenID: openid, Kind: "text", Content: `{"text":"问"}`, SentAt: time.Now()})
	must(w.t, err)
	c, err := w.desk.Escalate(ctx, desk.Escalation{OpenID: openid, Inbound: in.ID, Question: question, Reason: desk.ReasonAbstained,
		Context: []desk.Turn{{Asked: "你好", Answered: "您好"}}})
	must(w.t, err)
	w.run(`UPDATE consultations SET group_id = $2, expert_id = '', state = 'new' WHERE id = $1`, c.ID, group)
	return c
}

// version is the version that a page opened now would have.
func (w *world) version(id string) string {
	w.t.Helper()
	var v int64
	must(w.t, w.db.QueryRow(context.Background(), `SELECT version FROM consultations WHERE id = $1`, id).Scan(&v))
	return strconv.FormatInt(v, 10)
}

// state is where a consultation stands.
func (w *world) state(id string) desk.State {
	w.t.Helper()
	var s desk.State
	must(w.t, w.db.QueryRow(context.Background(), `SELECT state FROM consultations WHERE id = $1`, id).Scan(&s))
	return s
}
