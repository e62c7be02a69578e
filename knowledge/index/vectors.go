package index

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// Quantised is a vector's direction in steps of 1/127 of its largest place.
type Quantised []int8

// Quantise keeps the direction of v. For 384 places the cosine of two vectors
// changes by less than 0.002.
func Quantise(v []float32) Quantised {
	largest := float32(0)
	for _, x := range v {
		largest = max(largest, x, -x)
	}
	out := make(Quantised, len(v))
	for i, x := range v {
		out[i] = int8(math.Round(float64(x / largest * 127)))
	}
	return out
}

// Vectors finds the entries whose texts are nearest to a question in the
// space of a model of meaning. It compares with every vector there is: at 8
// bits a place that is fast enough for some hundred thousand. It is safe for
// concurrent use.
type Vectors struct {
	mu      sync.RWMutex
	size    int // places of a vector, 0 while there is none
	places  []int8
	lengths []float32
	entries []*Entry // of each vector; nil when deleted
	clauses map[string][]int32
	living  int
}

// NewVectors makes an empty index.
func NewVectors() *Vectors { return &Vectors{clauses: map[string][]int32{}} }

// Len is the number of vectors that can be found.
func (x *Vectors) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.living
}

// Size is the number of places of a vector, 0 while there is none.
func (x *Vectors) Size() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.size
}

// Put adds a vector of a text of e. An entry may have several. A vector of
// another size than the first is left out (false).
func (x *Vectors) Put(e *Entry, v Quantised) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.size == 0 {
		x.size = len(v)
	}
	if len(v) != x.size || len(v) == 0 {
		return false
	}
	n := int32(len(x.entries)) // #nosec G115 -- memory ends before
	x.places = append(x.places, v...)
	x.lengths = append(x.lengths, length(v))
	x.entries = append(x.entries, e)
	x.clauses[e.ID] = append(x.clauses[e.ID], n)
	x.living++
	return true
}

func length(v Quantised) float32 {
	sum := 0.0
	for _, p := range v {
		sum += float64(p) * float64(p)
	}
	return float32(math.Sqrt(sum))
}

// Delete removes the vectors of a clause; an unknown one is no error. Their
// place is freed by the next start.
func (x *Vectors) Delete(clause string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, n := range x.clauses[clause] {
		x.entries[n] = nil
		x.living--
	}
	delete(x.clauses, clause)
}

// Of is the first vector of a clause, of length 1; nil when it has none.
func (x *Vectors) Of(clause string) []float32 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	ns := x.clauses[clause]
	if len(ns) == 0 {
		return nil
	}
	out := make([]float32, x.size)
	for i, p := range x.row(ns[0]) {
		out[i] = float32(p) / x.lengths[ns[0]]
	}
	return out
}

func (x *Vectors) row(n int32) []int8 { return x.places[int(n)*x.size : (int(n)+1)*x.size] }

// probe is a question's vector, in finer steps than those it is compared with.
type probe struct {
	places []int16
	length float32
}

// probeSteps keeps the sum of 4,096 products below 2^31.
const probeSteps = 4095

func newProbe(v []float32) probe {
	largest, sum := float32(0), 0.0
	for _, x := range v {
		largest = max(largest, x, -x)
	}
	p := probe{places: make([]int16, len(v))}
	for i, x := range v {
		p.places[i] = int16(math.Round(float64(x / largest * probeSteps)))
		sum += float64(p.places[i]) * float64(p.places[i])
	}
	p.length = float32(math.Sqrt(sum))
	return p
}

// dot multiplies in four strands, which the processor does side by side.
func dot(a []int16, b []int8) float32 {
	var s0, s1, s2, s3 int32
	for len(a) >= 4 && len(b) >= 4 {
		s0 += int32(a[0]) * int32(b[0])
		s1 += int32(a[1]) * int32(b[1])
		s2 += int32(a[2]) * int32(b[2])
		s3 += int32(a[3]) * int32(b[3])
		a, b = a[4:], b[4:]
	}
	for i := range min(len(a), len(b)) {
		s0 += int32(a[i]) * int32(b[i])
	}
	return float32(s0) + float32(s1) + float32(s2) + float32(s3)
}

// Near finds the limit entries in force on day (any when empty) that have the
// nearest vectors to v, best first. Scores are cosines. A vector of another
// size finds nothing.
func (x *Vectors) Near(v []float32, day string, limit int) []Hit {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if len(v) != x.size || limit <= 0 {
		return nil
	}
	p := newProbe(v)
	var out []Hit
	worst := float32(math.Inf(-1))
	for n, e := range x.entries {
		s := dot(p.places, x.row(int32(n))) / (p.length * x.lengths[n]) // #nosec G115 -- as Put numbered them
		if s <= worst || e == nil || day != "" && !e.Version.InForce(day) {
			continue
		}
		out = append(out, Hit{Entry: e, Score: float64(s)})
		if len(out) == 8*limit {
			out = nearest(out, limit)
			if len(out) == limit {
				worst = float32(out[limit-1].Score)
			}
		}
	}
	return nearest(out, limit)
}

// nearest keeps the best hit of each entry, and of these the best.
func nearest(hits []Hit, limit int) []Hit {
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	seen := make(map[*Entry]bool, limit)
	kept := hits[:0]
	for _, h := range hits {
		if !seen[h.Entry] && len(kept) < limit {
			seen[h.Entry] = true
			kept = append(kept, h)
		}
	}
	return kept
}

// Cosines are how near the nearest vector of each clause is to v; 0 for one
// that has none.
func (x *Vectors) Cosines(v []float32, clauses ...string) []float64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := make([]float64, len(clauses))
	if len(v) != x.size {
		return out
	}
	p := newProbe(v)
	for i, c := range clauses {
		for _, n := range x.clauses[c] {
			out[i] = max(out[i], float64(dot(p.places, x.row(n))/(p.length*x.lengths[n])))
		}
	}
	return out
}
