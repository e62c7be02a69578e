package desk

import (
	"context"
	"slices"
	"time"

	"greendesk/internal/db"
)

// Actors of events who are no accounts.
const (
	actorContact = "contact"
	actorSystem  = "system"
)

// move changes the state of a consultation and records who did it and why. The
// caller stores the consultation.
func (d *Desk) move(ctx context.Context, tx *db.Tx, c *Consultation, to State, actor, reason string) error {
	from := c.State
	if err := step(from, to); err != nil {
		return err
	}
	if from == StateWaiting {
		if err := d.resume(ctx, tx, c); err != nil {
			return err
		}
	}
	c.enter(to, d.now())
	if err := d.settleNotices(ctx, tx, c.ID, outdated(to)...); err != nil {
		return err
	}
	return d.event(ctx, tx, c.ID, actor, string(from), string(to), reason)
}

// remark records something that leaves the state as it is.
func (d *Desk) remark(ctx context.Context, tx *db.Tx, c *Consultation, actor, reason string) error {
	return d.event(ctx, tx, c.ID, actor, string(c.State), string(c.State), reason)
}

// enter sets the state and what the clocks make of it: they rest while the
// enterprise is asked (Desk.resume lets them run again) and stop with the answer.
func (c *Consultation) enter(to State, now time.Time) {
	c.State = to
	switch to {
	case StateWaiting:
		c.Paused, c.pausedAt = true, now
	case StateAnswering:
		if !c.AcceptDue.IsZero() { // it is accepted: the clock of the answer has its own warning
			c.warnedAt, c.escalatedAt = time.Time{}, time.Time{}
		}
		c.AcceptDue, c.ClosedAt = time.Time{}, time.Time{}
	case StateReplied:
		c.AnsweredAt = now
		c.stopClocks()
	case StateClosed:
		c.ClosedAt = now
		c.stopClocks()
	case StateReopened:
		c.ClosedAt = time.Time{}
	case StateNew, StateAssigned, StateReview:
	}
}

func (c *Consultation) stopClocks() {
	c.AcceptDue, c.AnswerDue, c.pausedAt, c.warnedAt, c.escalatedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	c.Paused = false
}

// inform owes the contact of a consultation a notice. The same cause is owed
// once.
func (d *Desk) inform(ctx context.Context, tx *db.Tx, c *Consultation, cause string, n Notice) error {
	n.Consultation, n.Number, n.Question, n.Asked, n.Expert, n.At = c.ID, c.Number, c.Question, c.CreatedAt, c.ExpertName, d.now()
	return d.notify(ctx, tx, cause, c.OpenID, n)
}

// alert tells staff something about a consultation; body goes on after its
// number and holds nothing of its text. An empty account is nobody.
func (d *Desk) alert(ctx context.Context, tx *db.Tx, c *Consultation, kind, cause, body string, accounts ...string) error {
	accounts = slices.DeleteFunc(accounts, func(a string) bool { return a == "" })
	return d.tell(ctx, tx, StaffNotice{Kind: kind, Consultation: c.ID, Body: "咨询 " + c.Number + " " + body}, cause, accounts...)
}

// leadsOf are the leads of a consultation's group.
func leadsOf(ctx context.Context, q querier, c *Consultation) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT m.account_id FROM group_members m JOIN accounts a ON a.id = m.account_id
		WHERE m.group_id = $1 AND m.leads = 1 AND a.state = 'active' ORDER BY m.account_id`, c.Group)
	if err != nil {
		return nil, err
	}
	return collect(rows)
}
