package rank

import (
	"math/bits"

	"greendesk/knowledge/lang"
)

// A gramSet is a set of the question's grams, by their numbers.
type gramSet [4]uint64

// maxGrams is how many different grams of a question are looked at; more than
// that is a pasted document, and its tail is left out.
const maxGrams = 256

func (s *gramSet) add(i int) { s[i>>6] |= 1 << (i & 63) }

func (s *gramSet) union(o *gramSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

// share is how much of o stands in s, 0 to 1.
func (s *gramSet) share(o *gramSet, size int) float64 {
	n := 0
	for i := range s {
		n += bits.OnesCount64(s[i] & o[i])
	}
	return float64(n) / float64(size)
}

// phrase is a term as a set of grams.
type phrase struct {
	set  gramSet
	size int
}

// gramTable numbers the grams of a question; open addressing, sized so that a
// look-up of a gram that is not there costs one probe.
type gramTable struct {
	keys [1024]lang.Gram
	nums [1024]int16
	n    int
}

func slot(g lang.Gram) int { return int((uint64(g) * 0x9e3779b97f4a7c15) >> 54) }

// number gives a gram its number, or -1 when the table is full.
func (t *gramTable) number(g lang.Gram) int {
	i := slot(g)
	for t.keys[i] != 0 {
		if t.keys[i] == g {
			return int(t.nums[i])
		}
		i = (i + 1) & 1023
	}
	if t.n == maxGrams {
		return -1
	}
	t.keys[i], t.nums[i] = g, int16(t.n) // #nosec G115 -- below maxGrams
	t.n++
	return t.n - 1
}

// find is the number of a gram, -1 if the question does not have it.
func (t *gramTable) find(g lang.Gram) int {
	i := slot(g)
	for t.keys[i] != 0 {
		if t.keys[i] == g {
			return int(t.nums[i])
		}
		i = (i + 1) & 1023
	}
	return -1
}

// phrase numbers the grams of a term.
func (t *gramTable) phrase(term string) phrase {
	var p phrase
	lang.Grams(term, func(g lang.Gram) {
		if i := t.number(g); i >= 0 && p.set[i>>6]&(1<<(i&63)) == 0 {
			p.set.add(i)
			p.size++
		}
	})
	return p
}

// scan finds the question's grams in a folded text.
func (t *gramTable) scan(text string) gramSet {
	var s gramSet
	lang.Grams(text, func(g lang.Gram) {
		if i := t.find(g); i >= 0 {
			s.add(i)
		}
	})
	return s
}
