package rank

import (
	"math"
	"slices"
	"strings"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/sense"
)

// Statistics tells how rare a gram is in the knowledge base.
type Statistics interface {
	// Gram is a gram's number, its idf, and whether it stands in any clause.
	Gram(lang.Gram) (number uint32, idf float64, known bool)
	// Number is the gram's number alone.
	Number(lang.Gram) (number uint32, known bool)
	// IDF is the idf of the gram of that number.
	IDF(number uint32) float64
	// Lift tells a word (above 1) from two characters that happen to meet.
	Lift(pair string) float64
}

// Concept is one thing that a question is about, in the user's word and in the
// words that legal texts use for it.
type Concept struct {
	Surface string   // folded, as asked
	Means   []string // folded terms of the law, from the lexicon
	Weight  float64  // how telling it is: the idf of its rarest gram
	Sure    float64  // how surely it is a word, 0 to 1
	Word    bool     // a term of the lexicon, not a bare pair of characters
	Earlier bool     // from the message before
	Field   bool     // a term of the field
	Asking  bool     // says what is asked for (罚多少, 几天), not what about
}

// Question is what was understood of a message.
type Question struct {
	Text     string        // as asked
	Who      string        // what it says of who asks, when that is no part of the question itself
	Repairs  []lang.Repair // what was read otherwise than it was typed
	Folded   string
	Said     string // the whole message, folded, when chatter was left out of it
	Concepts []Concept
	Cues     Cues
	Laws     []string // folded titles named in full or in short
	Articles []lang.Article
	Regions  []string
	Amounts  []lang.Amount
	Places   []lang.Place // provinces and cities that it speaks of
	Others   []string     // trades that it does not name, as titles of documents name them
	FollowUp bool         // leans on the message before

	// Whole is the message before and this one, folded, when this one says by
	// its words that it goes on from it (那…, …呢); "" otherwise.
	Whole string

	Sense sense.Vector // what it is about, with the message before it when it leans on it

	// Before are the clauses that answer the message before, best first, for a
	// follow-up.
	Before []*index.Entry
}

// Reader turns messages into questions. It is made once and then only read.
type Reader struct {
	Folder  *lang.Folder
	Chatter *lang.Chatter
	Lexicon *lang.Lexicon
	Sense   *sense.Model
	Speller *lang.Speller
	Trades  *lang.Trades
}

// NewReader makes a reader.
func NewReader(f *lang.Folder, c *lang.Chatter, l *lang.Lexicon, m *sense.Model) *Reader {
	return &Reader{Folder: f, Chatter: c, Lexicon: l, Sense: m, Speller: lang.NewSpeller(l), Trades: lang.EmbeddedTrades()}
}

// earlierShare is the weight of the message before in a follow-up.
const earlierShare = 0.7

// Read understands text; prev is the message before it, "" if there is none.
// A message that stands on its own ignores prev.
func (r *Reader) Read(text, prev string, stats Statistics) *Question {
	q := &Question{Text: text}
	q.Folded, q.Repairs = r.mend(r.Folder.Fold(text), stats)
	r.take(q, q.Folded, 1, stats)
	q.Cues = QuestionCues(q.Folded)
	q.Articles = lang.SpokenArticles(q.Folded)
	q.Amounts = lang.Amounts(q.Folded)
	if prev != "" && isFollowUp(q, stats) {
		q.FollowUp = true
		before, _ := r.mend(r.Folder.Fold(prev), stats)
		r.take(q, before, earlierShare, stats)
		q.Cues |= QuestionCues(before) & weakCues
		if goesOn(q.Folded) {
			q.Whole = before + "\n" + q.Folded
		}
		own := r.Sense.Of(q.Folded)
		q.Sense = sense.Middle(own, r.Sense.Of(before))
		q.Others = r.Trades.Unnamed(q.said(before)...)
		return q
	}
	q.Sense = r.Sense.Of(q.Folded)
	q.Others = r.Trades.Unnamed(q.said()...)
	return q
}

// said is what a question says with the messages before, in the user's words
// and in the law's.
func (q *Question) said(before ...string) []string {
	out := append([]string{q.Folded}, before...)
	for _, c := range q.Concepts {
		out = append(out, c.Means...)
	}
	return append(out, q.Laws...)
}

// Spoken is the question as a person would say it whole: with the message
// before when it leans on that one.
func (q *Question) Spoken(text, prev string) string {
	if q.FollowUp {
		return prev + " " + text
	}
	return text
}

// mend reads misspelt terms. Two characters are usual side by side when they
// make a word of the knowledge base.
func (r *Reader) mend(folded string, stats Statistics) (string, []lang.Repair) {
	if len(folded) > longestMended {
		return folded, nil
	}
	return r.Speller.Mend(folded, func(pair string) bool { return stats.Lift(pair) >= usualLift })
}

// usualLift is from which lift on two characters are a word that was meant.
const usualLift = 0.05

// longestMended is how many bytes of a message are looked through for
// misspelling; what is longer was pasted.
const longestMended = 1200

// weakCues are kept from the message before: nothing but the penalty.
const weakCues = 1 << 0

// A message leans on the one before when it says so (那…, …呢), or when it is
// short and names next to nothing itself, no term of the field: the weight of its own concepts, those
// that only say what is asked for left out. On the labelled questions this
// finds two thirds of the follow-ups and takes one question in 25 for one.
const (
	shortMessage  = 14  // characters
	littleContent = 1.7 // sum of idf, in idfs of a gram that stands nowhere
	longMessage   = 40
)

// Openings that mostly go on from something.
var pointing = []string{"这", "它", "要是", "如果"}

