package eval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"greendesk/bot"
)

// Case is a question that went wrong.
type Case struct {
	Question Question
	Answer   Answer
	Place    int     // of the right clause among the citations, 0 when it is not there
	Harm     float64 // orders cases, from 0 to 4
	What     string  // Chinese, what went wrong
}

// Worst are the questions that went wrong, the worst first: an answer where
// none was due, an answer with a wrong clause, both the surer the worse; then
// what was kept back though the first clause is right, or had no right clause;
// then what went to the wrong place.
func Worst(questions []Question, answers []Answer) []Case {
	var out []Case
	for i, q := range questions {
		c := Case{Question: q, Answer: answers[i], Place: answers[i].Place(q)}
		if c.judge(); c.Harm > 0 {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Case) int { return cmp.Compare(b.Harm, a.Harm) })
	return out
}

func (c *Case) judge() {
	a, answered := c.Answer, c.Answer.Action == bot.ActAnswer
	switch {
	case answered && c.Question.Want != bot.ActAnswer:
		c.Harm, c.What = 3+a.Sure, fmt.Sprintf("不该答却答了（应为 %s）", c.Question.Want)
	case len(c.Question.Gold) == 0 && a.Action == c.Question.Want:
	case len(c.Question.Gold) == 0:
		c.Harm, c.What = 0.5, fmt.Sprintf("应为 %s，成了 %s", c.Question.Want, a.Action)
	case answered && c.Place != 1:
		c.Harm, c.What = 2+a.Sure, "答错了条款（"+c.where()+"）"
	case c.Place != 1:
		c.Harm, c.What = 1+a.Sure, fmt.Sprintf("没有答，成了 %s（%s）", a.Action, c.where())
	case !answered && c.Question.Want == bot.ActAnswer:
		c.Harm, c.What = 1-a.Sure, fmt.Sprintf("条款排在第一，却没有答，成了 %s", a.Action)
	}
}

// where says where the right clause was.
func (c *Case) where() string {
	switch {
	case c.Place > 0:
		return fmt.Sprintf("对的排第 %d", c.Place)
	case c.Answer.Rival != nil && c.Answer.Rival.Right != nil:
		return fmt.Sprintf("对的在候选里排第 %d", c.Answer.Rival.Place)
	}
	return "对的不在候选里"
}

// Lines describes a case for a terminal.
func (c *Case) Lines() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n", c.Question.ID, oneLine(c.Question.Q))
	if c.Question.Prev != "" {
		fmt.Fprintf(&b, "  前一句：%s\n", oneLine(c.Question.Prev))
	}
	fmt.Fprintf(&b, "  %s，把握 %.2f\n", c.What, c.Answer.Sure)
	r := c.Answer.Rival
	if r == nil {
		if len(c.Answer.Cites) > 0 && len(c.Question.Gold) == 0 {
			fmt.Fprintf(&b, "  排第一的：%s %s（%.2f）\n", c.Answer.Cites[0].Doc, oneLine(c.Answer.Cites[0].Ref), c.Answer.Cites[0].Score)
		}
		return b.String()
	}
	fmt.Fprintf(&b, "  排第一的：%s\n", r.First)
	if r.Right == nil {
		fmt.Fprintf(&b, "  应当找到：%s\n", c.Question.golds())
		return b.String()
	}
	fmt.Fprintf(&b, "  对的：    %s\n  差在：   ", *r.Right)
	for _, p := range r.Why {
		fmt.Fprintf(&b, " %s %+.2f", p.Feature, p.Value)
	}
	b.WriteByte('\n')
	return b.String()
}

// String names a candidate in one line.
func (c Candidate) String() string {
	return fmt.Sprintf("%s（%s）%s（%.2f）", c.Doc, c.Version, oneLine(c.Ref), c.Score)
}

// golds names the clauses that would be right, the first three.
func (q Question) golds() string {
	var names []string
	for _, g := range q.Gold[:min(3, len(q.Gold))] {
		names = append(names, g.Doc+" "+oneLine(g.Ref))
	}
	return strings.Join(names, "；")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
