package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Tx is a write transaction, valid until the function it was handed to returns; after
// that its methods fail with sql.ErrTxDone. It is not safe for concurrent use.
type Tx struct {
	d        *DB
	tx       *sql.Tx
	conn     *sql.Conn // PostgreSQL: the connection below tx
	detached bool      // SQLite: statements must not be interrupted, see statement
	over     atomic.Bool
	broken   error // the first statement that failed
}

// Exec runs a statement that returns no rows.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, err := t.statement(ctx)
	if err != nil {
		return nil, err
	}
	if stmt := t.prepared(ctx, query); stmt != nil {
		res, err := stmt.ExecContext(ctx, args...)
		return res, t.note(err)
	}
	res, err := t.tx.ExecContext(ctx, query, args...)
	return res, t.note(err)
}

// Query runs a statement that returns rows. Close them before the next statement
// (PostgreSQL has one conversation per connection) and check rows.Err.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := t.statement(ctx)
	if err != nil {
		return nil, err
	}
	if stmt := t.prepared(ctx, query); stmt != nil {
		rows, err := stmt.QueryContext(ctx, args...)
		return rows, t.note(err)
	}
	rows, err := t.tx.QueryContext(ctx, query, args...)
	return rows, t.note(err)
}

// QueryRow is Query for at most one row; errors (sql.ErrNoRows too) come from Scan.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	stmt, err := t.statement(ctx)
	switch {
	case errors.Is(err, errBroken):
		return t.d.broken.QueryRowContext(ctx, query)
	case errors.Is(err, sql.ErrTxDone):
		return t.d.finished.QueryRowContext(ctx, query)
	case err != nil:
		stmt = ctx // done already: database/sql reports that before it sends anything
	}
	if p := t.prepared(stmt, query); p != nil {
		row := p.QueryRowContext(stmt, args...)
		_ = t.note(row.Err())
		return row
	}
	row := t.tx.QueryRowContext(stmt, query, args...)
	_ = t.note(row.Err())
	return row
}

// prepared is the prepared statement of a query inside this transaction, nil when there
// is none yet. database/sql frees it with the transaction.
func (t *Tx) prepared(ctx context.Context, query string) *sql.Stmt {
	if t.d.writes == nil {
		return nil
	}
	stmt := t.d.writes.find(query)
	if stmt == nil {
		return nil
	}
	return t.tx.StmtContext(ctx, stmt)
}

// WithSQL runs fn with the transaction below, for the job queue on SQLite. fn runs its
// statements with the context it is given and must not commit, roll back or keep the
// transaction. An error of fn counts as a failed statement.
func (t *Tx) WithSQL(ctx context.Context, fn func(context.Context, *sql.Tx) error) error {
	ctx, err := t.statement(ctx)
	if err != nil {
		return err
	}
	return t.note(fn(ctx, t.tx))
}

// WithPgx is WithSQL with a pgx.Tx, for the job queue on PostgreSQL; on SQLite it is an
// error.
func (t *Tx) WithPgx(ctx context.Context, fn func(context.Context, pgx.Tx) error) error {
	if t.conn == nil {
		return errors.New("db: WithPgx needs PostgreSQL")
	}
	ctx, err := t.statement(ctx)
	if err != nil {
		return err
	}
	return t.note(t.conn.Raw(func(c any) error {
		sc, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("db: unexpected driver connection %T", c)
		}
		return fn(ctx, borrowedTx{sc.Conn()})
	}))
}

// statement checks that a statement may start. On SQLite an interrupted INSERT, UPDATE
// or DELETE rolls back the whole transaction (sqlite.org/c3ref/interrupt.html), and
// with it the other calls of a group commit: there the context stops the next
// statement but never the running one.
func (t *Tx) statement(ctx context.Context) (context.Context, error) {
	if t.over.Load() {
		return nil, sql.ErrTxDone
	}
	if t.broken != nil {
		return nil, errBroken
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.detached {
		return context.WithoutCancel(ctx), nil
	}
	return ctx, nil
}

// errBroken is what PostgreSQL says too (25P02): after a failed statement a transaction
// can only be rolled back. Some failures make SQLite roll back by itself, and later
// statements would then commit one by one.
var errBroken = errors.New("db: an earlier statement of this transaction failed")

// note remembers a failed statement.
func (t *Tx) note(err error) error {
	if err != nil && t.broken == nil {
		t.broken = err
	}
	return err
}

// ignored returns an error when a statement failed and the function returned nil.
func (t *Tx) ignored() error {
	if t.broken == nil {
		return nil
	}
	return fmt.Errorf("%w and was ignored: %w", errBroken, t.broken)
}

type insideKey struct{ d *DB }

func withInside(ctx context.Context, d *DB) context.Context {
	return context.WithValue(ctx, insideKey{d}, true)
}

func insideTx(ctx context.Context, d *DB) bool { return ctx.Value(insideKey{d}) != nil }
