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
	if len([]rune(body)) > maxPost || len(cites) > maxCited {
		return apperr.New(apperr.TooLarge, fmt.Sprintf("草稿太长（最多 %d 个字、%d 条依据），刚才的改动还没有保存，请删减一些。", maxPost, maxCited))
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := d.load(ctx, tx, a, id); err != nil {
			return err
		}
		if body == "" && len(cites) == 0 {
			return d.dropDraft(ctx, tx, id, a.Account)
		}
		return d.saveDraft(ctx, tx, id, a.Account, body, cites)
	})
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
