package meili

import (
	"cmp"
	"slices"
	"strings"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
)

// asking is one query of a question.
type asking struct {
	text   string
	weight float64 // its share in the merged order, above 0, 1 at most
}

// The server looks at the first ten words of a query and forgets the rest, and
// of those the first must stand in a clause (matching strategy "last"). So a
// question is asked several times at once: each time another of its most
// telling terms leads, and the next most telling follow.
const (
	mostWords   = 10
	mostLeaders = 5

	// A leader of so many words goes in quotation marks, where it counts as
	// one and must stand in the clause as it is. A shorter one does without:
	// the characters beside it may have been cut otherwise in the clause.
	longTerm = 3
)

// ask writes the queries of a question, none when it has no words: the server
// would answer with all it has. The terms' weights say how telling they are.
func ask(in []index.Term) []asking {
	terms := choose(in)
	var out []asking
	for i := range min(len(terms), mostLeaders) {
		out = append(out, led(terms, i, terms[0].Weight))
	}
	if rest := max(fitting(terms), mostLeaders); rest < len(terms) {
		out = append(out, led(terms[rest:], 0, terms[0].Weight))
	}
	return out
}

// choose puts the terms that say something in order, the most telling first,
// each once.
func choose(in []index.Term) []index.Term {
	at := map[string]int{}
	var out []index.Term
	for _, t := range in {
		t.Text = strings.Join(strings.FieldsFunc(t.Text, func(r rune) bool { return r == '"' || r == ' ' || r == '\n' }), " ")
		if t.Weight <= 0 || words(t.Text) == 0 {
			continue
		}
		if i, twice := at[t.Text]; twice {
			out[i].Weight = max(out[i].Weight, t.Weight)
			continue
		}
		at[t.Text] = len(out)
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b index.Term) int { return cmp.Compare(b.Weight, a.Weight) })
	return out
}

// led writes one query: the leader, then the others by weight, as many as the
// server looks at.
func led(terms []index.Term, leader int, top float64) asking {
	text, left := terms[leader].Text, mostWords
	if n := words(text); n >= longTerm {
		text, left = `"`+text+`"`, left-1
	} else {
		left -= n
	}
	for i, t := range terms {
		if n := words(t.Text); i != leader && n <= left {
			text += " " + t.Text
			left -= n
		}
	}
	return asking{text: text, weight: terms[leader].Weight / top}
}

// fitting is how many of the first terms fit into one query.
func fitting(terms []index.Term) int {
	left := mostWords
	for i, t := range terms {
		if left -= words(t.Text); left < 0 {
			return i
		}
	}
	return len(terms)
}

// words is about how many words the server cuts a folded term into: Chinese
// words have two characters more often than any other number.
func words(folded string) int {
	n := 0
	for _, part := range strings.Fields(folded) {
		han, other := 0, false
		for _, r := range part {
			if lang.IsHan(r) {
				han++
			} else {
				other = true
			}
		}
		n += (han + 1) / 2
		if other {
			n++
		}
	}
	return n
}
