package db_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

func TestEverySQLitePathWorksAndOnlyItsOwnerMayReadIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "新 文件夹#1?50%", "绿企.db")
	d := testenv.OpenMigrated(t, "sqlite:"+path)
	if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, "a", "1") }); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", suffix, info, err)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 4 { // and the migration lock
		t.Fatal(entries, err)
	}
}

func TestSQLiteIsOpenedDurableAndStrict(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
	} {
		var got string
		if err := d.Writer().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %s, want %s (%v)", pragma, got, want, err)
		}
	}
	if err := d.QueryRow(t.Context(), `SELECT "text"`).Scan(new(string)); err == nil {
		t.Error("a double-quoted string was taken")
	}
}

func TestABadURLIsRefusedWithoutShowingThePassword(t *testing.T) {
	for _, url := range []string{
		"", "sqlite:", "mysql://u:geheim@h/db", "/plain/path.db", "postgres://u:geheim@h:port/db",
		"postgres://u:geheim@127.0.0.1:1/db",
	} {
		_, err := db.Open(t.Context(), url, slog.New(slog.DiscardHandler))
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestProcessesThatMigrateAtOnceTakeTurns(t *testing.T) {
	for name, url := range map[string]string{"sqlite": testenv.SQLite(t), "postgres": testenv.PostgreSQL(t)} {
		t.Run(name, func(t *testing.T) {
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					d, err := db.Open(t.Context(), url, testenv.Log(t))
					if err != nil {
						t.Error(err)
						return
					}
					for range 2 { // and it may be repeated
						if err := d.Migrate(t.Context()); err != nil {
							t.Error(err)
						}
					}
					if err := d.Close(); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		if err := d.MigrateDown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.QueryRow(t.Context(), "SELECT count(*) FROM settings").Scan(new(int)); err == nil {
			t.Fatal("the table is still there")
		}
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d); n != 0 {
			t.Fatal(n)
		}
	})
}

func TestIDsAreUniqueAndSortByTheirMaking(t *testing.T) {
	ids := make([]string, 10_000)
	for i := range ids {
		ids[i] = db.NewID()
		if len(ids[i]) != 32 {
			t.Fatal(ids[i])
		}
	}
	if !sort.StringsAreSorted(ids) {
		t.Fatal("out of order")
	}
	for i := range ids[1:] {
		if ids[i] == ids[i+1] {
			t.Fatal("twice")
		}
	}
}
