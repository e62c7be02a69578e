package index

import (
	"cmp"
	"slices"

	"greendesk/knowledge/sense"
)

// Near finds the living entries in force on day whose text and standard
// questions together are most like v, best first. Only entries with standard
// questions count: it is those that the vectors are learned from. Scores are
// cosines.
func (x *Embedded) Near(v sense.Vector, day string, limit int) []Hit {
	if v == nil || limit <= 0 {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	acc := x.accumulators()
	defer x.scratch.Put(acc)
	acc.products = x.centres.Products(v, acc.products)
	var out []Hit
	worst := 0.0
	for i, d := range x.asked {
		s := sense.Cosine(acc.products[i])
		if s <= worst || x.dead[d] {
			continue
		}
		e := x.entries[d]
		if day != "" && !e.Version.InForce(day) {
			continue
		}
		out = append(out, Hit{Entry: e, Score: s})
		if len(out) >= 2*limit {
			out = closest(out, limit)
			worst = out[limit-1].Score
		}
	}
	return closest(out, limit)
}

func closest(hits []Hit, limit int) []Hit {
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(limit, len(hits))]
}

// noteAsked keeps the centre of an entry that has standard questions: the
// vector between theirs and its own.
func (x *Embedded) noteAsked(doc uint32, e *Entry) {
	if e.Senses.Len() < 2 {
		return
	}
	var vectors []sense.Vector
	for i := range e.Senses.Len() {
		vectors = append(vectors, e.Senses.At(i))
	}
	x.asked = append(x.asked, doc)
	x.centres.Add(sense.Middle(vectors...))
}
