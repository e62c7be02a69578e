package desk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"greendesk/desk/route"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// querier reads from the database or, inside a transaction, from that.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

const selectConsultation = `SELECT k.id, k.number, c.openid, k.contact_id, k.enterprise_id, COALESCE(e.name, ''), k.question, k.reason, k.topic, k.urgency,
	k.group_id, COALESCE(g.name, ''), k.expert_id, COALESCE(x.name, ''), k.routed, k.state, k.accept_due, k.answer_due, k.paused_at, k.warned_at,
	k.escalated_at, k.answered_at, k.closed_at, k.rating, k.rating_word, k.version, k.created_at, k.updated_at` + fromConsultations

const fromConsultations = `
	FROM consultations k JOIN contacts c ON c.id = k.contact_id
	LEFT JOIN enterprises e ON e.id = k.enterprise_id
	LEFT JOIN advisory_groups g ON g.id = k.group_id
	LEFT JOIN accounts x ON x.id = k.expert_id`

func scanConsultation(r row) (Consultation, error) {
	var c Consultation
	var accept, answer, paused, warned, escalated, answered, closed, created, updated int64
	err := r.Scan(&c.ID, &c.Number, &c.OpenID, &c.Contact, &c.Enterprise, &c.EnterpriseName, &c.Question, &c.Reason, &c.Topic, &c.Urgency,
		&c.Group, &c.GroupName, &c.Expert, &c.ExpertName, &c.Routed, &c.State, &accept, &answer, &paused, &warned,
		&escalated, &answered, &closed, &c.Rating, &c.RatingWord, &c.Version, &created, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return c, apperr.Wrap(apperr.NotFound, "没有找到这件咨询。", err)
	}
	c.AcceptDue, c.AnswerDue, c.pausedAt, c.warnedAt, c.escalatedAt = instant(accept), instant(answer), instant(paused), instant(warned), instant(escalated)
	c.AnsweredAt, c.ClosedAt, c.CreatedAt, c.UpdatedAt = instant(answered), instant(closed), instant(created), instant(updated)
	c.Paused = paused != 0
	return c, err
}

// instant is a stored time; 0 is the zero time.
func instant(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis)
}

