package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"greendesk/internal/apperr"
)

// maxConns bounds the pool unless the url says pool_max_conns: enough for the web, the
// jobs and the queue itself, and five replicas fit PostgreSQL's default of 100.
const maxConns = 18

// A transaction that collides is repeated for this long in all before its caller is
// asked to try later.
const maxCollision = 10 * time.Second

func (d *DB) openPostgreSQL(ctx context.Context, url string) error {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return errors.New("db: postgres: the database url cannot be read") // err may quote the password
	}
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = maxConns
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	params := cfg.ConnConfig.RuntimeParams
	if params["application_name"] == "" {
		params["application_name"] = "greendesk"
	}
	params["timezone"] = "UTC"
	if d.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return fmt.Errorf("db: postgres: %w", err)
	}
	d.dialect = PostgreSQL
	d.reader = stdlib.OpenDBFromPool(d.pool)
	d.writer = d.reader
	return nil
}

// inTxPostgreSQL runs fn in a SERIALIZABLE transaction, so that it may read, decide and
// write with the same promise as on SQLite, and repeats it when it collided.
func (d *DB) inTxPostgreSQL(ctx context.Context, fn func(context.Context, *Tx) error) error {
	deadline := time.Now().Add(maxCollision)
	for attempt := 0; ; attempt++ {
		err := d.tryPostgreSQL(ctx, fn)
		if !collided(err) {
			return err
		}
		if time.Now().After(deadline) {
			return apperr.Wrap(apperr.Unavailable, notSaved, err)
		}
		// Full jitter between 0 and 2, 4 … 128 ms: who collided must not meet again.
		pause := time.Duration(rand.Int64N(int64(2*time.Millisecond) << min(attempt, 6))) //nolint:gosec // jitter is no secret
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (d *DB) tryPostgreSQL(ctx context.Context, fn func(context.Context, *Tx) error) (err error) {
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return saveError(ctx, fmt.Errorf("db: connect: %w", err))
	}
	defer conn.Close() //nolint:errcheck // returns the connection to the pool; nothing to tell
	sqlTx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return saveError(ctx, fmt.Errorf("db: begin: %w", err))
	}
	tx := &Tx{d: d, tx: sqlTx, conn: conn}
	committed := false
	defer func() { // also when fn panics or ends its goroutine
		tx.over.Store(true)
		if !committed {
			_ = sqlTx.Rollback()
		}
	}()
	if err := fn(withInside(ctx, d), tx); err != nil {
		return err
	}
	if err := tx.ignored(); err != nil {
		return err
	}
	tx.over.Store(true)
	if err := sqlTx.Commit(); err != nil {
		return saveError(ctx, fmt.Errorf("db: commit: %w", err))
	}
	committed = true
	return nil
}

// collided reports a serialization failure (40001) or a deadlock (40P01), the two that
// PostgreSQL's manual (§13.5) says to repeat.
func collided(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// saveError classifies a failure to begin or commit. The caller's own deadline stays
// recognisable.
func saveError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = fmt.Errorf("%w (%w)", ctx.Err(), err)
	}
	return apperr.Wrap(apperr.Unavailable, notSaved, err)
}

// borrowedTx shows a connection on which database/sql has begun a transaction as a
// pgx.Tx. River only runs statements on it; ending it is up to InTx.
type borrowedTx struct{ *pgxConn }

type pgxConn = pgx.Conn // embedded under another name than the method Conn

var errBorrowed = errors.New("db: this transaction is ended by InTx")

func (b borrowedTx) Begin(context.Context) (pgx.Tx, error) { return nil, errBorrowed }
func (b borrowedTx) Commit(context.Context) error          { return errBorrowed }
func (b borrowedTx) Rollback(context.Context) error        { return errBorrowed }
func (b borrowedTx) LargeObjects() pgx.LargeObjects        { panic(errBorrowed) }
func (b borrowedTx) Conn() *pgx.Conn                       { return b.pgxConn }
