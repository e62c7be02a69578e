package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

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
	rows, err := d.db.Query(ctx, `SELECT id, kind, question, previous, action, probabilities, candidates, law_day, at FROM gaps
		WHERE at >= $1 ORDER BY at, id`, since.UnixMilli())
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
