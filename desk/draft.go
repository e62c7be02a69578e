package desk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Draft is what a member of staff is writing.
type Draft struct {
	Body      string
	Citations []Cited
	UpdatedAt time.Time
}

// maxCited is how many citations an answer may have.
const maxCited = 30

// SaveDraft keeps what the actor is writing about a consultation that they may
// read; an empty one is dropped. It is theirs alone and makes no page stale.
func (d *Desk) SaveDraft(ctx context.Context, a staff.Actor, id, body string, cites []Cited) error {
	_, err := d.EditDraft(ctx, a, id, func(v *Draft) error {
		v.Body, v.Citations = body, cites
		return nil
	})
	return err
}

func (d *Desk) saveDraft(ctx context.Context, tx *db.Tx, consultation, account, body string, cites []Cited) error {
	list, err := encode(cites)
	if err != nil {
		return fmt.Errorf("desk: draft: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO drafts (consultation_id, account_id, body, citations, updated_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (consultation_id, account_id) DO UPDATE SET body = excluded.body, citations = excluded.citations, updated_at = excluded.updated_at`,
		consultation, account, body, list, d.millis())
	return err
}

func (d *Desk) dropDraft(ctx context.Context, tx *db.Tx, consultation, account string) error {
	_, err := tx.Exec(ctx, `DELETE FROM drafts WHERE consultation_id = $1 AND account_id = $2`, consultation, account)
	return err
}

// draft returns an account's draft, nil if there is none.
func (d *Desk) draft(ctx context.Context, q querier, consultation, account string) (*Draft, error) {
	var v Draft
	var cites string
	var at int64
	err := q.QueryRow(ctx, `SELECT body, citations, updated_at FROM drafts WHERE consultation_id = $1 AND account_id = $2`, consultation, account).Scan(&v.Body, &cites, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v.UpdatedAt = instant(at)
	v.Citations, err = decodeCited(cites)
	return &v, err
}

// EditDraft changes the actor's draft, a new one if there is none, and returns
// it. An empty one is dropped. edit may run more than once; what it refuses
// leaves the draft as it was. Like SaveDraft it makes no page stale.
func (d *Desk) EditDraft(ctx context.Context, a staff.Actor, id string, edit func(*Draft) error) (Draft, error) {
	var out Draft
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := d.load(ctx, tx, a, id); err != nil {
			return err
		}
		v, err := d.draft(ctx, tx, id, a.Account)
		if err != nil {
			return err
		}
		if v == nil {
			v = &Draft{}
		}
		if err := edit(v); err != nil {
			return err
		}
		if err := checkDraft(v.Body, v.Citations); err != nil {
			return err
		}
		v.UpdatedAt = d.now()
		out = *v
		return d.putDraft(ctx, tx, id, a.Account, v.Body, v.Citations)
	})
	return out, err
}

// putDraft stores a draft, or drops it when there is nothing in it.
func (d *Desk) putDraft(ctx context.Context, tx *db.Tx, consultation, account, body string, cites []Cited) error {
	if body == "" && len(cites) == 0 {
		return d.dropDraft(ctx, tx, consultation, account)
	}
	return d.saveDraft(ctx, tx, consultation, account, body, cites)
}

func checkDraft(body string, cites []Cited) error {
	if len([]rune(body)) > maxPost || len(cites) > maxCited {
		return apperr.New(apperr.TooLarge, fmt.Sprintf("草稿太长（最多 %d 个字、%d 条依据），刚才的改动还没有保存，请删减一些。", maxPost, maxCited))
	}
	return nil
}
