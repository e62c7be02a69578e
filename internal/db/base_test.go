package db_test

import (
	"context"
	"errors"
	"testing"

	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

// put writes one setting; get reads it outside any transaction ("" when absent).
func put(ctx context.Context, tx *db.Tx, name, value string) error {
	_, err := tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)`, name, value)
	return err
}

func count(t *testing.T, d *db.DB) int {
	t.Helper()
	var n int
	if err := d.QueryRow(t.Context(), `SELECT count(*) FROM settings`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACommittedWriteIsReadBackAtOnce(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := put(ctx, tx, "盐", "一"); err != nil {
				return err
			}
			var v string
			// $1 twice, RETURNING, upsert: what the shared SQL relies on.
			return tx.QueryRow(ctx, `INSERT INTO settings (name, value) VALUES ($1, $1)
				ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING value`, "盐").Scan(&v)
		})
		if err != nil {
			t.Fatal(err)
		}
		var v string
		if err := d.QueryRow(t.Context(), `SELECT value FROM settings WHERE name = $1`, "盐").Scan(&v); err != nil || v != "盐" {
			t.Fatal(v, err)
		}
	})
}

func TestAFailingFunctionLeavesNothingAndItsErrorComesBackUnchanged(t *testing.T) {
	mine := errors.New("mine")
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(put(ctx, tx, "a", "1"), mine)
		})
		if !errors.Is(err, mine) || count(t, d) != 0 {
			t.Fatal(err, count(t, d))
		}
	})
}
