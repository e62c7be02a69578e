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

// tuneCmd learns weights from labelled questions, and says which are used.
type tuneCmd struct {
	Learn tuneLearn `cmd:"" default:"withargs" help:"学习：tune 题目文件。并排打印自带的和新学的权重的成绩；加 --keep 留下并启用。"`
	List  tuneList  `cmd:"" help:"列出留下的权重，哪一份在用。"`
	Use   tuneUse   `cmd:"" help:"改用留下的一份（写编号），或程序自带的（写 shipped）；几秒后生效。"`
}

// tuneLearn learns from labelled questions, and is deterministic. For a bureau it
// learns how its own questions are ordered and decided, beginning with what the
// program carries, and can keep that in the database. For a developer (Out) it
// learns all that the program carries from nothing, in this order: sense vectors
// from standard questions; the scorer's weights, the router's and the confidence's
// from labelled questions. What is weighed beside a model of meaning is learned
// when one is set, and stays as it is when none is; nothing else depends on it.
type tuneLearn struct {
	curator
	Keep  bool     `help:"把新学的权重留在数据库里并启用：运行中的服务几秒后换用，重启后还在。" xor:"to"`
	Out   string   `help:"给开发者：只用这些题从头学，写进项目目录的 knowledge/sense/model.bin、knowledge/rank/weights.tsv、bot/router.tsv 和 bot/trust.tsv，重新编译后生效。" type:"path" placeholder:"DIR" xor:"to"`
	Folds int      `help:"交叉验证的份数。" default:"5"`
	Files []string `arg:"" help:"标注好的问题（JSONL）：有 gold 的是要找到的条款，有 want 的是要做的事。"`
}

// Run implements the command.
func (cmd *tuneLearn) Run(ctx context.Context, s *Settings) error {
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

func (cmd *tuneLearn) tune(ctx context.Context, c *core, s *Settings) error {
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
	t := &tuner{ctx: ctx, folder: c.engine.Folder(), set: set, own: len(set), folds: cmd.Folds}
	if cmd.Out == "" {
		return cmd.learnOwn(c, t)
	}
	lesson, err := c.engine.Lesson(ctx)
	if err != nil {
		return err
	}
	t.learnSense(lesson)
	l, err := t.learn(c.engine)
	if err != nil {
		return err
	}
	return cmd.write(t.variants[0].sense, l)
}

// writable refuses an OUT without the folders that are written to, before
// minutes of learning.
func (cmd *tuneLearn) writable() error {
	if cmd.Out == "" {
		return nil
	}
	for _, dir := range []string{"knowledge/sense", "knowledge/rank", "bot"} {
		if info, err := os.Stat(filepath.Join(cmd.Out, dir)); err != nil || !info.IsDir() {
			return fmt.Errorf("%s 里没有文件夹 %s：--out 要指向项目目录", cmd.Out, dir)
		}
	}
	return nil
}

func (cmd *tuneLearn) read() ([]eval.Question, error) {
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

func (cmd *tuneLearn) write(m *sense.Model, l *outcome) error {
	var model, routes bytes.Buffer
	if _, err := m.WriteTo(&model); err != nil {
		return err
	}
	if _, err := l.router.WriteTo(&routes); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"knowledge/sense/model.bin": model.Bytes(), "knowledge/rank/weights.tsv": l.order.Format(),
		"bot/router.tsv": routes.Bytes(), "bot/trust.tsv": l.trust.Format()} {
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
	own    int // how many of them, from the first, the order is learned from; the rest are the program's
	folds  int

	from         *rank.Weights // what the order begins with; nil: with nothing
	variants     []variant     // none: what is learned is for the knowledge base as it is
	words, meant evidence
}

// outcome is what was learned from all questions, and, by fold, from all others.
type outcome struct {
	judgement
	held []judgement
}

// judgement is what clauses are ordered and messages decided by.
type judgement struct {
	order  rank.Weights
	router *bot.Router
	trust  *bot.Trust
}

// learn asks all questions and learns from what is found.
func (t *tuner) learn(e *knowledge.Engine) (*outcome, error) {
	if err := t.measure(e); err != nil {
		return nil, err
	}
	l := &outcome{held: make([]judgement, t.folds)}
	if err := t.learnOrder(l); err != nil {
		return nil, err
	}
	return l, t.learnDecision(l)
}

// evidence is what was found for every question: by words alone, or with a model
// of meaning, too; that is empty without one.
type evidence struct {
	results  []*knowledge.Result // of the first variant
	examples [][]rank.Example    // by variant
}

// add keeps what was found for question i. One without right clauses, or that the
// order is not learned from (orders), has no example.
func (v *evidence) add(i int, q *eval.Question, res *knowledge.Result, orders bool) {
	if v.results[i] == nil {
		v.results[i] = res
	}
	if !orders || len(q.Gold) == 0 {
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
	for i := range max(1, len(t.variants)) {
		engine, err := t.variant(e, i)
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

// variant is the knowledge base that questions are asked of at a time.
func (t *tuner) variant(e *knowledge.Engine, i int) (*knowledge.Engine, error) {
	if len(t.variants) == 0 {
		return e, nil
	}
	return e.Variant(t.ctx, t.variants[i].sense, t.variants[i].keep)
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
		by.add(i, q, res, i < t.own)
	}
	return nil
}
