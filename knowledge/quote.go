package knowledge

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"greendesk/knowledge/lang"
	"greendesk/knowledge/rank"
)

// Quote is verbatim text of one clause: segments in the clause's order, with
// something left out between two of them.
type Quote []string

// Ellipsis stands between the segments of a quote.
const Ellipsis = "……"

// String joins the segments. What ends in the middle of a sentence or of a list
// shows that it goes on.
func (q Quote) String() string {
	text := strings.Join(q, Ellipsis)
	if open(text) {
		text += Ellipsis
	}
	return text
}

// ReadQuote reads a quote that String has joined. Where the clause itself has an
// ellipsis, its parts stand in it all the same.
func ReadQuote(text string) Quote {
	var q Quote
	for seg := range strings.SplitSeq(text, Ellipsis) {
		if strings.TrimSpace(seg) != "" {
			q = append(q, seg)
		}
	}
	return q
}

// open reports whether a text ends where its sentence or its list goes on.
func open(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune("；：，、;:,", last)
}

// Length limits of a quote, in characters: a clause up to wholeClause is
// quoted whole; of a longer one the sentences that answer, up to maxQuote.
const (
	wholeClause = 160
	maxQuote    = 260
	wholeNamed  = maxQuote + roundRoom // of an article that is asked for by its number
)

// ErrNotVerbatim is a quote that does not stand in its clause.
var ErrNotVerbatim = errors.New("knowledge: the quote does not stand in the clause")

// Verbatim checks a quote against the stored clause: every segment must stand
// in it, to the letter and in this order. No answer leaves without it. The error is ErrNotVerbatim.
func Verbatim(clause string, q Quote) error {
	if len(q) == 0 {
		return fmt.Errorf("%w: it is empty", ErrNotVerbatim)
	}
	rest := clause
	for _, seg := range q {
		i := strings.Index(rest, seg)
		if i < 0 || strings.TrimSpace(seg) == "" {
			return fmt.Errorf("%w: %q", ErrNotVerbatim, seg)
		}
		rest = rest[i+len(seg):]
	}
	return nil
}

// sentence is a stretch of a clause that can be quoted by itself.
type sentence struct {
	start, end int // in bytes
	line       int
	lead       bool // ends in a colon: what follows are its items
	level      int  // of an item: 一、 （一） 1. （1） ① from 1; 0 for others
	score      float64
}

// quoteOf picks what to quote of a clause: all of a short one, else the
// sentences that have most of the question, with the openings of a list before
// its items.
func quoteOf(text string, q *rank.Question, folder *lang.Folder, stats rank.Statistics) Quote {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= wholeClause {
		return Quote{text}
	}
	ss := sentences(text)
	cover := rank.NewCover(q, stats)
	for i := range ss {
		ss[i].score = cover.Of(folder.Fold(text[ss[i].start:ss[i].end]))
	}
	take := choose(text, ss, func(take []bool) []int {
		if q.AsksFine() {
			return amounts(text, ss, take)
		}
		return nil
	})
	return segments(text, ss, round(text, ss, take))
}

// sentences cuts a clause at line ends, after 。 and ；, and after a colon
// before an item. A sentence keeps its closing mark.
func sentences(text string) []sentence {
	var out []sentence
	start, line := 0, 0
	end := func(at int) {
		part := text[start:at]
		trimmed := strings.TrimSpace(part)
		if trimmed != "" {
			from := start + strings.Index(part, trimmed)
			out = append(out, sentence{start: from, end: from + len(trimmed), line: line, level: itemLevel(trimmed),
				lead: strings.HasSuffix(trimmed, "：") || strings.HasSuffix(trimmed, ":")})
		}
		start = at
	}
	for i, r := range text {
		next := i + utf8.RuneLen(r)
		switch {
		case r == '\n':
			end(i)
			line++
		case strings.HasPrefix(strings.TrimLeft(text[start:], "\n 　"), sourceMark): // names documents, parted by ；
		case r == '。' || r == '；' || (r == '：' || r == ':') && itemLevel(strings.TrimLeft(text[next:], " \t　")) > 0:
			end(next)
		}
	}
	end(len(text))
	return out
}

// sourceMark opens the line of our own entries that says where they come from.
const sourceMark = "来源："

// The marks that items begin with, outermost first.
var itemMarks = []*regexp.Regexp{
	regexp.MustCompile(`^[一二三四五六七八九十]{1,3}、`),
	regexp.MustCompile(`^[（(][一二三四五六七八九十]{1,3}[）)]`),
	regexp.MustCompile(`^\d{1,2}[.．、]\D`),
	regexp.MustCompile(`^[（(]\d{1,2}[）)]`),
	regexp.MustCompile(`^[①-⑳]`),
}

func itemLevel(s string) int {
	for i, mark := range itemMarks {
		if mark.MatchString(s) {
			return i + 1
		}
	}
	return 0
}

// choose marks the sentences to quote: the best one with what opens its list
// and what belongs to it, then the next best while there is room.
func choose(text string, ss []sentence, belongs func(take []bool) []int) []bool {
	take := make([]bool, len(ss))
	room := maxQuote
	for first := true; ; first = false {
		best := -1
		for i := range ss {
			if !take[i] && (best < 0 || ss[i].score > ss[best].score) {
				best = i
			}
		}
		if best < 0 || !first && ss[best].score <= 0 {
			return take
		}
		more := append(openings(text, ss, best), best)
		need := 0
		for _, i := range more {
			if !take[i] {
				need += utf8.RuneCountInString(text[ss[i].start:ss[i].end])
			}
		}
		if !first && need > room {
			return take
		}
		for _, i := range more {
			take[i] = true
		}
		room -= need
		if first {
			for _, i := range belongs(take) {
				take[i] = true
				room -= utf8.RuneCountInString(text[ss[i].start:ss[i].end])
			}
		}
		if room <= 0 {
			return take
		}
	}
}

// openings are the sentences by which the lists begin that i is an item of:
// for 1. under （一）, the opening of the list of （一）, and （一）. An opening is
// all of its line back to the last full stop: 处…罚款；情节严重的，…： belong
// together.
func openings(text string, ss []sentence, i int) []int {
	var out []int
	level := ss[i].level
	for j := i - 1; j >= 0 && level > 0; j-- {
		if !ss[j].lead || ss[j].level >= level {
			continue
		}
		level = ss[j].level
		out = append(out, j)
		for ; level == 0 && j > 0 && ss[j-1].level == 0 && ss[j-1].line == ss[j].line && !strings.HasSuffix(text[:ss[j-1].end], "。"); j-- {
			out = append(out, j-1)
		}
	}
	return out
}

// segments makes a quote of the chosen sentences; neighbours make one segment.
func segments(text string, ss []sentence, take []bool) Quote {
	var q Quote
	for i := 0; i < len(ss); i++ {
		if !take[i] {
			continue
		}
		start := ss[i].start
		for i+1 < len(ss) && take[i+1] {
			i++
		}
		q = append(q, text[start:ss[i].end])
	}
	return q
}
