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
// space of a model of meaning. It is safe for concurrent use.
//
// Among few vectors it compares the question with every one. Among many it
// first compares signs, one bit a place, and then the nearest tenth in full:
// ten times as fast, and the nearest of all is missed once in a hundred
// questions. What the signs are of is a vector less the mean of all: models
// put all texts into one corner of their space.
type Vectors struct {
	mu       sync.RWMutex
	size     int // places of a vector, 0 while there is none
	places   []int8
	lengths  []float32
	entries  []*Entry           // of each vector; nil when deleted
	clauses  map[string][]int32 // the vectors of a clause
	living   int
	version  []int32    // of each vector: its place in versions
	versions []*Version // the first stands for deleted vectors
	numbers  map[*Version]int32
	signs    []uint64  // words of each vector
	mean     []float32 // that the signs are of
	remake   int       // how many vectors there will be when the mean is taken anew
	scratch  sync.Pool
}

// NewVectors makes an empty index.
func NewVectors() *Vectors {
	return &Vectors{clauses: map[string][]int32{}, versions: []*Version{nil}, numbers: map[*Version]int32{}, remake: 64}
}

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
	number, ok := x.numbers[e.Version]
	if !ok {
		number = int32(len(x.versions)) // #nosec G115 -- fewer than vectors
		x.numbers[e.Version] = number
		x.versions = append(x.versions, e.Version)
	}
	x.version = append(x.version, number)
	x.places = append(x.places, v...)
	x.lengths = append(x.lengths, length(v))
	x.entries = append(x.entries, e)
	x.clauses[e.ID] = append(x.clauses[e.ID], n)
	x.living++
	if len(x.entries) == x.remake {
		x.remake *= 2
		x.takeMean()
	} else if x.mean != nil {
		x.signs = x.appendSigns(x.signs, v, x.lengths[n])
	}
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
		x.entries[n], x.version[n] = nil, 0
		x.living--
	}
	delete(x.clauses, clause)
}

func (x *Vectors) row(n int32) []int8 { return x.places[int(n)*x.size : (int(n)+1)*x.size] }

// probe is a question's vector, in finer steps than those it is compared with.
type probe struct {
	places []int32
	length float32
}

// probeSteps keeps the sum of 4,096 products below 2^31.
const probeSteps = 4095

func newProbe(v []float32) probe {
	largest, sum := float32(0), 0.0
	for _, x := range v {
		largest = max(largest, x, -x)
	}
	p := probe{places: make([]int32, len(v))}
	for i, x := range v {
		p.places[i] = int32(math.Round(float64(x / largest * probeSteps)))
		sum += float64(p.places[i]) * float64(p.places[i])
	}
	p.length = float32(math.Sqrt(sum))
	return p
}

func (x *Vectors) cosine(p probe, n int32) float32 {
	return dot(p.places, x.row(n)) / (p.length * x.lengths[n])
}

// dot multiplies in four strands, which the processor does side by side.
func dot(a []int32, b []int8) float32 {
	var s0, s1, s2, s3 int32
	b = b[:len(a)]
	for ; len(a) >= 8; a, b = a[8:], b[8:] {
		x, y := (*[8]int32)(a), (*[8]int8)(b)
		s0 += x[0]*int32(y[0]) + x[4]*int32(y[4])
		s1 += x[1]*int32(y[1]) + x[5]*int32(y[5])
		s2 += x[2]*int32(y[2]) + x[6]*int32(y[6])
		s3 += x[3]*int32(y[3]) + x[7]*int32(y[7])
	}
	for i := range a {
		s0 += a[i] * int32(b[i])
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
	inForce := make([]bool, len(x.versions))
	for i, version := range x.versions {
		inForce[i] = version != nil && (day == "" || version.InForce(day))
	}
	p := newProbe(v)
	var out []Hit
	worst := float32(math.Inf(-1))
	compare := func(n int32) {
		s := x.cosine(p, n)
		if s <= worst {
			return
		}
		out = append(out, Hit{Entry: x.entries[n], Score: float64(s)})
		if len(out) == 8*limit {
			out = nearest(out, limit)
			if len(out) == limit {
				worst = float32(out[limit-1].Score)
			}
		}
	}
	if len(x.entries) > compareAll {
		x.likely(v, inForce, max(compareAll, len(x.entries)/10), compare)
		return nearest(out, limit)
	}
	for n := range x.entries {
		if inForce[x.version[n]] {
			compare(int32(n)) // #nosec G115 -- as Put numbered them
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
			out[i] = max(out[i], float64(x.cosine(p, n)))
		}
	}
	return out
}
