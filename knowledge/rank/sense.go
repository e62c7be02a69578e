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

// senses fills the features that compare what question and clause are about.
func senses(q *Question, hits []index.Hit, out []Vector) {
	if q.Sense == nil {
		return
	}
	var bestText, bestAsked, bestAlike float64
	order := make([]int, len(hits))
	for i, h := range hits {
		b := &out[i].Base
		b[fSenseText] = max(0, sense.Alike(q.Sense, h.Entry.Sense))
		for _, v := range h.Entry.AskedSense {
			switch s := sense.Alike(q.Sense, v); {
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
	for i, h := range hits {
		asked := 0.0
		for _, v := range h.Entry.AskedSense {
			asked = max(asked, sense.Alike(q.Sense, v))
		}
		scores[i] = h.Score/max(hits[0].Score, 1e-9) + senseShare*max(asked, sense.Alike(q.Sense, h.Entry.Sense))
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
