package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"greendesk/internal/apperr"
)

// Group commit for SQLite. One goroutine, the committer, takes every InTx call that is
// waiting, begins one transaction, and gives it to the callers one after another; each
// runs its function on its own goroutine between SAVEPOINT and RELEASE. Then it commits
// once and tells them all. While it waits for the disk, the next group gathers.
//
// One call's failure stays its own: its savepoint is rolled back. What SQLite cannot
// confine (a full disk, an I/O error, a failed COMMIT) fails the group, and calls that
// had not started yet go into the next one.
//
// The writing connection is shared with the job queue (DB.Writer): database/sql hands
// it from one to the other, so nobody polls a file lock and nobody starves.

const (
	maxGroup = 256                    // bounds how long the first of a group waits for its commit
	slowCall = 500 * time.Millisecond // a function that holds up all others this long is logged
)

var (
	errClosed    = errors.New("db: closed")
	errGroupLost = errors.New("db: the transaction was rolled back because of another call in its group")
)

// InTx runs fn in a write transaction and returns after the commit is on disk.
//
// When fn returns an error the transaction is rolled back and InTx returns that error
// unchanged. When fn panics it is rolled back and the panic goes on in the caller. A
// call whose ctx is done before its turn is not run and returns ctx's error. A failure
// to begin or to commit is apperr.Unavailable. On PostgreSQL fn may be run again after
// a collision. See the package comment for what fn must not do.
func (d *DB) InTx(ctx context.Context, fn func(context.Context, *Tx) error) error {
	if insideTx(ctx, d) {
		return ErrInsideTx
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.dialect == PostgreSQL {
		return d.inTxPostgreSQL(ctx, fn)
	}
	return d.commits.do(ctx, fn)
}

type committer struct {
	d     *DB
	calls chan *call
	quit  chan struct{} // closed to refuse new calls
	done  chan struct{} // closed when the committer has ended
}

// call is one InTx on its way through the committer.
type call struct {
	ctx   context.Context
	turn  chan *sql.Tx // committer → caller: your turn (closed without a value: the group failed)
	ran   chan outcome // caller → committer: my function has ended
	final chan error   // committer → caller: committed, or why not
}

type outcome int

const (
	skipped outcome = iota // the context was done, nothing was written
	failed                 // roll back to the savepoint; the caller has its error already
	wrote
)

func newCommitter(d *DB) *committer {
	return &committer{d: d, calls: make(chan *call), quit: make(chan struct{}), done: make(chan struct{})}
}

// close refuses new calls and waits for the group under way. It may be called twice.
func (c *committer) close() {
	select {
	case <-c.quit:
	default:
		close(c.quit)
	}
	<-c.done
}

func (c *committer) do(ctx context.Context, fn func(context.Context, *Tx) error) error {
	me := &call{ctx: ctx, turn: make(chan *sql.Tx, 1), ran: make(chan outcome, 1), final: make(chan error, 1)}
	select {
	case c.calls <- me:
	case <-c.quit:
		return apperr.Wrap(apperr.Unavailable, notSaved, errClosed)
	case <-ctx.Done():
		return ctx.Err()
	}
	var sqlTx *sql.Tx
	select {
	case tx, ok := <-me.turn:
		if !ok {
			return <-me.final
		}
		sqlTx = tx
	case <-ctx.Done(): // another process may hold the file; whoever waits for an answer does not
		me.ran <- skipped // to whoever gives the turn, then or never
		return ctx.Err()
	}
	if err := c.run1(me, sqlTx, fn); err != nil {
		return err
	}
	return <-me.final
}

// run1 runs fn on the caller's goroutine and always passes the turn on, also when fn
// panics or ends its goroutine (t.FailNow).
func (c *committer) run1(me *call, sqlTx *sql.Tx, fn func(context.Context, *Tx) error) error {
	if err := me.ctx.Err(); err != nil {
		me.ran <- skipped
		return err
	}
	tx := &Tx{d: c.d, tx: sqlTx, detached: true}
	result, started := failed, time.Now()
	defer func() {
		tx.over.Store(true)
		me.ran <- result
		if took := time.Since(started); took > slowCall {
			c.d.log.Warn("slow transaction function holds up all writers", slog.Duration("took", took))
		}
	}()
	if err := fn(withInside(me.ctx, c.d), tx); err != nil {
		return err
	}
	if err := tx.ignored(); err != nil {
		return err
	}
	result = wrote
	return nil
}

func (c *committer) run() {
	defer close(c.done)
	var group []*call
	for {
		if len(group) == 0 {
			select {
			case first := <-c.calls:
				group = append(group, first)
			case <-c.quit:
				return
			}
		}
		group = c.commit(c.gather(group))
	}
}

// gather adds every call that is waiting right now.
func (c *committer) gather(group []*call) []*call {
	for len(group) < maxGroup {
		select {
		case next := <-c.calls:
			group = append(group, next)
		default:
			return group
		}
	}
	return group
}

// commit runs one group and returns the calls that must go into the next one.
func (c *committer) commit(group []*call) (rest []*call) {
	ctx := context.Background()
	c.d.writes.prepare(ctx)
	conn, err := c.d.writer.Conn(ctx)
	if err != nil {
		tell(group, fmt.Errorf("db: connect: %w", err))
		return nil
	}
	defer conn.Close() //nolint:errcheck // gives the connection to the next user
	sqlTx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		tell(group, fmt.Errorf("db: begin: %w", err))
		return nil
	}
	written, rest, err := c.runGroup(ctx, sqlTx, group)
	if err == nil && len(written) == 0 {
		_ = sqlTx.Rollback()
		return rest
	}
	if err == nil {
		err = sqlTx.Commit()
	}
	if err != nil {
		_ = sqlTx.Rollback()
		// A COMMIT that failed leaves the transaction open behind database/sql's back.
		_, _ = conn.ExecContext(ctx, "ROLLBACK")
		c.d.log.Error("group commit failed", slog.Int("calls", len(written)), slog.Any("error", err))
		err = fmt.Errorf("db: commit: %w", err)
	}
	for _, w := range written {
		w.end(err)
	}
	return rest
}

