package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"greendesk/bot"
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

// labelled is one labelled question.
type labelled struct {
	ID   string     `json:"id"`
	Q    string     `json:"q"`
	Prev string     `json:"prev"`
	Gold []goldCite `json:"gold"`
	Want string     `json:"want"`
}

type goldCite struct {
	Doc string `json:"doc"`
	Ref string `json:"ref"`
}

// Run implements the command.
func (cmd *tuneCmd) Run(ctx context.Context, s *Settings) error {
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	err = errors.Join(cmd.tune(ctx, c, s), c.db.Close())
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

func (cmd *tuneCmd) read() ([]labelled, error) {
	if cmd.Folds < 2 {
		return nil, fmt.Errorf("--folds 至少是 2，现在是 %d", cmd.Folds)
	}
	var set []labelled
	for _, f := range cmd.Files {
		err := eachLine(f, func(line []byte) error {
			var q labelled
			if err := json.Unmarshal(line, &q); err != nil {
				return fmt.Errorf("%s：不是一行 JSON：%w", f, err)
			}
			if q.Want == "" {
				q.Want = string(bot.ActAnswer)
			}
			if !slices.Contains(bot.Actions(), bot.Action(q.Want)) {
				return fmt.Errorf("%s：%s 的 want 是“%s”，没有这种动作", f, q.ID, q.Want)
			}
			set = append(set, q)
			return nil
		})
		if err != nil {
			return nil, err
		}
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
	set    []labelled
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
			ex.Gold = append(ex.Gold, t.set[i].isGold(t.engine, r))
		}
		t.results = append(t.results, res)
		t.examples = append(t.examples, ex)
	}
	return nil
}

var articleRef = regexp.MustCompile(`^第[零〇一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十])?`)

// isGold reports whether a candidate is one of the clauses that answer.
func (q *labelled) isGold(e *knowledge.Engine, r rank.Ranked) bool {
	fold := e.Folder().Fold
	for _, g := range q.Gold {
		title := fold(strings.TrimPrefix(g.Doc, "中华人民共和国"))
		if title != r.Entry.Version.Title && title != fold(r.Entry.Version.Number) {
			continue
		}
		if a := articleRef.FindString(g.Ref); a != "" {
			if a == articleRef.FindString(r.Entry.Ref) {
				return true
			}
			continue
		}
		have, want := fold(r.Entry.Ref), fold(g.Ref)
		if strings.Contains(have, want) || strings.Contains(want, have) {
			return true
		}
	}
	return false
}
