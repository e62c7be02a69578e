package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greendesk/bot"
	"greendesk/desk/staff"
	"greendesk/eval"
	"greendesk/internal/db"
	"greendesk/knowledge"
	"greendesk/knowledge/rank"
)

// carriedQuestions are the labelled questions that the program's weights were
// learned from. A bureau's few tell little of thanks, greetings and abuse: its
// router and confidence learn from these, too.
//
//go:embed knowledge/labelled/*.jsonl bot/labelled/*.jsonl
var carriedQuestions embed.FS

// learnOwn learns from the bureau's questions, prints the figures of the program's
// weights and of the new ones side by side, and keeps the new ones if that is
// wanted.
func (cmd *tuneLearn) learnOwn(c *core, t *tuner) error {
	carried, err := usable(t.ctx, c, t.set)
	if err != nil {
		return err
	}
	t.set = append(t.set, carried...)
	shipped := judgement{}
	if shipped.order, err = rank.LoadWeights(); err != nil {
		return err
	}
	if shipped.router, err = bot.LoadRouter(t.folder); err != nil {
		return err
	}
	shipped.trust, t.from = shipped.router.Trust(), &shipped.order
	l, err := t.learn(c.engine)
	if err != nil {
		return err
	}
	before, err := t.figures(c, func(int) judgement { return shipped })
	if err != nil {
		return err
	}
	after, err := t.figures(c, func(fold int) judgement { return l.held[fold] })
	if err != nil {
		return err
	}
	figures := compare(before, after)
	fmt.Printf("%s\n程序自带的题里，条款在知识库里的 %d 题也一起学了该怎样处理。\n", figures, len(carried))
	if !cmd.Keep {
		fmt.Println("没有留下。比自带的好，就加 --keep 再运行一次。")
		return nil
	}
	return cmd.keep(c, t, l, figures)
}

// usable are the program's labelled questions that something can be learned from
// here: not asked by the bureau's own, and about clauses of the knowledge base.
func usable(ctx context.Context, c *core, own []eval.Question) ([]eval.Question, error) {
	carried, err := eval.ReadIn(carriedQuestions, "knowledge/labelled/*.jsonl", "bot/labelled/*.jsonl")
	if err != nil {
		return nil, err
	}
	leave, asked := map[int]bool{}, map[string]bool{}
	for _, q := range own {
		asked[q.Q] = true
	}
	for i, q := range carried {
		if len(q.Gold) > 0 {
			leave[i] = true
		}
	}
	if err := withoutClause(ctx, c, carried, leave); err != nil {
		return nil, err
	}
	var out []eval.Question
	for i, q := range carried {
		if !leave[i] && !asked[q.Q] {
			out = append(out, q)
		}
	}
	return out, nil
}

// figures are what eval would print for the bureau's questions, each fold asked
// with what has not seen it.
func (t *tuner) figures(c *core, with func(fold int) judgement) (eval.Figures, error) {
	var questions []eval.Question
	var answers []eval.Answer
	for f := range t.folds {
		var part []eval.Question
		for i := range t.own {
			if i%t.folds == f {
				part = append(part, t.set[i])
			}
		}
		l := with(f)
		c.engine.Try(l.order)
		got, err := eval.Run(t.ctx, bot.New(c.engine, nil, nil, l.router.With(l.trust), c.log, c.now), part, c.engine.Today())
		if err != nil {
			return eval.Figures{}, err
		}
		questions, answers = append(questions, part...), append(answers, got...)
	}
	return eval.Score(questions, answers), nil
}

// compare puts figures side by side, in the terms of eval.
func compare(shipped, own eval.Figures) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d 题（找条款 %d 题，别的 %d 句）　　自带　　新学（交叉验证：每题用没有学过它的权重）", shipped.Questions, shipped.Labelled, shipped.Others)
	line := func(name string, n int, format string, before, after any) {
		if n > 0 {
			fmt.Fprintf(&b, "\n  %s　"+format+"　"+format, name, before, after)
		}
	}
	line("第一条就对　", shipped.Labelled, "%.3f", shipped.Cite1, own.Cite1)
	line("前三条里有　", shipped.Labelled, "%.3f", shipped.Cite3, own.Cite3)
	line("答了的占　　", shipped.Labelled, "%.3f", shipped.Coverage, own.Coverage)
	line("答了的里对的", shipped.Labelled, "%.3f", shipped.Precision, own.Precision)
	line("别的处理对　", shipped.Others, "%.3f", shipped.Routed, own.Routed)
	line("不该答而答　", shipped.Others, "%5d", shipped.FalseAnswers, own.FalseAnswers)
	return b.String()
}

// keep keeps what was learned, in the database.
func (cmd *tuneLearn) keep(c *core, t *tuner, l *outcome, figures string) error {
	var routes bytes.Buffer
	if _, err := l.router.WriteTo(&routes); err != nil {
		return err
	}
	k := knowledge.Kept{Ranking: string(l.order.Format()), Routing: routes.String(), Trust: string(l.trust.Format()), Figures: figures, By: cmd.name()}
	number, err := c.engine.KeepWeights(t.ctx, k, chosenBy(c, cmd.name()))
	if err == nil {
		fmt.Printf("已留下，是第 %d 份，几秒后生效。退回程序自带的：tune use shipped。\n", number)
	}
	return err
}

// chosenBy writes into the audit log who chose weights.
func chosenBy(c *core, by string) knowledge.Note {
	return func(ctx context.Context, tx *db.Tx, number int64) error {
		return staff.Record(ctx, tx, staff.Entry{At: c.now(), Actor: staff.CommandLine().Account, Action: "set", Object: fmt.Sprintf("weights:%d", number), Detail: by})
	}
}

// tuneList lists what is kept.
type tuneList struct{}

// Run implements the command.
func (tuneList) Run(ctx context.Context, s *Settings) error {
	return withCore(ctx, s, func(c *core) error {
		list, chosen, err := c.store.KeptWeights(ctx)
		if err != nil {
			return err
		}
		used := map[bool]string{true: "　← 在用"}
		for _, k := range list {
			fits := ""
			if !c.engine.Fits(k) {
				fits = "　为另一版程序学的，这一版不能用"
			}
			if k.Number == chosen && fits != "" {
				fits, chosen = fits+"，选的是它，现在用的是自带的", 0
			}
			fmt.Printf("%d　%s %s 留下%s%s\n%s\n", k.Number, k.At.Format(time.DateOnly), k.By, fits, used[k.Number == chosen], k.Figures)
		}
		fmt.Printf("shipped　程序自带%s\n", used[chosen == 0])
		return nil
	})
}

// shippedWeights is how the program's own weights are called on the command line.
const shippedWeights = "shipped"

// tuneUse chooses among what is kept and what the program carries.
type tuneUse struct {
	curator
	Which string `arg:"" help:"编号（tune list 列出），或 shipped：程序自带的。"`
}

// Run implements the command.
func (cmd *tuneUse) Run(ctx context.Context, s *Settings) error {
	var number int64
	if cmd.Which != shippedWeights {
		var err error
		if number, err = strconv.ParseInt(cmd.Which, 10, 64); err != nil || number < 1 {
			return fmt.Errorf("要写编号（tune list 列出）或 %s，现在是“%s”", shippedWeights, cmd.Which)
		}
	}
	return withCore(ctx, s, func(c *core) error {
		if err := c.engine.ChooseWeights(ctx, number, chosenBy(c, cmd.name())); err != nil {
			return err
		}
		fmt.Println("已改，几秒后生效。")
		return nil
	})
}
