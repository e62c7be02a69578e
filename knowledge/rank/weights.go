package rank

import (
	"bufio"
	"bytes"
	_ "embed" // the weights
	"fmt"
	"math"
	"strconv"
	"strings"
)

//go:embed weights.tsv
var embedded []byte

// LoadWeights reads the weights that the program carries, in the order of
// FeatureNames.
func LoadWeights() ([]float64, error) { return ReadWeights(embedded) }

// ReadWeights reads lines of a feature's name and its weight, parted by a tab.
// A feature without a line weighs nothing; an unknown name is an error.
func ReadWeights(data []byte) ([]float64, error) {
	at := map[string]int{}
	for i, n := range FeatureNames() {
		at[n] = i
	}
	w := make([]float64, FeatureCount())
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		name, value, ok := strings.Cut(lines.Text(), "\t")
		i, known := at[name]
		if !ok || !known {
			return nil, fmt.Errorf("rank: weights line %d: unknown feature %q", n, name)
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("rank: weights line %d: %w", n, err)
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("rank: weights line %d: %s is no weight", n, value)
		}
		w[i] = v
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("rank: weights: %w", err)
	}
	return w, nil
}

// FormatWeights writes weights in the form that ReadWeights reads.
func FormatWeights(w []float64) []byte {
	var b bytes.Buffer
	for i, n := range FeatureNames() {
		if v := math.Round(w[i]*1e4) / 1e4; v != 0 {
			fmt.Fprintf(&b, "%s\t%g\n", n, v)
		}
	}
	return b.Bytes()
}
