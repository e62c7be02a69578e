package knowledge

import (
	"math"

	"greendesk/knowledge/index"
	"greendesk/knowledge/rank"
)

// What a model of meaning says of a candidate is added to its score, in the
// units of the scorer: how far its cosine is behind the best candidate's,
// measured by how far the candidates' cosines differ among each other. So the
// same figures serve models whose cosines lie close together and models whose
// cosines do not; a first clause that is the nearest, too, has the score it
// has without a model, and what is read of scores means the same.
//
// The figures were learned like the scorer's weights (listwise softmax) on our
// labelled questions; BenchmarkFusion prints what they do for questions that
// the scorer has not seen. Fusing by places (reciprocal rank fusion) was half
// as good for documents that have no standard questions.
const (
	textWorth  = 0.8 // of one standard deviation between clauses' texts
	askedWorth = 0.8 // and between their nearest standard questions

	// Where a clause without a vector stands, in standard deviations above the
	// mean. One without standard questions may well be the right one.
	withoutText  = 0
	withoutAsked = 1.5
)

// meant is how many clauses near in meaning join the candidates: that many by
// their text, by a part of it, and by their standard questions.
const meant = 20

// near finds the clauses in force on day that are near to a question's
// vector.
func (m *semantics) near(v []float32, day string) []index.Hit {
	if v == nil {
		return nil
	}
	return join(join(m.asked.Near(v, day, meant), m.texts.Near(v, day, meant)), m.parts.Near(v, day, meant))
}

// fuse adds the share of meaning to the scores; the order is left to who
// sorts.
func (m *semantics) fuse(ranked []rank.Ranked, v []float32) {
	if v == nil {
		return
	}
	clauses := make([]string, len(ranked))
	for i, r := range ranked {
		clauses[i] = r.Entry.ID
	}
	texts, parts, asked := m.texts.Cosines(v, clauses...), m.parts.Cosines(v, clauses...), m.asked.Cosines(v, clauses...)
	for i := range ranked {
		texts[i] = max(texts[i], parts[i])
		ranked[i].Cosine, ranked[i].AskedCosine = texts[i], asked[i]
	}
	share(ranked, texts, textWorth, withoutText)
	share(ranked, asked, askedWorth, withoutAsked)
}

// share adds what cosines are worth. A clause whose cosine is 0 has none.
func share(ranked []rank.Ranked, cosines []float64, worth, without float64) {
	var n, sum, squares, best float64
	for _, c := range cosines {
		if c > 0 {
			n, sum, squares, best = n+1, sum+c, squares+c*c, max(best, c)
		}
	}
	if n < 2 {
		return
	}
	mean := sum / n
	deviation := math.Sqrt(max(squares/n-mean*mean, 1e-12))
	for i, c := range cosines {
		behind := (c - best) / deviation
		if c <= 0 {
			behind = min(0, without-(best-mean)/deviation)
		}
		ranked[i].Meaning += worth * behind
		ranked[i].Score += worth * behind
	}
}
