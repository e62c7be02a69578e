package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"greendesk/internal/apperr"
)

// Dialect names the database behind a DB. SQL text does not depend on it; only
// migrations and the job queue ask.
type Dialect string

// The two databases.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// ErrInsideTx is returned by DB.InTx, DB.Query and DB.QueryRow when their context
// comes from inside a transaction function: use the *Tx there.
var ErrInsideTx = errors.New("db: DB used inside a transaction function, use its *Tx")

// Texts for people. Driver text never reaches them.
const (
	notSaved = "数据暂时没能保存，请稍后再试。"
	notRead  = "数据暂时无法读取，请稍后再试。"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	log     *slog.Logger
	path    string // SQLite: the file
	reader  *sql.DB
	writer  *sql.DB       // SQLite: the one writing connection; PostgreSQL: the same as reader
	pool    *pgxpool.Pool // PostgreSQL only
	commits *committer    // SQLite only
	reads   *statements   // SQLite only: of reader
	writes  *statements   // SQLite only: of writer, prepared between two groups
	// Every query on these fails, with ErrInsideTx, sql.ErrTxDone or errBroken: a *sql.Row
	// can only carry an error that came from a connection.
	refuse, finished, broken *sql.DB
}

// Open opens the database named by url: "sqlite:/path/file.db" (the file and its
// folder are created, readable by their owner only) or "postgres://…" (also
// "postgresql://…"). It checks that the database answers and changes no tables; call
// Migrate next. log must not be nil.
func Open(ctx context.Context, url string, log *slog.Logger) (*DB, error) {
	d := &DB{
		log: log, refuse: sql.OpenDB(refusing{ErrInsideTx}),
		finished: sql.OpenDB(refusing{sql.ErrTxDone}), broken: sql.OpenDB(refusing{errBroken}),
	}
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		err = d.openSQLite(strings.TrimPrefix(url, "sqlite:"))
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		err = d.openPostgreSQL(ctx, url)
	default:
		scheme, _, _ := strings.Cut(url, ":")
		return nil, fmt.Errorf("db: database url must begin with sqlite: or postgres://, not %q", scheme)
	}
	if err != nil {
		return nil, err
	}
	if err := d.Ping(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Dialect tells which database this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Close waits for transactions that have begun, then closes every connection. Later
// calls of InTx fail. Stop the job queue first.
func (d *DB) Close() error {
	if d.commits != nil {
		d.commits.close()
	}
	for _, s := range []*statements{d.reads, d.writes} {
		if s != nil {
			s.close()
		}
	}
	err := errors.Join(d.refuse.Close(), d.finished.Close(), d.broken.Close(), d.reader.Close())
	if d.writer != d.reader {
		err = errors.Join(err, d.writer.Close())
	}
	if d.pool != nil {
		d.pool.Close()
	}
	return err
}

// Ping reports whether the database answers a query, for the health page.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	if err := d.reader.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return apperr.Wrap(apperr.Unavailable, notRead, fmt.Errorf("db: ping: %w", err))
	}
	return nil
}

// Query runs a reading statement outside any transaction. It sees everything committed
// before it began. The caller closes the rows and checks rows.Err. On SQLite the
// connection refuses to write.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := d.prepared(ctx, query); stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return d.readers(ctx).QueryContext(ctx, query, args...)
}

// QueryRow is Query for at most one row; errors (sql.ErrNoRows too) come from Scan.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := d.prepared(ctx, query); stmt != nil {
		return stmt.QueryRowContext(ctx, args...)
	}
	return d.readers(ctx).QueryRowContext(ctx, query, args...)
}

// Writer returns the handle that may write: on SQLite the single connection that the
// group committer uses too, so its users take turns. It is for the job queue, which
// runs its own transactions; everything else writes through InTx. Using it inside a
// transaction function would wait for itself.
func (d *DB) Writer() *sql.DB { return d.writer }

// Pool returns the PostgreSQL connection pool for the job queue, nil on SQLite.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// prepared is the prepared statement of a reading query; nil on PostgreSQL, inside a
// transaction function, and for a text that cannot be prepared.
func (d *DB) prepared(ctx context.Context, query string) *sql.Stmt {
	if d.reads == nil || insideTx(ctx, d) {
		return nil
	}
	if stmt := d.reads.find(query); stmt != nil {
		return stmt
	}
	d.reads.prepare(ctx)
	return d.reads.find(query)
}

func (d *DB) readers(ctx context.Context) *sql.DB {
	if insideTx(ctx, d) {
		return d.refuse
	}
	return d.reader
}

// refusing is a connector that fails with its error.
type refusing struct{ err error }

func (r refusing) Connect(context.Context) (driver.Conn, error) { return nil, r.err }
func (r refusing) Driver() driver.Driver                        { return nil }
