package desk

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"greendesk/desk/staff"
	"greendesk/internal/db"
)

// Case is a consultation with all that staff may see of it.
type Case struct {
	Consultation
	Context      []Turn       // the conversation before the question
	Attachments  []Attachment // that came with the question; those of words are in Posts
	Posts        []Post
	Events       []Event
	Participants []Person
	Asker        Card
	Deliveries   []Delivery // what is owed to the contact, oldest first
	Draft        *Draft     // the actor's own, nil if there is none
	Review       *Review    // the latest, nil if there is none
	Similar      []Similar  // earlier answers to questions like this one
	Shared       string     // what of the answer others may read, "" if nothing was released
	ToShare      string     // the answer without the numbers and names that can be told: a draft of Shared
	MayDirect    bool       // the actor holds it or leads its group
	MaySign      bool       // a second signature is due and the actor may give it
	MayAttend    bool       // it was rated one or two stars, nobody has looked into it, and the actor may
}

// Card is who asks, as far as they have said.
type Card struct {
	Name       string // of the contact
	Position   string
	Phone      string
	Enterprise string // name
	Code       string // 统一社会信用代码
	Industry   string // GB/T 4754
	County     string
	Permit     string // key, simplified, registered, none
}

// similarShown is how many earlier answers are shown beside a question.
const similarShown = 3

// Open reads a consultation for an actor who may see it; the read is in the
// audit log. What is not there and what they may not see are both NotFound.
func (d *Desk) Open(ctx context.Context, a staff.Actor, id string) (Case, error) {
	var out Case
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		k, err := d.load(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if err := d.audit(ctx, tx, a, "read", id, k.Number); err != nil {
			return err
		}
		c, err := d.readCase(ctx, tx, a, k)
		out = c
		return err
	})
	if err != nil {
		return Case{}, err
	}
	if out.Deliveries, err = d.DeliveriesOf(ctx, id); err != nil {
		return Case{}, err
	}
	out.Similar, err = d.similar(ctx, out.Question, id, false, similarShown)
	return out, err
}

func (d *Desk) readCase(ctx context.Context, q querier, a staff.Actor, k held) (Case, error) {
	c := Case{Consultation: k.Consultation, MayDirect: k.mustDirect(a) == nil}
	var history string
	var attended int64
	err := q.QueryRow(ctx, `SELECT k.context, k.attended_at, k.shared, c.name, c.position, c.phone, COALESCE(e.name, ''), COALESCE(e.code, ''), COALESCE(e.industry, ''),
		COALESCE(e.county, ''), COALESCE(e.permit, '')
		FROM consultations k JOIN contacts c ON c.id = k.contact_id LEFT JOIN enterprises e ON e.id = k.enterprise_id WHERE k.id = $1`, k.ID).
		Scan(&history, &attended, &c.Shared, &c.Asker.Name, &c.Asker.Position, &c.Asker.Phone, &c.Asker.Enterprise, &c.Asker.Code, &c.Asker.Industry,
			&c.Asker.County, &c.Asker.Permit)
	if err != nil {
		return c, err
	}
	c.MayAttend = k.leads && attended == 0 && c.Rating >= 1 && c.Rating <= poorStars
	if err := json.Unmarshal([]byte(history), &c.Context); err != nil {
		return c, fmt.Errorf("desk: context of consultation %s: %w", k.ID, err)
	}
	if c.Posts, c.Attachments, err = d.posts(ctx, q, k.ID); err != nil {
		return c, err
	}
	for _, p := range c.Posts {
		if p.Kind == PostAnswer {
			c.ToShare = anonymous(p.Body, []string{c.Asker.Name, c.Asker.Enterprise})
		}
	}
	if c.Events, err = events(ctx, q, k.ID); err != nil {
		return c, err
	}
	if c.Participants, err = participants(ctx, q, k.ID); err != nil {
		return c, err
	}
	if c.Draft, err = d.draft(ctx, q, k.ID, a.Account); err != nil {
		return c, err
	}
	c.Review, err = d.review(ctx, q, k.ID)
	c.MaySign = c.Review != nil && c.Review.State == reviewPending && c.Review.Author != a.Account
	return c, err
}

func events(ctx context.Context, q querier, consultation string) ([]Event, error) {
	rows, err := q.Query(ctx, `SELECT v.actor, COALESCE(a.name, ''), v.state_from, v.state_to, v.reason, v.at FROM consultation_events v
		LEFT JOIN accounts a ON a.id = v.actor WHERE v.consultation_id = $1 ORDER BY v.at, v.id`, consultation)
	return list(rows, err, func(r row) (Event, error) {
		var e Event
		var at int64
		err := r.Scan(&e.Actor, &e.ActorName, &e.From, &e.To, &e.Reason, &at)
		switch e.At = instant(at); e.Actor {
		case actorContact:
			e.ActorName = "企业"
		case actorSystem:
			e.ActorName = "系统"
		}
		return e, err
	})
}

func participants(ctx context.Context, q querier, consultation string) ([]Person, error) {
	rows, err := q.Query(ctx, `SELECT p.account_id, a.name, p.at FROM participants p JOIN accounts a ON a.id = p.account_id
		WHERE p.consultation_id = $1 ORDER BY p.at, p.account_id`, consultation)
	return list(rows, err, func(r row) (Person, error) {
		var p Person
		var at int64
		err := r.Scan(&p.Account, &p.Name, &at)
		p.At = instant(at)
		return p, err
	})
}

// list reads all rows of a query and closes them.
func list[T any](rows *sql.Rows, err error, scan func(row) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
