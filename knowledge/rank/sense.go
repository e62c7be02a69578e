package rank

import (
	"cmp"
	"slices"

	"greendesk/knowledge/index"
	"greendesk/knowledge/sense"
)

// bare repeats what tells of a clause's text for one without standard
// questions: there it has to carry the whole weight.
func bare(v *Vector, e *index.Entry) {
	if len(e.AskedGrams) > 0 {
		return
	}
	b := &v.Base
	b[fBare], b[fBareBM25], b[fBareText] = 1, b[fBM25], b[fText]
	b[fBareSentence], b[fBareAll], b[fBareSense] = b[fSentence], b[fAll], b[fSenseText]
}

// farFrom is the cosine to the nearest standard question below which a question
// is far from all.
const farFrom = 0.75

// far repeats what tells of a clause's text for a question that nobody has
// foreseen: there the words have to carry the weight. The law that a candidate
// with standard questions seems near to may be the wrong one altogether.
func far(v *Vector) {
	b := &v.Base
	f := max(0, farFrom-b[fSenseAsked]-b[fSenseAskedLead]) / farFrom
	b[fFar], b[fFarBM25], b[fFarText], b[fFarSentence] = f*(1-b[fBare]), f*b[fBM25], f*b[fText], f*b[fSentence]
	b[fFarAll], b[fFarLawWeight], b[fFarSense] = f*b[fAll], f*b[fLawWeight], f*b[fSenseText]
}

// lawWeights weighs documents by all their clauses that were found, the best
// counting in full, the next by half, by a third and so on.
func lawWeights(hits []index.Hit, out []Vector) {
	sums, counts := map[*index.Version]float64{}, map[*index.Version]float64{}
	top := 0.0
	for _, h := range hits {
		v := h.Entry.Version
		counts[v]++
		sums[v] += h.Score / counts[v]
		top = max(top, sums[v])
	}
	for i, h := range hits {
		out[i].Base[fLawWeight] = sums[h.Entry.Version] / max(top, 1e-9)
	}
}

// senses fills the features that compare what question and clause are about.
func senses(q *Question, hits []index.Hit, out []Vector) {
	if q.Sense == nil {
		return
	}
	var bestText, bestAsked, bestAlike float64
	order := make([]int, len(hits))
	var products []int32
	for i, h := range hits {
		b := &out[i].Base
		products = h.Entry.Senses.Products(q.Sense, products)
		for place, p := range products {
			if place == 0 {
				b[fSenseText] = max(0, sense.Cosine(p))
				continue
			}
			switch s := sense.Cosine(p); {
			case s > b[fSenseAsked]:
				b[fSenseAsked], b[fSenseAskedSecond] = s, b[fSenseAsked]
			case s > b[fSenseAskedSecond]:
				b[fSenseAskedSecond] = s
			}
		}
		b[fSenseBoth] = (b[fSenseText] + b[fSenseAsked]) / 2
		bestText, bestAsked = max(bestText, b[fSenseText]), max(bestAsked, b[fSenseAsked])
		bestAlike = max(bestAlike, b[fAskedAlike])
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(out[j].Base[fSenseBoth], out[i].Base[fSenseBoth]) })
	for place, i := range order {
		b := &out[i].Base
		b[fSenseTextLead], b[fSenseAskedLead] = bestText-b[fSenseText], bestAsked-b[fSenseAsked]
		b[fAlikeLead] = bestAlike - b[fAskedAlike]
		b[fSenseRank] = 1 / float64(place+1)
	}
}

// senseShare is the weight of the sense of a text beside its words in a
// shortlist.
const senseShare = 2.0

// Shortlist keeps the n hits that have the most of the question's words and of
// its sense together, in the order they came in.
func Shortlist(q *Question, hits []index.Hit, n int) []index.Hit {
	if len(hits) <= n {
		return hits
	}
	scores := make([]float64, len(hits))
	var products []int32
	for i, h := range hits {
		nearest := int32(0)
		products = h.Entry.Senses.Products(q.Sense, products)
		for _, p := range products {
			nearest = max(nearest, p)
		}
		scores[i] = h.Score/max(hits[0].Score, 1e-9) + senseShare*sense.Cosine(nearest)
	}
	floor := slices.Sorted(slices.Values(scores))[len(hits)-n]
	out := make([]index.Hit, 0, n)
	for i, h := range hits {
		if scores[i] >= floor && len(out) < n {
			out = append(out, h)
		}
	}
	return out
}
