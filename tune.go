package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"greendesk/bot"
	"greendesk/eval"
	"greendesk/knowledge"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/rank"
	"greendesk/knowledge/sense"
)

// tuneCmd learns, in this order: sense vectors from standard questions; the
// scorer's weights, the router's and the confidence's from labelled questions.
// What is weighed beside a model of meaning is learned when one is set, and stays
// as it is when none is; nothing else depends on it. It is deterministic.
type tuneCmd struct {
	Out   string   `help:"项目目录：学到的写进其中的 knowledge/sense/model.bin、knowledge/rank/weights.tsv、bot/router.tsv 和 bot/trust.tsv。" default:"." type:"path"`
	Folds int      `help:"交叉验证的份数。" default:"5"`
	Files []string `arg:"" help:"标注好的问题（JSONL）：有 gold 的是要找到的条款，有 want 的是要做的事。"`
}

// Run implements the command.
func (cmd *tuneCmd) Run(ctx context.Context, s *Settings) error {
	if err := errors.Join(s.exists(), cmd.writable()); err != nil {
		return err
	}
	s.MeilisearchURL = ""               // weights must not depend on where they are learned,
	s.EmbeddingsWait = learningPatience // nor on how busy a server is
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	err = errors.Join(cmd.tune(ctx, c, s), c.close())
	return err
}

// learningPatience is how long a question waits for its vector here.
const learningPatience = time.Minute

func (cmd *tuneCmd) tune(ctx context.Context, c *core, s *Settings) error {
	if err := c.ready(ctx, s); err != nil {
		return err
	}
	if c.engine.Clauses() == 0 {
		return errEmptyBase
	}
	set, err := cmd.read()
	if err != nil {
		return err
	}
	if m := c.engine.MeaningStats(); m.Missing > 0 {
		return fmt.Errorf("还有 %d 个向量没有算，先运行 embed", m.Missing)
	}
	lesson, err := c.engine.Lesson(ctx)
	if err != nil {
		return err
	}
	t := &tuner{ctx: ctx, folder: c.engine.Folder(), set: set, folds: cmd.Folds}
	t.learnSense(lesson)
	if err := t.measure(c.engine); err != nil {
		return err
	}
	weights, held, err := t.learnOrder()
	if err != nil {
		return err
	}
	router, trust, err := t.learnDecision(held)
	if err != nil {
		return err
	}
	return cmd.write(t.variants[0].sense, weights, router, trust)
}

// writable refuses an OUT without the folders that are written to, before
// minutes of learning.
func (cmd *tuneCmd) writable() error {
	for _, dir := range []string{"knowledge/sense", "knowledge/rank", "bot"} {
		if info, err := os.Stat(filepath.Join(cmd.Out, dir)); err != nil || !info.IsDir() {
			return fmt.Errorf("%s 里没有文件夹 %s：--out 要指向项目目录", cmd.Out, dir)
		}
	}
	return nil
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

func (cmd *tuneCmd) write(m *sense.Model, weights rank.Weights, router *bot.Router, trust *bot.Trust) error {
	var model, routes bytes.Buffer
	if _, err := m.WriteTo(&model); err != nil {
		return err
	}
	if _, err := router.WriteTo(&routes); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"knowledge/sense/model.bin": model.Bytes(), "knowledge/rank/weights.tsv": weights.Format(),
		"bot/router.tsv": routes.Bytes(), "bot/trust.tsv": trust.Format()} {
		if err := os.WriteFile(filepath.Join(cmd.Out, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// tuner learns from one labelled set.
type tuner struct {
	ctx    context.Context
	folder *lang.Folder
	set    []eval.Question
	folds  int

	variants     []variant
	words, meant evidence
}

// evidence is what was found for every question: by words alone, or with a model
// of meaning, too; that is empty without one.
type evidence struct {
	results  []*knowledge.Result // of the first variant
	examples [][]rank.Example    // by variant
}

// add keeps what was found for question i. One without right clauses has no
// order to learn from.
func (v *evidence) add(i int, q *eval.Question, res *knowledge.Result) {
	if v.results[i] == nil {
		v.results[i] = res
	}
	if len(q.Gold) == 0 {
		return
	}
	ex := rank.Example{}
	for _, r := range res.Ranked {
		ex.Vectors = append(ex.Vectors, r.Vector)
		ex.Gold = append(ex.Gold, q.Right(r.Entry.Version.Name, r.Entry.Version.Number, r.Entry.Ref))
	}
	v.examples[i] = append(v.examples[i], ex)
}

// variant is a knowledge base that questions are asked of, to learn from.
type variant struct {
	name  string
	keep  func(title string) bool // whose standard questions it has
	sense *sense.Model
}

// learnSense learns the sense vectors, which see no labelled question, of three
// variants: the knowledge base as it is, and twice with the standard
// questions of half the documents, so that documents nobody has written
// questions for are ranked as well as can be: the sense vectors have not seen
// theirs either.
func (t *tuner) learnSense(l sense.Lesson) {
	half := func(which uint32) func(string) bool {
		return func(title string) bool { return crc32.ChecksumIEEE([]byte(title))&1 == which }
	}
	t.variants = []variant{
		{name: "全部标准问", keep: func(string) bool { return true }},
		{name: "一半文件有标准问", keep: half(0)},
		{name: "另一半文件有标准问", keep: half(1)},
	}
	var group sync.WaitGroup
	for i := range t.variants {
		group.Go(func() {
			v, started := &t.variants[i], time.Now()
			lesson := l.Of(v.keep)
			v.sense = sense.Train(lesson, sense.DefaultTraining())
			fmt.Printf("语义（%s）：%d 条条款的 %d 个标准问，学得 %d 个字词的向量，%.0f 秒\n", v.name, len(lesson.Clauses), len(lesson.Questions), v.sense.Grams(), time.Since(started).Seconds())
		})
	}
	group.Wait()
}

// askers is how many questions are asked at a time: more than there are cores, as
// they wait for the model of meaning.
const askers = 4

// measure asks every question of every variant.
func (t *tuner) measure(e *knowledge.Engine) error {
	t.words = evidence{make([]*knowledge.Result, len(t.set)), make([][]rank.Example, len(t.set))}
	if e.MeaningStats().Vectors > 0 {
		t.meant = evidence{make([]*knowledge.Result, len(t.set)), make([][]rank.Example, len(t.set))}
	}
	for i, v := range t.variants {
		engine, err := e.Variant(t.ctx, v.sense, v.keep)
		if err != nil {
			return err
		}
		var group errgroup.Group
		group.SetLimit(askers)
		for j := range t.set {
			if i == 0 || len(t.set[j].Gold) > 0 { // the decision is learned from the first variant
				group.Go(func() error { return t.ask(engine, j) })
			}
		}
		if err := group.Wait(); err != nil {
			return err
		}
		if m := engine.MeaningStats(); m.Slow+m.Failed+m.Skipped > 0 {
			return fmt.Errorf("向量服务没有答全：太慢 %d 次，出错 %d 次，没有问 %d 次", m.Slow, m.Failed, m.Skipped)
		}
	}
	return nil
}

// ask asks a question by words alone and, if there is a model of meaning, with
// it.
func (t *tuner) ask(e *knowledge.Engine, i int) error {
	q := &t.set[i]
	for _, by := range t.evidence() {
		res, err := e.Ask(t.ctx, knowledge.Ask{Text: q.Q, Prev: q.Prev, Want: 1, WordsOnly: by.evidence == &t.words})
		if err != nil {
			return err
		}
		by.add(i, q, res)
	}
	return nil
}
