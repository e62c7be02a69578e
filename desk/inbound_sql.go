package desk

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

const selectInbound = `SELECT i.id, i.dedupe, c.openid, i.kind, i.content, i.sent_at, i.state, i.reply, i.attempts
	FROM inbound i JOIN contacts c ON c.id = i.contact_id`

type row interface{ Scan(...any) error }

func scanInbound(r row) (Inbound, error) {
	var in Inbound
	var sent int64
	err := r.Scan(&in.ID, &in.Key, &in.OpenID, &in.Kind, &in.Content, &sent, &in.State, &in.Reply, &in.Attempts)
	if errors.Is(err, sql.ErrNoRows) {
		return in, apperr.Wrap(apperr.NotFound, "没有找到这条消息。", err)
	}
	in.SentAt = time.UnixMilli(sent)
	return in, err
}

func (d *Desk) receive(ctx context.Context, tx *db.Tx, in Inbound) (Receipt, error) {
	contact, gone, err := d.contact(ctx, tx, in)
	if err != nil {
		return Receipt{}, err
	}
	if gone {
		return Receipt{Inbound: in, Ignored: true}, nil
	}
	in.ID = db.NewID()
	now := d.millis()
	res, err := tx.Exec(ctx, `INSERT INTO inbound (id, dedupe, contact_id, kind, content, state, lease_until, sent_at, received_at)
		VALUES ($1, $2, $3, $4, $5, 'received', $6, $7, $8) ON CONFLICT (dedupe) DO NOTHING`,
		in.ID, in.Key, contact, in.Kind, in.Content, now+lease.Milliseconds(), in.SentAt.UnixMilli(), now)
	if err != nil {
		return Receipt{}, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return Receipt{}, err
	}
	if n == 1 {
		in.State = StateReceived
		return Receipt{Inbound: in, New: true}, d.insertMedia(ctx, tx, contact, in.ID, in.Media)
	}
	old, err := scanInbound(tx.QueryRow(ctx, selectInbound+` WHERE i.dedupe = $1`, in.Key))
	return Receipt{Inbound: old}, err
}

// contact finds or makes the sender's contact. gone reports a message sent
// before its sender left and delivered after: it must not bring them back.
func (d *Desk) contact(ctx context.Context, tx *db.Tx, in Inbound) (id string, gone bool, err error) {
	now, fresh := d.millis(), db.NewID()
	err = tx.QueryRow(ctx, `INSERT INTO contacts (id, openid, followed, first_seen, last_seen) VALUES ($1, $2, 1, $3, $3)
		ON CONFLICT (openid) DO UPDATE SET last_seen = $3 RETURNING id`, fresh, in.OpenID, now).Scan(&id)
	if err != nil || id != fresh {
		return id, false, err
	}
	var left int64
	err = tx.QueryRow(ctx, `SELECT at FROM departures WHERE fingerprint = $1`, Fingerprint(in.OpenID)).Scan(&left)
	if errors.Is(err, sql.ErrNoRows) {
		return id, false, nil
	}
	if err != nil {
		return "", false, err
	}
	// The platform dates messages in whole seconds.
	if in.SentAt.UnixMilli() < left-left%1000 {
		_, err = tx.Exec(ctx, `DELETE FROM contacts WHERE id = $1`, id)
		return "", true, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM departures WHERE fingerprint = $1`, Fingerprint(in.OpenID))
	return id, false, err
}

// Fingerprint stands for an openid where that must not be kept.
func Fingerprint(openid string) string {
	sum := sha256.Sum256([]byte("greendesk departure " + openid))
	return hex.EncodeToString(sum[:])
}

// settle records the reply of a message unless it has one. It reports whether
// this call did.
func (d *Desk) settle(ctx context.Context, tx *db.Tx, id, state, reply string) (bool, error) {
	res, err := tx.Exec(ctx, `UPDATE inbound SET state = $1, reply = $2, answered_at = $3 WHERE id = $4 AND state = 'received'`,
		state, reply, d.millis(), id)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func (d *Desk) claimStale(ctx context.Context, tx *db.Tx, limit int) ([]Inbound, error) {
	now := d.millis()
	rows, err := tx.Query(ctx, `UPDATE inbound SET lease_until = $1, attempts = attempts + 1
		WHERE id IN (SELECT id FROM inbound WHERE state = 'received' AND lease_until < $2 ORDER BY lease_until LIMIT $3)
		RETURNING id`, now+lease.Milliseconds(), now, limit)
	if err != nil {
		return nil, err
	}
	ids, err := collect(rows)
	if err != nil {
		return nil, err
	}
	out := make([]Inbound, 0, len(ids))
	for _, id := range ids {
		in, err := scanInbound(tx.QueryRow(ctx, selectInbound+` WHERE i.id = $1`, id))
		if err != nil {
			return nil, err
		}
		out = append(out, in)
	}
	return out, nil
}

// collect reads a column of texts and closes rows.
func collect(rows *sql.Rows) ([]string, error) {
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
