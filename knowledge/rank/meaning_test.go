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
		if !got[i].ByMeaning || without[i].ByMeaning {
			t.Errorf("candidate %d: by meaning %t, without a model %t", i, got[i].ByMeaning, without[i].ByMeaning)
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

// A question with a vector is ordered by the weights learned beside a model, one
// without, or whose candidates have none, by those of words alone.
func TestTheWeightsFitTheEvidence(t *testing.T) {
	w := Weights{Words: make([]float64, FeatureCount()), Meant: make([]float64, FeatureCount())}
	w.Words[fBM25], w.Meant[fBM25], w.Meant[fMeantText] = 1, 0.5, 2
	hits := []index.Hit{{Entry: &index.Entry{ID: "far", Version: &index.Version{}}, Score: 2}, {Entry: &index.Entry{ID: "near", Version: &index.Version{}}, Score: 1}}
	x := small(t, newReader(t).Folder)
	for name, c := range map[string]struct {
		*Cosines
		first string
		score float64
	}{
		"a vector":              {&Cosines{Text: []float64{0.8, 0.9}, Asked: []float64{0, 0}}, "near", 0.25},
		"no vector":             {nil, "far", 1},
		"no clause with vector": {&Cosines{Text: []float64{0, 0}, Asked: []float64{0, 0}}, "far", 1},
	} {
		got := Order(&Question{}, hits, c.Cosines, x, &w)[0]
		if got.Entry.ID != c.first || math.Abs(got.Score-c.score) > 1e-9 {
			t.Errorf("%s: %s is first with %.3f", name, got.Entry.ID, got.Score)
		}
	}
	v := Vector{}
	v.Base[fBM25], v.Base[fMeantText] = 9, -1.5
	if m := w.Meaning(&v); m != -3 {
		t.Errorf("the model says %.2f", m)
	}
}
