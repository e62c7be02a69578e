package main

import (
	"fmt"

	"golang.org/x/sync/errgroup"

	"greendesk/bot"
	"greendesk/knowledge"
)

// learnDecision learns the router and, on top of it, how far the first clause
// can be trusted. What either learns from comes from an order and routers
// that have not seen the question, as they will not have seen a user's. The
// router learns by words alone: what is asked for does not depend on a model.
func (t *tuner) learnDecision(l *outcome) error {
	set := t.utterances(t.words.results, l)
	bot.Balance(set)
	var group errgroup.Group
	for f := range l.held {
		group.Go(func() (err error) {
			l.held[f].router, err = bot.TrainRouter(t.others(set, f), t.folder)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var all []bot.Judged // the questions, once for each kind of evidence
	for _, by := range t.evidence() {
		judged := make([]bot.Judged, len(t.set))
		for i, u := range t.utterances(by.results, l) {
			judged[i] = t.judge(i, by.results[i], u, l.held[i%t.folds].router.Judge(by.results[i].Question, u.Signals))
		}
		if t.from == nil {
			t.reportRoutes(by.name, judged)
			if err := t.reportTrust(by.name, judged); err != nil {
				return err
			}
		}
		all = append(all, judged...)
	}
	var trusts errgroup.Group
	for f := range l.held {
		trusts.Go(func() (err error) {
			l.held[f].trust, err = bot.TrainTrust(t.otherJudged(all, f))
			return err
		})
	}
	r, err := bot.TrainRouter(set, t.folder)
	if err != nil {
		return err
	}
	l.router = r
	if l.trust, err = bot.TrainTrust(all); err != nil {
		return err
	}
	return trusts.Wait()
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

// otherJudged are those of all but one fold, of one kind of evidence or several.
func (t *tuner) otherJudged(judged []bot.Judged, but int) []bot.Judged {
	var out []bot.Judged
	for i, j := range judged {
		if i%len(t.set)%t.folds != but {
			out = append(out, j)
		}
	}
	return out
}

// utterances reads the signals of every question with weights learned without
// it.
func (t *tuner) utterances(results []*knowledge.Result, l *outcome) []bot.Utterance {
	out := make([]bot.Utterance, 0, len(t.set))
	for i, res := range results {
		res.Reorder(&l.held[i%t.folds].order)
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
		var err error
		if held[f], err = bot.TrainTrust(t.otherJudged(judged, f)); err != nil {
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
