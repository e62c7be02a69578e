package db

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // driver "sqlite"
)

// busyTimeout is how long, in milliseconds, a connection waits for another process (a
// command, a backup). Within this process writers take turns on one connection.
const busyTimeout = "5000"

func (d *DB) openSQLite(path string) error {
	if path == "" {
		return fmt.Errorf("db: sqlite: no file named in the database url")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("db: sqlite: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("db: sqlite: %w", err)
	}
	// SQLite gives its -wal and -shm files the mode of the main file.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator's setting names the file
	if err != nil {
		return fmt.Errorf("db: sqlite: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("db: sqlite: %w", err)
	}

	d.dialect, d.path = SQLite, path
	if d.writer, err = sql.Open("sqlite", sqliteDSN(path, "immediate")); err != nil {
		return fmt.Errorf("db: sqlite: %w", err)
	}
	d.writer.SetMaxOpenConns(1)
	if d.reader, err = sql.Open("sqlite", sqliteDSN(path, "deferred", "query_only(1)")); err != nil {
		return fmt.Errorf("db: sqlite: %w", err)
	}
	readers := max(4, runtime.GOMAXPROCS(0))
	d.reader.SetMaxOpenConns(readers)
	d.reader.SetMaxIdleConns(readers)
	d.reads, d.writes = newStatements(d.reader), newStatements(d.writer)
	d.commits = newCommitter(d)
	go d.commits.run()
	return nil
}

// sqliteDSN: busy_timeout comes first, because switching to WAL may itself have to wait.
// synchronous=FULL syncs the WAL at every commit: committed means on disk.
func sqliteDSN(path, txlock string, pragmas ...string) string {
	q := url.Values{"_txlock": {txlock}, "_dqs": {"0"}}
	for _, p := range append([]string{
		"busy_timeout(" + busyTimeout + ")", "journal_mode(WAL)", "synchronous(FULL)",
		"foreign_keys(1)", "journal_size_limit(67108864)",
	}, pragmas...) {
		q.Add("_pragma", p)
	}
	return "file:" + escapePath(path) + "?" + q.Encode()
}

// escapePath writes a path as SQLite's URI file names want it (sqlite.org/uri.html).
func escapePath(path string) string { return (&url.URL{Path: path}).EscapedPath() }
