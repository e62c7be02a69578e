package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"greendesk/eval"
	"greendesk/knowledge"
)

// evalCmd measures the desk on labelled questions.
type evalCmd struct {
	Report string   `help:"把报告（HTML，带图）写到这个文件。" placeholder:"FILE" type:"path"`
	Plain  bool     `help:"再用普通的 BM25 检索同样的问题作对照。"`
	Worst  int      `help:"显示几道错得最重的题。" default:"10"`
	Files  []string `arg:"" help:"标注好的问题（JSONL）：gold 是能引用的条款，want 是该做的事。"`
}

// Run implements the command.
func (cmd *evalCmd) Run(ctx context.Context, s *Settings) error {
	questions, err := eval.Read(cmd.Files...)
	if err != nil {
		return err
	}
	if len(questions) == 0 {
		return errors.New("文件里没有问题")
	}
	if err := s.exists(); err != nil {
		return err
	}
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	return errors.Join(cmd.measure(ctx, c, s, questions), c.close())
}

func (cmd *evalCmd) measure(ctx context.Context, c *core, s *Settings, questions []eval.Question) error {
	b, err := asker(ctx, c, s)
	if err != nil {
		return err
	}
	if c.engine.Clauses() == 0 {
		return errEmptyBase
	}
	answers, err := eval.Run(ctx, b, questions, c.engine.Today())
	if err != nil {
		return err
	}
	fmt.Print(eval.Score(questions, answers))
	if err := warnMissing(ctx, c, questions, answers); err != nil {
		return err
	}
	fmt.Printf("每题用时 p50 %.1f 毫秒，p99 %.1f 毫秒\n", eval.Quantile(answers, 0.5).Seconds()*1000, eval.Quantile(answers, 0.99).Seconds()*1000)
	if cmd.Plain {
		plain, err := eval.NewPlain(ctx, c.store, c.engine.Folder(), c.engine.Today())
		if err != nil {
			return err
		}
		f := eval.Score(questions, plain.Answers(questions))
		fmt.Printf("普通 BM25：cite@1 %.3f，cite@3 %.3f，mrr@10 %.3f", f.Cite1, f.Cite3, f.MRR)
		if f.Articles > 0 {
			fmt.Printf("，recall@10 %.3f", f.Recall)
		}
		fmt.Println()
	}
	cmd.showWorst(eval.Worst(questions, answers))
	if cmd.Report == "" {
		return nil
	}
	return cmd.write(eval.Report{At: c.now(), Files: cmd.Files, Clauses: c.engine.Clauses()}, questions, answers)
}

// errEmptyBase refuses to measure or learn on nothing.
var errEmptyBase = errors.New("知识库是空的：请核对 --data 或 --database，先用 import 导入这些问题要引用的文件")

// warnMissing names the questions none of whose labelled clauses is in the
// knowledge base: they count as wrong and cannot be right.
func warnMissing(ctx context.Context, c *core, questions []eval.Question, answers []eval.Answer) error {
	missing := map[int]bool{}
	for i, q := range questions {
		if a := answers[i]; len(q.Gold) > 0 && a.Place(q) == 0 && (a.Rival == nil || a.Rival.Right == nil) {
			missing[i] = true // unless it lies somewhere deeper
		}
	}
	if err := withoutClause(ctx, c, questions, missing); err != nil || len(missing) == 0 {
		return err
	}
	fmt.Printf("有 %d 题标注的条款不在知识库里，只能算错：\n", len(missing))
	for _, i := range slices.Sorted(maps.Keys(missing)) {
		fmt.Printf("  %s 应引《%s》%s\n", questions[i].ID, questions[i].Gold[0].Doc, questions[i].Gold[0].Ref)
	}
	return nil
}

// withoutClause leaves those of the questions, by their places, none of whose
// labelled clauses is in the knowledge base.
func withoutClause(ctx context.Context, c *core, questions []eval.Question, some map[int]bool) error {
	return c.store.EachClause(ctx, 0, func(e knowledge.Entry) error {
		for i := range some {
			if questions[i].Right(e.Title, e.Number, e.Ref) {
				delete(some, i)
			}
		}
		return nil
	})
}

func (cmd *evalCmd) showWorst(worst []eval.Case) {
	n := min(max(0, cmd.Worst), len(worst))
	if n == 0 {
		return
	}
	fmt.Printf("\n错了 %d 题，最重的 %d 题：\n", len(worst), n)
	for _, w := range worst[:n] {
		fmt.Println("\n" + w.Lines())
	}
}

func (cmd *evalCmd) write(r eval.Report, questions []eval.Question, answers []eval.Answer) error {
	f, err := os.Create(cmd.Report) // #nosec G304 -- the file that the user names
	if err != nil {
		return fmt.Errorf("报告写不进 %s：%w", cmd.Report, err)
	}
	if err := errors.Join(r.Write(f, questions, answers), f.Close()); err != nil {
		return fmt.Errorf("报告没有写完：%w", err)
	}
	fmt.Println("报告在", cmd.Report)
	return nil
}
