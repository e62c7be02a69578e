package rank

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// lesson is a question whose right clause has more of one feature; all else is
// noise.
func lesson(t *rapid.T) Example {
	n := rapid.IntRange(2, 8).Draw(t, "candidates")
	right := rapid.IntRange(0, n-1).Draw(t, "right")
	var e Example
	for i := range n {
		var v Vector
		v.Base[fBM25] = rapid.Float64Range(0, 1).Draw(t, "noise")
		v.Clause = Cues(rapid.Uint32Range(0, 1<<len(clauseCues)-1).Draw(t, "clause"))
		v.Base[fSentence] = rapid.Float64Range(0, 0.4).Draw(t, "wrong")
		if i == right {
			v.Base[fSentence] = rapid.Float64Range(0.6, 1).Draw(t, "right")
		}
		e.Vectors = append(e.Vectors, &v)
		e.Gold = append(e.Gold, i == right)
	}
	return e
}

func loss(set []Example, w []float64) float64 {
	sum := 0.0
	for _, e := range set {
		all, right := 0.0, 0.0
		for i, v := range e.Vectors {
			p := math.Exp(Dot(v, w))
			all += p
			if e.Gold[i] {
				right += p
			}
		}
		sum -= math.Log(right / all)
	}
	return sum
}

func TestTrainingIsDeterministicAndImproves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set []Example
		for range rapid.IntRange(3, 12).Draw(t, "questions") {
			set = append(set, lesson(t))
		}
		training := Training{Steps: 40, Rate: 0.1, Decay: 0.002, Decay2: 0.01}
		w := Train(set, training)
		if !slices.Equal(w, Train(set, training)) {
			t.Fatal("the same examples give other weights")
		}
		if before, after := loss(set, make([]float64, FeatureCount())), loss(set, w); after >= before {
			t.Fatalf("the loss goes from %f to %f", before, after)
		}
		if w[fSentence] <= 0 {
			t.Fatalf("what tells right from wrong weighs %f", w[fSentence])
		}
	})
}

func TestExamplesThatTeachNothingAreLeftOut(t *testing.T) {
	one := func() *Vector { v := &Vector{}; v.Base[fText] = 1; return v }
	for name, set := range map[string][]Example{
		"none":      nil,
		"empty":     {{}},
		"all right": {{Vectors: []*Vector{one(), one()}, Gold: []bool{true, true}}},
		"all wrong": {{Vectors: []*Vector{one(), one()}, Gold: []bool{false, false}}},
	} {
		for i, w := range Train(set, DefaultTraining()) {
			if w != 0 {
				t.Errorf("%s: %s weighs %f", name, FeatureNames()[i], w)
			}
		}
	}
}

func TestWeightsReadBackAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Weights{Words: make([]float64, FeatureCount()), Meant: make([]float64, FeatureCount())}
		for _, column := range [][]float64{w.Words, w.Meant} {
			for range rapid.IntRange(0, 20).Draw(t, "set") {
				column[rapid.IntRange(0, len(column)-1).Draw(t, "at")] = float64(rapid.IntRange(-99999, 99999).Draw(t, "weight")) / 1e4
			}
		}
		text := w.Format()
		got, err := ReadWeights(text)
		if err != nil || !slices.Equal(got.Words, w.Words) || !slices.Equal(got.Meant, w.Meant) {
			t.Fatalf("%v, %v", got, err)
		}
		if again := got.Format(); string(again) != string(text) {
			t.Fatalf("%s and %s", again, text)
		}
	})
}

func TestTheWeightsOfTheProgramAreRead(t *testing.T) {
	w, err := LoadWeights()
	if err != nil {
		t.Fatal(err)
	}
	for name, column := range map[string][]float64{"words": w.Words, "meaning": w.Meant} {
		if len(column) != FeatureCount() || slices.Max(column) <= 0 {
			t.Errorf("by %s nothing weighs anything: %v", name, column)
		}
	}
}

func TestAFaultInTheWeightsNamesItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"bm25\t1\t1\nbm26\t1\t1\n":    "line 2: unknown feature \"bm26\"",
		"bm25 1\n":                    "line 1",
		"\n":                          "line 1",
		"bm25\tviel\t1\n":             "line 1",
		"bm25\tNaN\t1\n":              "line 1: NaN",
		"bm25\t1\t2\nrank\t0\t-Inf\n": "line 2: -Inf",
		"bm25\t1\t1\n" + strings.Repeat("x", 1<<17): "too long",
		"bm25\t1\t2\t3\n": "line 1",
		"\ufeffbm25\t1\n": "line 1",
		"bm25\t" + strings.Repeat("9", 400) + "\t1\r\n": "line 1",
	} {
		if _, err := ReadWeights([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
	if w, err := ReadWeights(nil); err != nil || len(w.Words) != FeatureCount() || len(w.Meant) != FeatureCount() {
		t.Errorf("no weights at all: %v", err)
	}
	if w, err := ReadWeights([]byte("bm25\t0\t1.5\r\n")); err != nil || w.Meant[fBM25] != 1.5 {
		t.Errorf("line ends of Windows: %v", err)
	}
}

func FuzzReadWeights(f *testing.F) {
	f.Add([]byte("bm25\t1\t2\nrank\t-0.5\t0\n"))
	f.Add([]byte("bm25\tInf"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := ReadWeights(data)
		if err != nil {
			return
		}
		if _, err := ReadWeights(w.Format()); err != nil {
			t.Error(err)
		}
	})
}
