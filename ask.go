package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"greendesk/bot"
	"greendesk/desk"
	"greendesk/knowledge"
)

// askCmd answers on the command line, as the desk would answer in WeChat.
type askCmd struct {
	Batch   bool     `help:"参数是 JSONL 文件，每行 {\"id\",\"q\",\"prev\"}；每题输出一行 JSON。"`
	Explain bool     `help:"说明听懂了什么、为什么这样排。"`
	Prev    string   `help:"前一条消息。" placeholder:"TEXT"`
	Args    []string `arg:"" help:"问题，或（--batch 时）文件。"`
}

// Run implements the command.
func (cmd *askCmd) Run(ctx context.Context, s *Settings) error {
	if err := s.exists(); err != nil {
		return err
	}
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	b, err := asker(ctx, c, s)
	if err != nil {
		return errors.Join(err, c.close())
	}
	if c.engine.Clauses() == 0 {
		fmt.Fprintln(os.Stderr, "提示：知识库是空的，答不了问题。请先用 import 导入文件。")
	}
	if cmd.Batch {
		err = cmd.batch(ctx, b, os.Stdout)
	} else {
		err = cmd.one(ctx, b, os.Stdout)
	}
	return errors.Join(err, c.close())
}

// asker is a bot that decides and says, without a desk behind it.
func asker(ctx context.Context, c *core, s *Settings) (*bot.Bot, error) {
	if err := c.ready(ctx, s); err != nil {
		return nil, err
	}
	router, err := bot.LoadRouter(c.engine.Folder())
	if err != nil {
		return nil, err
	}
	return bot.New(c.engine, nil, nil, router, c.log, c.now), nil
}

// citationsInBatch is how many citations a batch line holds at most.
const citationsInBatch = 10

func (cmd *askCmd) one(ctx context.Context, b *bot.Bot, w io.Writer) error {
	d, res, err := b.Decide(ctx, knowledge.Ask{Text: strings.Join(cmd.Args, " "), Prev: cmd.Prev, Want: citationsInBatch})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, bot.Say(d, res)); err != nil {
		return err
	}
	if cmd.Explain {
		return explainAnswer(w, d, res)
	}
	return nil
}

// question is one line of a batch.
type question struct {
	ID   string `json:"id"`
	Q    string `json:"q"`
	Prev string `json:"prev"`
}

// answerLine is one line of a batch's output.
type answerLine struct {
	ID     string     `json:"id"`
	Action bot.Action `json:"action"`
	Cites  []cite     `json:"cites"`
	Reply  string     `json:"reply"`
	MS     float64    `json:"ms"`
}

type cite struct {
	Doc     string `json:"doc"`
	Number  string `json:"number,omitempty"`
	Version string `json:"version"`
	Ref     string `json:"ref"`
	Quote   string `json:"quote"`
}

func (cmd *askCmd) batch(ctx context.Context, b *bot.Bot, w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for _, file := range cmd.Args {
		err := eachLine(file, func(line []byte) error {
			var q question
			if err := json.Unmarshal(line, &q); err != nil {
				return fmt.Errorf("%s：不是一行 JSON：%w", file, err)
			}
			started := time.Now()
			d, res, err := b.Decide(ctx, knowledge.Ask{Text: q.Q, Prev: q.Prev, Want: citationsInBatch})
			if err != nil {
				return err
			}
			return out.Encode(answerLine{ID: q.ID, Action: d.Action, Cites: cites(res.Citations), Reply: bot.Say(d, res), MS: float64(time.Since(started).Microseconds()) / 1000})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func cites(cs []knowledge.Citation) []cite {
	out := make([]cite, 0, len(cs))
	for _, c := range cs {
		out = append(out, cite{Doc: c.Document, Number: c.Number, Version: c.Version, Ref: c.Ref, Quote: c.Quote.String()})
	}
	return out
}

// maxLine is the longest line of a JSONL file that is read.
const maxLine = 1 << 20

func eachLine(file string, fn func([]byte) error) error {
	f, err := os.Open(file) // #nosec G304 -- the file that the user names
	if err != nil {
		return fmt.Errorf("打不开 %s：%w", file, err)
	}
	defer func() { _ = f.Close() }() // read only
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if len(strings.TrimSpace(lines.Text())) == 0 {
			continue
		}
		if err := fn(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// explainAnswer prints what was understood and why the clauses stand in this
// order.
func explainAnswer(w io.Writer, d bot.Decision, res *knowledge.Result) error {
	var b strings.Builder
	b.WriteString("\n—— 听懂了什么\n")
	if res.Question.Who != "" {
		fmt.Fprintf(&b, "  问的人：%s\n", res.Question.Who)
	}
	for _, r := range res.Question.Repairs {
		fmt.Fprintf(&b, "  “%s”当作“%s”\n", r.From, r.To)
	}
	for _, a := range res.Question.Amounts {
		fmt.Fprintf(&b, "  金额：%s\n", a)
	}
	for _, county := range desk.CountiesIn(res.Question.Text) {
		fmt.Fprintf(&b, "  县区：%s\n", county)
	}
	for _, c := range res.Question.Concepts {
		fmt.Fprintf(&b, "  %s", c.Surface)
		if len(c.Means) > 0 {
			fmt.Fprintf(&b, " → %s", strings.Join(c.Means, "、"))
		}
		fmt.Fprintf(&b, "（权重 %.1f）\n", c.Weight)
	}
	fmt.Fprintf(&b, "—— 怎么处理：%s\n", d.Action)
	type chance struct {
		a bot.Action
		p float64
	}
	var cs []chance
	for a, p := range d.Probabilities {
		cs = append(cs, chance{a, p})
	}
	sort.Slice(cs, func(i, j int) bool { return cs[i].p > cs[j].p })
	for _, c := range cs[:min(3, len(cs))] {
		fmt.Fprintf(&b, "  %s %.2f\n", c.a, c.p)
	}
	fmt.Fprintf(&b, "—— 候选条款（%s）\n", res.Weights.Name())
	for i, line := range res.Explain(5) {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, line)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
