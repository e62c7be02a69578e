package knowledge

import (
	"slices"
	"strings"

	"greendesk/knowledge/sense"
)

// leastNear is how near a standard question must be to what was asked before
// it may stand for one reading of it.
const leastNear = 0.4

// sameReading is from which cosine on two standard questions ask the same: a
// choice between them would be none.
const sameReading = 0.8

// Readings are up to n ways to understand the question, that lead to different
// clauses: of each clause, best first, the standard question that is nearest.
// A clause without one that is near, or with one that asks the same as a
// clause before it, is left out.
func (e *Engine) Readings(res *Result, n int) []string {
	var out []string
	var chosen []sense.Vector
	var products []int32
	for _, r := range res.Ranked {
		if len(out) == n {
			break
		}
		nearest, at := leastNear, -1
		products = r.Entry.Senses.Products(res.Question.Sense, products)
		for i, p := range products {
			if i == 0 {
				continue // of the text
			}
			if s := sense.Cosine(p); s > nearest {
				nearest, at = s, i-1
			}
		}
		lines := strings.Split(r.Entry.Asked, "\n")
		if at < 0 || at >= len(lines) {
			continue
		}
		asked := r.Entry.Senses.At(at + 1)
		if slices.ContainsFunc(chosen, func(v sense.Vector) bool { return sense.Alike(v, asked) >= sameReading }) {
			continue
		}
		chosen, out = append(chosen, asked), append(out, e.asWritten(lines[at]))
	}
	return out
}

// asWritten is a standard question as it was written, for people to read.
func (e *Engine) asWritten(folded string) string {
	if q, ok := e.written[folded]; ok {
		return q
	}
	return folded
}
