package testenv

import (
	"log/slog"
	"path/filepath"
	"testing"

	"greendesk/internal/db"
)

// EachDatabase runs fn as two subtests, "sqlite" and "postgres", each with a fresh
// migrated database that is closed when the subtest ends.
func EachDatabase(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, OpenMigrated(t, SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { fn(t, OpenMigrated(t, PostgreSQL(t))) })
}

// SQLite returns the url of a database file that does not exist yet, in a folder that
// is removed when t ends.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// OpenMigrated opens and migrates the database at url and closes it when t ends. What
// it logs appears in the output of t.
func OpenMigrated(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), url, Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error("close database:", err)
		}
	})
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// Log returns a logger that writes warnings and errors to the output of t.
func Log(t testing.TB) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}
