package desk

import (
	"context"
	"encoding/json"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
)

// States of an inbound message.
const (
	StateReceived = "received" // stored, not answered yet
	StateAnswered = "answered" // its reply left with the callback's response
	StateOwed     = "owed"     // its reply leaves as a delivery
	StateErased   = "erased"   // its sender has left and its content is gone
)

// lease is how long the process that stored a message has to answer it before
// the sweeper takes it over.
const lease = 20 * time.Second

// MaxAttempts is how often an answer is tried before the message is answered
// with an apology.
const MaxAttempts = 5

// Inbound is one message or event from a contact.
type Inbound struct {
	ID       string
	Key      string // unique among all messages and events; redeliveries share it
	OpenID   string
	Kind     string // text, voice, event …
	Content  string // JSON, the caller's own
	Media    Media  // what came with it; only Receive reads it
	SentAt   time.Time
	State    string
	Reply    string // what was answered, "" while StateReceived
	Attempts int
}

// Receipt tells what became of a message that came in.
type Receipt struct {
	Inbound
	New     bool // this call stored it: the caller answers it
	Ignored bool // sent before its sender left: nothing was stored
}

// Receive stores a message once: of any number of deliveries of one key, also
// at the same moment and by several processes, exactly one is New. What is New
// is answered by the caller, or, should it die, by the sweeper (ClaimStale).
func (d *Desk) Receive(ctx context.Context, in Inbound) (Receipt, error) {
	var out Receipt
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := d.receive(ctx, tx, in)
		out = r
		return err
	})
	if err != nil {
		return Receipt{}, apperr.Wrap(apperr.CodeOf(err), "消息没有保存成功，请稍后再发一次。", err)
	}
	return out, nil
}

// Find returns the message stored under key, or a NotFound error.
func (d *Desk) Find(ctx context.Context, key string) (Inbound, error) {
	return scanInbound(d.db.QueryRow(ctx, selectInbound+` WHERE i.dedupe = $1`, key))
}

// Message returns the message of an id, or a NotFound error.
func (d *Desk) Message(ctx context.Context, id string) (Inbound, error) {
	return scanInbound(d.db.QueryRow(ctx, selectInbound+` WHERE i.id = $1`, id))
}

// Answered records the reply that the callback gives for a message. It
// reports false when somebody else has answered it meanwhile: then theirs
// stands and this one must not be sent.
func (d *Desk) Answered(ctx context.Context, id, reply string) (bool, error) {
	first := false
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		first, err = d.settle(ctx, tx, id, StateAnswered, reply)
		return err
	})
	return first, err
}

// Owe records the reply to a message whose callback is gone, and queues its
// delivery in the same transaction. It reports false when the message has been
// answered meanwhile.
func (d *Desk) Owe(ctx context.Context, id, openid, reply string) (bool, error) {
	first := false
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		first, err = d.settle(ctx, tx, id, StateOwed, reply)
		if err != nil || !first {
			return err
		}
		return d.deliver(ctx, tx, "reply:"+id, openid, reply)
	})
	return first, err
}

// ClaimStale takes over up to limit messages whose process has died or lost
// its way, oldest first. Each is claimed for one caller.
func (d *Desk) ClaimStale(ctx context.Context, limit int) ([]Inbound, error) {
	var out []Inbound
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		out, err = d.claimStale(ctx, tx, limit)
		return err
	})
	return out, err
}

// KindDeliver is the kind of the job that sends one delivery.
const KindDeliver = "deliver"

// DeliverPayload is that job's payload.
type DeliverPayload struct {
	Delivery string `json:"delivery"`
}

// deliver stores a message owed to openid and queues its sending. cause is
// unique: the same cause is owed once.
func (d *Desk) deliver(ctx context.Context, tx *db.Tx, cause, openid, body string) error {
	id := db.NewID()
	stored, err := d.insertDelivery(ctx, tx, delivered{id: id, cause: cause, openid: openid, body: body})
	if err != nil || !stored {
		return err
	}
	return d.jobs.Enqueue(ctx, tx, KindDeliver, DeliverPayload{Delivery: id}, jobs.EnqueueOptions{UniqueKey: id})
}

// Turn is one exchange of a conversation, as it is handed to experts.
type Turn struct {
	Asked    string `json:"asked"`
	Answered string `json:"answered"`
}

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// Requeue turns a reply that was recorded for a callback which then left
// without it into a delivery. The same message is owed once.
func (d *Desk) Requeue(ctx context.Context, id, openid, body string) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.Exec(ctx, `UPDATE inbound SET state = 'owed' WHERE id = $1 AND state = 'answered'`, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return err
		}
		return d.deliver(ctx, tx, "reply:"+id, openid, body)
	})
}
