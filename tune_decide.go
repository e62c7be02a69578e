package main

import (
	"fmt"

	"golang.org/x/sync/errgroup"

	"greendesk/bot"
	"greendesk/knowledge"
	"greendesk/knowledge/rank"
)

// learnDecision learns the router and, on top of it, how far the first clause
// can be trusted. What either learns from comes from weights (held) and routers
// that have not seen the question, as they will not have seen a user's. The
// router learns by words alone: what is asked for does not depend on a model.
func (t *tuner) learnDecision(held []rank.Weights) (*bot.Router, *bot.Trust, error) {
	set := t.utterances(t.words.results, held)
	bot.Balance(set)
	var group errgroup.Group
	routers := make([]*bot.Router, t.folds)
	for f := range routers {
		group.Go(func() (err error) {
			routers[f], err = bot.TrainRouter(t.others(set, f), t.folder)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	var all []bot.Judged
	for _, by := range t.evidence() {
		judged := make([]bot.Judged, len(t.set))
		for i, u := range t.utterances(by.results, held) {
			judged[i] = t.judge(i, by.results[i], u, routers[i%t.folds].Judge(by.results[i].Question, u.Signals))
		}
		t.reportRoutes(by.name, judged)
		if err := t.reportTrust(by.name, judged); err != nil {
			return nil, nil, err
		}
		all = append(all, judged...)
	}
	r, err := bot.TrainRouter(set, t.folder)
	if err != nil {
		return nil, nil, err
	}
	trust, err := bot.TrainTrust(all)
	return r, trust, err
}

// others are all but one fold.
func (t *tuner) others(set []bot.Utterance, but int) []bot.Utterance {
	var out []bot.Utterance
	for i, u := range set {
		if i%t.folds != but {
			out = append(out, u)
		}
	}
	return out
}

// utterances reads the signals of every question with weights learned without
// it.
func (t *tuner) utterances(results []*knowledge.Result, held []rank.Weights) []bot.Utterance {
	out := make([]bot.Utterance, 0, len(t.set))
	for i, res := range results {
		res.Reorder(&held[i%t.folds])
		out = append(out, bot.Utterance{Folded: res.Question.Folded, Signals: bot.SignalsOf(res), Want: t.set[i].Want})
	}
	return out
}

// judge notes where the first right clause stands beside what was decided.
func (t *tuner) judge(i int, res *knowledge.Result, u bot.Utterance, d bot.Decision) bot.Judged {
	j := bot.Judged{Signals: u.Signals, Decision: d, Want: u.Want, Labelled: len(t.set[i].Gold) > 0}
	for k, r := range res.Ranked {
		if t.set[i].Right(r.Entry.Version.Name, r.Entry.Version.Number, r.Entry.Ref) {
			j.Place = k + 1
			break
		}
	}
	return j
}

func (t *tuner) reportRoutes(name string, judged []bot.Judged) {
	counts := map[bot.Action][2]int{}
	right := 0
	for _, j := range judged {
		c := counts[j.Want]
		c[1]++
		if j.Decision.Action == j.Want {
			c[0]++
			right++
		}
		counts[j.Want] = c
	}
	fmt.Printf("分流%s：%d 句；交叉验证正确 %.3f\n", name, len(judged), float64(right)/float64(len(judged)))
	for _, a := range bot.Actions() {
		if c := counts[a]; c[1] > 0 {
			fmt.Printf("  %-10s %d/%d\n", a, c[0], c[1])
		}
	}
}

// reportTrust prints how sure answers are at several floors, each judged by a
// confidence that has not seen it.
func (t *tuner) reportTrust(name string, judged []bot.Judged) error {
	held := make([]*bot.Trust, t.folds)
	for f := range held {
		var rest []bot.Judged
		for i, j := range judged {
			if i%t.folds != f {
				rest = append(rest, j)
			}
		}
		var err error
		if held[f], err = bot.TrainTrust(rest); err != nil {
			return err
		}
	}
	fmt.Printf("把握%s（交叉验证）：门槛 答到率 准确率 不该答而答\n", name)
	for floor := 0.30; floor < 0.95; floor += 0.05 {
		var asked, answered, right, wrong float64
		for i, j := range judged {
			if j.Want == bot.ActAnswer && !j.Labelled {
				continue // nobody has said which clause
			}
			yes := bot.Answers(j.Decision) && held[i%t.folds].First(j.Signals, j.Decision) >= floor
			asked += one(j.Labelled)
			answered += one(yes && j.Labelled)
			right += one(yes && j.Labelled && j.Place == 1)
			wrong += one(yes && !j.Labelled)
		}
		fmt.Printf("  %.2f  %.3f  %.3f  %d\n", floor, answered/asked, right/max(answered+wrong, 1), int(wrong))
	}
	return nil
}
