package knowledge

import (
	"context"
	"fmt"
	"time"

	"greendesk/internal/db"
)

// leaseTime is how long a lease holds when it is not renewed: longer than a
// job may run.
const leaseTime = 2 * time.Minute

// A lease lets one process at a time change the search server's index: two
// would put half of an index in place. It is a row of settings, "until holder",
// that whoever holds it writes anew.
const leaseName = "index.lease"

// lease takes or renews the lease for holder. It reports whether holder has it.
func (s *Store) lease(ctx context.Context, holder string) (bool, error) {
	now := s.now()
	var took int64
	err := s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE settings.value < $3 OR settings.value LIKE $4`,
			leaseName, fmt.Sprintf("%013d %s", now.Add(leaseTime).UnixMilli(), holder), fmt.Sprintf("%013d", now.UnixMilli()), "% "+holder)
		if err != nil {
			return err
		}
		took, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("index lease: %w", err)
	}
	return took == 1, nil
}

// release gives the lease back.
func (s *Store) release(ctx context.Context, holder string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM settings WHERE name = $1 AND value LIKE $2`, leaseName, "% "+holder)
		return err
	})
}
