package index

import (
	"cmp"
	"container/heap"
	"errors"
	"slices"
	"strings"

	"greendesk/knowledge/lang"
)

var errFull = errors.New("index: more clauses than the embedded index holds (4,194,304)")

// accumulator gathers scores by entry and remembers which it touched.
type accumulator struct {
	scores  []float32
	touched []uint32
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

// mean is the mean length of the living.
func (x *Embedded) mean() float32 {
	if x.living == 0 {
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
		if len(top) < limit {
			heap.Push(&top, scored{d, s})
			continue
		}
		top[0] = scored{d, s}
		heap.Fix(&top, 0)
	}
	slices.SortFunc(top, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.doc, b.doc))
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

// docHeap keeps the worst on top.
type docHeap []scored

func (h docHeap) Len() int { return len(h) }
func (h docHeap) Less(i, j int) bool {
	if h[i].score != h[j].score {
		return h[i].score < h[j].score
	}
	return h[i].doc > h[j].doc
}
func (h docHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *docHeap) Push(v any) { *h = append(*h, v.(scored)) }

// Pop implements heap.Interface.
func (h *docHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

func (h docHeap) beats(score float32, doc uint32) bool {
	return score > h[0].score || score == h[0].score && doc < h[0].doc
}

// Articles finds the articles that a question names by their document and
// number: titles are folded, and stand in the question or among laws. Only
// versions in force on day count. The longest title comes first.
func (x *Embedded) Articles(question string, laws []string, numbers []lang.Article, day string) []*Entry {
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
		if !v.InForce(day) || !(slices.Contains(laws, v.Title) || strings.Contains(question, v.Title)) {
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
