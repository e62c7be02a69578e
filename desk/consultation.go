package desk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Reasons for handing a question to the experts.
const (
	ReasonRequested = "requested" // the contact tapped 转专家
	ReasonAbstained = "abstained" // nothing quotable settles it
	ReasonPerson    = "person"    // the contact asked for a person
	ReasonMaterial  = "material"  // a photo, a voice message or a place came in
)

// Escalation is a question on its way to the experts.
type Escalation struct {
	OpenID   string
	Inbound  string // id of the message that holds the question: it is handed over once
	Question string
	Context  []Turn // the conversation before it
	Reason   string
	Grounds  Grounds // why nothing was quoted, when that is the reason
}

// Consultation is a question handed to the experts.
type Consultation struct {
	ID        string
	Number    string // shown to the contact: year, month, day and a count of the day
	OpenID    string
	Question  string
	Reason    string
	State     string
	CreatedAt time.Time
	Existed   bool // it had been handed over before
}

// maxQuestion is the longest question that is kept, in characters.
const maxQuestion = 2000

// Escalate hands a question to the experts. The same message makes one
// consultation, however often and by whatever way it is handed over.
func (d *Desk) Escalate(ctx context.Context, e Escalation) (Consultation, error) {
	e.Question = strings.TrimSpace(e.Question)
	if e.Question == "" {
		return Consultation{}, apperr.New(apperr.Invalid, "请先用文字说明要咨询的问题，再转专家。")
	}
	if rs := []rune(e.Question); len(rs) > maxQuestion {
		e.Question = string(rs[:maxQuestion])
	}
	history, err := encode(e.Context)
	if err != nil {
		return Consultation{}, fmt.Errorf("desk: context of a consultation: %w", err)
	}
	var out Consultation
	err = d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := d.escalate(ctx, tx, e, history)
		out = c
		return err
	})
	return out, err
}

func (d *Desk) escalate(ctx context.Context, tx *db.Tx, e Escalation, history string) (Consultation, error) {
	old, err := scanConsultation(tx.QueryRow(ctx, selectConsultation+` WHERE k.inbound_id = $1`, e.Inbound))
	if err == nil {
		old.Existed = true
		return old, nil
	}
	if apperr.CodeOf(err) != apperr.NotFound {
		return Consultation{}, err
	}
	number, err := d.number(ctx, tx)
	if err != nil {
		return Consultation{}, err
	}
	id, now := db.NewID(), d.millis()
	res, err := tx.Exec(ctx, `INSERT INTO consultations (id, number, contact_id, inbound_id, question, context, reason, state, created_at, updated_at)
		SELECT $1, $2, c.id, $3, $4, $5, $6, 'new', $7, $7 FROM contacts c WHERE c.openid = $8`,
		id, number, e.Inbound, e.Question, history, e.Reason, now, e.OpenID)
	if err != nil {
		return Consultation{}, err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return Consultation{}, errors.Join(err, apperr.New(apperr.NotFound, "没有找到您的账号，请重新关注后再试。"))
	}
	if err := d.event(ctx, tx, id, "contact", "", "new", e.Reason); err != nil {
		return Consultation{}, err
	}
	if e.Reason == ReasonAbstained {
		if err := d.noteGap(ctx, tx, e.OpenID, e.Inbound, GapAbstained, e.Grounds); err != nil {
			return Consultation{}, err
		}
	}
	return scanConsultation(tx.QueryRow(ctx, selectConsultation+` WHERE k.id = $1`, id))
}

// number gives the next number of the day: 261123001.
func (d *Desk) number(ctx context.Context, tx *db.Tx) (string, error) {
	day := d.now().In(d.zone).Format("060102")
	var n int64
	err := tx.QueryRow(ctx, `INSERT INTO counters (name, value) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value`, "consultation:"+day).Scan(&n)
	return fmt.Sprintf("%s%03d", day, n), err
}

// event records a change of state: who, from, to, why.
func (d *Desk) event(ctx context.Context, tx *db.Tx, consultation, actor, from, to, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO consultation_events (id, consultation_id, actor, state_from, state_to, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, db.NewID(), consultation, actor, from, to, reason, d.millis())
	return err
}

const selectConsultation = `SELECT k.id, k.number, c.openid, k.question, k.reason, k.state, k.created_at
	FROM consultations k JOIN contacts c ON c.id = k.contact_id`

func scanConsultation(r row) (Consultation, error) {
	var c Consultation
	var created int64
	err := r.Scan(&c.ID, &c.Number, &c.OpenID, &c.Question, &c.Reason, &c.State, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return c, apperr.Wrap(apperr.NotFound, "没有找到这件咨询。", err)
	}
	c.CreatedAt = time.UnixMilli(created)
	return c, err
}

// Consultations lists openid's consultations, newest first, at most limit.
// Nobody else's are ever among them.
func (d *Desk) Consultations(ctx context.Context, openid string, limit int) ([]Consultation, error) {
	rows, err := d.db.Query(ctx, selectConsultation+` WHERE c.openid = $1 ORDER BY k.created_at DESC, k.id DESC LIMIT $2`, openid, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	var out []Consultation
	for rows.Next() {
		c, err := scanConsultation(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
