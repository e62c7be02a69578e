package main

import (
	"fmt"
	"slices"

	"greendesk/eval"
	"greendesk/knowledge/rank"
)

// learnOrder learns the scorer's weights and prints how well they do on
// questions they have not seen.
func (t *tuner) learnOrder() []float64 {
	scorers := t.scorers()
	w := rank.Train(t.lessons(-1), rank.DefaultTraining())
	for v := range t.variants {
		t.reportOrder(t.variants[v].name, v, scorers, w, func(eval.Question) bool { return true })
	}
	for v := 1; v < len(t.variants); v++ {
		t.reportOrder(t.variants[v].name+"，问的是没有的那一半", v, scorers, w, func(q eval.Question) bool {
			return !slices.ContainsFunc(q.Gold, func(g eval.Gold) bool { return t.variants[v].keep(t.folder.Fold(g.Doc)) })
		})
	}
	return w
}

// reportOrder prints where right clauses stand in one variant, by weights that
// have not seen the question, and by those learned from all.
func (t *tuner) reportOrder(name string, variant int, scorers [][]float64, w []float64, which func(eval.Question) bool) {
	var seen, fitted hits
	for i, ex := range t.examples {
		if len(t.set[i].Gold) > 0 && which(t.set[i]) {
			seen.add(place(ex[variant], scorers[i%t.folds]))
			fitted.add(place(ex[variant], w))
		}
	}
	fmt.Printf("排序（%s）：%d 题；交叉验证 cite@1 %.3f，cite@3 %.3f，候选里有 %.3f；训练集上 %.3f，%.3f\n",
		name, int(seen.n), seen.first/seen.n, seen.third/seen.n, seen.found/seen.n, fitted.first/fitted.n, fitted.third/fitted.n)
}

// lessons are the examples of all folds but one, in all variants.
func (t *tuner) lessons(but int) []rank.Example {
	var out []rank.Example
	for i, ex := range t.examples {
		if i%t.folds != but && len(t.set[i].Gold) > 0 {
			out = append(out, ex...)
		}
	}
	return out
}

// scorers are weights learned without each fold.
func (t *tuner) scorers() [][]float64 {
	out := make([][]float64, t.folds)
	for f := range out {
		out[f] = rank.Train(t.lessons(f), rank.DefaultTraining())
	}
	return out
}

// hits counts where right clauses stand.
type hits struct{ n, first, third, found float64 }

func (h *hits) add(place int) {
	h.n++
	h.first += one(place == 1)
	h.third += one(place >= 1 && place <= 3)
	h.found += one(place > 0)
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
