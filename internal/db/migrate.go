package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrateLock is the PostgreSQL advisory lock that migrating processes queue for: the
// letters "greendes" as a number, so that it is unlikely to be anybody else's.
const migrateLock = 0x677265656e646573

// Migrate brings the tables, the project's and River's, to the newest version. It is
// safe to call at every start and from several processes at once: one migrates, the
// others wait (SQLite: up to a minute). Each migration is one transaction; after an
// error the earlier ones stay applied and a later call continues.
func (d *DB) Migrate(ctx context.Context) error {
	unlock, err := d.lockMigrations(ctx)
	if err != nil {
		return fmt.Errorf("db: migration lock: %w", err)
	}
	return errors.Join(d.migrate(ctx), unlock())
}

func (d *DB) migrate(ctx context.Context) error {
	p, err := d.migrations()
	if err != nil {
		return err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	for _, r := range results {
		d.log.Info("migrated", slog.String("file", r.Source.Path), slog.Duration("took", r.Duration))
	}
	if err := d.migrateRiver(ctx); err != nil {
		return fmt.Errorf("db: migrate river: %w", err)
	}
	return nil
}

func (d *DB) migrations() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("db: migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	if d.dialect == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, d.writer, files,
		goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true))
	if err != nil {
		return nil, fmt.Errorf("db: migrations: %w", err)
	}
	return p, nil
}

func (d *DB) migrateRiver(ctx context.Context) error {
	cfg := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)} // it logs every statement
	if d.dialect == PostgreSQL {
		m, err := rivermigrate.New(riverpgxv5.New(d.pool), cfg)
		if err != nil {
			return err
		}
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	}
	m, err := rivermigrate.New(riversqlite.New(d.writer), cfg)
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// lockMigrations takes the lock between processes and returns what releases it. Both
// kinds are freed by the system when the process dies.
func (d *DB) lockMigrations(ctx context.Context) (unlock func() error, err error) {
	if d.dialect == PostgreSQL {
		return d.lockPostgreSQL(ctx)
	}
	// A database file of its own serves as the lock: works on every system, and locking
	// the real file would lock out goose as well.
	lock, err := sql.Open("sqlite", "file:"+escapePath(d.path+".migrate-lock")+
		"?_txlock=exclusive&_pragma=busy_timeout(60000)")
	if err != nil {
		return nil, err
	}
	tx, err := lock.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return func() error { return errors.Join(tx.Rollback(), lock.Close()) }, nil
}

func (d *DB) lockPostgreSQL(ctx context.Context) (unlock func() error, err error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrateLock)); err != nil {
		conn.Release()
		return nil, err
	}
	return func() error {
		defer conn.Release()
		_, err := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrateLock))
		return err
	}, nil
}
