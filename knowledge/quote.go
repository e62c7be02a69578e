package knowledge

import (
	"fmt"
	"strings"

	"greendesk/knowledge/lang"
	"greendesk/knowledge/rank"
)

// Quote is verbatim text of one clause: segments in the clause's order, with
// something left out between two of them.
type Quote []string

// Ellipsis stands between the segments of a quote.
const Ellipsis = "……"

// String joins the segments.
func (q Quote) String() string { return strings.Join(q, Ellipsis) }

// Length limits of a quote, in characters: a clause up to wholeClause is
// quoted whole; of a longer one the sentences that answer, up to maxQuote.
const (
	wholeClause = 160
	maxQuote    = 260
)

// Verbatim checks a quote against the stored clause: every segment must stand
// in it, to the letter and in this order. No answer leaves without it.
func Verbatim(clause string, q Quote) error {
	if len(q) == 0 {
		return fmt.Errorf("knowledge: empty quote")
	}
	rest := clause
	for _, seg := range q {
		i := strings.Index(rest, seg)
		if i < 0 || strings.TrimSpace(seg) == "" {
			return fmt.Errorf("knowledge: quote %q does not stand in the clause", seg)
		}
		rest = rest[i+len(seg):]
	}
	return nil
}

// sentence is a stretch of a clause that can be quoted by itself.
type sentence struct {
	text  string
	line  int
	lead  bool // ends in a colon: what follows are its items
	item  bool // （一）…
	score float64
}

// quoteOf picks what to quote of a clause: all of a short one, else the
// sentences that have most of the question, with the opening of a list before
// its items.
func quoteOf(text string, q *rank.Question, folder *lang.Folder, stats rank.Statistics) Quote {
	text = strings.TrimSpace(text)
	if len([]rune(text)) <= wholeClause {
		return Quote{text}
	}
	ss := sentences(text)
	cover := rank.NewCover(q, stats)
	for i := range ss {
		ss[i].score = cover.Of(folder.Fold(ss[i].text))
	}
	return join(ss, choose(ss))
}

// sentences cuts a clause at line ends and after 。 and ；. A sentence keeps
// its closing mark.
func sentences(text string) []sentence {
	var out []sentence
	for n, line := range strings.Split(text, "\n") {
		rest := strings.TrimSpace(line)
		for rest != "" {
			cut := strings.IndexAny(rest, "。；")
			part := rest
			if cut >= 0 {
				part = rest[:cut+len("。")]
			}
			rest = strings.TrimSpace(rest[len(part):])
			out = append(out, sentence{text: part, line: n, lead: strings.HasSuffix(part, "：") || strings.HasSuffix(part, ":"),
				item: strings.HasPrefix(part, "（") || strings.HasPrefix(part, "(")})
		}
	}
	return out
}

// choose marks the sentences to quote: the best one, its list's opening, then
// the next best while there is room.
func choose(ss []sentence) []bool {
	take := make([]bool, len(ss))
	room := maxQuote
	for {
		best := -1
		for i := range ss {
			if !take[i] && (best < 0 || ss[i].score > ss[best].score) {
				best = i
			}
		}
		if best < 0 || (room < maxQuote && ss[best].score <= 0) {
			return take
		}
		need := len([]rune(ss[best].text))
		lead := leadOf(ss, best)
		if lead >= 0 && !take[lead] {
			need += len([]rune(ss[lead].text))
		}
		if room < maxQuote && need > room {
			return take
		}
		take[best] = true
		if lead >= 0 {
			take[lead] = true
		}
		room -= need
		if room <= 0 {
			return take
		}
	}
}

// leadOf finds the opening of the list that item i belongs to, -1 if none.
func leadOf(ss []sentence, i int) int {
	if !ss[i].item {
		return -1
	}
	for j := i - 1; j >= 0; j-- {
		if ss[j].lead && !ss[j].item {
			return j
		}
	}
	return -1
}

// join makes segments of the chosen sentences; neighbours of one line make one
// segment.
func join(ss []sentence, take []bool) Quote {
	var q Quote
	for i := range ss {
		if !take[i] {
			continue
		}
		if i > 0 && take[i-1] && ss[i-1].line == ss[i].line {
			q[len(q)-1] += ss[i].text
			continue
		}
		q = append(q, ss[i].text)
	}
	return q
}
