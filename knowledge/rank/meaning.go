package rank

import "math"

// Cosines are what a model of meaning says of the candidates, in their order:
// how near the question is to each one's text, and to the nearest of its
// standard questions. 0 stands for what has no vector.
type Cosines struct{ Text, Asked []float64 }

// meanings fills the features of a model of meaning. They say how far a
// candidate is behind the nearest, measured by how far the candidates differ
// among each other: so the same weights serve models whose cosines lie close
// together and models whose cosines do not, and the nearest clause has the
// score that it has without a model.
func meanings(c *Cosines, out []Vector) {
	if c == nil {
		return
	}
	text, asked := spreadOf(c.Text), spreadOf(c.Asked)
	for i := range out {
		b := &out[i].Base
		out[i].ByMeaning = text.deviation > 0 || asked.deviation > 0
		if c.Text[i] > 0 {
			b[fMeantText] = text.behind(c.Text[i])
		} else {
			b[fMeantText] = text.behind(text.mean)
		}
		if c.Asked[i] > 0 {
			b[fMeantAsked] = asked.behind(c.Asked[i])
		} else if asked.deviation > 0 {
			b[fMeantBare], b[fMeantTypical] = 1, asked.behind(asked.mean)
		}
	}
}

// spread tells how cosines lie; all 0 when fewer than two are there.
type spread struct{ mean, best, deviation float64 }

func spreadOf(cosines []float64) spread {
	var n, sum, squares, best float64
	for _, c := range cosines {
		if c > 0 {
			n, sum, squares, best = n+1, sum+c, squares+c*c, max(best, c)
		}
	}
	if n < 2 {
		return spread{}
	}
	mean := sum / n
	return spread{mean: mean, best: best, deviation: math.Sqrt(max(squares/n-mean*mean, 1e-12))}
}

// behind is how many standard deviations a cosine is from the best: 0 or less.
func (s spread) behind(cosine float64) float64 {
	if s.deviation == 0 {
		return 0
	}
	return (cosine - s.best) / s.deviation
}

// Meaning is the part of a clause's score that a model of meaning says.
func (w *Weights) Meaning(v *Vector) float64 {
	sum := 0.0
	for i := fMeantText; i < baseFeatures; i++ {
		sum += v.Base[i] * w.Meant[i]
	}
	return sum
}
