package rank

import (
	"cmp"
	"math"
	"slices"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
)

// Collection is what General looks up of the knowledge base.
type Collection interface {
	Statistics
	// Grams are the grams by their numbers.
	Grams() []lang.Gram
	// CharIDF is the inverse document frequency of a Han character.
	CharIDF(r rune) float64
	// MeanLength is how many grams a clause's text has on average.
	MeanLength() float64
	// Clauses is how many clauses a version has.
	Clauses(version string) int
	// AskedShare is the share of the clauses that have standard questions.
	AskedShare() float64
}

// How a question of law at large is weighed: the words of the clause first,
// then how much of its law was found, that it is a law, and how long a code it
// stands in. BM25 with the usual constants, over characters and pairs.
const (
	generalK1    = 1.5
	generalB     = 0.6
	meansFactor  = 0.3 // a gram of the law's word, beside one of the user's own
	lawFoundPart = 0.15
	isLawPart    = 0.15
	lawSizePart  = 0.2
	longCode     = 1000 // clauses of a law that counts in full
)

// Foreseen reports whether the knowledge base was prepared for a question, so
// that the learned weights, which lean on standard questions, may order its
// candidates: much of the knowledge base has standard questions, or the
// candidates by words mostly have some, the first counting in full, the next by
// half, by a third and so on, and a standard question is close to this one. near
// are the clauses whose standard questions are closest in sense, best first, with
// their cosines.
func Foreseen(hits, near []index.Hit, c Collection) bool {
	if len(hits) == 0 || c.AskedShare() >= preparedShare {
		return true
	}
	asked, all := 0.0, 0.0
	for i, h := range hits {
		w := 1 / float64(i+1)
		all += w
		if len(h.Entry.AskedGrams) > 0 {
			asked += w
		}
	}
	closest := 0.0
	if len(near) > 0 {
		closest = near[0].Score
	}
	return asked/all+closest >= foreseenBound
}

// A knowledge base is prepared as a whole from preparedShare on. Otherwise the
// share of the candidates with standard questions and the cosine of the closest
// one add up to foreseenBound at least: neither alone tells as well. In a base
// of both, half of the labelled questions of either kind chose the bound.
const (
	preparedShare = 0.3
	foreseenBound = 1.15
)

// General puts clauses in order for a question of law at large, about which
// nothing has been learned. means are the law's words for the user's. The
// scores take the place of the index's, and are between 1 and 1.5 for the best.
func General(q *Question, means []string, hits []index.Hit, c Collection) []index.Hit {
	m := newGeneralMeter(q, means, c)
	priors := map[*index.Version]float64{}
	out := make([]index.Hit, len(hits))
	top := 1e-9
	for i, h := range hits {
		out[i] = index.Hit{Entry: h.Entry, Score: m.score(h.Entry)}
		top = max(top, out[i].Score)
	}
	for i := range out {
		out[i].Score /= top
	}
	best := func(a, b index.Hit) int { return cmp.Compare(b.Score, a.Score) }
	slices.SortStableFunc(out, best)
	found := lawsFound(out)
	for i := range out {
		v := out[i].Entry.Version
		prior, ok := priors[v]
		if !ok {
			prior = lawFoundPart*found[v] + isLawPart*truth(v.Level == "法律") +
				lawSizePart*min(1, math.Log(float64(max(1, c.Clauses(v.ID))))/math.Log(longCode))
			priors[v] = prior
		}
		out[i].Score += prior
	}
	slices.SortStableFunc(out, best)
	return out
}

// lawsFound weighs documents by their clauses that were found, best first, as
// shares of the best document.
func lawsFound(hits []index.Hit) map[*index.Version]float64 {
	sums, counts := map[*index.Version]float64{}, map[*index.Version]float64{}
	top := 1e-9
	for _, h := range hits {
		v := h.Entry.Version
		counts[v]++
		sums[v] += h.Score / counts[v]
		top = max(top, sums[v])
	}
	for v := range sums {
		sums[v] /= top
	}
	return sums
}

// generalMeter scores clauses by the pairs and the characters of a question.
type generalMeter struct {
	pairs, chars gramTable // by the index's numbers; by the characters
	pairWeight   [maxGrams]float32
	charWeight   [maxGrams]float32
	names        []lang.Gram
	mean         float32

	pairCount, charCount [maxGrams]uint16 // of the clause being scored
}

func newGeneralMeter(q *Question, means []string, c Collection) *generalMeter {
	m := &generalMeter{pairs: gramTable{stats: c}, names: c.Grams(), mean: float32(max(1, c.MeanLength()))}
	m.add(q.Folded, 1, c, true)
	for _, word := range means {
		m.add(word, meansFactor, c, false)
	}
	return m
}

// add weighs the pairs and characters of a text; a further one of the same
// adds up in the question itself, and counts once otherwise.
func (m *generalMeter) add(text string, weight float32, c Collection, own bool) {
	put := func(w *float32, idf float64) {
		switch x := weight * float32(idf); {
		case own:
			*w += x
		default:
			*w = max(*w, x)
		}
	}
	lang.Grams(text, func(g lang.Gram) {
		number, idf, known := c.Gram(g)
		if !known || g.IsSingle() {
			return
		}
		if i := m.pairs.number(number); i >= 0 {
			put(&m.pairWeight[i], idf)
		}
	})
	for _, r := range text {
		if !lang.IsHan(r) {
			continue
		}
		if i := m.chars.number(uint32(r)); i >= 0 { // #nosec G115 -- a character
			put(&m.charWeight[i], c.CharIDF(r))
		}
	}
}

// score is BM25 of a clause with its title and headings.
func (m *generalMeter) score(e *index.Entry) float64 {
	clear(m.pairCount[:m.pairs.n])
	clear(m.charCount[:m.chars.n])
	for _, seq := range [...]index.Sequence{e.TextGrams, e.PathGrams, e.Version.TitleGrams} {
		m.count(seq)
	}
	norm := generalK1 * (1 - generalB + generalB*float32(len(e.TextGrams))/m.mean)
	sum := float32(0)
	for i, n := range m.pairCount[:m.pairs.n] {
		if n > 0 {
			sum += m.pairWeight[i] * float32(n) * (generalK1 + 1) / (float32(n) + norm)
		}
	}
	for i, n := range m.charCount[:m.chars.n] {
		if n > 0 {
			sum += m.charWeight[i] * float32(n) * (generalK1 + 1) / (float32(n) + norm)
		}
	}
	return float64(sum)
}

// count counts the question's pairs and characters in a sequence. A character
// begins one pair and ends the one before, so that only beginnings count, and
// the end of the last pair of a run.
func (m *generalMeter) count(seq index.Sequence) {
	open := rune(0) // ends the pair before
	for _, number := range seq {
		if number == index.End {
			m.char(open)
			open = 0
			continue
		}
		if i := m.pairs.find(number); i >= 0 {
			m.pairCount[i]++
		}
		a, b := m.names[number].Runes()
		if open != a {
			m.char(open)
		}
		m.char(a)
		open = b
	}
	m.char(open)
}

func (m *generalMeter) char(r rune) {
	if r == 0 {
		return
	}
	if i := m.chars.find(uint32(r)); i >= 0 { // #nosec G115 -- a character
		m.charCount[i]++
	}
}
