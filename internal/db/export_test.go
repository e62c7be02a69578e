package db

import "context"

// MigrateDown undoes every migration of ours.
func (d *DB) MigrateDown(ctx context.Context) error {
	p, err := d.migrations()
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, 0)
	return err
}
