package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

// pile runs calls so that on SQLite they meet in one group: a first call holds the
// committer until all the others wait.
func pile(t *testing.T, d *db.DB, calls ...func()) {
	t.Helper()
	entered, release := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() {
		err := d.InTx(t.Context(), func(context.Context, *db.Tx) error {
			close(entered)
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-entered
	for _, c := range calls {
		wg.Go(c)
	}
	time.Sleep(50 * time.Millisecond)
	close(release)
	wg.Wait()
}

func TestInAGroupEachCallGetsItsOwnResult(t *testing.T) {
	mine := errors.New("mine")
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		var calls []func()
		for i := range 9 {
			calls = append(calls, func() {
				var panicked any
				var err error
				func() {
					defer func() { panicked = recover() }()
					err = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
						if err := put(ctx, tx, fmt.Sprint(i), ""); err != nil {
							return err
						}
						switch i % 3 {
						case 1:
							return mine
						case 2:
							panic("third")
						}
						return nil
					})
				}()
				ok := map[int]bool{
					0: err == nil && panicked == nil, 1: errors.Is(err, mine) && panicked == nil,
					2: panicked == "third",
				}[i%3]
				if !ok {
					t.Errorf("call %d: error %v, panic %v", i, err, panicked)
				}
			})
		}
		pile(t, d, calls...)
		if n := count(t, d); n != 3 {
			t.Fatalf("%d rows, want those of the 3 good calls", n)
		}
	})
}

func TestACallThatEndsItsGoroutineHurtsNobody(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		pile(t, d,
			func() {
				_ = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					_ = put(ctx, tx, "lost", "")
					runtime.Goexit() // what t.Fatal does
					return nil
				})
			},
			func() {
				if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, "kept", "") }); err != nil {
					t.Error(err)
				}
			})
		if n := count(t, d); n != 1 {
			t.Fatalf("%d rows", n)
		}
	})
}

func TestACallWhoseContextIsDoneBeforeItsTurnIsNotRun(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := d.InTx(ctx, func(context.Context, *db.Tx) error { t.Error("run"); return nil })
		if !errors.Is(err, context.Canceled) || apperr.CodeOf(err) != apperr.Unavailable {
			t.Fatal(err)
		}
	})
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	pile(t, d, func() { // gives up while it waits
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		err := d.InTx(ctx, func(context.Context, *db.Tx) error { t.Error("run"); return nil })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// The writer may be held by the job queue or, through the file's lock, by
// another process.
func TestACallIsGivenUpWhileTheWriterIsHeld(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	held, err := d.Writer().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	given := make(chan error, 1)
	go func() {
		given <- d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, "late", "x") })
	}()
	select {
	case err = <-given:
	case <-time.After(time.Minute):
		err = errors.New("it waits for ever")
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, "after", "x") }); err != nil {
		t.Fatal(err)
	}
	if n := count(t, d); n != 1 {
		t.Errorf("%d rows: what was given up is there, or the next is not", n)
	}
}

func TestAContextThatEndsInsideACallUndoesThatCallOnly(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		pile(t, d,
			func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
					if err := put(ctx, tx, "lost", ""); err != nil {
						return err
					}
					cancel()
					return put(ctx, tx, "never", "")
				})
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			},
			func() {
				if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, "kept", "") }); err != nil {
					t.Error(err)
				}
			})
		if n := count(t, d); n != 1 {
			t.Fatalf("%d rows", n)
		}
	})
}

func TestAFailedStatementCannotBeIgnored(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		for name, fail := range map[string]func(context.Context, *db.Tx) error{
			"exec": func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, "a", "again") },
			"query": func(ctx context.Context, tx *db.Tx) error {
				rows, err := tx.Query(ctx, "SELEC")
				if err != nil {
					return err
				}
				defer rows.Close()
				return rows.Err()
			},
			"row": func(ctx context.Context, tx *db.Tx) error { return tx.QueryRow(ctx, "SELEC").Scan() },
		} {
			err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if err := put(ctx, tx, "a", "1"); err != nil {
					return err
				}
				if fail(ctx, tx) == nil {
					t.Error(name, "did not fail")
				}
				if put(ctx, tx, "b", "2") == nil || tx.QueryRow(ctx, "SELECT 1").Scan(new(int)) == nil {
					t.Error(name, "a statement ran in a broken transaction")
				}
				return nil
			})
			if err == nil || count(t, d) != 0 {
				t.Error(name, err, count(t, d))
			}
		}
	})
}

