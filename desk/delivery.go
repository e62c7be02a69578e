package desk

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
)

// States of a delivery.
const (
	DeliveryQueued  = "queued"  // a job is going to send it
	DeliverySent    = "sent"    // the platform took it, or it left with a passive reply
	DeliveryWaiting = "waiting" // no way is open: it is said first at the next contact
	DeliveryRead    = "read"    // the contact has opened the page on which it stands
	DeliveryFailed  = "failed"  // this person cannot be reached any more
)

// Ways by which a delivery goes.
const (
	WayPassive  = "passive"  // with the answer to a message
	WayCustom   = "custom"   // a customer-service message
	WayTemplate = "template" // a template message: a notice, the text stands on the page
	WayPage     = "page"     // read on the page
)

// Delivery is one message owed to one person.
type Delivery struct {
	ID           string
	OpenID       string
	Consultation string // id, "" for an answer of the bot
	Body         string // JSON, the caller's own, or a Notice: what is owed
	State        string
	Way          string
	Problem      string // why it is not sent yet
	Said         int    // bytes of its text that have been said
	Rest         int    // bytes of it that are a tap away
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

const selectDelivery = `SELECT d.id, c.openid, d.consultation_id, d.body, d.state, d.way, d.problem, d.said, d.rest, d.created_at, d.updated_at
	FROM deliveries d JOIN contacts c ON c.id = d.contact_id`

func scanDelivery(r row) (Delivery, error) {
	var d Delivery
	var created, updated int64
	err := r.Scan(&d.ID, &d.OpenID, &d.Consultation, &d.Body, &d.State, &d.Way, &d.Problem, &d.Said, &d.Rest, &created, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return d, apperr.Wrap(apperr.NotFound, "没有找到这条待送达的消息。", err)
	}
	d.CreatedAt, d.UpdatedAt = time.UnixMilli(created), time.UnixMilli(updated)
	return d, err
}

// Delivery returns one delivery, or a NotFound error.
func (d *Desk) Delivery(ctx context.Context, id string) (Delivery, error) {
	return scanDelivery(d.db.QueryRow(ctx, selectDelivery+` WHERE d.id = $1`, id))
}

// Progress is what has become of a delivery.
type Progress struct {
	State   string // "" leaves it queued
	Way     string
	Receipt string // the platform's msgid of a template message
	Said    int    // bytes said, all told
	Rest    int    // bytes that are a tap away
	Problem string // for staff
}

// Progressed records what has become of a queued delivery. A delivery that is
// no longer queued stays as it is.
func (d *Desk) Progressed(ctx context.Context, id string, p Progress) error {
	if p.State == "" {
		p.State = DeliveryQueued
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE deliveries SET state = $1, way = $2, receipt = $3, said = $4, rest = $5, problem = $6, updated_at = $7
			WHERE id = $8 AND state = 'queued'`, p.State, p.Way, p.Receipt, p.Said, p.Rest, p.Problem, d.millis(), id)
		return err
	})
}

// Waiting returns what waits for openid's next contact, oldest first, at most
// limit.
func (d *Desk) Waiting(ctx context.Context, openid string, limit int) ([]Delivery, error) {
	return d.deliveries(ctx, ` WHERE c.openid = $1 AND d.state = 'waiting' ORDER BY d.created_at, d.id LIMIT $2`, openid, limit)
}

// Unfinished returns the delivery to openid of which the rest is a tap away,
// the latest first; a NotFound error when there is none.
func (d *Desk) Unfinished(ctx context.Context, openid string) (Delivery, error) {
	return scanDelivery(d.db.QueryRow(ctx, selectDelivery+` WHERE c.openid = $1 AND d.state IN ('sent', 'read') AND d.rest > 0
		ORDER BY d.updated_at DESC, d.id DESC LIMIT 1`, openid))
}

// DeliveriesOf returns the deliveries of a consultation, oldest first. The
// caller has checked who may see them.
func (d *Desk) DeliveriesOf(ctx context.Context, consultation string) ([]Delivery, error) {
	return d.deliveries(ctx, ` WHERE d.consultation_id = $1 ORDER BY d.created_at, d.id`, consultation)
}

// Unheard reports whether something that a consultation's contact is owed
// waits for the next contact: what they write then is no reply to it.
func (d *Desk) Unheard(ctx context.Context, consultation string) (bool, error) {
	var n int
	err := d.db.QueryRow(ctx, `SELECT count(*) FROM deliveries WHERE consultation_id = $1 AND state = 'waiting'`, consultation).Scan(&n)
	return n > 0, err
}

func (d *Desk) deliveries(ctx context.Context, where string, args ...any) ([]Delivery, error) {
	rows, err := d.db.Query(ctx, selectDelivery+where, args...)
	return list(rows, err, scanDelivery)
}

// Saying is a piece of a delivery that leaves with a passive reply.
type Saying struct {
	Delivery
	Upto int // bytes said with it, all told
	Left int // bytes that are then a tap away
}

// AnsweredWith is Answered for a reply that also says deliveries: they are
// sent if and only if the reply is recorded.
func (d *Desk) AnsweredWith(ctx context.Context, id, reply string, says []Saying) (bool, error) {
	first := false
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		first, err = d.settle(ctx, tx, id, StateAnswered, reply)
		if err != nil || !first {
			return err
		}
		for _, s := range says {
			if _, err := tx.Exec(ctx, `UPDATE deliveries SET state = CASE state WHEN 'read' THEN 'read' ELSE 'sent' END, way = CASE way WHEN '' THEN 'passive' ELSE way END,
				said = $1, rest = $2, problem = '', updated_at = $3 WHERE id = $4 AND state IN ('waiting', 'sent', 'read')`,
				s.Upto, s.Left, d.millis(), s.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return first, err
}

// Unread returns the deliveries of a consultation to openid that have not been
// read on the page. Who reads the thread after it reads what they say, too.
func (d *Desk) Unread(ctx context.Context, openid, consultation string) ([]Delivery, error) {
	return d.deliveries(ctx, ` WHERE d.consultation_id = $1 AND c.openid = $2 AND d.state IN ('queued', 'waiting', 'sent') ORDER BY d.created_at, d.id`, consultation, openid)
}

// ReadOnPage marks deliveries as read: the page on which they stand has been
// opened, and they need not be pushed.
func (d *Desk) ReadOnPage(ctx context.Context, shown []Delivery) error {
	if len(shown) == 0 {
		return nil
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, v := range shown {
			_, err := tx.Exec(ctx, `UPDATE deliveries SET way = CASE state WHEN 'sent' THEN way ELSE 'page' END, state = 'read', problem = '', updated_at = $1
				WHERE id = $2 AND state IN ('queued', 'waiting', 'sent')`, d.millis(), v.ID)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// TemplateEnded records how the platform ended a template message: only
// "success" reached the contact.
func (d *Desk) TemplateEnded(ctx context.Context, receipt, status string) error {
	if status == "success" || receipt == "" {
		return nil
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE deliveries SET problem = $1, updated_at = $2 WHERE receipt = $3 AND state = 'waiting'`,
			"模板消息没有送到："+status, d.millis(), receipt)
		return err
	})
}

