package index

import (
	"cmp"
	"errors"
	"slices"

	"greendesk/knowledge/lang"
)

var errFull = errors.New("index: more clauses than the embedded index holds (4,194,304)")

// accumulator gathers scores by entry and remembers which it touched.
type accumulator struct {
	scores   []float32
	touched  []uint32
	products []int32 // of vectors
}

func (x *Embedded) accumulators() *accumulator {
	acc, _ := x.scratch.Get().(*accumulator)
	if acc == nil {
		acc = &accumulator{}
	}
	if len(acc.scores) < len(x.entries) {
		acc.scores = make([]float32, len(x.entries)+1024)
	}
	return acc
}

func (a *accumulator) clear() {
	for _, d := range a.touched {
		a.scores[d] = 0
	}
	a.touched = a.touched[:0]
}

// Only so many entries get a score of their own from rare grams; grams that
// come after only add to entries already there ("continue" strategy of Moffat
// and Zobel, Self-indexing inverted files, 1996). It keeps a question's cost
// from growing with the collection.
const maxAccumulators = 1000

func (x *Embedded) score(acc *accumulator, terms []weighted) {
	mean := x.mean()
	for _, t := range terms {
		if len(acc.touched) > maxAccumulators {
			x.refine(acc, t, mean)
			continue
		}
		for _, p := range t.list {
			d := p.doc()
			if acc.scores[d] == 0 {
				acc.touched = append(acc.touched, d)
			}
			acc.scores[d] += t.weight * saturate(p.frequency(), x.lengths[d], mean)
		}
	}
}

// mean is the mean length of the living, 1 where none has a text.
func (x *Embedded) mean() float32 {
	if x.total == 0 {
		return 1
	}
	return float32(x.total / float64(x.living))
}

// refine adds a common gram to the entries that have a score already.
func (x *Embedded) refine(acc *accumulator, t weighted, mean float32) {
	for _, p := range t.list {
		d := p.doc()
		if acc.scores[d] != 0 {
			acc.scores[d] += t.weight * saturate(p.frequency(), x.lengths[d], mean)
		}
	}
}

// saturate is BM25's term frequency part.
func saturate(tf, length, mean float32) float32 {
	return tf * (bm25K1 + 1) / (tf + bm25K1*(1-bm25B+bm25B*length/mean))
}

// best picks the q.Limit best living entries in force, best first; equal
// scores keep the order of the collection.
func (x *Embedded) best(acc *accumulator, q Query) []Hit {
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	top := make(docHeap, 0, min(limit, len(acc.touched)))
	for _, d := range acc.touched {
		s := acc.scores[d]
		if x.dead[d] || len(top) == limit && !top.beats(s, d) {
			continue
		}
		if q.Day != "" && !x.entries[d].Version.InForce(q.Day) {
			continue
		}
		if len(top) == limit {
			top[0] = scored{d, s}
			top.down(0)
			continue
		}
		if top = append(top, scored{d, s}); len(top) == limit {
			top.heapify()
		}
	}
	slices.SortFunc(top, func(a, b scored) int {
		if a.score != b.score {
			return cmp.Compare(b.score, a.score)
		}
		return cmp.Compare(a.doc, b.doc)
	})
	hits := make([]Hit, len(top))
	for i, s := range top {
		hits[i] = Hit{Entry: x.entries[s.doc], Score: float64(s.score)}
	}
	return hits
}

type scored struct {
	doc   uint32
	score float32
}

// docHeap keeps the worst on top, once it is heapified. container/heap would
// put every element into an interface.
type docHeap []scored

func (h docHeap) heapify() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

// down moves element i down to its place.
func (h docHeap) down(i int) {
	for {
		worst := 2*i + 1
		if worst >= len(h) {
			return
		}
		if right := worst + 1; right < len(h) && h[right].worse(h[worst]) {
			worst = right
		}
		if !h[worst].worse(h[i]) {
			return
		}
		h[i], h[worst] = h[worst], h[i]
		i = worst
	}
}

func (a scored) worse(b scored) bool {
	return a.score < b.score || a.score == b.score && a.doc > b.doc
}

func (h docHeap) beats(score float32, doc uint32) bool {
	return h[0].worse(scored{doc, score})
}

// Articles finds the articles of these numbers in the laws of these folded
// titles. Only versions in force on day count. The longest title comes first.
func (x *Embedded) Articles(laws []string, numbers []lang.Article, day string) []*Entry {
	if len(numbers) == 0 {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []*Entry
	for _, docs := range x.versions {
		if len(docs) == 0 {
			continue
		}
		v := x.entries[docs[0]].Version
		if !v.InForce(day) || !slices.Contains(laws, v.Title) {
			continue
		}
		for _, d := range docs {
			e := x.entries[d]
			if e.Article > 0 && slices.Contains(numbers, lang.Article{Number: e.Article, Sub: e.Sub}) {
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Entry) int {
		return cmp.Or(-cmp.Compare(len(a.Version.Title), len(b.Version.Title)), cmp.Compare(a.ID, b.ID))
	})
	return out
}
