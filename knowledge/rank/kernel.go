package rank

import (
	"regexp"
	"slices"
	"strings"

	"greendesk/knowledge/lang"
)

// Kernel is what a message asks, without the chatter around it.
type Kernel struct {
	Text string // as it was typed
	Who  string // what it said of who asks, as it was typed
}

// Kernel leaves out the chatter of a message when a question is left of it; a
// message that is only chatter, or says something without asking, stays whole.
// Who asks stays in the question when it says too little without it: 我是印刷厂的，
// 要办什么证.
func (r *Reader) Kernel(text string, stats Statistics) Kernel {
	said := r.Chatter.Strip(text)
	k := Kernel{Text: said.Text, Who: strings.Join(said.Who, "")}
	if len(said.Text) == len(text) {
		return k
	}
	q := &Question{Text: said.Text}
	q.Folded, _ = r.mend(r.Folder.Fold(said.Text), stats)
	r.take(q, q.Folded, 1, stats)
	alone, asks := r.standsAlone(q), q.asks()
	switch {
	case !asks && (said.Thanks || !alone), !alone && QuestionCues(q.Folded) == 0 && !goesOn(q.Folded):
		k.Text = text // small talk
	case !alone:
		k.Text = k.Who + k.Text
	}
	return k
}

// Asked are the parts of a message that say by themselves what they ask, with
// the story before left out; see [lang.Chatter.Asked].
func (r *Reader) Asked(text string, stats Statistics) []string {
	var out []string
	for _, part := range r.Chatter.Asked(text) {
		part = r.Chatter.Strip(part).Text
		q := &Question{Text: part}
		q.Folded, _ = r.mend(r.Folder.Fold(part), stats)
		r.take(q, q.Folded, 1, stats)
		if q.asks() && r.standsAlone(q) && !pointsBack.MatchString(part) && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

// pointsBack is what says that the meaning lies in the words before.
var pointsBack = regexp.MustCompile(`这|那[种样些个]|此|其[^他它]|[^应]该|^该|[上前]述|以上[情行问]|它|[^其]他|^他`)

// questionWord is what makes a question of a message.
var questionWord = regexp.MustCompile(`[?？吗么嘛啥咋哪谁几]|[不没](?:[ \n]|$)|[^着]呢|还是|什么|怎|多[少久大高远长重]|如何|是否|能否|可否|能不|行不`)

// asks reports whether a message says that it is a question.
func (q *Question) asks() bool {
	rs := []rune(q.Folded)
	for i := range max(len(rs)-2, 0) {
		if rs[i] == rs[i+2] && (rs[i+1] == '不' || rs[i+1] == '没') { // 收不收
			return true
		}
	}
	return questionWord.MatchString(q.Text) || questionWord.MatchString(q.Folded)
}

// leastNamed is how many characters, beside chatter and what only asks, say what
// a question is about.
const leastNamed = 5

// standsAlone reports whether a question says by itself what it is about: by the
// language alone, whatever the store has.
func (r *Reader) standsAlone(q *Question) bool {
	words := r.Lexicon.Words(q.Folded)
	idle := r.Lexicon.Chatter(q.Folded, words)
	for _, w := range words {
		if slices.ContainsFunc(w.Words, func(w lang.Word) bool { return slices.Contains(askingKinds, w.Kind) }) {
			for i := w.Start; i < w.End; i++ {
				idle[i] = true
			}
		}
	}
	named := 0
	for i, c := range []rune(q.Folded) {
		if !idle[i] && c != ' ' && c != '\n' {
			named++
		}
	}
	return q.Field() || named >= leastNamed
}

// Subject is the question without what it asks for: what it speaks of by itself.
func (q *Question) Subject() *Question {
	s := *q
	s.Concepts = slices.DeleteFunc(slices.Clone(q.Concepts), func(c Concept) bool { return c.Asking || c.Earlier })
	return &s
}
