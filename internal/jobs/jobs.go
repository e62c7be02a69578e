// Package jobs is the transactional job queue: work that must happen after a
// transaction, once at least, however often the process dies.
//
// A job is a row, inserted by Enqueue in the caller's transaction: it exists if and only
// if that transaction committed. Workers take it within about PollInterval. A handler
// that returns nil ends the job; an error or a panic makes it come back later; a process
// that dies leaves a job "running", and it is taken back after RescueAfter. So a handler
// may run more than once for one job, even at the same time, and must not mind.
//
// River (riverqueue.com) does the work; nothing outside this package sees it. It polls
// on both databases: LISTEN does not pass through PgBouncer, and on SQLite it would be a
// faster poll anyway.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"greendesk/internal/db"
)

// Options tune a queue. Zero values take the defaults.
type Options struct {
	// Workers is how many handlers run at the same time in this process: 1 to 50,
	// default 50.
	Workers int
	// MaxAttempts is how often a job is tried before it is kept as dead; default 25,
	// which with the default Backoff is about 14 hours.
	MaxAttempts int
	// PollInterval is how often each process looks for work; default 200 ms, at least
	// 1 ms.
	PollInterval time.Duration
	// RescueAfter is how long a job may be "running" before its process is taken for
	// dead and the job is tried again; default 2 minutes.
	RescueAfter time.Duration
	// Timeout cancels a handler's context; default and upper bound is half of
	// RescueAfter, so that a slow handler ends before its job is rescued.
	Timeout time.Duration
	// Backoff is the pause after the n-th failed attempt (n from 1). The default is
	// 1 s, 2 s, 4 s … up to 1 hour, give or take a tenth.
	Backoff func(attempt int) time.Duration
}

// EnqueueOptions say when and how one job runs. Zero values take the queue's defaults.
type EnqueueOptions struct {
	// At is the earliest start; zero means at once. A job for less than 5 s from now may
	// start up to 5 s late, one for later starts within about PollInterval of At.
	At time.Time
	// UniqueKey, if not empty, keeps at most one waiting job of this kind and key: a
	// second Enqueue leaves the first as it is. A job that is running does not count, as
	// it may have read what has just changed.
	UniqueKey string
	// MaxAttempts overrides Options.MaxAttempts.
	MaxAttempts int
	// Priority is 1 (first) to 4; 0 means 1.
	Priority int
}

// Job is one attempt at one job, as its handler sees it.
type Job struct {
	ID          int64
	Kind        string
	Attempt     int // from 1; a snoozed run is not counted
	MaxAttempts int
	Payload     []byte // JSON, byte for byte as Enqueue marshalled it
}

// Decode unmarshals the payload into v. Its error is permanent (Cancel): trying again
// would read the same bytes.
func (j Job) Decode(v any) error {
	if err := json.Unmarshal(j.Payload, v); err != nil {
		return Cancel(fmt.Errorf("jobs: payload of %s: %w", j.Kind, err))
	}
	return nil
}

// Last reports whether a failure of this attempt would be the job's last.
func (j Job) Last() bool { return j.Attempt >= j.MaxAttempts }

// Handler does one job. ctx ends after Options.Timeout and when a stop runs out of
// patience. nil ends the job; Snooze and Cancel are special; any other error and a panic
// count as a failed attempt.
type Handler func(ctx context.Context, j Job) error

// Queue enqueues and works jobs. It is safe for concurrent use.
type Queue struct {
	db   *db.DB
	log  *slog.Logger
	opts Options

	inserter engine // enqueues; never started

	mu       sync.RWMutex
	handlers map[string]Handler
	working  engine // nil until Start
}

