package desk

import (
	"context"
	"maps"
	"slices"
	"sync"

	"greendesk/internal/db"
)

// watchers are told of consultations that have changed.
type watchers struct {
	mu   sync.Mutex
	next int
	fns  map[int]func(consultation string)
}

// Watch has fn called with the id of every consultation that this process has
// changed, after the change is on disk. fn is called by whoever made the
// change, also by several at the same time, and must return at once. stop ends
// it; a call that is under way may still come after.
func (d *Desk) Watch(fn func(consultation string)) (stop func()) {
	w := &d.watchers
	w.mu.Lock()
	defer w.mu.Unlock()
	id := w.next
	w.next++
	if w.fns == nil {
		w.fns = map[int]func(string){}
	}
	w.fns[id] = fn
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.fns, id)
	}
}

func (w *watchers) tell(consultation string) {
	w.mu.Lock()
	fns := slices.Collect(maps.Values(w.fns))
	w.mu.Unlock()
	for _, fn := range fns {
		fn(consultation)
	}
}

// change runs fn in a transaction and tells the watchers of the consultation
// whose id it returns, "" for none.
func (d *Desk) change(ctx context.Context, fn func(context.Context, *db.Tx) (string, error)) error {
	var changed string
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err := fn(ctx, tx)
		changed = id
		return err
	})
	if err == nil && changed != "" {
		d.watchers.tell(changed)
	}
	return err
}
