package main

import (
	"fmt"
	"slices"
	"sync"

	"greendesk/eval"
	"greendesk/knowledge/rank"
)

// learnOrder learns the scorer's weights, for the held without each fold. Where
// the program's own are learned from nothing, it prints how well they do on
// questions they have not seen.
func (t *tuner) learnOrder(l *outcome) error {
	shipped, err := rank.LoadWeights()
	if err != nil {
		return err
	}
	l.order = shipped.Clone()
	for f := range l.held {
		l.held[f].order = shipped.Clone()
	}
	for _, by := range t.evidence() {
		var group sync.WaitGroup
		for f := range l.held {
			group.Go(func() { t.fit(by, f, &l.held[f].order) })
		}
		t.fit(by, -1, &l.order)
		group.Wait()
		t.reportOrders("排序"+by.name, by.examples, l)
	}
	return nil
}

// fit learns the weights for a kind of evidence from all folds but one.
func (t *tuner) fit(by learned, but int, w *rank.Weights) {
	examples, training := lessons(by.examples, t.folds, but), rank.DefaultTraining()
	if t.from != nil {
		training = training.After(*by.weights(t.from), len(examples))
	}
	*by.weights(w) = rank.Train(examples, training)
}

// learned is evidence by its name, with the weights that are learned from it.
type learned struct {
	*evidence
	name    string
	weights func(*rank.Weights) *[]float64
}

// evidence is what there is to learn from.
func (t *tuner) evidence() []learned {
	out := []learned{{&t.words, "", func(w *rank.Weights) *[]float64 { return &w.Words }}}
	if len(t.meant.results) > 0 {
		out = append(out, learned{&t.meant, "，加上语义模型", func(w *rank.Weights) *[]float64 { return &w.Meant }})
	}
	return out
}

// reportOrders prints how well scorers do in all variants, and about the
// documents that have no standard questions there.
func (t *tuner) reportOrders(what string, examples [][]rank.Example, l *outcome) {
	for v := range t.variants {
		t.reportOrder(what+"（"+t.variants[v].name+"）", examples, v, l, func(eval.Question) bool { return true })
	}
	for v := 1; v < len(t.variants); v++ {
		t.reportOrder(what+"（"+t.variants[v].name+"，问的是没有的那一半）", examples, v, l, func(q eval.Question) bool {
			return !slices.ContainsFunc(q.Gold, func(g eval.Gold) bool { return t.variants[v].keep(t.folder.Fold(g.Doc)) })
		})
	}
}

// reportOrder prints where right clauses stand in one variant, by weights that
// have not seen the question, and by those learned from all.
func (t *tuner) reportOrder(name string, examples [][]rank.Example, variant int, l *outcome, which func(eval.Question) bool) {
	var seen, fitted hits
	for i, ex := range examples {
		if len(t.set[i].Gold) > 0 && which(t.set[i]) {
			seen.add(place(ex[variant], &l.held[i%t.folds].order))
			fitted.add(place(ex[variant], &l.order))
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

// hits counts where right clauses stand.
type hits struct{ n, first, third, found float64 }

func (h *hits) add(place int) {
	h.n++
	h.first += one(place == 1)
	h.third += one(place >= 1 && place <= 3)
	h.found += one(place > 0)
}

// place is the rank of the first right candidate, 0 when there is none.
func place(ex rank.Example, w *rank.Weights) int {
	right, at := 0.0, 0
	for i, g := range ex.Gold {
		if s := w.Score(ex.Vectors[i]); g && (at == 0 || s > right) {
			right, at = s, 1
		}
	}
	if at == 0 {
		return 0
	}
	for i, g := range ex.Gold {
		if !g && w.Score(ex.Vectors[i]) > right {
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
