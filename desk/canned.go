package desk

import (
	"context"
	"strings"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Canned is a text that experts use again and again.
type Canned struct {
	ID        string // "" for a new one
	Title     string
	Body      string
	Shared    bool // everybody's, kept by the leads; else the account's own
	UpdatedAt time.Time
}

// Canned lists the canned replies that an actor may use: everybody's, then
// their own, each by title.
func (d *Desk) Canned(ctx context.Context, a staff.Actor) ([]Canned, error) {
	if !a.MayConsult() {
		return nil, apperr.New(apperr.Forbidden, "您的账号不能使用常用语。")
	}
	rows, err := d.db.Query(ctx, `SELECT id, account_id, title, body, updated_at FROM canned_replies WHERE account_id IN ('', $1)
		ORDER BY CASE account_id WHEN '' THEN 0 ELSE 1 END, title, id`, a.Account)
	return list(rows, err, func(r row) (Canned, error) {
		var c Canned
		var owner string
		var at int64
		err := r.Scan(&c.ID, &owner, &c.Title, &c.Body, &at)
		c.Shared, c.UpdatedAt = owner == "", instant(at)
		return c, err
	})
}

// SaveCanned keeps a canned reply, a new one when it has no ID, and returns its
// id. Only leads change what is everybody's.
func (d *Desk) SaveCanned(ctx context.Context, a staff.Actor, c Canned) (string, error) {
	if err := mayKeepCanned(a, c.Shared); err != nil {
		return "", err
	}
	title, err := checkText(c.Title, "标题", 50)
	if err != nil {
		return "", err
	}
	body, err := checkText(c.Body, "内容", maxPost)
	if err != nil {
		return "", err
	}
	id, owner := c.ID, a.Account
	if c.Shared {
		owner = ""
	}
	fresh := id == ""
	if fresh {
		id = db.NewID()
	}
	err = d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if fresh {
			_, err := tx.Exec(ctx, `INSERT INTO canned_replies (id, account_id, title, body, updated_at) VALUES ($1, $2, $3, $4, $5)`, id, owner, title, body, d.millis())
			if err != nil {
				return err
			}
		} else {
			n, err := affected(tx.Exec(ctx, `UPDATE canned_replies SET title = $3, body = $4, updated_at = $5 WHERE id = $1 AND account_id = $2`, id, owner, title, body, d.millis()))
			if err != nil {
				return err
			}
			if n == 0 {
				return noCanned()
			}
		}
		return staff.Record(ctx, tx, staff.Entry{At: d.now(), Actor: a.Account, Action: "save", Object: "canned:" + id, Detail: title, IP: a.IP})
	})
	return id, err
}

// DropCanned deletes a canned reply of the actor's own, or as a lead one of
// everybody's.
func (d *Desk) DropCanned(ctx context.Context, a staff.Actor, id string) error {
	if err := mayKeepCanned(a, false); err != nil {
		return err
	}
	owners := []any{id, a.Account, a.Account}
	if a.Has(staff.RoleLead) {
		owners[2] = ""
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := affected(tx.Exec(ctx, `DELETE FROM canned_replies WHERE id = $1 AND account_id IN ($2, $3)`, owners...))
		if err != nil {
			return err
		}
		if n == 0 {
			return noCanned()
		}
		return staff.Record(ctx, tx, staff.Entry{At: d.now(), Actor: a.Account, Action: "drop", Object: "canned:" + id, IP: a.IP})
	})
}

func mayKeepCanned(a staff.Actor, shared bool) error {
	switch {
	case !a.MayConsult() || strings.TrimSpace(a.Account) == "":
		return apperr.New(apperr.Forbidden, "您的账号不能使用常用语。")
	case shared && !a.Has(staff.RoleLead):
		return apperr.New(apperr.Forbidden, "公用的常用语由组长维护，您可以存成自己的。")
	}
	return nil
}

func noCanned() error {
	return apperr.New(apperr.NotFound, "没有找到这条常用语，可能已经被删除了。")
}
