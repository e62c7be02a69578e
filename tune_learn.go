package main

import (
	"fmt"

	"greendesk/bot"
	"greendesk/knowledge/rank"
)

// learnOrder learns the scorer's weights and prints how well they do on
// questions they have not seen.
func (t *tuner) learnOrder() []float64 {
	var first, third, found, n float64
	held := make([][]rank.Example, t.folds)
	var all []rank.Example
	for i, ex := range t.examples {
		if len(t.set[i].Gold) > 0 {
			held[i%t.folds] = append(held[i%t.folds], ex)
			all = append(all, ex)
		}
	}
	for f := range held {
		w := rank.Train(others(held, f), rank.DefaultTraining())
		for _, ex := range held[f] {
			at := place(ex, w)
			n++
			first += one(at == 1)
			third += one(at >= 1 && at <= 3)
			found += one(at > 0)
		}
	}
	w := rank.Train(all, rank.DefaultTraining())
	var fitted1, fitted3 float64
	for _, ex := range all {
		at := place(ex, w)
		fitted1 += one(at == 1)
		fitted3 += one(at >= 1 && at <= 3)
	}
	fmt.Printf("排序：%d 题；交叉验证 cite@1 %.3f，cite@3 %.3f，候选里有 %.3f；训练集上 %.3f，%.3f\n", int(n), first/n, third/n, found/n, fitted1/n, fitted3/n)
	return w
}

// place is the rank of the first right candidate, 0 when there is none.
func place(ex rank.Example, w []float64) int {
	right, at := 0.0, 0
	for i, g := range ex.Gold {
		if s := rank.Dot(ex.Vectors[i], w); g && (at == 0 || s > right) {
			right, at = s, 1
		}
	}
	if at == 0 {
		return 0
	}
	for i, g := range ex.Gold {
		if !g && rank.Dot(ex.Vectors[i], w) > right {
			at++
		}
	}
	return at
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// others are all folds but one.
func others[T any](folds [][]T, but int) []T {
	var out []T
	for i, f := range folds {
		if i != but {
			out = append(out, f...)
		}
	}
	return out
}

// learnRouter learns the router. Signals come from scorers that have not seen
// the question, as they will not have seen a user's.
func (t *tuner) learnRouter() (*bot.Router, error) {
	set := t.utterances()
	bot.Balance(set)
	held := make([][]bot.Utterance, t.folds)
	for i, u := range set {
		held[i%t.folds] = append(held[i%t.folds], u)
	}
	counts := map[bot.Action][2]int{}
	var falseAnswers, missed, right, n int
	for f := range held {
		r, err := bot.TrainRouter(others(held, f), t.engine.Folder())
		if err != nil {
			return nil, err
		}
		for _, u := range held[f] {
			got := r.Decide(u.Folded, u.Signals).Action
			c := counts[u.Want]
			c[1]++
			if got == u.Want {
				c[0]++
				right++
			}
			counts[u.Want] = c
			n++
			if got == bot.ActAnswer && u.Want != bot.ActAnswer {
				falseAnswers++
			}
			if got != bot.ActAnswer && u.Want == bot.ActAnswer {
				missed++
			}
		}
	}
	fmt.Printf("分流：%d 句；交叉验证正确 %.3f；不该答而答 %d，该答未答 %d\n", n, float64(right)/float64(n), falseAnswers, missed)
	for _, a := range bot.Actions() {
		fmt.Printf("  %-10s %d/%d\n", a, counts[a][0], counts[a][1])
	}
	return bot.TrainRouter(set, t.engine.Folder())
}

// utterances reads the signals of every question with weights learned without
// it.
func (t *tuner) utterances() []bot.Utterance {
	held := make([][]rank.Example, t.folds)
	for i, ex := range t.examples {
		if len(t.set[i].Gold) > 0 {
			held[i%t.folds] = append(held[i%t.folds], ex)
		}
	}
	scorers := make([][]float64, t.folds)
	for f := range scorers {
		scorers[f] = rank.Train(others(held, f), rank.DefaultTraining())
	}
	out := make([]bot.Utterance, 0, len(t.set))
	for i, q := range t.set {
		res := t.results[i]
		res.Reorder(scorers[i%t.folds])
		out = append(out, bot.Utterance{Folded: res.Question.Folded, Signals: bot.SignalsOf(res), Want: q.Want})
	}
	return out
}
