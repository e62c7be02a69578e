package desk

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// States of a delivery.
const (
	DeliveryQueued  = "queued"  // a job is going to send it
	DeliverySent    = "sent"    // the platform took it, or it left with a passive reply
	DeliveryWaiting = "waiting" // no way is open: it is said first at the next contact
	DeliveryFailed  = "failed"  // this person cannot be reached any more
)

// Delivery is one message owed to one person.
type Delivery struct {
	ID        string
	OpenID    string
	Body      string // JSON, the caller's own: what is owed
	State     string
	Problem   string // why it is not sent yet
	CreatedAt time.Time
}

const selectDelivery = `SELECT d.id, c.openid, d.body, d.state, d.problem, d.created_at
	FROM deliveries d JOIN contacts c ON c.id = d.contact_id`

func scanDelivery(r row) (Delivery, error) {
	var d Delivery
	var created int64
	err := r.Scan(&d.ID, &d.OpenID, &d.Body, &d.State, &d.Problem, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return d, apperr.Wrap(apperr.NotFound, "没有找到这条待送达的消息。", err)
	}
	d.CreatedAt = time.UnixMilli(created)
	return d, err
}

// Delivery returns one delivery, or a NotFound error.
func (d *Desk) Delivery(ctx context.Context, id string) (Delivery, error) {
	return scanDelivery(d.db.QueryRow(ctx, selectDelivery+` WHERE d.id = $1`, id))
}

// MarkDelivery records what became of a queued delivery: DeliverySent,
// DeliveryWaiting or DeliveryFailed, with the problem for staff. A delivery
// that is no longer queued stays as it is.
func (d *Desk) MarkDelivery(ctx context.Context, id, state, problem string) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE deliveries SET state = $1, problem = $2, updated_at = $3 WHERE id = $4 AND state = 'queued'`,
			state, problem, d.millis(), id)
		return err
	})
}

// Waiting returns what waits for openid's next contact, oldest first, at most
// limit.
func (d *Desk) Waiting(ctx context.Context, openid string, limit int) ([]Delivery, error) {
	rows, err := d.db.Query(ctx, selectDelivery+` WHERE c.openid = $1 AND d.state = 'waiting' ORDER BY d.created_at, d.id LIMIT $2`, openid, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	var out []Delivery
	for rows.Next() {
		v, err := scanDelivery(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// AnsweredWith is Answered for a reply that also says the waiting deliveries:
// they are sent if and only if the reply is recorded.
func (d *Desk) AnsweredWith(ctx context.Context, id, reply string, deliveries []Delivery) (bool, error) {
	first := false
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		first, err = d.settle(ctx, tx, id, StateAnswered, reply)
		if err != nil || !first {
			return err
		}
		for _, v := range deliveries {
			if _, err := tx.Exec(ctx, `UPDATE deliveries SET state = 'sent', problem = '', updated_at = $1 WHERE id = $2 AND state = 'waiting'`,
				d.millis(), v.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return first, err
}

// insertDelivery reports whether the cause was new.
func (d *Desk) insertDelivery(ctx context.Context, tx *db.Tx, id, cause, openid, body string) (bool, error) {
	now := d.millis()
	res, err := tx.Exec(ctx, `INSERT INTO deliveries (id, contact_id, cause, body, state, created_at, updated_at)
		SELECT $1, c.id, $2, $3, 'queued', $4, $4 FROM contacts c WHERE c.openid = $5 AND c.followed = 1
		ON CONFLICT (cause) DO NOTHING`, id, cause, body, now, openid)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
