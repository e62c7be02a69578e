package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"greendesk/bot"
	"greendesk/eval"
	"greendesk/knowledge"
	"greendesk/knowledge/rank"
)

// tuneCmd learns the scorer's and the router's weights from labelled
// questions. It is deterministic.
type tuneCmd struct {
	Out   string   `help:"项目目录：权重写进其中的 knowledge/rank/weights.tsv 和 bot/router.tsv。" default:"." type:"path"`
	Folds int      `help:"交叉验证的份数。" default:"5"`
	Files []string `arg:"" help:"标注好的问题（JSONL）：有 gold 的是要找到的条款，有 want 的是要做的事。"`
}

// Run implements the command.
func (cmd *tuneCmd) Run(ctx context.Context, s *Settings) error {
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	err = errors.Join(cmd.tune(ctx, c, s), c.close())
	return err
}

func (cmd *tuneCmd) tune(ctx context.Context, c *core, s *Settings) error {
	if err := c.ready(ctx, s); err != nil {
		return err
	}
	set, err := cmd.read()
	if err != nil {
		return err
	}
	t := &tuner{ctx: ctx, engine: c.engine, set: set, folds: cmd.Folds}
	if err := t.measure(); err != nil {
		return err
	}
	weights := t.learnOrder()
	router, err := t.learnRouter()
	if err != nil {
		return err
	}
	return cmd.write(weights, router)
}

func (cmd *tuneCmd) read() ([]eval.Question, error) {
	if cmd.Folds < 2 {
		return nil, fmt.Errorf("--folds 至少是 2，现在是 %d", cmd.Folds)
	}
	set, err := eval.Read(cmd.Files...)
	if err != nil {
		return nil, err
	}
	if len(set) < minimumLabelled {
		return nil, fmt.Errorf("只有 %d 条标注好的问题，学不出权重，至少要 %d 条", len(set), minimumLabelled)
	}
	return set, nil
}

// minimumLabelled is how many labelled questions there must be before weights
// learned from them may replace those of the program.
const minimumLabelled = 100

func (cmd *tuneCmd) write(weights []float64, router *bot.Router) error {
	if err := os.WriteFile(filepath.Join(cmd.Out, "knowledge/rank/weights.tsv"), rank.FormatWeights(weights), 0o600); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(cmd.Out, "bot/router.tsv")) // #nosec G304 -- the folder that the user names
	if err != nil {
		return err
	}
	_, err = router.WriteTo(f)
	return errors.Join(err, f.Close())
}

// tuner learns from one labelled set.
type tuner struct {
	ctx    context.Context
	engine *knowledge.Engine
	set    []eval.Question
	folds  int

	results  []*knowledge.Result
	examples []rank.Example
}

// measure asks every question once and labels its candidates.
func (t *tuner) measure() error {
	for i := range t.set {
		res, err := t.engine.Ask(t.ctx, knowledge.Ask{Text: t.set[i].Q, Prev: t.set[i].Prev, Want: 1})
		if err != nil {
			return err
		}
		ex := rank.Example{}
		for _, r := range res.Ranked {
			ex.Vectors = append(ex.Vectors, r.Vector)
			ex.Gold = append(ex.Gold, t.set[i].Right(r.Entry.Version.Name, r.Entry.Version.Number, r.Entry.Ref))
		}
		t.results = append(t.results, res)
		t.examples = append(t.examples, ex)
	}
	return nil
}