// LastWord is when openid last wrote; the zero time if never. Events do not
// count.
func (d *Desk) LastWord(ctx context.Context, openid string) (time.Time, error) {
	var at int64
	err := d.db.QueryRow(ctx, `SELECT COALESCE(MAX(i.sent_at), 0) FROM inbound i JOIN contacts c ON c.id = i.contact_id
		WHERE c.openid = $1 AND i.kind <> 'event'`, openid).Scan(&at)
	if err != nil || at == 0 {
		return time.Time{}, err
	}
	return time.UnixMilli(at), nil
}

// stuck is how long a queued delivery may make no progress: the calls that
// send one message end well before.
const stuck = 30 * time.Second

// Unstick queues anew what a process was sending when it died, at most limit
// deliveries: the queue itself takes longer to notice. A delivery whose job
// still waits keeps that one.
func (d *Desk) Unstick(ctx context.Context, limit int) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := d.millis()
		rows, err := tx.Query(ctx, `UPDATE deliveries SET updated_at = $1 WHERE id IN
			(SELECT id FROM deliveries WHERE state = 'queued' AND updated_at < $2 ORDER BY updated_at LIMIT $3) RETURNING id`,
			now, now-stuck.Milliseconds(), limit)
		if err != nil {
			return err
		}
		ids, err := collect(rows)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := d.jobs.Enqueue(ctx, tx, KindDeliver, DeliverPayload{Delivery: id}, jobs.EnqueueOptions{UniqueKey: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// delivered is a delivery to be stored.
type delivered struct{ id, cause, openid, body, consultation string }

// insertDelivery reports whether the cause was new. Who does not follow the
// account is owed nothing.
func (d *Desk) insertDelivery(ctx context.Context, tx *db.Tx, v delivered) (bool, error) {
	res, err := tx.Exec(ctx, `INSERT INTO deliveries (id, contact_id, consultation_id, cause, body, state, created_at, updated_at)
		SELECT $1, c.id, $2, $3, $4, 'queued', $5, $5 FROM contacts c WHERE c.openid = $6 AND c.followed = 1
		ON CONFLICT (cause) DO NOTHING`, v.id, v.consultation, v.cause, v.body, d.millis(), v.openid)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
