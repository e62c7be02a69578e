package db_test

import (
	"context"
	"sync"
	"testing"

	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

// BenchmarkTinyWrites measures durable transactions of one INSERT each, from 64
// goroutines and from one, and what the same 64 reach when each commits alone. The
// product wants at least 2,000 a second from 64 on SQLite.
func BenchmarkTinyWrites(b *testing.B) {
	grouped := func(d *db.DB) func(context.Context) error {
		return func(ctx context.Context) error {
			return d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return put(ctx, tx, db.NewID(), "x") })
		}
	}
	single := func(d *db.DB) func(context.Context) error {
		return func(ctx context.Context) error {
			tx, err := d.Writer().BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
			if _, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)`, db.NewID(), "x"); err != nil {
				return err
			}
			return tx.Commit()
		}
	}
	for _, c := range []struct {
		name    string
		url     func(testing.TB) string
		write   func(*db.DB) func(context.Context) error
		writers int
	}{
		{"sqlite/grouped/64", testenv.SQLite, grouped, 64},
		{"sqlite/grouped/1", testenv.SQLite, grouped, 1},
		{"sqlite/single/64", testenv.SQLite, single, 64},
		{"postgres-without-fsync/64", testenv.PostgreSQL, grouped, 64},
	} {
		b.Run(c.name, func(b *testing.B) {
			write := c.write(testenv.OpenMigrated(b, c.url(b)))
			work := make(chan struct{})
			var wg sync.WaitGroup
			for range c.writers {
				wg.Go(func() {
					for range work {
						if err := write(b.Context()); err != nil {
							b.Error(err)
						}
					}
				})
			}
			for b.Loop() {
				work <- struct{}{}
			}
			close(work)
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
		})
	}
}
