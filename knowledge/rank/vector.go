package rank

import "math/bits"

// FeatureNames are the names of a feature vector's places, in order.
func FeatureNames() []string {
	names := []string{"bm25", "rank", "text", "sentence", "title", "path", "all", "own", "rarest", "missing",
		"document", "title_covered", "law_named", "law_other", "article", "region_named", "local", "foreign",
		"length", "law", "regulation", "local_rule", "department", "normative", "judicial", "faq", "quoted",
		"first_articles", "word_text", "means", "earlier", "cohesion", "asked", "asked_alike", "asked_any", "support", "earlier_rank", "earlier_law",
		"sense_text", "sense_asked", "sense_asked_second", "sense_both", "sense_text_lead", "sense_asked_lead", "sense_rank",
		"alike_lead", "bare", "bare_bm25", "bare_text", "bare_sentence", "bare_all", "bare_sense",
		"law_weight", "trade", "far", "far_bm25", "far_text", "far_sentence", "far_all", "far_law_weight", "far_sense",
		"meant_text", "meant_asked", "meant_bare", "meant_typical"}
	for _, q := range questionCues {
		for _, c := range clauseCues {
			names = append(names, q.name+"*"+c.name)
		}
	}
	for _, c := range clauseCues {
		names = append(names, c.name)
	}
	return names
}

// FeatureCount is the length of a feature vector.
func FeatureCount() int { return baseFeatures + (len(questionCues)+1)*len(clauseCues) }

// Vector is one clause's features: the base features, and the cues whose
// products are the rest.
type Vector struct {
	Base     [baseFeatures]float64
	Question Cues
	Clause   Cues

	// Lacks is the weighted share of what a follow-up asks by itself, without
	// the message before it, that the text has not; 0 for other questions. It is
	// no feature.
	Lacks float64

	// ByMeaning says that a model of meaning has compared the candidates.
	ByMeaning bool
}

// Foreign reports that the clause is another province's and the question does
// not name it.
func (v *Vector) Foreign() bool { return v.Base[fForeign] > 0 }

// Alike is how alike the question and the clause's most alike standard question
// are, 0 to 1.
func (v *Vector) Alike() float64 { return v.Base[fAskedAlike] }

// Each calls fn for every feature that is not 0, with its place in
// FeatureNames.
func (v *Vector) Each(fn func(i int, x float64)) {
	for i, x := range v.Base {
		if x != 0 {
			fn(i, x)
		}
	}
	for c := v.Clause; c != 0; c &= c - 1 {
		j := bits.TrailingZeros32(uint32(c))
		for q := v.Question; q != 0; q &= q - 1 {
			fn(baseFeatures+bits.TrailingZeros32(uint32(q))*len(clauseCues)+j, 1)
		}
		fn(baseFeatures+len(questionCues)*len(clauseCues)+j, 1)
	}
}

// Dot is the score of a clause: the sum of its features by their weights.
func Dot(v *Vector, w []float64) float64 {
	sum := 0.0
	for i, x := range v.Base {
		sum += x * w[i]
	}
	for c := v.Clause; c != 0; c &= c - 1 {
		j := bits.TrailingZeros32(uint32(c))
		for q := v.Question; q != 0; q &= q - 1 {
			sum += w[baseFeatures+bits.TrailingZeros32(uint32(q))*len(clauseCues)+j]
		}
		sum += w[baseFeatures+len(questionCues)*len(clauseCues)+j]
	}
	return sum
}
