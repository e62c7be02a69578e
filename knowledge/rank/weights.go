package rank

import (
	"bufio"
	"bytes"
	_ "embed" // the weights
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed weights.tsv
var embedded []byte

// Weights are what the features weigh, in the order of FeatureNames: by the
// evidence of words alone, and beside a model of meaning, which takes over much
// of what words are leant on for.
type Weights struct{ Words, Meant []float64 }

// Of are the weights that fit the evidence a clause was measured with.
func (w *Weights) Of(v *Vector) []float64 {
	if v.ByMeaning {
		return w.Meant
	}
	return w.Words
}

// Score is the score of a clause by the weights that fit it.
func (w *Weights) Score(v *Vector) float64 { return Dot(v, w.Of(v)) }

// Clone is a copy that shares nothing.
func (w *Weights) Clone() Weights {
	return Weights{Words: slices.Clone(w.Words), Meant: slices.Clone(w.Meant)}
}

// LoadWeights reads the weights that the program carries.
func LoadWeights() (Weights, error) { return ReadWeights(embedded) }

// ReadWeights reads lines of a feature's name and its two weights, by words
// alone and beside a model of meaning, parted by tabs. A feature without a line
// weighs nothing; an unknown name is an error.
func ReadWeights(data []byte) (Weights, error) {
	at := map[string]int{}
	for i, n := range FeatureNames() {
		at[n] = i
	}
	w := Weights{Words: make([]float64, FeatureCount()), Meant: make([]float64, FeatureCount())}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		cols := strings.Split(lines.Text(), "\t")
		i, known := at[cols[0]]
		if !known {
			return Weights{}, fmt.Errorf("rank: weights line %d: unknown feature %q", n, cols[0])
		}
		if len(cols) != 3 {
			return Weights{}, fmt.Errorf("rank: weights line %d: want a feature and two weights", n)
		}
		for k, to := range [][]float64{w.Words, w.Meant} {
			v, err := strconv.ParseFloat(cols[k+1], 64)
			if err != nil {
				return Weights{}, fmt.Errorf("rank: weights line %d: %w", n, err)
			}
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return Weights{}, fmt.Errorf("rank: weights line %d: %s is no weight", n, cols[k+1])
			}
			to[i] = v
		}
	}
	if err := lines.Err(); err != nil {
		return Weights{}, fmt.Errorf("rank: weights: %w", err)
	}
	return w, nil
}

// Format writes weights in the form that ReadWeights reads.
func (w *Weights) Format() []byte {
	round := func(x float64) float64 { return math.Round(x*1e4)/1e4 + 0 } // + 0 makes -0 0
	var b bytes.Buffer
	for i, n := range FeatureNames() {
		if words, meant := round(w.Words[i]), round(w.Meant[i]); words != 0 || meant != 0 {
			fmt.Fprintf(&b, "%s\t%g\t%g\n", n, words, meant)
		}
	}
	return b.Bytes()
}
