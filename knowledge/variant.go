package knowledge

import (
	"context"
	"maps"
	"strings"

	"greendesk/knowledge/index"
	"greendesk/knowledge/rank"
	"greendesk/knowledge/sense"
)

// Variant is an engine over the same store with another sense model and with
// the standard questions of those documents only that keep picks, by their
// folded titles: for learning how clauses rank that nobody has written
// questions for. Its index is full; of vectors it has those that are kept.
func (e *Engine) Variant(ctx context.Context, m *sense.Model, keep func(title string) bool) (*Engine, error) {
	kept := maps.Clone(e.standard)
	maps.DeleteFunc(kept, func(key, _ string) bool {
		title, _, _ := strings.Cut(key, "\x00")
		return !keep(title)
	})
	v := &Engine{store: e.store, local: index.NewEmbedded(), metrics: newSearchMetrics(), equipment: e.equipment, standard: kept, log: e.log, now: e.now, batch: e.batch}
	v.readers.Store(rank.NewReader(e.Folder(), e.chatter, e.carried, m))
	v.weights.Store(e.Weights())
	if e.meaning != nil {
		v.UseMeaning(e.meaning.client, e.meaning.patience, nil)
	}
	return v, v.Sync(ctx)
}
