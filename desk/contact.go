package desk

import (
	"context"
	"time"

	"greendesk/internal/db"
)

// Erase deletes the personal data of a contact who has left (the platform's
// rules ask for it on unsubscribe): the openid, what they wrote and what was
// answered, and what was still owed. What remains names nobody. at is when
// they left; an unknown contact is no error.
func (d *Desk) Erase(ctx context.Context, openid string, at time.Time) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id FROM contacts WHERE openid = $1`, openid)
		if err != nil {
			return err
		}
		ids, err := collect(rows)
		if err != nil || len(ids) == 0 {
			return err
		}
		return d.erase(ctx, tx, ids[0], openid, at)
	})
}

func (d *Desk) erase(ctx context.Context, tx *db.Tx, contact, openid string, at time.Time) error {
	now := d.millis()
	if err := d.eraseAttachments(ctx, tx, contact); err != nil {
		return err
	}
	var enterprise string
	if err := tx.QueryRow(ctx, `SELECT enterprise_id FROM contacts WHERE id = $1`, contact).Scan(&enterprise); err != nil {
		return err
	}
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{`UPDATE inbound SET content = '', reply = '', state = 'erased' WHERE contact_id = $1`, []any{contact}},
		{`UPDATE deliveries SET body = '', problem = '', state = 'erased', updated_at = $2 WHERE contact_id = $1`, []any{contact, now}},
		{`UPDATE feedback SET question = '', comment = '' WHERE contact_id = $1`, []any{contact}},
		{`DELETE FROM gaps WHERE contact_id = $1`, []any{contact}},
		{`UPDATE posts SET body = '' WHERE consultation_id IN (SELECT id FROM consultations WHERE contact_id = $1)`, []any{contact}},
		{`DELETE FROM drafts WHERE consultation_id IN (SELECT id FROM consultations WHERE contact_id = $1)`, []any{contact}},
		{`UPDATE reviews SET body = '', remark = '', state = CASE state WHEN 'pending' THEN 'withdrawn' ELSE state END
			WHERE consultation_id IN (SELECT id FROM consultations WHERE contact_id = $1)`, []any{contact}},
		{`UPDATE consultation_events SET reason = '' WHERE state_from <> '' AND consultation_id IN (SELECT id FROM consultations WHERE contact_id = $1)`, []any{contact}},
		{`INSERT INTO consultation_events (id, consultation_id, actor, state_from, state_to, reason, at)
			SELECT k.id || '-erased-' || $2, k.id, 'contact', k.state, 'closed', 'unfollowed', $3 FROM consultations k WHERE k.contact_id = $1 AND k.state <> 'closed'`,
			[]any{contact, db.NewID(), now}},
		{`UPDATE consultations SET question = '（已按要求删除）', context = '[]', rating_word = '', routed = '', shared = '', enterprise_id = '', accept_due = 0, answer_due = 0, paused_at = 0,
			closed_at = CASE state WHEN 'closed' THEN closed_at ELSE $2 END, state = 'closed', version = version + 1, updated_at = $2 WHERE contact_id = $1`, []any{contact, now}},
		{`UPDATE contacts SET openid = 'erased:' || id, followed = 0, last_seen = 0 WHERE id = $1`, []any{contact}},
	} {
		if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	if err := eraseProfile(ctx, tx, contact, enterprise); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO departures (fingerprint, at) VALUES ($1, $2)
		ON CONFLICT (fingerprint) DO UPDATE SET at = $2`, Fingerprint(openid), at.UnixMilli())
	return err
}
