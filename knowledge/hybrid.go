package knowledge

import (
	"context"
	"errors"
	"slices"
	"time"

	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/knowledge/index"
	"greendesk/knowledge/meili"
)

// Nearer finds clauses by what they mean: the vectors in memory, or a search
// server's. What it returns is as Searcher's.
type Nearer interface {
	Near(ctx context.Context, v []float32, day string, limit int) ([]index.Hit, error)
}

// The search server keeps the vectors, too, beside the words of each clause.
// What it is to have is what SQL has: how large the vectors are, and which. So
// all processes agree about it, and nothing is lost with any of them.

// vectorsWanted is the model whose vectors the search server is to have, and
// their size; 0 while there is none.
func (e *Engine) vectorsWanted(ctx context.Context) (model string, size int, err error) {
	if e.meaning == nil {
		return "", 0, nil
	}
	size, err = e.store.vectorSize(ctx, e.meaning.model)
	if err != nil || size == 0 {
		return "", 0, err
	}
	return e.meaning.model, size, nil
}

// vectorsPause gathers vectors that come one batch after another, before the
// search server is brought up to them.
const vectorsPause = 30 * time.Second

// vectorsCame announces vectors that were kept in tx to the search server.
func (s *Store) vectorsCame(ctx context.Context, tx *db.Tx) error {
	if s.queue == nil {
		return nil
	}
	return s.queue.Enqueue(ctx, tx, KindIndex, struct{}{}, jobs.EnqueueOptions{UniqueKey: KindIndex + ".vectors", At: time.Now().Add(vectorsPause), Priority: 4})
}

// addVectors gives entries the vectors that are kept for what they were made of,
// if the index has vectors.
func (e *Engine) addVectors(ctx context.Context, x *meili.Index, stored []Entry, entries []*index.Entry) error {
	if x.State.Dimensions == 0 {
		return nil
	}
	wishes := make([][]wish, len(stored))
	var keys []string
	for i, c := range stored {
		wishes[i] = e.wishesOf(c, entries[i].Version)
		for _, w := range wishes[i] {
			keys = append(keys, w.key)
		}
	}
	kept, err := e.store.vectors(ctx, e.meaning.model, keys)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		m := &index.Meaning{}
		for _, w := range wishes[i] {
			v := kept[w.key]
			switch {
			case len(v) != x.State.Dimensions:
				m.Lacking++
			case w.want.kind == standardQuestion:
				m.Asked = append(m.Asked, v)
			default:
				m.Texts = append(m.Texts, v)
			}
		}
		entry.Meaning = m
	}
	return nil
}

// bareBatch is how many clauses get their vectors at a time: one task of the
// search server.
const bareBatch = 500

// carryVectors brings an index up to the vectors that have come since its
// clauses were put there, and returns how many clauses got any.
func (e *Engine) carryVectors(ctx context.Context, x *meili.Index, holder string) (came int, err error) {
	if x.State.Dimensions == 0 {
		return 0, nil
	}
	for skip := 0; ; {
		if deadline, ok := ctx.Deadline(); ok && came > 0 && time.Until(deadline) < stopBefore {
			return came, errPause
		}
		if got, err := e.store.lease(ctx, holder); err != nil || !got {
			return came, errors.Join(err, errPause)
		}
		bare, err := x.Bare(ctx, skip, bareBatch)
		if err != nil || len(bare) == 0 {
			return came, err
		}
		richer, err := e.richer(ctx, x, bare)
		if err != nil {
			return came, err
		}
		if err := x.Put(ctx, richer); err != nil {
			return came, err
		}
		came += len(richer)
		for _, entry := range richer {
			if entry.Meaning.Lacking == 0 {
				skip-- // it is no longer among those that lack any
			}
		}
		skip += len(bare)
	}
}

// richer are the entries of those clauses for which more vectors are kept than
// the index has.
func (e *Engine) richer(ctx context.Context, x *meili.Index, bare []meili.Bare) ([]*index.Entry, error) {
	lacking := make(map[string]int, len(bare))
	ids := make([]string, len(bare))
	for i, b := range bare {
		ids[i], lacking[b.ID] = b.ID, b.Lacking
	}
	stored, err := e.store.clausesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	versions := versionCache{engine: e}
	entries := make([]*index.Entry, len(stored))
	for i, c := range stored {
		entries[i] = e.entry(c, versions.of(c))
	}
	if err := e.addVectors(ctx, x, stored, entries); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(entries, func(x *index.Entry) bool {
		return void(x.Version) || x.Meaning.Lacking >= lacking[x.ID]
	}), nil
}

// near finds the clauses in force on day that are near to a question's vector:
// the search server's, when it has vectors and can be relied on, else those of
// the vectors in memory. Only the search is the server's: how near each is, which
// the scorer weighs, is measured in memory either way.
func (e *Engine) near(ctx context.Context, v []float32, day string) ([]index.Hit, error) {
	if v == nil {
		return nil, nil
	}
	r := e.remote
	if r == nil || !r.vectors.Load() {
		return e.meaning.Near(ctx, v, day, meant)
	}
	why := r.unfit.String()
	if why == "" {
		var ids []string
		ids, why = r.names(ctx, r.meaning, func(ctx context.Context) ([]index.Hit, error) { return r.server.Near(ctx, v, day, meant) })
		if entries := e.local.Named(ids, day); len(entries) > 0 {
			e.metrics.near.WithLabelValues(fromServer).Inc()
			hits := make([]index.Hit, len(entries))
			for i, x := range entries {
				hits[i] = index.Hit{Entry: x}
			}
			return hits, nil
		}
	}
	hits, err := e.meaning.Near(ctx, v, day, meant)
	if len(hits) > 0 || why != whyEmpty {
		r.last.set(why)
		e.metrics.degraded.WithLabelValues(why).Inc()
	}
	e.metrics.near.WithLabelValues(fromEmbedded).Inc()
	return hits, err
}