// New makes a queue on a migrated database. Register every kind with Handle before the
// first Enqueue and before Start. Wrong options are an error.
func New(d *db.DB, log *slog.Logger, opts Options) (*Queue, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	q := &Queue{db: d, log: log, opts: opts, handlers: map[string]Handler{}}
	q.inserter, err = newEngine(d, &river.Config{
		Logger: log, MaxAttempts: opts.MaxAttempts, SkipUnknownJobCheck: true,
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return q, nil
}

// Handle registers the handler of a kind (ASCII letters, digits, "_-./:", two at
// least). It panics on a mistake in the program: a kind twice, or after Start.
func (q *Queue) Handle(kind string, h func(context.Context, Job) error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch _, twice := q.handlers[kind]; {
	case q.working != nil:
		panic("jobs: Handle after Start: " + kind)
	case twice:
		panic("jobs: two handlers for " + kind)
	}
	q.handlers[kind] = h
}

// Enqueue adds a job in tx: it runs if tx commits, and does not exist otherwise. The
// payload is marshalled to JSON; keep it small (ids, not texts). An unknown kind and a
// payload that cannot be marshalled are errors. After an error roll tx back.
func (q *Queue) Enqueue(ctx context.Context, tx *db.Tx, kind string, payload any, opt EnqueueOptions) error {
	q.mu.RLock()
	_, known := q.handlers[kind]
	q.mu.RUnlock()
	if !known {
		return fmt.Errorf("jobs: no handler for kind %q", kind)
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("jobs: payload of %s: %w", kind, err)
	}
	args := jobArgs{kind: kind, Payload: string(body)}
	opts := &river.InsertOpts{ScheduledAt: opt.At, MaxAttempts: opt.MaxAttempts, Priority: opt.Priority}
	if opt.UniqueKey != "" {
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: unfinished()}
	}
	// A running job with this key keeps its slot until it ends; the one that must follow
	// it takes the next slot.
	for slot := 0; ; slot++ {
		args.Key = uniqueSlot(opt.UniqueKey, slot)
		res, err := q.inserter.insert(ctx, tx, args, opts)
		if err != nil {
			return fmt.Errorf("jobs: enqueue %s: %w", kind, err)
		}
		if !res.UniqueSkippedAsDuplicate || res.Job.State != rivertype.JobStateRunning {
			return nil
		}
	}
}

func uniqueSlot(key string, slot int) string {
	if key == "" || slot == 0 {
		return key
	}
	return fmt.Sprintf("%s\x1f%d", key, slot) // the unit separator occurs in no key
}

func unfinished() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}
}

// Stats counts the jobs by state, leaving out states without jobs: available (waiting
// for a worker), scheduled (for later), retryable (failed, will be tried again),
// running, completed (kept for a day), cancelled (given up by Cancel) and discarded
// (attempts used up); the last two are kept for good.
func (q *Queue) Stats(ctx context.Context) (map[string]int64, error) {
	rows, err := q.db.Query(ctx, "SELECT CAST(state AS TEXT), count(*) FROM river_job GROUP BY state")
	if err != nil {
		return nil, fmt.Errorf("jobs: stats: %w", err)
	}
	defer rows.Close()
	counts := map[string]int64{}
	for rows.Next() {
		var state string
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("jobs: stats: %w", err)
		}
		counts[state] = n
	}
	return counts, rows.Err()
}

// Snooze is returned by a handler to be called again after d without this run counting
// as an attempt: the service window has not opened, a lock is taken.
func Snooze(d time.Duration) error { return river.JobSnooze(max(d, 0)) }

// Cancel is returned by a handler to give the job up: it will never succeed. The job is
// kept, with err, as dead. A nil err is allowed.
func Cancel(err error) error {
	if err == nil {
		err = errors.New("cancelled")
	}
	return river.JobCancel(err)
}

func (o Options) withDefaults() (Options, error) {
	if o.Workers == 0 {
		o.Workers = 50
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 25
	}
	if o.PollInterval == 0 {
		o.PollInterval = 200 * time.Millisecond
	}
	if o.RescueAfter == 0 {
		o.RescueAfter = 2 * time.Minute
	}
	if o.Timeout == 0 {
		o.Timeout = o.RescueAfter / 2
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	switch {
	case o.Workers < 1 || o.Workers > 50:
		return o, fmt.Errorf("jobs: Workers must be 1 to 50, not %d", o.Workers)
	case o.MaxAttempts < 1 || o.MaxAttempts > 1000:
		return o, fmt.Errorf("jobs: MaxAttempts must be 1 to 1000, not %d", o.MaxAttempts)
	case o.PollInterval < time.Millisecond:
		return o, fmt.Errorf("jobs: PollInterval must be at least 1 ms, not %v", o.PollInterval)
	case o.Timeout < 0 || o.Timeout > o.RescueAfter/2:
		return o, fmt.Errorf("jobs: Timeout must be at most half of RescueAfter (%v), not %v", o.RescueAfter, o.Timeout)
	}
	return o, nil
}

// backoff doubles from 1 s to 1 hour, give or take a tenth.
func backoff(attempt int) time.Duration {
	d := min(time.Second<<min(attempt-1, 12), time.Hour)
	return d - d/10 + time.Duration(rand.Int64N(int64(d/5))) //nolint:gosec // jitter is no secret
}
