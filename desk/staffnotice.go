package desk

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Kinds of what staff are told.
const (
	StaffAssigned = "assigned" // a consultation is theirs
	StaffWarning  = "warning"  // it is nearly due
	StaffOverdue  = "overdue"  // it is overdue
	StaffUnrouted = "unrouted" // nobody could be found for it
	StaffCalendar = "calendar" // a year's holidays are missing
	StaffWord     = "word"     // the enterprise has said something
	StaffReview   = "review"   // an answer waits for a second signature
	StaffDecided  = "decided"  // one's answer was signed or returned
	StaffInvited  = "invited"  // a colleague asks to study one together
	StaffClaimed  = "claimed"  // a colleague has taken what was theirs
	StaffPoor     = "poor"     // an answer was rated one or two stars
)

// StaffNotice is something a member of staff is told in the console.
type StaffNotice struct {
	ID           string
	Kind         string // StaffAssigned …
	Consultation string // id, "" if it is about none
	Body         string // for people; never the text of a consultation
	At           time.Time
	Seen         bool
}

// StaffNotices lists what an actor has been told, what is not seen first, then
// newest first, at most limit.
func (d *Desk) StaffNotices(ctx context.Context, a staff.Actor, limit int) ([]StaffNotice, error) {
	rows, err := d.db.Query(ctx, `SELECT id, kind, consultation_id, body, at, seen_at FROM staff_notices WHERE account_id = $1
		ORDER BY CASE seen_at WHEN 0 THEN 0 ELSE 1 END, at DESC, id DESC LIMIT $2`, a.Account, limit)
	return list(rows, err, func(r row) (StaffNotice, error) {
		var n StaffNotice
		var at, seen int64
		err := r.Scan(&n.ID, &n.Kind, &n.Consultation, &n.Body, &at, &seen)
		n.At, n.Seen = instant(at), seen != 0
		return n, err
	})
}

// SeeStaffNotice marks a notice of an actor as seen, and those before it about
// the same consultation: they stand in one line.
func (d *Desk) SeeStaffNotice(ctx context.Context, a staff.Actor, id string) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var consultation string
		var at int64
		err := tx.QueryRow(ctx, `SELECT consultation_id, at FROM staff_notices WHERE id = $1 AND account_id = $2`, id, a.Account).Scan(&consultation, &at)
		if errors.Is(err, sql.ErrNoRows) {
			return apperr.New(apperr.NotFound, "没有找到这条提醒，请刷新页面。")
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE staff_notices SET seen_at = $3 WHERE account_id = $2 AND seen_at = 0
			AND (id = $1 OR (consultation_id <> '' AND consultation_id = $4 AND at <= $5))`, id, a.Account, d.millis(), consultation, at)
		return err
	})
}

// SeeStaffNotices marks all notices of an actor as seen that there were at a
// time: the newest that the page showed.
func (d *Desk) SeeStaffNotices(ctx context.Context, a staff.Actor, until time.Time) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE staff_notices SET seen_at = $3 WHERE account_id = $1 AND seen_at = 0 AND at <= $2`, a.Account, until.UnixMilli(), d.millis())
		return err
	})
}

// seenBy marks what an account was told of a consultation as seen: it has
// looked at it.
func (d *Desk) seenBy(ctx context.Context, tx *db.Tx, account, consultation string) error {
	_, err := tx.Exec(ctx, `UPDATE staff_notices SET seen_at = $3 WHERE account_id = $1 AND consultation_id = $2 AND seen_at = 0`, account, consultation, d.millis())
	return err
}

// outdated lists the kinds of notices that have nothing more to ask of anybody
// once a consultation has come to a state.
func outdated(to State) []string {
	switch to {
	case StateNew, StateAssigned, StateReopened: // somebody else is asked for
		return []string{StaffAssigned, StaffUnrouted, StaffReview, StaffWarning, StaffOverdue}
	case StateAnswering:
		return []string{StaffAssigned, StaffUnrouted, StaffReview}
	case StateReview:
		return []string{StaffAssigned, StaffUnrouted, StaffWord}
	case StateReplied, StateClosed:
		return []string{StaffAssigned, StaffUnrouted, StaffReview, StaffWarning, StaffOverdue, StaffWord, StaffInvited, StaffClaimed}
	case StateWaiting:
	}
	return nil
}

// settleNotices marks notices of some kinds about a consultation as seen, for
// everybody: what they ask for is done.
func (d *Desk) settleNotices(ctx context.Context, tx *db.Tx, consultation string, kinds ...string) error {
	for _, kind := range kinds {
		_, err := tx.Exec(ctx, `UPDATE staff_notices SET seen_at = $3 WHERE consultation_id = $1 AND kind = $2 AND seen_at = 0`, consultation, kind, d.millis())
		if err != nil {
			return err
		}
	}
	return nil
}

// tell leaves a notice for accounts. The same cause is said once to each.
func (d *Desk) tell(ctx context.Context, tx *db.Tx, n StaffNotice, cause string, accounts ...string) error {
	slices.Sort(accounts)
	for _, account := range slices.Compact(accounts) {
		_, err := tx.Exec(ctx, `INSERT INTO staff_notices (id, account_id, consultation_id, kind, cause, body, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (account_id, cause) DO NOTHING`, db.NewID(), account, n.Consultation, n.Kind, cause, n.Body, d.millis())
		if err != nil {
			return err
		}
	}
	return nil
}

// accountsWith lists the active accounts that have a role.
func accountsWith(ctx context.Context, q querier, role staff.Role) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT id, roles FROM accounts WHERE state = 'active' ORDER BY id`)
	all, err := list(rows, err, func(r row) (staff.Actor, error) {
		var a staff.Actor
		var roles string
		err := r.Scan(&a.Account, &roles)
		a.Roles = staff.SplitRoles(roles)
		return a, err
	})
	var out []string
	for _, a := range all {
		if a.Has(role) {
			out = append(out, a.Account)
		}
	}
	return out, err
}
