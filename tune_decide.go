package main

import (
	"fmt"

	"greendesk/bot"
)

// learnDecision learns the router and, on top of it, how far the first clause
// can be trusted. What either learns from comes from scorers and routers that
// have not seen the question, as they will not have seen a user's.
func (t *tuner) learnDecision() (*bot.Router, *bot.Trust, error) {
	set := t.utterances()
	bot.Balance(set)
	judged := make([]bot.Judged, len(set))
	for f := range t.folds {
		r, err := bot.TrainRouter(t.others(set, f), t.folder)
		if err != nil {
			return nil, nil, err
		}
		for i := f; i < len(set); i += t.folds {
			judged[i] = t.judge(i, set[i], r.Judge(t.results[i].Question, set[i].Signals))
		}
	}
	t.reportRoutes(judged)
	t.reportTrust(judged)
	r, err := bot.TrainRouter(set, t.folder)
	return r, bot.TrainTrust(judged), err
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
func (t *tuner) utterances() []bot.Utterance {
	scorers := t.scorers()
	out := make([]bot.Utterance, 0, len(t.set))
	for i, q := range t.set {
		res := t.results[i]
		res.Reorder(scorers[i%t.folds])
		out = append(out, bot.Utterance{Folded: res.Question.Folded, Signals: bot.SignalsOf(res), Want: q.Want})
	}
	return out
}

// judge notes where the first right clause stands beside what was decided.
func (t *tuner) judge(i int, u bot.Utterance, d bot.Decision) bot.Judged {
	j := bot.Judged{Signals: u.Signals, Decision: d, Want: u.Want, Labelled: len(t.set[i].Gold) > 0}
	for k, r := range t.results[i].Ranked {
		if t.set[i].Right(r.Entry.Version.Name, r.Entry.Version.Number, r.Entry.Ref) {
			j.Place = k + 1
			break
		}
	}
	return j
}

func (t *tuner) reportRoutes(judged []bot.Judged) {
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
	fmt.Printf("分流：%d 句；交叉验证正确 %.3f\n", len(judged), float64(right)/float64(len(judged)))
	for _, a := range bot.Actions() {
		if c := counts[a]; c[1] > 0 {
			fmt.Printf("  %-10s %d/%d\n", a, c[0], c[1])
		}
	}
}

// reportTrust prints how sure answers are at several floors, each judged by a
// confidence that has not seen it.
func (t *tuner) reportTrust(judged []bot.Judged) {
	held := make([]*bot.Trust, t.folds)
	for f := range held {
		var rest []bot.Judged
		for i, j := range judged {
			if i%t.folds != f {
				rest = append(rest, j)
			}
		}
		held[f] = bot.TrainTrust(rest)
	}
	fmt.Println("把握（交叉验证）：门槛 答到率 准确率 不该答而答")
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
}
