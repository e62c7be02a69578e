package main

import (
	"fmt"
	"slices"

	"greendesk/eval"
	"greendesk/knowledge/rank"
)

// learnOrder learns the scorer's weights and prints how well they do on
// questions they have not seen.
func (t *tuner) learnOrder() ([]float64, error) {
	scorers := t.scorers()
	w := rank.Train(lessons(t.examples, t.folds, -1), rank.DefaultTraining())
	t.reportOrders("排序", t.examples, scorers, w)
	if !slices.ContainsFunc(t.meant, func(ex []rank.Example) bool { return len(ex) > 0 }) {
		carried, err := rank.LoadWeights()
		return rank.WithMeaning(w, carried), err
	}
	scorers, w = t.learnMeaning(scorers, w)
	t.reportOrders("排序，加上语义模型", t.meant, scorers, w)
	return w, nil
}

// learnMeaning learns what a model of meaning adds to scorers that stay as they
// are. What it is added to has not seen the question, as it will not have seen
// a user's.
func (t *tuner) learnMeaning(scorers [][]float64, w []float64) (with [][]float64, all []float64) {
	added := make([][]rank.Example, len(t.meant))
	for i, variants := range t.meant {
		for _, ex := range variants {
			a := rank.Example{Gold: ex.Gold}
			for _, v := range ex.Vectors {
				a.Vectors, a.Start = append(a.Vectors, v.Meant()), append(a.Start, rank.Dot(v, scorers[i%t.folds]))
			}
			added[i] = append(added[i], a)
		}
	}
	for f, s := range scorers {
		with = append(with, rank.WithMeaning(s, rank.Train(lessons(added, t.folds, f), rank.DefaultTraining())))
	}
	return with, rank.WithMeaning(w, rank.Train(lessons(added, t.folds, -1), rank.DefaultTraining()))
}

// reportOrders prints how well scorers do in all variants, and about the
// documents that have no standard questions there.
func (t *tuner) reportOrders(what string, examples [][]rank.Example, scorers [][]float64, w []float64) {
	for v := range t.variants {
		t.reportOrder(what+"（"+t.variants[v].name+"）", examples, v, scorers, w, func(eval.Question) bool { return true })
	}
	for v := 1; v < len(t.variants); v++ {
		t.reportOrder(what+"（"+t.variants[v].name+"，问的是没有的那一半）", examples, v, scorers, w, func(q eval.Question) bool {
			return !slices.ContainsFunc(q.Gold, func(g eval.Gold) bool { return t.variants[v].keep(t.folder.Fold(g.Doc)) })
		})
	}
}

// reportOrder prints where right clauses stand in one variant, by weights that
// have not seen the question, and by those learned from all.
func (t *tuner) reportOrder(name string, examples [][]rank.Example, variant int, scorers [][]float64, w []float64, which func(eval.Question) bool) {
	var seen, fitted hits
	for i, ex := range examples {
		if len(t.set[i].Gold) > 0 && which(t.set[i]) {
			seen.add(place(ex[variant], scorers[i%t.folds]))
			fitted.add(place(ex[variant], w))
		}
	}
	fmt.Printf("%s：%d 题；交叉验证 cite@1 %.3f，cite@3 %.3f，候选里有 %.3f；训练集上 %.3f，%.3f\n",
		name, int(seen.n), seen.first/seen.n, seen.third/seen.n, seen.found/seen.n, fitted.first/fitted.n, fitted.third/fitted.n)
}

// lessons are the examples of all folds but one, in all variants. A question
// whose clauses are not named has no right one and teaches nothing.
func lessons(examples [][]rank.Example, folds, but int) []rank.Example {
	var out []rank.Example
	for i, ex := range examples {
		if i%folds != but {
			out = append(out, ex...)
		}
	}
	return out
}

// scorers are weights learned without each fold.
func (t *tuner) scorers() [][]float64 {
	out := make([][]float64, t.folds)
	for f := range out {
		out[f] = rank.Train(lessons(t.examples, t.folds, f), rank.DefaultTraining())
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
