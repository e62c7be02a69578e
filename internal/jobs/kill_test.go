package jobs_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
)

// killedURL makes this test binary the process that is going to be killed.
const killedURL = "GREENDESK_KILLED_URL"

// TestMain runs the victim of TestNoCommittedJobIsLostWhenTheProcessIsKilled.
func TestMain(m *testing.M) {
	if url := os.Getenv(killedURL); url != "" {
		if err := beKilled(context.Background(), url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func testLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// killable is a queue whose handler counts in the table work how often the piece of work
// named by a job was done.
func killable(ctx context.Context, d *db.DB) (*jobs.Queue, error) {
	_, err := d.Writer().ExecContext(ctx, `CREATE TABLE IF NOT EXISTS work (id TEXT PRIMARY KEY, done INTEGER NOT NULL)`)
	if err != nil {
		return nil, err
	}
	q, err := jobs.New(d, testLog(), jobs.Options{
		PollInterval: 20 * time.Millisecond, RescueAfter: 2 * time.Second,
		Backoff: func(int) time.Duration { return time.Millisecond },
	})
	if err != nil {
		return nil, err
	}
	q.Handle("work", func(ctx context.Context, j jobs.Job) error {
		var id string
		if err := j.Decode(&id); err != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
		return d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE work SET done = done + 1 WHERE id = $1`, id)
			return err
		})
	})
	return q, nil
}

// beKilled enqueues and works jobs until somebody kills the process. It says "busy" once
// jobs have been done.
func beKilled(ctx context.Context, url string) error {
	d, err := db.Open(ctx, url, testLog())
	if err != nil {
		return err
	}
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	q, err := killable(ctx, d)
	if err != nil {
		return err
	}
	if err := q.Start(ctx); err != nil {
		return err
	}
	failed := make(chan error)
	for range 8 {
		go func() {
			for {
				if err := owe(ctx, d, q); err != nil {
					failed <- err
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		}()
	}
	for {
		select {
		case err := <-failed:
			return err
		case <-time.After(100 * time.Millisecond):
		}
		counts, err := q.Stats(ctx)
		if err != nil {
			return err
		}
		if counts["completed"] > 0 && counts["running"] > 0 {
			fmt.Println("busy")
		}
	}
}

// owe records a piece of work and enqueues its job in one transaction.
func owe(ctx context.Context, d *db.DB, q *jobs.Queue) error {
	id := db.NewID()
	return d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO work (id, done) VALUES ($1, 0)`, id); err != nil {
			return err
		}
		return q.Enqueue(ctx, tx, "work", id, jobs.EnqueueOptions{})
	})
}

func TestNoCommittedJobIsLostWhenTheProcessIsKilled(t *testing.T) {
	for name, url := range map[string]string{"sqlite": testenv.SQLite(t), "postgres": testenv.PostgreSQL(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killed := 5
			if name == "postgres" {
				killed = 2
			}
			for range killed {
				killWhenBusy(t, url)
			}
			finishTheWork(t, url)
		})
	}
}

// killWhenBusy starts the victim, waits until it works, and kills it without warning.
func killWhenBusy(t *testing.T, url string) {
	t.Helper()
	victim := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	victim.Env = append(os.Environ(), killedURL+"="+url)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	busy := bufio.NewScanner(out)
	for range 3 {
		if !busy.Scan() {
			t.Fatal("the victim never got to work:", victim.Wait())
		}
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := victim.Wait(); err == nil {
		t.Fatal("the victim ended by itself")
	}
}

// finishTheWork starts a fresh process's queue and expects every piece of work done.
func finishTheWork(t *testing.T, url string) {
	t.Helper()
	time.Sleep(2 * time.Second) // RescueAfter, so that the first look finds the orphans
	d := testenv.OpenMigrated(t, url)
	q, err := killable(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	before, err := q.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// River waits up to 21 s for the dead leader's lease before it rescues; on SQLite Start
	// ends it, here the test does: the lease is not what is being tested.
	if _, err := d.Writer().ExecContext(t.Context(), "DELETE FROM river_leader"); err != nil {
		t.Fatal(err)
	}
	start(t, q)
	var owed, done int
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		row := d.QueryRow(t.Context(), `SELECT count(*), count(CASE WHEN done > 0 THEN 1 END) FROM work`)
		if err := row.Scan(&owed, &done); err != nil {
			t.Fatal(err)
		}
		if owed == done {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d done", done, owed)
		}
	}
	if owed < 20 || before["running"] == 0 {
		t.Fatalf("killed too early to prove anything: %d pieces of work, %v", owed, before)
	}
	t.Logf("all %d done; the kills left %v", done, before)
}
