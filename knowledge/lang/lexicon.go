package lang

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Kinds of lexicon entries that are treated in ways of their own; lexicon's
// README lists all (column 3 of the data files).
const (
	KindLaw     = "law"   // short form of a document's name → its title
	KindSynonym = "syn"   // both ways
	KindStop    = "stop"  // chatter
	KindPlace   = "place" // county, city, province
)

// plainKinds are the kinds of the words in the plain lists.
var plainKinds = map[string]string{"stop": KindStop, "places": KindPlace, "industries": "industry", "pollutants": "pollutant"}

// Word is one entry of the lexicon: a term of everyday speech or an
// abbreviation, and the terms by which legal texts say the same.
type Word struct {
	Term  string   // folded
	Means []string // folded
	Kind  string
}

// Lexicon finds the words of the field in a folded text. It is made once and
// then only read.
type Lexicon struct {
	words map[string][]Word
	stops map[string]bool

	// How long the longest term and the longest chatter that begin with a
	// character are, in characters: where to stop looking.
	longestWord, longestStop map[rune]int
}

//go:embed lexicon
var files embed.FS

// EmbeddedLexicon is the lexicon that the program carries.
func EmbeddedLexicon(f *Folder) (*Lexicon, error) {
	sub, err := fs.Sub(files, "lexicon")
	if err != nil {
		return nil, fmt.Errorf("lang: lexicon: %w", err)
	}
	return LoadLexicon(sub, f)
}

// GeneralLexicon has the everyday words of law at large: family, contracts,
// labour, crime and so on. It serves questions that are not of the field, so
// that its many common words (公司, 工作) do not blur those of the field.
func GeneralLexicon(f *Folder) (*Lexicon, error) {
	sub, err := fs.Sub(files, "lexicon/general")
	if err != nil {
		return nil, fmt.Errorf("lang: lexicon: %w", err)
	}
	return LoadLexicon(sub, f)
}

// LoadLexicon reads every .tsv (term, meanings parted by |, kind) and .txt
// (one term a line, the file's name says the kind) of a folder. An error names
// the file and the line.
func LoadLexicon(dir fs.FS, f *Folder) (*Lexicon, error) {
	names, err := fs.Glob(dir, "*.t[sx][vt]")
	if err != nil {
		return nil, fmt.Errorf("lang: lexicon: %w", err)
	}
	l := &Lexicon{words: map[string][]Word{}, stops: map[string]bool{}, longestWord: map[rune]int{}, longestStop: map[rune]int{}}
	for _, name := range names {
		if err := l.read(dir, name, f); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *Lexicon) read(dir fs.FS, name string, f *Folder) error {
	file, err := dir.Open(name)
	if err != nil {
		return fmt.Errorf("lang: lexicon: %w", err)
	}
	defer func() { _ = file.Close() }() // read only
	lines := bufio.NewScanner(file)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimRight(strings.TrimPrefix(lines.Text(), "\ufeff"), " \r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		add := l.addColumns
		if path.Ext(name) == ".txt" {
			add = l.addPlain
		}
		if err := add(f, line, name); err != nil {
			return fmt.Errorf("lang: lexicon %s:%d: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("lang: lexicon %s:%d: %w", name, n+1, err)
	}
	return nil
}

func (l *Lexicon) addPlain(f *Folder, line, name string) error {
	term := f.Fold(line)
	kind, ok := plainKinds[strings.TrimSuffix(path.Base(name), path.Ext(name))]
	switch {
	case !ok:
		return errors.New("a list of a name that is not known")
	case term == "":
		return errors.New("a term without a word")
	case kind == KindStop:
		noteLength(l.longestStop, term)
		l.stops[term] = true
	default:
		l.put(Word{Term: term, Kind: kind})
	}
	return nil
}

func (l *Lexicon) addColumns(f *Folder, line, _ string) error {
	cols := strings.Split(line, "\t")
	if len(cols) != 3 {
		return fmt.Errorf("want 3 columns parted by tabs, have %d", len(cols))
	}
	w := Word{Term: f.Fold(cols[0]), Kind: strings.TrimSpace(cols[2])}
	if w.Term == "" || w.Kind == "" {
		return errors.New("a term without a word or a kind")
	}
	for _, m := range strings.Split(cols[1], "|") {
		if m = f.Fold(m); m != "" && m != w.Term {
			w.Means = append(w.Means, m)
		}
	}
	l.add(w)
	return nil
}

func (l *Lexicon) add(w Word) {
	l.put(w)
	if w.Kind == KindSynonym {
		for _, m := range w.Means {
			l.put(Word{Term: m, Means: []string{w.Term}, Kind: w.Kind})
		}
	}
}

func (l *Lexicon) put(w Word) {
	noteLength(l.longestWord, w.Term)
	l.words[w.Term] = append(slices.Clip(l.words[w.Term]), w) // what With has copied is shared
}

func noteLength(longest map[rune]int, term string) {
	rs := []rune(term)
	longest[rs[0]] = max(longest[rs[0]], len(rs))
}

// Len is the number of entries.
func (l *Lexicon) Len() int { return len(l.words) + len(l.stops) }

// Span is a stretch of a folded text that the lexicon knows.
type Span struct {
	Start, End int // in characters
	Text       string
	Words      []Word // none for chatter
}

// Words finds the known terms of a folded text: at each place the longest,
// leaving out those that lie inside another. Two terms may overlap.
func (l *Lexicon) Words(folded string) []Span {
	starts := make([]int, 0, len(folded)/2+1) // of the characters, in bytes, and the end
	for at := range folded {
		starts = append(starts, at)
	}
	starts = append(starts, len(folded))
	var out []Span
	i := -1
	for _, r := range folded {
		i++
		for n := min(l.longestWord[r], len(starts)-1-i); n > 1; n-- {
			text := folded[starts[i]:starts[i+n]]
			words, ok := l.words[text]
			if !ok {
				continue
			}
			if len(out) == 0 || out[len(out)-1].End < i+n {
				out = append(out, Span{Start: i, End: i + n, Text: text, Words: words})
			}
			break
		}
	}
	return out
}

// Chatter marks the characters of a folded text that belong to greetings and
// fillers and to no known term.
func (l *Lexicon) Chatter(folded string, words []Span) []bool {
	rs := []rune(folded)
	known := make([]bool, len(rs))
	for _, w := range words {
		for i := w.Start; i < w.End; i++ {
			known[i] = true
		}
	}
	out := make([]bool, len(rs))
	for i := 0; i < len(rs); i++ {
		n := l.stopAt(rs, known, i)
		for j := i; j < i+n; j++ {
			out[j] = true
		}
		i += max(n-1, 0)
	}
	return out
}

// stopAt is the length of the longest chatter that begins at i and touches no
// known term.
func (l *Lexicon) stopAt(rs []rune, known []bool, i int) int {
	for n := min(l.longestStop[rs[i]], len(rs)-i); n > 0; n-- {
		if l.stops[string(rs[i:i+n])] && !anyTrue(known[i:i+n]) {
			return n
		}
	}
	return 0
}

func anyTrue(bs []bool) bool {
	for _, b := range bs {
		if b {
			return true
		}
	}
	return false
}
