// Package sense tells what a text is about, beyond its very words: vectors of
// texts that mean the same point the same way, though they share no word
// (掏钱 and 罚款, 贴封条 and 查封). The vectors of the characters and pairs they
// are made of are learned from the standard questions of clauses (Train); no
// model server is needed. It is pure: no SQL, no HTTP, no clock.
package sense

import (
	"math"
	"sync"

	"greendesk/knowledge/lang"
)

// Size is the number of places of a vector.
const Size = 256

// Vector is what a text is about, of length 1 in steps of 1/127; nil for a
// text of which nothing is known.
type Vector []int8

// Model holds a vector for every gram that it knows. It is made once and then
// only read.
type Model struct {
	numbers map[lang.Gram]int32
	rows    []int8    // Size places a gram
	scales  []float32 // of the rows
	sum     string
	scratch sync.Pool // of tallies
}

// Grams is how many grams the model knows.
func (m *Model) Grams() int { return len(m.scales) }

// Fingerprint tells one model from another.
func (m *Model) Fingerprint() string { return m.sum }

// Of is the vector of a text, given in folded parts: every gram counts by the
// logarithm of how often it stands there.
func (m *Model) Of(parts ...string) Vector {
	var sum [Size]float32
	known := false
	t := m.tally()
	defer m.scratch.Put(t)
	for _, f := range m.features(t, parts) {
		known = true
		w := f.weight * m.scales[f.row]
		row := (*[Size]int8)(m.rows[int(f.row)*Size:])
		for i, x := range row {
			sum[i] += w * float32(x)
		}
	}
	if !known {
		return nil
	}
	return quantise(sum[:])
}

func quantise(v []float32) Vector {
	length := 0.0
	for _, x := range v {
		length += float64(x) * float64(x)
	}
	if length == 0 {
		return nil
	}
	step := 127 / math.Sqrt(length)
	out := make(Vector, len(v))
	for i, x := range v {
		out[i] = int8(math.Round(float64(x) * step))
	}
	return out
}

// feature is a gram of a text with its weight.
type feature struct {
	row    int32
	weight float32
}

// tally is room to count the grams of one text after another.
type tally struct {
	place    []int32 // of a row among features, from 1; 0 when it is not there
	features []feature
}

func (m *Model) tally() *tally {
	if t, ok := m.scratch.Get().(*tally); ok {
		return t
	}
	return &tally{place: make([]int32, len(m.numbers))}
}

// features are the known grams of a text, each once, in their order. They hold
// until t is used again.
func (m *Model) features(t *tally, parts []string) []feature {
	t.features = t.features[:0]
	count := func(g lang.Gram) {
		row, ok := m.numbers[g]
		if !ok {
			return
		}
		if i := t.place[row]; i > 0 {
			t.features[i-1].weight++
			return
		}
		t.features = append(t.features, feature{row: row, weight: 1})
		t.place[row] = int32(len(t.features)) // #nosec G115 -- no more than rows
	}
	for _, p := range parts {
		eachGram(p, count)
	}
	for i := range t.features {
		f := &t.features[i]
		f.weight = float32(1 + math.Log(float64(f.weight)))
		t.place[f.row] = 0
	}
	return t.features
}

// eachGram calls emit for the grams of a folded text, and for each of its Han
// characters: a character carries some of a word's meaning, too.
func eachGram(folded string, emit func(lang.Gram)) {
	for _, r := range folded {
		if lang.IsHan(r) {
			emit(lang.Single(r))
		}
	}
	lang.Grams(folded, func(g lang.Gram) {
		if !g.IsSingle() {
			emit(g)
		}
	})
}

// Middle is the vector between others; those that are nil do not count. It is
// nil when all are.
func Middle(vs ...Vector) Vector {
	var sum [Size]float32
	for _, v := range vs {
		for i, x := range v {
			sum[i] += float32(x)
		}
	}
	return quantise(sum[:])
}
