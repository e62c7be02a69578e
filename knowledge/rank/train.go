package rank

import (
	"math"
	"slices"
)

// Example is one labelled question: the features of its candidates and which
// of them answer it.
type Example struct {
	Vectors []*Vector
	Gold    []bool
}

// usable reports whether there is anything to learn from: a right and a wrong
// candidate.
func (e *Example) usable() bool {
	right := 0
	for _, g := range e.Gold {
		if g {
			right++
		}
	}
	return right > 0 && right < len(e.Gold)
}

// Training settings; deterministic, no randomness.
type Training struct {
	Steps  int     // of Adam on the whole set
	Rate   float64 // step size
	Decay  float64 // L2 penalty on weights of base features
	Decay2 float64 // L2 penalty on weights of cue products, of which there are many

	From []float64 // weights to begin with, from which the penalties are reckoned; nil for none
}

// DefaultTraining was chosen by cross-validation on the labelled questions.
func DefaultTraining() Training { return Training{Steps: 120, Rate: 0.1, Decay: 0.002, Decay2: 0.01} }

// After is training that goes on from weights that were learned before: the fewer
// examples there are, beside those of the weights before, the less is changed.
func (t Training) After(before []float64, examples int) Training {
	share := examplesBefore / float64(max(examples, 1))
	t.From, t.Decay, t.Decay2 = before, t.Decay*share, t.Decay2*share
	return t
}

// examplesBefore is about how many labelled questions the weights were learned
// from that the program carries: as many examples move the penalty as much.
const examplesBefore = 900

// Train learns weights that put a right clause above the wrong ones: the
// listwise softmax loss (Cao et al., Learning to rank: from pairwise approach
// to listwise approach, 2007) with L2, by full-batch Adam (Kingma and Ba,
// 2015). The same examples give the same weights.
func Train(examples []Example, t Training) []float64 {
	n := FeatureCount()
	from := t.From
	if from == nil {
		from = make([]float64, n)
	}
	w := slices.Clone(from)
	m := make([]float64, n)
	s := make([]float64, n)
	grad := make([]float64, n)
	var set []sparse
	for i := range examples {
		if examples[i].usable() {
			set = append(set, examples[i].sparse())
		}
	}
	count := len(set)
	if count == 0 {
		return w
	}
	for step := 1; step <= t.Steps; step++ {
		clear(grad)
		for i := range set {
			set[i].gradient(w, grad)
		}
		for j := range w {
			decay := t.Decay
			if j >= baseFeatures {
				decay = t.Decay2
			}
			g := grad[j]/float64(count) + decay*(w[j]-from[j])
			m[j] = 0.9*m[j] + 0.1*g
			s[j] = 0.999*s[j] + 0.001*g*g
			mh := m[j] / (1 - math.Pow(0.9, float64(step)))
			sh := s[j] / (1 - math.Pow(0.999, float64(step)))
			w[j] -= t.Rate * mh / (math.Sqrt(sh) + 1e-8)
		}
	}
	return w
}

// sparse is an example with the zeros left out.
type sparse struct {
	index [][]uint16
	value [][]float64
	gold  []bool
	p     []float64
}

func (e *Example) sparse() sparse {
	s := sparse{gold: e.Gold, p: make([]float64, len(e.Vectors))}
	for _, v := range e.Vectors {
		var at []uint16
		var val []float64
		v.Each(func(j int, x float64) {
			at = append(at, uint16(j)) // #nosec G115 -- FeatureCount is a few hundred
			val = append(val, x)
		})
		s.index, s.value = append(s.index, at), append(s.value, val)
	}
	return s
}

// gradient adds the gradient of -log P(right) to grad, where P is the softmax
// over the candidates.
func (s *sparse) gradient(w, grad []float64) {
	top := math.Inf(-1)
	for i := range s.index {
		s.p[i] = 0
		for k, j := range s.index[i] {
			s.p[i] += s.value[i][k] * w[j]
		}
		top = math.Max(top, s.p[i])
	}
	sum, right := 0.0, 0.0
	for i := range s.p {
		s.p[i] = math.Exp(s.p[i] - top)
		sum += s.p[i]
	}
	for i := range s.p {
		s.p[i] /= sum
		if s.gold[i] {
			right += s.p[i]
		}
	}
	for i := range s.p {
		d := s.p[i]
		if s.gold[i] {
			d -= s.p[i] / math.Max(right, 1e-12)
		}
		if math.Abs(d) < 1e-6 {
			continue
		}
		for k, j := range s.index[i] {
			grad[j] += d * s.value[i][k]
		}
	}
}
