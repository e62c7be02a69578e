package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greendesk/internal/db"
	"greendesk/internal/jobs"
)

// Kinds of notices.
const (
	NoticeAnswer = "answer" // the experts' answer
	NoticeAsk    = "ask"    // the expert asks the enterprise something
	NoticeClosed = "closed" // closed without an answer, with the reason
	NoticeLost   = "lost"   // a photo or the like that was sent did not arrive; Question says what, Text why
)

// Cited is a citation in an answer: a clause, word for word.
type Cited struct {
	Clause   string `json:"clause"` // id in the knowledge base
	Document string `json:"document"`
	Number   string `json:"number,omitempty"`  // of the document
	Version  string `json:"version,omitempty"` // in force from, or the promulgation
	Ref      string `json:"ref"`               // 第九十九条
	Quote    string `json:"quote"`             // verbatim
	Path     string `json:"path"`              // of the clause's page
	Own      bool   `json:"own,omitempty"`     // the desk's own explanation: it must not look like the words of a law
	Past     string `json:"past,omitempty"`    // why it is not in force when it is quoted, for people; "" when it is
}

// Name is what people call the clause: 《…法》第九十九条, or 服务台问答 and its
// question. That it is not in force is part of the name.
func (c Cited) Name() string {
	past := ""
	if c.Past != "" {
		past = "（" + c.Past + "）"
	}
	if c.Own {
		return "服务台问答：" + c.Ref + past
	}
	return "《" + c.Document + "》" + c.Ref + past
}

// Notice is what a contact is told of a consultation: the body of its
// deliveries.
type Notice struct {
	Notice       string    `json:"notice"` // NoticeAnswer …
	Consultation string    `json:"consultation"`
	Number       string    `json:"number"`
	Question     string    `json:"question"`
	Asked        time.Time `json:"asked"` // when the consultation was made
	Expert       string    `json:"expert,omitempty"`
	Text         string    `json:"text"`
	Citations    []Cited   `json:"citations,omitempty"`
	At           time.Time `json:"at"`
}

// NoticeOf reads a delivery's body as a notice; ok is false when it is
// something else.
func NoticeOf(body string) (n Notice, ok bool) {
	ok = json.Unmarshal([]byte(body), &n) == nil && n.Notice != ""
	return n, ok
}

// notify owes openid a notice and queues its delivery. The same cause is owed
// once.
func (d *Desk) notify(ctx context.Context, tx *db.Tx, cause, openid string, n Notice) error {
	body, err := encode(n)
	if err != nil {
		return fmt.Errorf("desk: notice: %w", err)
	}
	id := db.NewID()
	stored, err := d.insertDelivery(ctx, tx, delivered{id: id, cause: cause, openid: openid, body: body, consultation: n.Consultation})
	if err != nil || !stored {
		return err
	}
	return d.jobs.Enqueue(ctx, tx, KindDeliver, DeliverPayload{Delivery: id}, jobs.EnqueueOptions{UniqueKey: id})
}
