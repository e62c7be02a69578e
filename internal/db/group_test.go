package db_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

// writes returns calls that insert the rows 0 … n-1, and a check that exactly those
// whose call returned nil are there.
func writes(t *testing.T, d *db.DB, n int, value func(i int) string) (calls []func(), errs []error, check func()) {
	errs = make([]error, n)
	for i := range n {
		calls = append(calls, func() {
			errs[i] = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return put(ctx, tx, fmt.Sprint(i), value(i))
			})
		})
	}
	return calls, errs, func() {
		t.Helper()
		for i, err := range errs {
			var found int
			row := d.QueryRow(t.Context(), `SELECT count(*) FROM settings WHERE name = $1`, fmt.Sprint(i))
			if scanErr := row.Scan(&found); scanErr != nil || (found == 1) != (err == nil) {
				t.Errorf("row %d: found %d, its call said %v (%v)", i, found, err, scanErr)
			}
		}
	}
}

func TestAFullDiskFailsTheCallThatNeedsItAndNobodyIsToldALie(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	var pages int
	if err := d.Writer().QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := fmt.Sprintf("PRAGMA max_page_count = %d", pages+8)
	if _, err := d.Writer().ExecContext(t.Context(), limit); err != nil {
		t.Fatal(err)
	}
	calls, errs, check := writes(t, d, 12, func(i int) string {
		if i == 5 {
			return strings.Repeat("大", 100_000)
		}
		return "小"
	})
	pile(t, d, calls...)
	if errs[5] == nil {
		t.Fatal("the disk was not full")
	}
	check()
	if _, err := d.Writer().ExecContext(t.Context(), "PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, "later", "") }); err != nil {
		t.Fatal("the writer did not recover:", err)
	}
}

func TestAFailedCommitIsEverybodysError(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	if _, err := d.Writer().ExecContext(t.Context(), `CREATE TABLE child (
		parent TEXT REFERENCES settings (name) DEFERRABLE INITIALLY DEFERRED)`); err != nil {
		t.Fatal(err)
	}
	calls, errs, check := writes(t, d, 6, func(int) string { return "" })
	calls = append(calls, func() {
		if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO child (parent) VALUES ('nobody')`)
			return err
		}); err == nil {
			t.Error("the violation was committed")
		}
	})
	pile(t, d, calls...)
	check()
	for _, err := range errs {
		if err != nil && apperr.CodeOf(err) != apperr.Unavailable {
			t.Error(err)
		}
	}
	if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, "later", "") }); err != nil {
		t.Fatal("the writer did not recover:", err)
	}
}

func TestUnderFullLoadTheJobQueuesWriterGetsItsTurns(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	var stop atomic.Bool
	var written atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for !stop.Load() {
				if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, db.NewID(), "x") }); err != nil {
					t.Error(err)
				}
				written.Add(1)
			}
		})
	}
	var turns int
	var longest time.Duration
	began := time.Now()
	for ; time.Since(began) < time.Second || (turns < 10 || written.Load() < 100) && time.Since(began) < time.Minute; turns++ { // longer on a slow machine
		asked := time.Now()
		if _, err := d.Writer().ExecContext(t.Context(), `UPDATE settings SET value = 'y' WHERE name = 'none'`); err != nil {
			t.Fatal(err)
		}
		longest = max(longest, time.Since(asked))
	}
	stop.Store(true)
	wg.Wait()
	t.Logf("%d turns beside %d transactions, the longest wait %v", turns, written.Load(), longest)
	if turns < 10 || longest > 4*time.Second || written.Load() < 100 {
		t.Fatal("somebody starved")
	}
}

func TestTwoProcessesMayWriteOneSQLiteFile(t *testing.T) {
	url := testenv.SQLite(t)
	var wg sync.WaitGroup
	for _, d := range []*db.DB{testenv.OpenMigrated(t, url), testenv.OpenMigrated(t, url)} {
		for range 4 {
			wg.Go(func() {
				for range 25 {
					if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, db.NewID(), "x") }); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	if n := count(t, testenv.OpenMigrated(t, url)); n != 200 {
		t.Fatal(n)
	}
}
