package eval

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"greendesk/bot"
)

// Answer is what the desk did with one question.
type Answer struct {
	Action bot.Action
	Cites  []Cite        // best first, whatever the action
	Sure   float64       // how probable it is that the first clause answers, 0 to 1; 0 when that was no question
	Took   time.Duration // to decide and to find the words to quote

	// Rival says why the first candidate stands before the right one. It is
	// nil when the right clause is first, or none is labelled.
	Rival *Rival
}

// Cite names a clause that was found.
type Cite struct {
	Doc, Number, Version, Ref string
	Score                     float64

	// Ended tells that the version is not in force today: it is never right,
	// since labels name today's law.
	Ended bool
}

// Considered is how many citations of an answer count.
const Considered = 10

// Place is the rank of the first right citation, from 1; 0 when there is none.
func (a Answer) Place(q Question) int {
	for i, c := range a.Cites {
		if !c.Ended && q.Right(c.Doc, c.Number, c.Ref) {
			return i + 1
		}
	}
	return 0
}

// Figures are the measures of a set of answers.
type Figures struct {
	Questions int
	Labelled  int // with clauses that answer
	Others    int // to be dealt with in another way

	Cite1, Cite3, MRR, Coverage float64 // shares of Labelled
	Precision                   float64 // share of all answers
	FalseAnswers                int     // of Others
	Routed                      float64 // share of Others

	// Recall is the mean share of a question's labelled clauses among the
	// first ten, over the questions that are labelled with article ids;
	// ArticleMRR is the mean reciprocal rank over these. Articles is how many
	// there are.
	Recall, ArticleMRR float64
	Articles           int

	ByKind map[bot.Action][2]int // of Others: done as wanted, all
}

// Score measures answers; answers[i] belongs to questions[i].
func Score(questions []Question, answers []Answer) Figures {
	f := Figures{Questions: len(questions), ByKind: map[bot.Action][2]int{}}
	kept, right, routed := 0, 0, 0
	for i, q := range questions {
		a := answers[i]
		if len(q.Gold) > 0 {
			f.Labelled++
			at := a.Place(q)
			f.rank(q, a, at)
			if a.Action == bot.ActAnswer {
				kept++
				right += one(at == 1)
			}
		}
		if q.Want == bot.ActAnswer {
			continue
		}
		f.Others++
		done := a.Action == q.Want
		f.ByKind[q.Want] = [2]int{f.ByKind[q.Want][0] + one(done), f.ByKind[q.Want][1] + 1}
		routed += one(done)
		f.FalseAnswers += one(a.Action == bot.ActAnswer)
	}
	f.Cite1, f.Cite3, f.MRR = share(f.Cite1, f.Labelled), share(f.Cite3, f.Labelled), share(f.MRR, f.Labelled)
	f.Coverage, f.Routed = share(float64(kept), f.Labelled), share(float64(routed), f.Others)
	f.Precision = share(float64(right), kept+f.FalseAnswers)
	f.Recall, f.ArticleMRR = share(f.Recall, f.Articles), share(f.ArticleMRR, f.Articles)
	return f
}

// rank adds one labelled question's place to the sums.
func (f *Figures) rank(q Question, a Answer, at int) {
	reciprocal := 0.0
	if at >= 1 && at <= Considered {
		reciprocal = 1 / float64(at)
	}
	f.Cite1 += float64(one(at == 1))
	f.Cite3 += float64(one(at >= 1 && at <= 3))
	f.MRR += reciprocal
	if q.Gold[0].Article {
		f.Articles++
		f.ArticleMRR += reciprocal
		f.Recall += a.recall(q)
	}
}

// recall is the share of the labelled clauses among the first ten.
func (a Answer) recall(q Question) float64 {
	found := 0
	for _, g := range q.Gold {
		found += one(slices.ContainsFunc(a.Cites[:min(Considered, len(a.Cites))], func(c Cite) bool {
			return !c.Ended && g.Is(c.Doc, c.Number, c.Ref)
		}))
	}
	return share(float64(found), len(q.Gold))
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// share is 0 of nothing.
func share(sum float64, n int) float64 {
	return sum / float64(max(n, 1))
}

// String writes the figures in the form that score.py of the evaluation sets
// prints, to the letter; a third line follows when questions are labelled with
// article ids.
func (f Figures) String() string {
	var kinds []string
	for _, k := range slices.Sorted(maps.Keys(f.ByKind)) {
		kinds = append(kinds, fmt.Sprintf("%s %d/%d", k, f.ByKind[k][0], f.ByKind[k][1]))
	}
	s := "routing by kind: " + strings.Join(kinds, ", ") + "\n" +
		fmt.Sprintf(`{"questions": %d, "missing": 0, "cite@1": %s, "cite@3": %s, "mrr@10": %s, "coverage": %s, "precision": %s, "false_answers": %d, "routed": %s}`+"\n",
			f.Questions, round(f.Cite1), round(f.Cite3), round(f.MRR), round(f.Coverage), round(f.Precision), f.FalseAnswers, round(f.Routed))
	if f.Articles > 0 {
		s += fmt.Sprintf(`{"articles": %d, "mrr@10": %s, "recall@10": %s}`+"\n", f.Articles, round(f.ArticleMRR), round(f.Recall))
	}
	return s
}

// round writes a number with at most three digits behind the point, as Python
// writes round(x, 3).
func round(x float64) string {
	s := strings.TrimRight(strconv.FormatFloat(x, 'f', 3, 64), "0")
	if strings.HasSuffix(s, ".") {
		s += "0"
	}
	return s
}
