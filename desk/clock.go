package desk

import (
	"context"
	"errors"
	"time"

	"greendesk/desk/worktime"
	"greendesk/internal/db"
)

// startClocks sets by when a consultation that is given to somebody is to be
// accepted and, if that has not been set, answered. Where the calendar does
// not reach, no clock runs; Tick sets it when the calendar does.
func (d *Desk) startClocks(ctx context.Context, tx *db.Tx, c *Consultation) error {
	cal, err := d.calendar(ctx, tx)
	if err != nil {
		return err
	}
	accept, answer, err := d.allowances(ctx, tx, c.Urgency)
	if err != nil {
		return err
	}
	if c.AcceptDue, err = deadline(cal, d.now(), accept); err != nil {
		return err
	}
	c.warnedAt, c.escalatedAt = time.Time{}, time.Time{}
	if c.AnswerDue.IsZero() {
		c.AnswerDue, err = deadline(cal, c.since(d.now()), answer)
	}
	return err
}

// since is from when the time to answer counts: from when it was asked, or
// now that it has been reopened.
func (c *Consultation) since(now time.Time) time.Time {
	if c.AnsweredAt.IsZero() {
		return c.CreatedAt
	}
	return now
}

// resume lets the clock run again after the enterprise has replied: the
// working time that was left when it stopped is left now. What was overdue
// stays so.
func (d *Desk) resume(ctx context.Context, tx *db.Tx, c *Consultation) error {
	stopped := c.pausedAt
	c.Paused, c.pausedAt = false, time.Time{}
	if !c.AnswerDue.After(stopped) {
		return nil
	}
	cal, err := d.calendar(ctx, tx)
	if err != nil {
		return err
	}
	c.AnswerDue, err = shifted(cal, stopped, c.AnswerDue, d.now(), 0)
	return err
}

// shifted is the deadline that leaves at to as much working time as due leaves
// at from, and more. It is zero where the calendar does not reach.
func shifted(cal worktime.Calendar, from, due, to time.Time, more time.Duration) (time.Time, error) {
	left, err := cal.Between(from, due)
	if unknown := (worktime.UnknownYearError{}); errors.As(err, &unknown) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return deadline(cal, to, left+more)
}

// redate moves the deadlines of an open consultation whose urgency was another
// before: the working time that has been used stays used.
func (d *Desk) redate(ctx context.Context, tx *db.Tx, c *Consultation, before string) error {
	cal, err := d.calendar(ctx, tx)
	if err != nil {
		return err
	}
	oldAccept, oldAnswer, err := d.allowances(ctx, tx, before)
	if err != nil {
		return err
	}
	accept, answer, err := d.allowances(ctx, tx, c.Urgency)
	if err != nil {
		return err
	}
	from := d.now()
	if c.Paused {
		from = c.pausedAt
	}
	for _, m := range []struct {
		due      *time.Time
		old, new time.Duration
	}{{&c.AcceptDue, oldAccept, accept}, {&c.AnswerDue, oldAnswer, answer}} {
		if m.due.IsZero() {
			continue
		}
		if *m.due, err = shifted(cal, from, *m.due, from, m.new-m.old); err != nil {
			return err
		}
	}
	c.warnedAt, c.escalatedAt = time.Time{}, time.Time{}
	return nil
}

// dueText says by when a consultation is to be accepted, "" if that is open.
func (d *Desk) dueText(c *Consultation) string {
	if c.AcceptDue.IsZero() {
		return ""
	}
	return "请在 " + d.clockText(c.AcceptDue) + " 前受理。"
}

func (d *Desk) clockText(t time.Time) string { return t.In(d.zone).Format("1月2日 15:04") }
