package rank

import (
	"cmp"
	"math"
	"slices"

	"greendesk/knowledge/index"
)

// Ranked is a clause in the order of the scorer.
type Ranked struct {
	Entry  *index.Entry
	Score  float64
	Vector *Vector
}

// Order measures the candidates and puts the best first, by the weights that
// fit the evidence there is. Equal scores keep
// the index's order. c may be nil.
func Order(q *Question, hits []index.Hit, c *Cosines, stats Statistics, w *Weights) []Ranked {
	if len(hits) == 0 {
		return nil
	}
	vs := Measure(q, hits, c, stats)
	out := make([]Ranked, len(hits))
	for i, h := range hits {
		out[i] = Ranked{Entry: h.Entry, Score: w.Score(&vs[i]), Vector: &vs[i]}
	}
	Sort(out)
	return out
}

// Sort puts the best score first; equal scores keep their order.
func Sort(ranked []Ranked) {
	slices.SortStableFunc(ranked, func(a, b Ranked) int { return cmp.Compare(b.Score, a.Score) })
}

// Confidence is what the order says about how far the first clause can be
// trusted. Scores are in the units of the learned weights; the rest is 0 to 1.
type Confidence struct {
	Score    float64 // of the first
	Margin   float64 // before the second
	Share    float64 // its share of the softmax over all candidates
	All      float64 // the question's concepts it has, anywhere
	Own      float64 // the user's own words it has
	Missing  float64 // concepts it has not
	Rarest   float64 // whether it has the most telling one
	Sentence float64 // the concepts of its best sentence
	Means    float64 // concepts found by the law's word only
	Asked    float64 // in its best standard question
	Alike    float64 // how alike that question is
	Law      float64 // the document is named in the question
	Article  float64 // the article is named in the question
	Three    float64 // the share of the first three of the softmax

	SenseText   float64 // how alike question and first clause are in sense
	SenseAsked  float64 // question and its nearest standard question
	SenseSecond float64 // and the second nearest
	SenseBest   float64 // question and the nearest standard question of any candidate
	Bare        float64 // the first has no standard questions

	Trade    float64 // the first is about a trade that the question does not name
	Unstated float64 // an amount or a term is asked for, and the first states none

	ByMeaning  bool    // a model of meaning has its say in the order; what follows is 0 otherwise
	MeantText  float64 // how far the first's text is behind the nearest in meaning
	MeantAsked float64 // and its standard questions
}

// Trust reads the confidence off an order.
func Trust(ranked []Ranked) Confidence {
	if len(ranked) == 0 {
		return Confidence{Missing: 1}
	}
	top := ranked[0]
	sum := 0.0
	for _, r := range ranked {
		sum += math.Exp(r.Score - top.Score)
	}
	c := Confidence{Score: top.Score, Share: 1 / sum, All: top.Vector.Base[fAll], Own: top.Vector.Base[fOwn], Missing: top.Vector.Base[fMissing],
		Rarest: top.Vector.Base[fRarest], Sentence: top.Vector.Base[fSentence], Means: top.Vector.Base[fMeans], Asked: top.Vector.Base[fAsked],
		Alike: top.Vector.Base[fAskedAlike], Law: top.Vector.Base[fLawNamed], Article: top.Vector.Base[fArticle]}
	b := &top.Vector.Base
	c.SenseText, c.SenseAsked, c.SenseSecond, c.SenseBest, c.Bare = b[fSenseText], b[fSenseAsked], b[fSenseAskedSecond], b[fSenseAsked]+b[fSenseAskedLead], b[fBare]
	c.Trade, c.Unstated = b[fTrade], top.Vector.unstated()
	c.ByMeaning, c.MeantText, c.MeantAsked = top.Vector.ByMeaning, b[fMeantText], b[fMeantAsked]+b[fMeantTypical]
	for _, r := range ranked[:min(3, len(ranked))] {
		c.Three += math.Exp(r.Score-top.Score) / sum
	}
	if len(ranked) > 1 {
		c.Margin = top.Score - ranked[1].Score
	}
	return c
}