func TestNoRowsIsNoFailure(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			err := tx.QueryRow(ctx, `SELECT value FROM settings WHERE name = $1`, "absent").Scan(new(string))
			if !errors.Is(err, sql.ErrNoRows) {
				t.Error(err)
			}
			return put(ctx, tx, "a", "1")
		})
		if err != nil || count(t, d) != 1 {
			t.Fatal(err, count(t, d))
		}
	})
}

func TestInsideAFunctionOnlyItsTxWorksAndAfterItNothing(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		var kept *db.Tx
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			kept = tx
			rows, queryErr := d.Query(ctx, "SELECT 1")
			if queryErr == nil {
				defer rows.Close()
				t.Error("a query ran", rows.Err())
			}
			rowErr := d.QueryRow(ctx, "SELECT 1").Scan(new(int))
			inErr := d.InTx(ctx, func(context.Context, *db.Tx) error { return nil })
			for _, err := range []error{queryErr, rowErr, inErr} {
				if !errors.Is(err, db.ErrInsideTx) {
					t.Error(err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		_, execErr := kept.Exec(t.Context(), "SELECT 1")
		for _, err := range []error{execErr, kept.QueryRow(t.Context(), "SELECT 1").Scan(new(int))} {
			if !errors.Is(err, sql.ErrTxDone) {
				t.Error(err)
			}
		}
	})
}

func TestReadDecideWriteIsSafeAgainstOthersDoingTheSame(t *testing.T) {
	const workers, rounds = 16, 10
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, "n", "0") }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range rounds {
					err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
						var n int
						if err := tx.QueryRow(ctx, `SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'n'`).Scan(&n); err != nil {
							return err
						}
						_, err := tx.Exec(ctx, `UPDATE settings SET value = $1 WHERE name = 'n'`, fmt.Sprint(n+1))
						if err != nil { // wrapping must not hide the collision
							return apperr.Wrap(apperr.Conflict, "请再试一次。", err)
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n string
		if err := d.QueryRow(t.Context(), `SELECT value FROM settings`).Scan(&n); err != nil || n != fmt.Sprint(workers*rounds) {
			t.Fatalf("%s increments of %d, %v", n, workers*rounds, err)
		}
	})
}

func TestTheReadPoolCannotWriteOnSQLite(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	if err := d.QueryRow(t.Context(), `INSERT INTO settings (name, value) VALUES ('a', 'b') RETURNING name`).Scan(new(string)); err == nil {
		t.Fatal("written")
	}
}

func TestWithPgxIsTheSameTransaction(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.PostgreSQL(t))
	undo := errors.New("undo")
	err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := put(ctx, tx, "a", "1"); err != nil {
			return err
		}
		return errors.Join(undo, tx.WithPgx(ctx, func(ctx context.Context, pt pgx.Tx) error {
			var n int
			if err := pt.QueryRow(ctx, "SELECT count(*) FROM settings").Scan(&n); err != nil || n != 1 {
				t.Error(n, err)
			}
			if _, err := pt.Begin(ctx); err == nil || pt.Commit(ctx) == nil || pt.Rollback(ctx) == nil {
				t.Error("a borrowed transaction was ended")
			}
			return nil
		}))
	})
	if !errors.Is(err, undo) || count(t, d) != 0 {
		t.Fatal(err, count(t, d))
	}
}

func TestCloseWaitsForRunningCallsRefusesLaterOnesAndLeavesNoGoroutine(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	d, err := db.Open(t.Context(), testenv.SQLite(t), testenv.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	entered, result := make(chan bool), make(chan error, 1)
	go func() {
		result <- d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			close(entered)
			time.Sleep(100 * time.Millisecond)
			return put(ctx, tx, "a", "1")
		})
	}()
	<-entered
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	err = d.InTx(t.Context(), func(context.Context, *db.Tx) error { return nil })
	if apperr.CodeOf(err) != apperr.Unavailable {
		t.Fatal(err)
	}
}