// goesOn reports whether a message says that it goes on from the one before.
func goesOn(folded string) bool {
	return strings.HasPrefix(folded, "那") || strings.HasSuffix(folded, "呢")
}

func isFollowUp(q *Question, stats Statistics) bool {
	n := len([]rune(q.Folded))
	if n > longMessage {
		return false
	}
	if goesOn(q.Folded) {
		return true
	}
	content := q.content(stats)
	for _, w := range pointing {
		if strings.HasPrefix(q.Folded, w) {
			return n <= shortMessage+8 && content < 2*littleContent
		}
	}
	return n <= shortMessage && content < littleContent && !q.Field()
}

// content is how much a message names itself.
func (q *Question) content(stats Statistics) float64 {
	_, unseen, _ := stats.Gram(0)
	sum := 0.0
	for _, c := range q.Concepts {
		if !c.Asking {
			sum += c.Weight * c.Sure / unseen
		}
	}
	return sum
}

// take adds the concepts of one folded message.
func (r *Reader) take(q *Question, folded string, share float64, stats Statistics) {
	words := r.Lexicon.Words(folded)
	chatter := r.Lexicon.Chatter(folded, words)
	rs := []rune(folded)
	covered := make([]bool, len(rs)+1) // a pair that begins here lies inside a word
	for _, w := range words {
		for i := w.Start; i < w.End-1; i++ {
			covered[i] = true
		}
		r.word(q, w, share, stats)
	}
	for i := 0; i+1 < len(rs); i++ {
		if covered[i] || chatter[i] || chatter[i+1] || !lang.IsHan(rs[i]) || !lang.IsHan(rs[i+1]) {
			continue
		}
		q.pair(string(rs[i:i+2]), share, stats)
	}
	for _, w := range strings.FieldsFunc(folded, func(r rune) bool { return lang.IsHan(r) || r == ' ' || r == '\n' }) {
		if len(w) > 1 {
			q.pair(w, share, stats)
		}
	}
}

// fieldKinds are the lexicon's kinds of words that belong to this field.
var fieldKinds = []string{"abbr", "colloq", "law", "syn", "pollutant", "facility", "permit"}

// Field reports whether the message itself uses a term of the field.
func (q *Question) Field() bool {
	for _, c := range q.Concepts {
		if c.Field && !c.Earlier {
			return true
		}
	}
	return false
}

// askingKinds are the lexicon's kinds of words that say what is asked for.
var askingKinds = []string{"asking", "time", "penalty", "verb", "authority"}

// word adds a term of the lexicon as one concept.
func (r *Reader) word(q *Question, w lang.Span, share float64, stats Statistics) {
	c := Concept{Surface: w.Text, Sure: 1, Word: true, Earlier: share < 1}
	for _, word := range w.Words {
		switch word.Kind {
		case lang.KindLaw:
			q.Laws = append(q.Laws, word.Means...)
		case lang.KindPlace:
			q.Regions = append(q.Regions, word.Term)
		}
		c.Field = c.Field || slices.Contains(fieldKinds, word.Kind)
		c.Asking = c.Asking || slices.Contains(askingKinds, word.Kind)
		c.Means = append(c.Means, word.Means...)
	}
	c.Weight = max(rarest(c.Surface, stats), meansWeight(c.Means, stats)) * share
	if c.Weight > 0 {
		q.add(c)
	}
}

func meansWeight(means []string, stats Statistics) float64 {
	w := 0.0
	for _, m := range means {
		w = max(w, rarest(m, stats))
	}
	return w
}

// pair adds two neighbouring characters, or a Latin word, that no term covers.
// Pairs that stand in no clause say nothing and are left out.
func (q *Question) pair(text string, share float64, stats Statistics) {
	sure := wordiness(stats.Lift(text))
	if w := rarest(text, stats) * sure; w > 0 {
		q.add(Concept{Surface: text, Weight: w * share, Sure: sure, Earlier: share < 1})
	}
}

// Pairs of characters with at most this lift are taken for a border between
// two words and weigh nothing; from fullLift on they weigh in full.
const (
	noLift   = 0.01
	fullLift = 0.1
)

// wordiness is how surely a pair of characters is a word, 0 to 1.
func wordiness(lift float64) float64 {
	if lift <= noLift {
		return 0
	}
	return min(1, math.Log(lift/noLift)/math.Log(fullLift/noLift))
}

func (q *Question) add(c Concept) {
	for i := range q.Concepts {
		if q.Concepts[i].Surface == c.Surface {
			q.Concepts[i].Weight = max(q.Concepts[i].Weight, c.Weight)
			return
		}
	}
	q.Concepts = append(q.Concepts, c)
}

// rarest is the largest idf of the grams of a term that stand somewhere in the
// knowledge base, 0 if none does.
func rarest(text string, stats Statistics) float64 {
	w := 0.0
	lang.Grams(text, func(g lang.Gram) {
		if _, idf, known := stats.Gram(g); known {
			w = max(w, idf)
		}
	})
	return w
}

// The share of the weight that a term of the lexicon gets in the search,
// beside the user's own words.
const meansShare = 0.75

// Terms is the query for the index: the user's words and the law's words for
// them.
func (q *Question) Terms() []index.Term {
	out := make([]index.Term, 0, 2*len(q.Concepts))
	for _, c := range q.Concepts {
		w := 1.0
		if c.Earlier {
			w = earlierShare
		}
		out = append(out, index.Term{Text: c.Surface, Weight: w * c.Sure})
		for _, m := range c.Means {
			out = append(out, index.Term{Text: m, Weight: w * meansShare})
		}
	}
	return out
}
