package staff

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"greendesk/internal/db"
)

// Entry is one line of the audit log: who did or read what, when, from where.
type Entry struct {
	Seq    int64 // 1, 2, 3 … without gaps
	At     time.Time
	Actor  string // account id, "contact:<id>" or "system"
	Action string // a stable word: "read", "answer", "sign-in" …
	Object string // "consultation:<id>", "account:<id>" …
	Detail string // for people; never a password, a code or the text of a consultation
	IP     string
	Prev   string // hash of the entry before, "" for the first
	Hash   string
}

// fold is the hash of an entry: SHA-256 over the hash before and every field,
// each with its length, so that no two entries fold alike.
func (e Entry) fold() string {
	var b strings.Builder
	for _, f := range []string{e.Prev, fmt.Sprint(e.Seq), fmt.Sprint(e.At.UnixMilli()), e.Actor, e.Action, e.Object, e.Detail, e.IP} {
		fmt.Fprintf(&b, "%d:%s,", len(f), f)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// Record appends an entry to the audit log in tx: what it tells of happened if
// and only if the entry is there. Only At, Actor, Action, Object, Detail and IP
// are taken from e.
func Record(ctx context.Context, tx *db.Tx, e Entry) error {
	err := tx.QueryRow(ctx, `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&e.Seq, &e.Prev)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("staff: audit: %w", err)
	}
	e.Seq++
	_, err = tx.Exec(ctx, `INSERT INTO audit (seq, at, actor, action, object, detail, ip, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.Seq, e.At.UnixMilli(), e.Actor, e.Action, e.Object, e.Detail, e.IP, e.Prev, e.fold())
	if err != nil {
		return fmt.Errorf("staff: audit: %w", err)
	}
	return nil
}
