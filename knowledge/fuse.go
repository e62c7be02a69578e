package knowledge

import (
	"cmp"
	"slices"

	"greendesk/knowledge/index"
	"greendesk/knowledge/rank"
)

// The order by words and the order by meaning are fused by rank (reciprocal
// rank fusion; Cormack, Clarke and Büttcher, 2009): a clause's score grows by
// its places among the candidates, in the units of the scorer. So scores, and
// what the router reads of them, mean the same with and without a model, and
// no cosine of one model is compared with another's. The figures were chosen
// by cross-validation on our labelled questions.
const (
	textShare = 2.0 // of the clause whose text is nearest
	bestShare = 2.0 // of the clause whose standard question is nearest
	slope     = 3.0 // the place that counts half
)

// meant is how many clauses near in meaning join the candidates: that many by
// their text, and that many by their standard questions.
const meant = 20

// near finds the clauses in force on day that are near to a question's
// vector.
func (m *meaning) near(v []float32, day string) []index.Hit {
	if v == nil {
		return nil
	}
	return join(m.asked.Near(v, day, meant), m.texts.Near(v, day, meant))
}

// fuse adds the share of meaning to the scores; the order is left to who
// sorts.
func (m *meaning) fuse(ranked []rank.Ranked, v []float32) {
	if v == nil {
		return
	}
	clauses := make([]string, len(ranked))
	for i, r := range ranked {
		clauses[i] = r.Entry.ID
	}
	texts, asked := m.texts.Cosines(v, clauses...), m.asked.Cosines(v, clauses...)
	for i := range ranked {
		ranked[i].Cosine, ranked[i].AskedCosine = texts[i], asked[i]
	}
	share(ranked, texts, textShare)
	share(ranked, asked, bestShare)
}

// share adds what the places by cosine are worth.
func share(ranked []rank.Ranked, cosines []float64, worth float64) {
	order := make([]int, 0, len(ranked))
	for i, c := range cosines {
		if c > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(cosines[j], cosines[i]) })
	for place, i := range order {
		bonus := worth * slope / (slope + float64(place))
		ranked[i].Meaning += bonus
		ranked[i].Score += bonus
	}
}
