package rank

import (
	"math/bits"

	"greendesk/knowledge/index"
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

// phrase is a term as a set of grams. Its grams lie in the words lo to hi of
// the set, mostly one.
type phrase struct {
	set    gramSet
	size   int // grams that stand in no clause included
	lo, hi int
}

// within reports whether all of s stands in o, too.
func (s *gramSet) within(o *gramSet) bool {
	return s[0]&^o[0]|s[1]&^o[1]|s[2]&^o[2]|s[3]&^o[3] == 0
}

// meets reports whether s and o have anything in common.
func (s *gramSet) meets(o *gramSet) bool {
	return s[0]&o[0]|s[1]&o[1]|s[2]&o[2]|s[3]&o[3] != 0
}

// share is how much of p stands in s, 0 to 1.
func (s *gramSet) share(p *phrase) float64 {
	n := 0
	for i := p.lo; i <= p.hi; i++ {
		n += bits.OnesCount64(s[i] & p.set[i])
	}
	return float64(n) / float64(p.size)
}

// gramTable gives the question's grams small numbers of their own. It is keyed
// by the index's numbers; open addressing, sized so that a look-up of a gram
// that is not there mostly costs one probe.
type gramTable struct {
	stats Statistics
	keys  [1024]uint32 // the index's number + 1, 0 is free
	nums  [1024]int16
	n     int
}

func slot(number uint32) uint32 { return number * 0x9e3779b1 >> 22 }

// number gives a gram its small number, or -1 when the table is full.
func (t *gramTable) number(gram uint32) int {
	i := slot(gram)
	for t.keys[i] != 0 {
		if t.keys[i] == gram+1 {
			return int(t.nums[i])
		}
		i = (i + 1) & 1023
	}
	if t.n == maxGrams {
		return -1
	}
	t.keys[i], t.nums[i] = gram+1, int16(t.n) // #nosec G115 -- below maxGrams
	t.n++
	return t.n - 1
}

// find is the small number of a gram, -1 if the question does not have it.
func (t *gramTable) find(gram uint32) int {
	i := slot(gram)
	for t.keys[i] != 0 {
		if t.keys[i] == gram+1 {
			return int(t.nums[i])
		}
		i = (i + 1) & 1023
	}
	return -1
}

// phrase numbers the grams of a term. Grams that stand in no clause count in
// its size: a clause never has all of such a term.
func (t *gramTable) phrase(term string) phrase {
	p := phrase{lo: len(gramSet{}), hi: -1}
	lang.Grams(term, func(g lang.Gram) {
		gram, known := t.stats.Number(g)
		if !known {
			p.size++
			return
		}
		if i := t.number(gram); i >= 0 && p.set[i>>6]&(1<<(i&63)) == 0 {
			p.set.add(i)
			p.size++
			p.lo, p.hi = min(p.lo, i>>6), max(p.hi, i>>6)
		}
	})
	return p
}

// scan finds the question's grams in a sequence.
func (t *gramTable) scan(seq index.Sequence) gramSet {
	var s gramSet
	for _, gram := range seq {
		if gram == index.End {
			continue
		}
		if i := t.find(gram); i >= 0 {
			s.add(i)
		}
	}
	return s
}

// scanText finds the question's grams in a folded text.
func (t *gramTable) scanText(text string) gramSet {
	var s gramSet
	lang.Grams(text, func(g lang.Gram) {
		if gram, known := t.stats.Number(g); known {
			if i := t.find(gram); i >= 0 {
				s.add(i)
			}
		}
	})
	return s
}

// sentences calls fn for every sentence of a sequence that has any of the
// question's grams, with those that it has.
func (t *gramTable) sentences(seq index.Sequence, fn func(one index.Sequence, set gramSet)) {
	from, any := 0, false
	var set gramSet
	for i, gram := range seq {
		if gram != index.End {
			if t.keys[slot(gram)] == 0 {
				continue // as most
			}
			if n := t.find(gram); n >= 0 {
				set.add(n)
				any = true
			}
			continue
		}
		if any {
			fn(seq[from:i], set)
			set, any = gramSet{}, false
		}
		from = i + 1
	}
	if any {
		fn(seq[from:], set)
	}
}
