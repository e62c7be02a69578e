package desk

import (
	"context"
	"strings"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Scopes of a queue.
const (
	ScopeMine     = "mine"     // open, and the actor holds it or was invited
	ScopeGroup    = "group"    // open, of the actor's groups
	ScopeOverdue  = "overdue"  // open and past its time to accept or to answer
	ScopeReview   = "review"   // waits for a second signature that the actor may give
	ScopePoor     = "poor"     // rated one or two stars, and no lead has looked into it
	ScopeAnswered = "answered" // answered or closed
	ScopeAll      = "all"
)

// Filter says which consultations a queue lists. Zero values take the defaults.
type Filter struct {
	Scope string // ScopeMine …; default ScopeMine
	Text  string // in the number, the question, the enterprise's name or the expert's
	Limit int    // 1 to 200, default 50
	Skip  int    // how many come before

	Follows bool // a page that is open follows the list: the same list is one read for followedFor
}

// Queue lists consultations that the actor may read: what is urgent first, then
// what is due first; answered ones by the time of their answer, newest first.
// The list is in the audit log as one read.
func (d *Desk) Queue(ctx context.Context, a staff.Actor, f Filter) ([]Consultation, error) {
	if a.Account == "" || !a.MayConsult() {
		return nil, apperr.New(apperr.Forbidden, "您的账号不能查看企业咨询。")
	}
	if f.Scope == "" {
		f.Scope = ScopeMine
	}
	where, order, err := scopeOf(f.Scope)
	if err != nil {
		return nil, err
	}
	if f.Limit < 1 || f.Limit > 200 {
		f.Limit = 50
	}
	var out []Consultation
	err = d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, selectConsultation+` WHERE`+readable+where+matching+order,
			a.Account, leadFlag(a), d.millis(), "%"+like(f.Text)+"%", f.Limit, max(f.Skip, 0))
		found, err := list(rows, err, scanConsultation)
		if err != nil {
			return err
		}
		out = found
		if len(found) == 0 {
			return nil
		}
		numbers := make([]string, len(found))
		for i, c := range found {
			numbers[i] = c.Number
		}
		object, detail := "queue:"+f.Scope, strings.Join(numbers, " ")
		if f.Follows {
			if told, err := d.told(ctx, tx, a, "list", object, detail, followedFor); told || err != nil {
				return err
			}
		}
		return d.record(ctx, tx, a, "list", object, detail)
	})
	return out, err
}

// like makes a text match itself and nothing else in LIKE … ESCAPE '!'.
func like(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(strings.TrimSpace(strings.ReplaceAll(text, "\x00", ""))))
}

// Counts tells how many consultations Queue would list in each scope. It shows nothing of them and is not audited.
func (d *Desk) Counts(ctx context.Context, a staff.Actor) (map[string]int, error) {
	out := map[string]int{}
	if a.Account == "" || !a.MayConsult() {
		return out, nil
	}
	for _, scope := range []string{ScopeMine, ScopeGroup, ScopeOverdue, ScopeReview, ScopePoor, ScopeAnswered, ScopeAll} {
		where, _, err := scopeOf(scope)
		if err != nil {
			return nil, err
		}
		var n int
		if err := d.db.QueryRow(ctx, `SELECT count(*)`+fromConsultations+` WHERE`+readable+where, a.Account, leadFlag(a), d.millis()).Scan(&n); err != nil {
			return nil, err
		}
		out[scope] = n
	}
	return out, nil
}

const (
	matching = ` AND (lower(k.number) LIKE $4 ESCAPE '!' OR lower(k.question) LIKE $4 ESCAPE '!'
		OR lower(COALESCE(e.name, '')) LIKE $4 ESCAPE '!' OR lower(COALESCE(x.name, '')) LIKE $4 ESCAPE '!')`
	stillOpen = ` AND k.state NOT IN ('answered', 'closed')`
	// Every scope takes the time as $3, for PostgreSQL wants each argument used.
	timed    = ` AND CAST($3 AS BIGINT) > 0`
	dueFirst = ` ORDER BY CASE k.urgency WHEN 'urgent' THEN 0 ELSE 1 END, CASE k.answer_due WHEN 0 THEN 1 ELSE 0 END,
		k.answer_due, k.created_at, k.id LIMIT $5 OFFSET $6`
	newFirst = ` ORDER BY CASE WHEN k.answered_at > k.closed_at THEN k.answered_at ELSE k.closed_at END DESC, k.id DESC LIMIT $5 OFFSET $6`
)

// scopeOf is the condition and the order of a scope. $1 to $3 are the account,
// whether it is a lead, and the time.
func scopeOf(scope string) (where, order string, err error) {
	switch scope {
	case ScopeMine:
		return stillOpen + timed + ` AND (k.expert_id = $1 OR EXISTS (SELECT 1 FROM participants mp
			WHERE mp.consultation_id = k.id AND mp.account_id = $1))`, dueFirst, nil
	case ScopeGroup:
		return stillOpen + timed, dueFirst, nil
	case ScopeOverdue:
		return stillOpen + ` AND k.paused_at = 0
			AND ((k.accept_due > 0 AND k.accept_due < $3) OR (k.answer_due > 0 AND k.answer_due < $3))`, dueFirst, nil
	case ScopeReview:
		return timed + ` AND k.state = 'review' AND NOT EXISTS (SELECT 1 FROM reviews mr
			WHERE mr.consultation_id = k.id AND mr.state = 'pending' AND mr.author = $1)`, dueFirst, nil
	case ScopePoor:
		return timed + ` AND k.rating BETWEEN 1 AND 2 AND k.attended_at = 0`, newFirst, nil
	case ScopeAnswered:
		return timed + ` AND k.state IN ('answered', 'closed')`, newFirst, nil
	case ScopeAll:
		return timed, dueFirst, nil
	}
	return "", "", apperr.New(apperr.Invalid, "没有这个列表，请从左侧重新选择。")
}
