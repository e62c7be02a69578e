package knowledge

import (
	"slices"
	"strings"

	"greendesk/knowledge/rank"
	"greendesk/knowledge/sense"
)

// leastNear is how near a standard question must be to what was asked before
// it may stand for one reading of it.
const leastNear = 0.4

// sameReading is from which cosine on two standard questions ask the same: a
// choice between them would be none.
const sameReading = 0.8

// A reading speaks of what the question speaks of: it has at least this share of
// what the question names, in its own words or the law's.
const leastShared = 0.1

// The only reading that has nearly all that the question names is what it asks:
// it has at least mostShared, and no other has even the leadShared part of that.
const (
	mostShared = 0.5
	leadShared = 0.3
)

// readingsFrom is how many of the first clauses readings are of.
const readingsFrom = 10

// Readings are up to n ways to understand the question, that lead to different
// clauses: of each of the first clauses the standard question that is nearest
// among those that speak of the same. A clause without one, or with one that
// asks the same as a clause before it, is left out. One alone is what is asked.
func (e *Engine) Readings(res *Result, n int) []string {
	var out []string
	var shares []float64
	var chosen []sense.Vector
	var products []int32
	shared := rank.NewCover(res.Question.Subject(), e.local)
	for _, r := range res.Ranked[:min(readingsFrom, len(res.Ranked))] {
		if len(out) == n {
			break
		}
		nearest, at := leastNear, -1
		lines := strings.Split(r.Entry.Asked, "\n")
		products = r.Entry.Senses.Products(res.Question.Sense, products)
		for i, p := range products {
			if i == 0 || i > len(lines) {
				continue // of the text
			}
			if s := sense.Cosine(p); s > nearest && shared.Of(lines[i-1]) >= leastShared {
				nearest, at = s, i-1
			}
		}
		if at < 0 {
			continue
		}
		asked := r.Entry.Senses.At(at + 1)
		if slices.ContainsFunc(chosen, func(v sense.Vector) bool { return sense.Alike(v, asked) >= sameReading }) {
			continue
		}
		chosen, out, shares = append(chosen, asked), append(out, e.asWritten(lines[at])), append(shares, shared.Of(lines[at]))
	}
	for i, most := range shares {
		if most >= mostShared && !slices.ContainsFunc(slices.Delete(slices.Clone(shares), i, i+1), func(s float64) bool { return s >= leadShared*most }) {
			return out[i : i+1]
		}
	}
	if len(out) == 1 {
		return nil
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
