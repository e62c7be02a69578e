package knowledge

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"greendesk/knowledge/rank"
)

// Explain says of the first n candidates what their scores are made of: the
// features that weigh most.
func (r *Result) Explain(n int) []string {
	names := rank.FeatureNames()
	var out []string
	for _, c := range r.Ranked[:min(n, len(r.Ranked))] {
		type part struct {
			name  string
			value float64
		}
		var parts []part
		c.Vector.Each(func(i int, x float64) {
			if w := x * r.weights[i]; w != 0 {
				parts = append(parts, part{names[i], w})
			}
		})
		sort.SliceStable(parts, func(i, j int) bool { return math.Abs(parts[i].value) > math.Abs(parts[j].value) })
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s = %.2f：", c.Entry.Version.Name, c.Entry.Ref, c.Score)
		for _, p := range parts[:min(6, len(parts))] {
			fmt.Fprintf(&b, " %s %+.2f", p.name, p.value)
		}
		out = append(out, b.String())
	}
	return out
}

// Reorder puts the candidates in the order of other weights, for tuning. The
// citations stay as they are.
func (r *Result) Reorder(weights []float64) {
	r.weights = weights
	for i := range r.Ranked {
		r.Ranked[i].Score = rank.Dot(r.Ranked[i].Vector, weights)
	}
	rank.Sort(r.Ranked)
	r.Confidence = rank.Trust(r.Ranked)
}
