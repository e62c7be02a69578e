package lang

import (
	"maps"
	"slices"
	"strings"
)

// Kinds are the kinds that an entry of the lexicon may have.
func Kinds() []string {
	return []string{"abbr", "colloq", KindSynonym, KindLaw, "pollutant", "facility", "industry", "penalty", "authority", "verb", "time", "asking", KindPlace, KindStop}
}

// Change is an entry that takes the place of all the lexicon has of its term.
// Its texts need not be folded.
type Change struct {
	Term  string
	Means []string
	Kind  string
	Off   bool // the term is to be no entry at all
}

// With is a lexicon with changes made to it; l stays as it is.
func (l *Lexicon) With(f *Folder, changes []Change) *Lexicon {
	out := &Lexicon{words: maps.Clone(l.words), stops: maps.Clone(l.stops), longestWord: maps.Clone(l.longestWord), longestStop: maps.Clone(l.longestStop)}
	for _, c := range changes {
		term := f.Fold(c.Term)
		if term == "" {
			continue
		}
		out.remove(term)
		if c.Off {
			continue
		}
		if c.Kind == KindStop {
			noteLength(out.longestStop, term)
			out.stops[term] = true
			continue
		}
		w := Word{Term: term, Kind: c.Kind}
		for _, m := range c.Means {
			if m = f.Fold(m); m != "" && m != term {
				w.Means = append(w.Means, m)
			}
		}
		out.add(w)
	}
	return out
}

// remove takes out a term, and itself out of its synonyms.
func (l *Lexicon) remove(term string) {
	for _, w := range l.words[term] {
		if w.Kind != KindSynonym {
			continue
		}
		for _, m := range w.Means {
			l.words[m] = slices.DeleteFunc(slices.Clone(l.words[m]), func(x Word) bool { return x.Kind == KindSynonym && slices.Contains(x.Means, term) })
			if len(l.words[m]) == 0 {
				delete(l.words, m)
			}
		}
	}
	delete(l.words, term)
	delete(l.stops, term)
}

// Find returns the entries whose term, or what it means, has a folded text in
// it, by term; those of chatter too.
func (l *Lexicon) Find(folded string) []Word {
	var out []Word
	for term, words := range l.words {
		for _, w := range words {
			if strings.Contains(term, folded) || slices.ContainsFunc(w.Means, func(m string) bool { return strings.Contains(m, folded) }) {
				out = append(out, w)
			}
		}
	}
	for term := range l.stops {
		if strings.Contains(term, folded) {
			out = append(out, Word{Term: term, Kind: KindStop})
		}
	}
	slices.SortStableFunc(out, func(a, b Word) int { return strings.Compare(a.Term+"\t"+a.Kind, b.Term+"\t"+b.Kind) })
	return out
}
