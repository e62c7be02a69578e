package knowledge

import (
	"slices"
	"strings"

	"greendesk/knowledge/lang"
	"greendesk/knowledge/rank"
)

// leastAlike is how alike a question and a standard question must be at least
// before it is looked whether they ask the same.
const leastAlike = 0.6

// repeatStep puts a clause of which the question repeats a standard question
// before all others, in the units of the scorer.
const repeatStep = 5.0

// repeatFirst puts the clauses first of which the question repeats a standard
// question, and reports whether there are any. A follow-up says too little by
// itself to repeat one.
func (e *Engine) repeatFirst(res *Result) bool {
	if res.Question.FollowUp || len(res.Ranked) == 0 {
		return false
	}
	top := res.Ranked[0].Score
	var asked []string // what is asked, once it is needed
	found := false
	for i := range res.Ranked {
		r := &res.Ranked[i]
		if r.Vector.Alike() < leastAlike {
			continue
		}
		if asked == nil {
			asked = e.gist(res.Question.Folded)
		}
		if e.repeats(asked, r.Entry.Asked) {
			r.Score += repeatStep + max(0, top-r.Score)
			found = true
		}
	}
	rank.Sort(res.Ranked)
	return found
}

// repeats reports whether one of the folded standard questions, one a line, has
// this gist.
func (e *Engine) repeats(gist []string, questions string) bool {
	return len(gist) > 0 && slices.ContainsFunc(strings.Split(questions, "\n"), func(q string) bool {
		return q != "" && slices.Equal(gist, e.gist(q))
	})
}

// sameMeaning are the lexicon's kinds of words of which two that mean the same
// terms of the law ask the same: 危废 and 危险废物. Of all others (synonyms,
// pollutants, trades, facilities) every word may be another thing: 铬渣 is a
// 危险废物, but not the other way round.
var sameMeaning = []string{"abbr", "colloq", "penalty", "asking"}

// idle are characters that change nothing of what is asked. A negation, a
// number or 再 and 又 are none of them.
const idle = "的了吗呢啊吧呀嘛着会被要就是都把将给在该这那个们我你您俺咱 \n"

// gist is what a folded question asks, without chatter: its terms, each by
// the law's words where the lexicon has them, its numbers and every other
// character, in their order. Two questions with one gist ask the same.
func (e *Engine) gist(folded string) []string {
	words := e.reader().Lexicon.Words(folded)
	chatter := e.reader().Lexicon.Chatter(folded, words)
	rs := []rune(folded)
	var out []string
	for i, end := 0, 0; i < len(rs); {
		for len(words) > 0 && words[0].Start <= i { // one word may begin inside another
			out, end, words = append(out, meaning(words[0])), words[0].End, words[1:]
		}
		n := 1
		switch {
		case i < end, chatter[i]:
		case i+2 < len(rs) && rs[i+1] == '不' && rs[i] == rs[i+2]: // 会不会 denies nothing
			n = 3
			out = append(out, string(rs[i:i+n]))
		case !strings.ContainsRune(idle, rs[i]):
			for class := runClass(rs[i]); class != 0 && i+n < len(rs) && !chatter[i+n] && runClass(rs[i+n]) == class; {
				n++
			}
			out = append(out, string(rs[i:i+n]))
		}
		i += n
	}
	return out
}

// meaning is a term of the lexicon, or what it means.
func meaning(w lang.Span) string {
	var means []string
	for _, word := range w.Words {
		if slices.Contains(sameMeaning, word.Kind) {
			means = append(means, word.Means...)
		}
	}
	if len(means) == 0 {
		return w.Text
	}
	slices.Sort(means)
	return strings.Join(slices.Compact(means), "|")
}

// runClass tells the characters whose order counts: those of numbers, 1, and
// of Latin words, 2.
func runClass(r rune) int {
	switch {
	case strings.ContainsRune("零〇一二两三四五六七八九十百千万亿半.%", r) || r >= '0' && r <= '9':
		return 1
	case !lang.IsHan(r):
		return 2
	}
	return 0
}
