package bot

import (
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strings"

	"greendesk/knowledge/lang"
)

// Utterance is one labelled message for the router.
type Utterance struct {
	Folded  string
	Signals Signals
	Want    Action
	Weight  float64 // of its loss; 0 counts as 1
}

// Training of the router: deterministic, no randomness. The figures were
// chosen by cross-validation on the labelled utterances.
const (
	trainSteps  = 120
	trainRate   = 0.3
	trainDecay  = 0.00003
	signalDecay = 0.0003
	minimumSeen = 1 // a gram seen in fewer utterances is left out
	balance     = 0.5
)

// Balance weighs every utterance by how rare its action is among the labelled
// ones, so that the many questions do not drown the few thanks.
func Balance(set []Utterance) {
	count := map[Action]float64{}
	for _, u := range set {
		count[u.Want]++
	}
	mean := float64(len(set)) / float64(max(len(count), 1))
	for i := range set {
		set[i].Weight = math.Pow(mean/count[set[i].Want], balance)
	}
}

// row is an utterance in numbers.
type row struct {
	at     []int
	scale  float64
	signal Signals
	want   int
	weight float64
}

// TrainRouter learns a router from labelled utterances by full-batch Adam on
// the cross-entropy with L2. The same utterances give the same router.
func TrainRouter(set []Utterance, f *lang.Folder) (*Router, error) {
	t, err := loadTopics(f)
	if err != nil {
		return nil, err
	}
	names := vocabulary(set, t)
	number := make(map[string]int, len(names))
	for i, n := range names {
		number[n] = i
	}
	rows := numbered(set, number, t)
	classes := len(Actions())
	w := make([]float64, (len(names)+int(signalCount))*classes)
	optimise(w, rows, len(names), classes)
	r := pack(w, names, classes)
	r.topics = t
	return r, nil
}

func vocabulary(set []Utterance, t *topics) []string {
	count := map[string]int{}
	for _, u := range set {
		for _, g := range features(u.Folded, t) {
			count[g]++
		}
	}
	var names []string
	for g, n := range count {
		if n >= minimumSeen {
			names = append(names, g)
		}
	}
	sort.Strings(names)
	return names
}

func numbered(set []Utterance, number map[string]int, t *topics) []row {
	class := map[Action]int{}
	for i, a := range Actions() {
		class[a] = i
	}
	rows := make([]row, 0, len(set))
	for _, u := range set {
		grams := features(u.Folded, t)
		r := row{scale: gramScale(len(grams)), signal: u.Signals, want: class[u.Want], weight: u.Weight}
		if r.weight == 0 {
			r.weight = 1
		}
		for _, g := range grams {
			if i, ok := number[g]; ok {
				r.at = append(r.at, i)
			}
		}
		rows = append(rows, r)
	}
	return rows
}

func optimise(w []float64, rows []row, grams, classes int) {
	grad, m, v := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
	total := 0.0
	for _, r := range rows {
		total += r.weight
	}
	for step := 1; step <= trainSteps; step++ {
		clear(grad)
		for i := range rows {
			rows[i].gradient(w, grad, grams, classes)
		}
		c1, c2 := 1-math.Pow(0.9, float64(step)), 1-math.Pow(0.999, float64(step))
		for j := range w {
			decay := trainDecay
			if j >= grams*classes {
				decay = signalDecay
			}
			g := grad[j]/total + decay*w[j]
			m[j] = 0.9*m[j] + 0.1*g
			v[j] = 0.999*v[j] + 0.001*g*g
			w[j] -= trainRate * m[j] / c1 / (math.Sqrt(v[j]/c2) + 1e-8)
		}
	}
}

// gradient adds the gradient of the cross-entropy of one utterance.
func (r *row) gradient(w, grad []float64, grams, classes int) {
	scores := make([]float64, classes)
	for _, i := range r.at {
		for c := range scores {
			scores[c] += w[i*classes+c] * r.scale
		}
	}
	base := grams * classes
	for j, s := range r.signal {
		if s != 0 {
			for c := range scores {
				scores[c] += w[base+j*classes+c] * s
			}
		}
	}
	p := normalise(scores)
	p[r.want]--
	for c := range p {
		p[c] *= r.weight
	}
	for _, i := range r.at {
		for c, d := range p {
			grad[i*classes+c] += d * r.scale
		}
	}
	for j, s := range r.signal {
		if s != 0 {
			for c, d := range p {
				grad[base+j*classes+c] += d * s
			}
		}
	}
}

func pack(w []float64, names []string, classes int) *Router {
	r := &Router{grams: make(map[string][]float32, len(names)), actions: Actions()}
	take := func(i int) []float32 {
		out := make([]float32, classes)
		for c := range out {
			out[c] = float32(math.Round(w[i*classes+c]*100) / 100)
		}
		return out
	}
	for i, n := range names {
		if ws := take(i); slices.ContainsFunc(ws, tells) {
			r.grams[n] = ws
		}
	}
	for j := range r.signals {
		r.signals[j] = take(len(names) + j)
	}
	return r
}

// smallest is the weight below which a feature says nothing worth keeping.
const smallest = 0.15

func tells(w float32) bool { return w >= smallest || w <= -smallest }

// WriteTo writes the router's weights in the form that ReadRouter reads.
func (r *Router) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	b.WriteString("feature")
	for _, a := range r.actions {
		b.WriteString("\t" + string(a))
	}
	b.WriteString("\n")
	names := make([]string, 0, len(r.grams))
	for n := range r.grams {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		writeWeights(&b, n, r.grams[n])
	}
	for j, ws := range r.signals {
		writeWeights(&b, fmt.Sprintf("signal:%d", j), ws)
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func writeWeights(b *strings.Builder, name string, ws []float32) {
	b.WriteString(name)
	for _, v := range ws {
		fmt.Fprintf(b, "\t%g", math.Round(float64(v)*100)/100)
	}
	b.WriteString("\n")
}
