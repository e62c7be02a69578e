package knowledge

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"greendesk/knowledge/rank"
)

// Part is what one feature adds to a score.
type Part struct {
	Feature string
	Value   float64
}

// partsShown is how many parts an explanation names.
const partsShown = 6

// Explain says of the first n candidates what their scores are made of: the
// features that weigh most.
func (r *Result) Explain(n int) []string {
	var out []string
	for _, c := range r.Ranked[:min(n, len(r.Ranked))] {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s = %.2f：", c.Entry.Version.Name, c.Entry.Ref, c.Score)
		for _, p := range r.parts(c, rank.Ranked{Vector: &rank.Vector{}}) {
			fmt.Fprintf(&b, " %s %+.2f", p.Feature, p.Value)
		}
		out = append(out, b.String())
	}
	return out
}

// Over says why candidate i stands before candidate j: what the features that
// weigh most add to the one more than to the other.
func (r *Result) Over(i, j int) []Part { return r.parts(r.Ranked[i], r.Ranked[j]) }

// parts are the features in which two candidates' scores differ most. What
// the scores differ by beside the features is a rule's (a named article, the
// desk's own words, another province) and called rules.
func (r *Result) parts(a, b rank.Ranked) []Part {
	w := r.weights.Of(a.Vector)
	differ := make([]float64, len(w))
	a.Vector.Each(func(i int, x float64) { differ[i] += x * w[i] })
	b.Vector.Each(func(i int, x float64) { differ[i] -= x * w[i] })
	rules := a.Score - b.Score
	var out []Part
	for i, name := range rank.FeatureNames() {
		if differ[i] != 0 {
			out = append(out, Part{name, differ[i]})
			rules -= differ[i]
		}
	}
	if math.Abs(rules) > 1e-6 {
		out = append(out, Part{"rules", rules})
	}
	slices.SortStableFunc(out, func(x, y Part) int { return cmp.Compare(math.Abs(y.Value), math.Abs(x.Value)) })
	return out[:min(partsShown, len(out))]
}

// Reorder puts the candidates in the order of other weights, for tuning. The
// citations stay as they are.
func (r *Result) Reorder(weights *rank.Weights) {
	r.weights = weights
	for i := range r.Ranked {
		r.Ranked[i].Score = weights.Score(r.Ranked[i].Vector)
	}
	rank.Sort(r.Ranked)
	r.Confidence = rank.Trust(r.Ranked)
}
