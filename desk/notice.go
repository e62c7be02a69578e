package desk

import (
	"context"
	"fmt"
	"time"

	"greendesk/internal/db"
)

// Kinds of notices.
const (
	NoticeTaken  = "taken"  // an expert has accepted the consultation
	NoticeAsk    = "ask"    // an expert asks the enterprise
	NoticeAnswer = "answer" // the answer
	NoticeClosed = "closed" // it was ended without an answer; Text says why
)

// Notice is the body of a delivery about a consultation, as JSON.
type Notice struct {
	Kind         string    `json:"kind"` // NoticeTaken …
	Consultation string    `json:"consultation"`
	Number       string    `json:"number"`
	Question     string    `json:"question"`
	Text         string    `json:"text"`                // what the expert wrote, whole
	Expert       string    `json:"expert"`              // name, as the enterprise may see it
	Group        string    `json:"group"`               // name, "" if none
	Citations    []Cited   `json:"citations,omitempty"` // of an answer
	At           time.Time `json:"at"`                  // when it was written
}

// notify owes the contact of a consultation a notice. cause is unique: the
// same cause is owed once.
func (d *Desk) notify(ctx context.Context, tx *db.Tx, c *Consultation, cause string, n Notice) error {
	n.Consultation, n.Number, n.Question, n.At = c.ID, c.Number, c.Question, d.now().UTC()
	n.Expert, n.Group = c.ExpertName, c.GroupName
	body, err := encode(n)
	if err != nil {
		return fmt.Errorf("desk: notice: %w", err)
	}
	if err := d.deliver(ctx, tx, cause, c.OpenID, body); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE deliveries SET consultation_id = $1 WHERE cause = $2`, c.ID, cause)
	return err
}
