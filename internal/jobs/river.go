package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"greendesk/internal/db"
)

// lastGrace is how long handlers have to notice a cancelled context after the context
// of Stop has ended.
const lastGrace = 5 * time.Second

// Start begins to work the registered kinds. It returns when the workers run; the end
// of ctx does not stop them, only Stop does. A queue is started once.
func (q *Queue) Start(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.working != nil {
		return errors.New("jobs: started twice")
	}
	if len(q.handlers) == 0 {
		return errors.New("jobs: no handlers")
	}
	workers := river.NewWorkers()
	for kind, h := range q.handlers {
		river.AddWorkerArgs(workers, jobArgs{kind: kind}, &worker{handle: h})
	}
	e, err := newEngine(q.db, q.config(workers))
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if err := q.dropDeadLeader(ctx); err != nil {
		return err
	}
	if err := e.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: start: %w", err)
	}
	q.working = e
	return nil
}

func (q *Queue) config(workers *river.Workers) *river.Config {
	return &river.Config{
		Logger:       q.log,
		Workers:      workers,
		Queues:       map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: q.opts.Workers}},
		PollOnly:     true,
		MaxAttempts:  q.opts.MaxAttempts,
		JobTimeout:   q.opts.Timeout,
		ErrorHandler: failures{q.log},
		RetryPolicy:  retries{q.opts.Backoff},
		// The cooldown bounds throughput: workers / cooldown.
		FetchPollInterval:           q.opts.PollInterval,
		FetchCooldown:               min(q.opts.PollInterval, river.FetchCooldownDefault),
		RescueStuckJobsAfter:        q.opts.RescueAfter,
		CancelledJobRetentionPeriod: -1,
		DiscardedJobRetentionPeriod: -1,
	}
}

// dropDeadLeader spares a restarted process on SQLite the wait (up to 21 s) until the
// leadership of its killed predecessor has run out; until then no retry and no
// scheduled job would start. Were the leader alive, it would notice and stand again.
func (q *Queue) dropDeadLeader(ctx context.Context) error {
	if q.db.Dialect() != db.SQLite {
		return nil
	}
	if _, err := q.db.Writer().ExecContext(ctx, "DELETE FROM river_leader"); err != nil {
		return fmt.Errorf("jobs: start: %w", err)
	}
	return nil
}

// Stop takes no more jobs and waits for the running handlers. When ctx ends first, their
// contexts are cancelled, and Stop returns ctx's error once they have returned, or after
// 5 more seconds; what they left undone is tried again. Stopping a queue that was not
// started does nothing.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.RLock()
	e := q.working
	q.mu.RUnlock()
	if e == nil {
		return nil
	}
	err := e.Stop(ctx)
	if err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastGrace)
	defer cancel()
	return fmt.Errorf("jobs: stop: %w", errors.Join(err, e.StopAndCancel(hard)))
}

// jobArgs is the row's JSON. The payload is a string, not an object: PostgreSQL's JSONB
// would reorder it and refuse the character U+0000.
type jobArgs struct {
	kind    string
	Key     string `json:"key,omitempty" river:"unique"`
	Payload string `json:"payload"`
}

// Kind tells River the kind.
func (a jobArgs) Kind() string { return a.kind }

type worker struct {
	river.WorkerDefaults[jobArgs]
	handle Handler
}

// Work runs the handler.
func (w *worker) Work(ctx context.Context, j *river.Job[jobArgs]) error {
	return w.handle(ctx, Job{
		ID: j.ID, Kind: j.JobRow.Kind, Attempt: j.Attempt, MaxAttempts: j.MaxAttempts,
		Payload: []byte(j.Args.Payload),
	})
}

type retries struct{ backoff func(int) time.Duration }

// NextRetry schedules the next attempt; River asks for len(Errors) not to count snoozes.
func (r retries) NextRetry(j *rivertype.JobRow) time.Time {
	return time.Now().Add(r.backoff(len(j.Errors) + 1))
}

type failures struct{ log *slog.Logger }

// HandleError logs a failed attempt: the last as an error, the others as warnings.
func (f failures) HandleError(ctx context.Context, j *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	level := slog.LevelWarn
	if j.Attempt >= j.MaxAttempts {
		level = slog.LevelError
	}
	f.log.Log(ctx, level, "job failed", append(about(j), slog.Any("error", err))...)
	return nil
}

// HandlePanic logs a panic, always an error.
func (f failures) HandlePanic(ctx context.Context, j *rivertype.JobRow, v any, trace string) *river.ErrorHandlerResult {
	f.log.ErrorContext(ctx, "job panicked", append(about(j), slog.Any("panic", v), slog.String("trace", trace))...)
	return nil
}

func about(j *rivertype.JobRow) []any {
	return []any{
		slog.String("kind", j.Kind), slog.Int64("job", j.ID),
		slog.Int("attempt", j.Attempt), slog.Int("max_attempts", j.MaxAttempts),
	}
}

// engine is a River client without its transaction type.
type engine interface {
	insert(ctx context.Context, tx *db.Tx, args jobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

func newEngine(d *db.DB, cfg *river.Config) (engine, error) {
	if d.Dialect() == db.PostgreSQL {
		c, err := river.NewClient(riverpgxv5.New(d.Pool()), cfg)
		if err != nil {
			return nil, err
		}
		return onPostgreSQL{c}, nil
	}
	c, err := river.NewClient(riversqlite.New(d.Writer()), cfg)
	if err != nil {
		return nil, err
	}
	return onSQLite{c}, nil
}

type onSQLite struct{ *river.Client[*sql.Tx] }

func (c onSQLite) insert(ctx context.Context, tx *db.Tx, args jobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error) {
	var res *rivertype.JobInsertResult
	err := tx.WithSQL(ctx, func(ctx context.Context, st *sql.Tx) (err error) {
		res, err = c.InsertTx(ctx, st, args, opts)
		return err
	})
	return res, err
}

type onPostgreSQL struct{ *river.Client[pgx.Tx] }

func (c onPostgreSQL) insert(ctx context.Context, tx *db.Tx, args jobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error) {
	var res *rivertype.JobInsertResult
	err := tx.WithPgx(ctx, func(ctx context.Context, pt pgx.Tx) (err error) {
		res, err = c.InsertTx(ctx, pt, args, opts)
		return err
	})
	return res, err
}