// runGroup gives each caller its turn. It returns the calls that wrote, the calls not
// started when the transaction broke, and what broke it.
func (c *committer) runGroup(ctx context.Context, sqlTx *sql.Tx, group []*call) (written, rest []*call, err error) {
	alone := len(group) == 1
	for i, call := range group {
		if !alone {
			if _, err := c.exec(ctx, sqlTx, "SAVEPOINT one"); err != nil {
				err = errors.Join(errGroupLost, err)
				tell(group[i:], err)
				return written, nil, err
			}
		}
		call.turn <- sqlTx
		result := <-call.ran
		if result == wrote {
			written = append(written, call)
		}
		if alone {
			return written, nil, nil
		}
		if result != wrote {
			if _, err := sqlTx.ExecContext(ctx, "ROLLBACK TO one"); err != nil {
				return written, group[i+1:], errors.Join(errGroupLost, err)
			}
		}
		if _, err := c.exec(ctx, sqlTx, "RELEASE one"); err != nil {
			return written, group[i+1:], errors.Join(errGroupLost, err)
		}
	}
	return written, nil, nil
}

func (c *committer) exec(ctx context.Context, tx *sql.Tx, query string) (sql.Result, error) {
	if stmt := c.d.writes.find(query); stmt != nil {
		return tx.StmtContext(ctx, stmt).ExecContext(ctx)
	}
	return tx.ExecContext(ctx, query)
}

// end tells a caller whose function has run how the commit went.
func (c *call) end(err error) {
	if err != nil {
		err = apperr.Wrap(apperr.Unavailable, notSaved, err)
	}
	c.final <- err
}

// tell fails calls that have not started.
func tell(group []*call, err error) {
	for _, c := range group {
		c.end(err)
		close(c.turn)
	}
}
