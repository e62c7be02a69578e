package rank

import (
	"math"
	"slices"
	"testing"

	"greendesk/knowledge/index"
)

func TestWhatAModelOfMeaningSaysIsMeasuredAmongTheCandidates(t *testing.T) {
	f := newReader(t).Folder
	x := small(t, f)
	q := newReader(t).Read("大气污染罚款锅炉", "", x)
	hits, without := measureAll(t, x, q)
	if len(hits) < 3 {
		t.Fatalf("%d candidates", len(hits))
	}
	c := &Cosines{Text: make([]float64, len(hits)), Asked: make([]float64, len(hits))}
	c.Text[0], c.Text[1] = 0.90, 0.80 // the others have no vector
	c.Asked[1], c.Asked[2] = 0.70, 0.90
	got := Measure(q, hits, c, x)
	for i, want := range [][4]float64{{0, 0, 1, -1}, {-2, -2, 0, 0}, {-1, 0, 0, 0}} {
		for k, name := range []string{"meant_text", "meant_asked", "meant_bare", "meant_typical"} {
			if v := feature(&got[i], name); math.Abs(v-want[k]) > 1e-9 {
				t.Errorf("candidate %d: %s is %.3f, want %.3f", i, name, v, want[k])
			}
		}
		if only := got[i].Meant(); only.Base[fBM25] != 0 || only.Clause != 0 || only.Base[fMeantText] != got[i].Base[fMeantText] {
			t.Errorf("candidate %d: of the model's alone there is %+v", i, only)
		}
	}
	// A model with other cosines in the same order says the same; one vector, or none, says nothing.
	for k := range c.Text {
		c.Text[k], c.Asked[k] = c.Text[k]/10, c.Asked[k]/10
	}
	if v := feature(&Measure(q, hits, c, x)[1], "meant_text"); math.Abs(v+2) > 1e-6 {
		t.Errorf("of cosines that lie close together: %.3f", v)
	}
	one := &Cosines{Text: append([]float64{0.9}, make([]float64, len(hits)-1)...), Asked: make([]float64, len(hits))}
	for name, vs := range map[string][]Vector{"one vector": Measure(q, hits, one, x), "no model": Measure(q, hits, nil, x)} {
		if !slices.Equal(vs, without) {
			t.Errorf("%s changes features", name)
		}
	}
}

// What a model adds to a scorer is learned without touching the scorer.
func TestTheWeightOfMeaningIsLearnedOnTopOfAScorer(t *testing.T) {
	var examples []Example
	for i := range 40 {
		near, far := &Vector{}, &Vector{}
		near.Base[fBM25], far.Base[fBM25], far.Base[fMeantText] = 0.2, 1, -3
		if i%10 == 0 { // a model errs, too
			near, far = far, near
		}
		ex := Example{Gold: []bool{true, false}}
		for _, v := range []*Vector{near, far} {
			ex.Vectors, ex.Start = append(ex.Vectors, v.Meant()), append(ex.Start, v.Base[fBM25])
		}
		examples = append(examples, ex)
	}
	words := make([]float64, FeatureCount())
	words[fBM25], words[fMeantText] = 1, 9
	w := WithMeaning(words, Train(examples, DefaultTraining()))
	if w[fBM25] != 1 || w[fMeantText] <= 0.3 || w[fMeantText] > 2 || words[fMeantText] != 9 {
		t.Errorf("bm25 %.2f, meant_text %.2f, given %.2f", w[fBM25], w[fMeantText], words[fMeantText])
	}
	hits := []index.Hit{{Entry: &index.Entry{ID: "far", Version: &index.Version{}}, Score: 2}, {Entry: &index.Entry{ID: "near", Version: &index.Version{}}, Score: 1}}
	c := &Cosines{Text: []float64{0.8, 0.9}, Asked: []float64{0, 0}}
	x := small(t, newReader(t).Folder)
	if first := Order(&Question{}, hits, c, x, w)[0].Entry.ID; first != "near" {
		t.Errorf("with a model %s is first", first)
	}
	if first := Order(&Question{}, hits, nil, x, w)[0].Entry.ID; first != "far" {
		t.Errorf("without a model %s is first", first)
	}
}
