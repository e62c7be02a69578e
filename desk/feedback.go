package desk

import (
	"context"
	"strings"

	"greendesk/internal/db"
)

// Verdicts on an answer.
const (
	VerdictUseful  = "useful"
	VerdictUseless = "useless"
	VerdictComment = "comment" // a complaint or a suggestion, in words
)

// Feedback is what a contact thinks of an answer or of the service.
type Feedback struct {
	OpenID   string
	Inbound  string // the message that was answered, or that holds the comment: it counts once
	Verdict  string
	Question string   // what had been asked
	Clauses  []string // what had been shown
	Comment  string
	Grounds  Grounds // what the answer rested on
}

// Rate keeps a feedback; the same message counts once, with the latest verdict.
// A question whose answer was of no use is kept as a gap, until a later verdict
// says otherwise.
func (d *Desk) Rate(ctx context.Context, f Feedback) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO feedback (id, inbound_id, contact_id, verdict, question, clauses, comment, at)
			SELECT $1, $2, c.id, $3, $4, $5, $6, $7 FROM contacts c WHERE c.openid = $8
			ON CONFLICT (inbound_id) DO UPDATE SET verdict = excluded.verdict, at = excluded.at`,
			db.NewID(), f.Inbound, f.Verdict, f.Question, strings.Join(f.Clauses, " "), f.Comment, d.millis(), f.OpenID)
		if err != nil {
			return err
		}
		if f.Verdict == VerdictUseless {
			return d.noteGap(ctx, tx, f.OpenID, f.Inbound, GapUseless, f.Grounds)
		}
		_, err = tx.Exec(ctx, `DELETE FROM gaps WHERE inbound_id = $1 AND kind = 'useless'`, f.Inbound)
		return err
	})
}
