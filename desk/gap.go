package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Grounds are what a message was answered on: enough to see later why, and to
// label the question.
type Grounds struct {
	Question      string             `json:"q"`       // as asked
	Previous      string             `json:"prev"`    // the question before it, "" if there was none
	Action        string             `json:"action"`  // what was done
	Probabilities map[string]float64 `json:"p"`       // by action
	Candidates    []Candidate        `json:"c"`       // best first
	LawDay        string             `json:"law_day"` // the day whose law was asked for, "" for the day it was asked
}

// Candidate is a clause that was considered.
type Candidate struct {
	Clause string  `json:"clause"`
	Score  float64 `json:"score"`
}

// Kinds of gaps.
const (
	GapUseless   = "useless"   // the contact found the answer of no use
	GapAbstained = "abstained" // no clause was quoted, the experts got it
)

// Gap is a question that was not answered well.
type Gap struct {
	Grounds
	ID   string
	Kind string
	At   time.Time
}

// noteGap keeps a gap, one for a message. Without a question there is none.
func (d *Desk) noteGap(ctx context.Context, tx *db.Tx, openid, inbound, kind string, g Grounds) error {
	if g.Question == "" {
		return nil
	}
	probabilities, err := encode(g.Probabilities)
	if err != nil {
		return fmt.Errorf("desk: gap: %w", err)
	}
	candidates, err := encode(g.Candidates)
	if err != nil {
		return fmt.Errorf("desk: gap: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO gaps (id, inbound_id, contact_id, kind, question, previous, action, probabilities, candidates, law_day, at)
		SELECT $1, $2, c.id, $3, $4, $5, $6, $7, $8, $9, $10 FROM contacts c WHERE c.openid = $11
		ON CONFLICT (inbound_id) DO UPDATE SET kind = excluded.kind, at = excluded.at`,
		db.NewID(), inbound, kind, g.Question, g.Previous, g.Action, probabilities, candidates, g.LawDay, d.millis(), openid)
	return err
}

// Gaps returns the gaps since a time, oldest first.
func (d *Desk) Gaps(ctx context.Context, since time.Time) ([]Gap, error) {
	return gaps(ctx, d.db, `WHERE at >= $1 ORDER BY at, id`, since.UnixMilli())
}

// ReadGaps returns a page of the gaps, newest first: those that are older than
// one (the zero value for the newest). It is for curators, and stands in the
// audit log: gaps are what enterprises wrote.
func (d *Desk) ReadGaps(ctx context.Context, a staff.Actor, older Gap, limit int) ([]Gap, error) {
	where, args := `ORDER BY at DESC, id DESC LIMIT $1`, []any{int64(limit)}
	if older.ID != "" {
		where, args = `WHERE at < $2 OR at = $2 AND id < $3 `+where, append(args, older.At.UnixMilli(), older.ID)
	}
	return d.readGaps(ctx, a, "gaps", where, args...)
}

// ReadGap returns one gap, under the same rules; apperr.NotFound when it has
// gone, with the contact's other data.
func (d *Desk) ReadGap(ctx context.Context, a staff.Actor, id string) (Gap, error) {
	found, err := d.readGaps(ctx, a, "gap:"+id, `WHERE id = $1`, id)
	if err == nil && len(found) == 0 {
		err = apperr.New(apperr.NotFound, "没有找到这个问题，可能企业已经删除了自己的资料。")
	}
	if err != nil {
		return Gap{}, err
	}
	return found[0], nil
}

// readGaps reads gaps for somebody and notes it.
func (d *Desk) readGaps(ctx context.Context, a staff.Actor, object, where string, args ...any) ([]Gap, error) {
	if !a.Has(staff.RoleCurator) || a.Has(staff.RoleEnforcement) {
		return nil, apperr.New(apperr.Forbidden, "企业问过什么，只有知识管理员可以看。")
	}
	var out []Gap
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if out, err = gaps(ctx, tx, where, args...); err != nil {
			return err
		}
		return staff.Record(ctx, tx, staff.Entry{At: d.now(), Actor: a.Account, Action: "read", Object: object, IP: a.IP})
	})
	return out, err
}

func gaps(ctx context.Context, q querier, where string, args ...any) ([]Gap, error) {
	rows, err := q.Query(ctx, `SELECT id, kind, question, previous, action, probabilities, candidates, law_day, at FROM gaps `+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	var out []Gap
	for rows.Next() {
		var g Gap
		var probabilities, candidates string
		var at int64
		if err := rows.Scan(&g.ID, &g.Kind, &g.Question, &g.Previous, &g.Action, &probabilities, &candidates, &g.LawDay, &at); err != nil {
			return nil, err
		}
		for text, into := range map[string]any{probabilities: &g.Probabilities, candidates: &g.Candidates} {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				return nil, fmt.Errorf("desk: gap %s: %w", g.ID, err)
			}
		}
		g.At = time.UnixMilli(at)
		out = append(out, g)
	}
	return out, rows.Err()
}