// stored is the form in which a time is stored; the zero time is 0.
func stored(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// store writes what may change of a consultation and raises its version.
func (d *Desk) store(ctx context.Context, tx *db.Tx, c *Consultation) error {
	c.Version++
	c.UpdatedAt = d.now()
	_, err := tx.Exec(ctx, `UPDATE consultations SET topic = $2, urgency = $3, group_id = $4, expert_id = $5, routed = $6, state = $7, accept_due = $8,
		answer_due = $9, paused_at = $10, warned_at = $11, escalated_at = $12, answered_at = $13, closed_at = $14, rating = $15, rating_word = $16,
		version = $17, updated_at = $18 WHERE id = $1`,
		c.ID, c.Topic, c.Urgency, c.Group, c.Expert, c.Routed, string(c.State), stored(c.AcceptDue), stored(c.AnswerDue), stored(c.pausedAt),
		stored(c.warnedAt), stored(c.escalatedAt), stored(c.AnsweredAt), stored(c.ClosedAt), c.Rating, c.RatingWord, c.Version, stored(c.UpdatedAt))
	return err
}

func (d *Desk) escalate(ctx context.Context, tx *db.Tx, e Escalation, history string) (Consultation, error) {
	old, ok, err := found(handedOver(ctx, tx, e.OpenID, e.Inbound))
	if err != nil || ok {
		old.Existed = ok
		return old, err
	}
	if e.Join {
		open, ok, err := d.join(ctx, tx, e)
		if err != nil || ok {
			return open, err
		}
	}
	if !e.Urgent {
		open, ok, err := d.full(ctx, tx, e)
		if err != nil || ok {
			return open, err
		}
	}
	c, err := d.insertConsultation(ctx, tx, e, history)
	if err != nil || c.Existed {
		return c, err
	}
	if e.Urgent {
		c.Urgency = UrgencyUrgent
	}
	if err := d.event(ctx, tx, c.ID, "contact", "", string(StateNew), e.Reason); err != nil {
		return Consultation{}, err
	}
	if e.Reason == ReasonAbstained {
		if err := d.noteGap(ctx, tx, e.OpenID, e.Inbound, GapAbstained, e.Grounds); err != nil {
			return Consultation{}, err
		}
	}
	if err := d.assign(ctx, tx, &c); err != nil {
		return Consultation{}, err
	}
	return c, d.store(ctx, tx, &c)
}

// join adds a message to the contact's open consultation that it belongs to, if
// there is one.
func (d *Desk) join(ctx context.Context, tx *db.Tx, e Escalation) (Consultation, bool, error) {
	at, err := d.came(ctx, tx, e.Inbound)
	if err != nil {
		return Consultation{}, false, err
	}
	c, ok, err := found(d.joining(ctx, tx, e.OpenID, at))
	if err != nil || !ok {
		return c, false, err
	}
	topics, err := d.topics()
	if err != nil {
		return c, false, err
	}
	if topic := topics.Of(e.Question); topic != route.General && c.Topic != "" && topic != c.Topic {
		return Consultation{}, false, nil // another matter: another group's
	}
	c.Joined = true
	return c, true, d.hear(ctx, tx, &c, Post{Body: e.Question}, e.Inbound, nil)
}

// full adds a message to the contact's newest open consultation when the contact
// has made as many within a day as one may.
func (d *Desk) full(ctx context.Context, tx *db.Tx, e Escalation) (Consultation, bool, error) {
	var made int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM consultations k JOIN contacts c ON c.id = k.contact_id WHERE c.openid = $1 AND k.created_at > $2`,
		e.OpenID, d.now().Add(-24*time.Hour).UnixMilli()).Scan(&made)
	if err != nil || made < daily {
		return Consultation{}, false, err
	}
	c, ok, err := found(scanConsultation(tx.QueryRow(ctx, selectConsultation+` WHERE c.openid = $1 AND k.state NOT IN ('answered', 'closed')
		ORDER BY k.created_at DESC, k.id DESC LIMIT 1`, e.OpenID)))
	if err != nil || !ok {
		return c, false, err
	}
	c.Joined, c.Full = true, true
	return c, true, d.hear(ctx, tx, &c, Post{Body: e.Question}, e.Inbound, nil)
}

// insertConsultation makes a consultation. Should another process have made it
// of the same message meanwhile, that one is returned as Existed.
func (d *Desk) insertConsultation(ctx context.Context, tx *db.Tx, e Escalation, history string) (Consultation, error) {
	number, err := d.number(ctx, tx)
	if err != nil {
		return Consultation{}, err
	}
	id, now := db.NewID(), d.millis()
	n, err := affected(tx.Exec(ctx, `INSERT INTO consultations (id, number, contact_id, enterprise_id, inbound_id, question, context, reason, state, created_at, updated_at)
		SELECT $1, $2, c.id, c.enterprise_id, $3, $4, $5, $6, 'new', $7, $7 FROM contacts c WHERE c.openid = $8
		ON CONFLICT (inbound_id) DO NOTHING`,
		id, number, e.Inbound, e.Question, history, e.Reason, now, e.OpenID))
	if err != nil {
		return Consultation{}, err
	}
	if n == 0 {
		old, ok, err := found(handedOver(ctx, tx, e.OpenID, e.Inbound))
		if err == nil && !ok {
			err = apperr.New(apperr.NotFound, "没有找到您的账号，请重新关注后再试。")
		}
		old.Existed = ok
		return old, err
	}
	if err := d.gather(ctx, tx, id, e.Inbound); err != nil {
		return Consultation{}, err
	}
	return scanConsultation(tx.QueryRow(ctx, selectConsultation+` WHERE k.id = $1`, id))
}

// handedOver finds the consultation that a message of openid made or joined.
func handedOver(ctx context.Context, q querier, openid, inbound string) (Consultation, error) {
	return scanConsultation(q.QueryRow(ctx, selectConsultation+` WHERE c.openid = $1 AND k.id IN (
		SELECT i.id FROM consultations i WHERE i.inbound_id = $2
		UNION SELECT p.consultation_id FROM posts p WHERE p.inbound_id = $2 AND p.inbound_id <> '')`, openid, inbound))
}

// came is when a message came in; one that is not stored comes now.
func (d *Desk) came(ctx context.Context, q querier, inbound string) (time.Time, error) {
	var at int64
	err := q.QueryRow(ctx, `SELECT received_at FROM inbound WHERE id = $1`, inbound).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return d.now(), nil
	}
	return time.UnixMilli(at), err
}

// joining finds openid's open consultation whose last word came less than two
// minutes before at.
func (d *Desk) joining(ctx context.Context, q querier, openid string, at time.Time) (Consultation, error) {
	return scanConsultation(q.QueryRow(ctx, selectConsultation+` WHERE c.openid = $1 AND k.state NOT IN ('answered', 'closed')
		AND (k.created_at > $2 OR EXISTS (SELECT 1 FROM posts p WHERE p.consultation_id = k.id AND p.kind = 'word' AND p.at > $2))
		ORDER BY k.created_at DESC, k.id DESC LIMIT 1`, openid, at.Add(-together).UnixMilli()))
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

// affected is how many rows a statement changed.
func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
