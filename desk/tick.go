package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"greendesk/desk/route"
	"greendesk/desk/staff"
	"greendesk/desk/worktime"
	"greendesk/internal/db"
)

// tickEvery is how often each process looks at the clocks. Everything it acts
// on is in SQL and dated by the injected clock, so that no job has to be moved
// when a deadline moves.
const tickEvery = 15 * time.Second

// Keep watches the clocks until ctx ends. Any number of processes may.
func (d *Desk) Keep(ctx context.Context) {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	alarmed := ""
	for {
		err := d.Tick(ctx)
		if day := d.now().In(d.zone).Format(worktime.DateForm); day != alarmed {
			err = errors.Join(err, d.alarmCalendar(ctx))
			alarmed = day
		}
		if err != nil && ctx.Err() == nil {
			d.log.LogAttrs(ctx, slog.LevelError, "the clocks of consultations", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// orphan is true of an open consultation that nobody can work on: nobody holds
// it, or whoever does has left, is no expert any more, or had to recuse.
const orphan = ` k.state NOT IN ('answered', 'closed') AND (k.expert_id = ''
	OR NOT EXISTS (SELECT 1 FROM accounts oa WHERE oa.id = k.expert_id AND oa.state = 'active' AND ' ' || oa.roles || ' ' NOT LIKE '% enforcement %'
		AND (' ' || oa.roles || ' ' LIKE '% expert %' OR ' ' || oa.roles || ' ' LIKE '% lead %'))
	OR EXISTS (SELECT 1 FROM recusals r JOIN enterprises re ON re.code = r.code
		WHERE r.account_id = k.expert_id AND (re.id = k.enterprise_id OR re.id = c.enterprise_id))) `

// running is true of an open consultation whose clock asks for something: it
// has no deadline yet, or one before $1 of which nobody was warned, or one
// before $2 (now) that has not come to the administrators.
const running = ` k.state NOT IN ('answered', 'closed', 'waiting') AND (k.answer_due = 0
	OR k.warned_at = 0 AND (k.answer_due <= $1 OR k.accept_due BETWEEN 1 AND $1)
	OR NOT (k.escalated_at > 0 AND k.escalated_to = 'administrators') AND (k.answer_due <= $2 OR k.accept_due BETWEEN 1 AND $2)) `

// Tick does what time brings: it finds experts for consultations that have
// none, warns before deadlines and escalates after them. Doing it again, or in
// several processes at once, changes nothing.
func (d *Desk) Tick(ctx context.Context) error {
	orphans, err := d.idsWhere(ctx, orphan)
	if err != nil {
		return err
	}
	var failed error
	for _, id := range orphans {
		failed = errors.Join(failed, d.change(ctx, func(ctx context.Context, tx *db.Tx) (string, error) { return d.adopt(ctx, tx, id) }))
	}
	horizon, err := d.horizon(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	near, err := d.idsWhere(ctx, running, horizon.UnixMilli(), d.millis())
	if err != nil {
		return errors.Join(failed, err)
	}
	for _, id := range near {
		failed = errors.Join(failed, d.change(ctx, func(ctx context.Context, tx *db.Tx) (string, error) { return d.remind(ctx, tx, id) }))
	}
	return failed
}

func (d *Desk) idsWhere(ctx context.Context, where string, args ...any) ([]string, error) {
	rows, err := d.db.Query(ctx, `SELECT k.id FROM consultations k JOIN contacts c ON c.id = k.contact_id WHERE`+where+`ORDER BY k.created_at, k.id`, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

// adopt finds an expert for an orphan. It returns the id when something has
// changed.
func (d *Desk) adopt(ctx context.Context, tx *db.Tx, id string) (string, error) {
	c, ok, err := found(scanConsultation(tx.QueryRow(ctx, selectConsultation+` WHERE`+orphan+`AND k.id = $1`, id)))
	if err != nil || !ok {
		return "", err
	}
	choice, o, err := d.choose(ctx, tx, &c)
	if err != nil {
		return "", err
	}
	if c.Expert == "" && choice.Expert == "" && choice.Group == c.Group && c.Routed != "" {
		return "", nil // as it was
	}
	if c.Expert != "" {
		if err := d.withdraw(ctx, tx, id, "承办专家不能再办理"); err != nil {
			return "", err
		}
	}
	if err := d.startClocks(ctx, tx, &c); err != nil {
		return "", err
	}
	if err := d.give(ctx, tx, &c, choice, o); err != nil {
		return "", err
	}
	return id, d.store(ctx, tx, &c)
}

// horizon is until when a deadline may lie that needs a look now.
func (d *Desk) horizon(ctx context.Context) (time.Time, error) {
	cal, err := d.calendar(ctx, d.db)
	if err != nil {
		return time.Time{}, err
	}
	_, normal, err := d.allowances(ctx, d.db, UrgencyNormal)
	if err != nil {
		return time.Time{}, err
	}
	_, urgent, err := d.allowances(ctx, d.db, UrgencyUrgent)
	if err != nil {
		return time.Time{}, err
	}
	return warnFrom(cal, d.now(), max(normal, urgent))
}

// warnFrom is until when a deadline lies of which a warning is due now: a fifth
// of the time is left.
func warnFrom(cal worktime.Calendar, now time.Time, allowance time.Duration) (time.Time, error) {
	const lastPart = 5
	t, err := deadline(cal, now, allowance/lastPart)
	if t.IsZero() && err == nil {
		// No deadline lies where the calendar does not reach.
		return now.AddDate(1, 0, 0), nil
	}
	return t, err
}

// remind sets a missing deadline, warns before the next one, and escalates
// after it. The version stays: what somebody is writing is not made stale by a
// reminder, only by a change of hands.
func (d *Desk) remind(ctx context.Context, tx *db.Tx, id string) (string, error) {
	c, err := scanConsultation(tx.QueryRow(ctx, selectConsultation+` WHERE k.id = $1`, id))
	if err != nil || !c.State.Open() || c.State == StateWaiting {
		return "", err
	}
	cal, err := d.calendar(ctx, tx)
	if err != nil {
		return "", err
	}
	accept, answer, err := d.allowances(ctx, tx, c.Urgency)
	if err != nil {
		return "", err
	}
	if c.AnswerDue.IsZero() {
		if c.AnswerDue, err = deadline(cal, c.since(d.now()), answer); err != nil || c.AnswerDue.IsZero() {
			return "", err
		}
		_, err = tx.Exec(ctx, `UPDATE consultations SET answer_due = $2 WHERE id = $1`, id, stored(c.AnswerDue))
		return id, err
	}
	due, allowance := c.AnswerDue, answer
	if !c.AcceptDue.IsZero() && c.AcceptDue.Before(due) {
		due, allowance = c.AcceptDue, accept
	}
	if now := d.now(); now.Before(due) {
		from, err := warnFrom(cal, now, allowance)
		if err != nil || !c.warnedAt.IsZero() || due.After(from) {
			return "", err
		}
		return id, d.warn(ctx, tx, &c, due)
	}
	return d.escalateOverdue(ctx, tx, cal, &c, due, accept)
}

// warn tells whoever holds a consultation, or leads its group, that it is
// nearly due.
func (d *Desk) warn(ctx context.Context, tx *db.Tx, c *Consultation, due time.Time) error {
	to := []string{c.Expert}
	if c.Expert == "" {
		o, err := d.roster(ctx, tx)
		if err != nil {
			return err
		}
		to = o.group(c.Group).leads()
	}
	what := "答复"
	if due.Equal(c.AcceptDue) {
		what = "受理"
	}
	err := d.tell(ctx, tx, StaffNotice{Kind: StaffWarning, Consultation: c.ID, Body: "咨询 " + c.Number + " 快到时限了，请在 " + d.clockText(due) + " 前" + what + "。"},
		fmt.Sprintf("warning:%s:%d", c.ID, due.UnixMilli()), to...)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE consultations SET warned_at = $2 WHERE id = $1`, c.ID, d.millis())
	return err
}

// To whom an overdue consultation is escalated.
const (
	toLead           = "lead"
	toAdministrators = "administrators"
)

// escalateOverdue takes a consultation past its deadline to the group's lead;
// and to the administrators when there is none, or when the time to accept has
// gone by once more.
func (d *Desk) escalateOverdue(ctx context.Context, tx *db.Tx, cal worktime.Calendar, c *Consultation, due time.Time, accept time.Duration) (string, error) {
	if !c.escalatedAt.IsZero() {
		var to string
		if err := tx.QueryRow(ctx, `SELECT escalated_to FROM consultations WHERE id = $1`, c.ID).Scan(&to); err != nil || to == toAdministrators {
			return "", err
		}
		next, err := deadline(cal, c.escalatedAt, accept)
		if err != nil || next.IsZero() || d.now().Before(next) {
			return "", err
		}
		return c.ID, d.tellAdministrators(ctx, tx, c, due)
	}
	o, err := d.roster(ctx, tx)
	if err != nil {
		return "", err
	}
	q, err := d.routeQuestion(ctx, tx, c)
	if err != nil {
		return "", err
	}
	q.Due = time.Time{} // it is past: who is away today cannot take over
	_, experts := o.forRoute()
	lead, ok := route.Lead(q, o.group(c.Group).forRoute(), experts, cal, d.now())
	if !ok || lead.ID == c.Expert {
		return c.ID, d.tellAdministrators(ctx, tx, c, due)
	}
	return c.ID, d.tellLead(ctx, tx, c, due, *expertOf(o.experts, lead.ID))
}

// tellLead gives a consultation that nobody has accepted to the group's lead;
// of one that is being worked on the lead is told.
func (d *Desk) tellLead(ctx context.Context, tx *db.Tx, c *Consultation, due time.Time, lead Expert) error {
	held := c.Expert
	if due.Equal(c.AcceptDue) {
		c.Expert, c.ExpertName, c.Routed = lead.Account, lead.Name, "到时限无人受理，交组长"
		if err := d.move(ctx, tx, c, StateAssigned, actorSystem, c.Routed+" "+lead.Name); err != nil {
			return err
		}
		if err := d.store(ctx, tx, c); err != nil {
			return err
		}
	} else if err := d.remark(ctx, tx, c, actorSystem, "超过答复时限，已提醒组长 "+lead.Name); err != nil {
		return err
	}
	if err := d.markEscalated(ctx, tx, c, toLead); err != nil {
		return err
	}
	to := []string{lead.Account}
	if held != "" {
		to = append(to, held)
	}
	return d.tell(ctx, tx, StaffNotice{Kind: StaffOverdue, Consultation: c.ID, Body: d.overdueText(c, due)}, overdueCause(c, due, toLead), to...)
}

func (d *Desk) tellAdministrators(ctx context.Context, tx *db.Tx, c *Consultation, due time.Time) error {
	if err := d.remark(ctx, tx, c, actorSystem, "超过时限，已提醒管理员"); err != nil {
		return err
	}
	if err := d.markEscalated(ctx, tx, c, toAdministrators); err != nil {
		return err
	}
	to, err := accountsWith(ctx, tx, staff.RoleAdministrator)
	if err != nil {
		return err
	}
	if c.Expert != "" {
		to = append(to, c.Expert)
	}
	return d.tell(ctx, tx, StaffNotice{Kind: StaffOverdue, Consultation: c.ID, Body: d.overdueText(c, due)}, overdueCause(c, due, toAdministrators), to...)
}

func (d *Desk) markEscalated(ctx context.Context, tx *db.Tx, c *Consultation, to string) error {
	_, err := tx.Exec(ctx, `UPDATE consultations SET escalated_at = $2, escalated_to = $3 WHERE id = $1`, c.ID, d.millis(), to)
	return err
}

func (d *Desk) overdueText(c *Consultation, due time.Time) string {
	what, who := "答复", c.ExpertName
	if due.Equal(c.AcceptDue) {
		what = "受理"
	}
	if who == "" {
		who = "还没有人"
	}
	return "咨询 " + c.Number + " 应在 " + d.clockText(due) + " 前" + what + "，已经超时（承办：" + who + "，组：" + c.GroupName + "）。"
}

func overdueCause(c *Consultation, due time.Time, to string) string {
	return fmt.Sprintf("overdue:%s:%d:%s", c.ID, due.UnixMilli(), to)
}
