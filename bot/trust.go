package bot

import (
	"bufio"
	"bytes"
	_ "embed" // the weights
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Trust tells how probable it is that the first clause found answers the
// question, and that one of the first three does: two logistic regressions on
// the signals of retrieval and on what the router makes of the message, by words
// alone, and two where a model of meaning had its say. Their weights are learned
// from labelled questions (TrainTrust).
type Trust struct{ words, meant sureness }

// sureness are the weights for one kind of evidence.
type sureness struct{ first, three [trustCount]float64 }

// by are the weights for the evidence that signals come from.
func (t *Trust) by(s *Signals) *sureness {
	if s[sigByMeaning] > 0 {
		return &t.meant
	}
	return &t.words
}

// trustCount is the length of what a Trust looks at: the signals, and the
// router's log-odds of a clause, an expert and neither.
const trustCount = int(signalCount) + 3

// How probable it must be that the first clause answers before it is quoted;
// below it the question goes to the experts. Each floor lets about as many
// questions pass in cross-validation (README): what a model of meaning adds is
// taken as fewer wrong answers.
const (
	answerFloor = 0.6  // by words alone
	meantFloor  = 0.65 // where a model of meaning had its say
)

// floorOf is the floor for the evidence that signals come from.
func floorOf(s Signals) float64 {
	if s[sigByMeaning] > 0 {
		return meantFloor
	}
	return answerFloor
}

// Below the floor it is asked back which reading is meant, when one of the
// first three clauses probably answers and the message is a question for a
// clause.
const (
	clarifyFloor    = 0.7 // of Three
	clarifyQuestion = 0.8 // of the router's probability of an answer
	readings        = 3
)

//go:embed trust.tsv
var trustWeights []byte

// First is how probable it is that the first clause answers.
func (t *Trust) First(s Signals, d Decision) float64 { return probability(&t.by(&s).first, s, d) }

// Three is how probable it is that one of the first three clauses answers.
func (t *Trust) Three(s Signals, d Decision) float64 { return probability(&t.by(&s).three, s, d) }

func probability(w *[trustCount]float64, s Signals, d Decision) float64 {
	x := trustOf(s, d)
	sum := 0.0
	for i := range x {
		sum += w[i] * x[i]
	}
	return 1 / (1 + math.Exp(-sum))
}

func trustOf(s Signals, d Decision) [trustCount]float64 {
	var x [trustCount]float64
	copy(x[:], s[:])
	for i, a := range []Action{ActAnswer, ActExpert, ActDecline} {
		p := min(max(d.Probabilities[a], 0.001), 0.999)
		x[int(signalCount)+i] = math.Log(p/(1-p)) / 3 //nolint:gosec // three places behind the signals, as trustCount says
	}
	return x
}

// Answers reports whether the router takes a message for a question that a
// clause or an expert settles: which of the two is for Trust to say.
func Answers(d Decision) bool { return d.Action == ActAnswer || d.Action == ActExpert }

// Judged is one labelled message after retrieval and routing, by weights that
// have not seen it.
type Judged struct {
	Signals  Signals
	Decision Decision
	Want     Action
	Labelled bool // clauses that answer are named
	Place    int  // where the first of them stands, from 1; 0 for nowhere
}

// Training of the confidence: deterministic, no randomness.
const (
	trustSteps = 400
	trustRate  = 0.1
	trustL2    = 0.0005
)

// TrainTrust learns from messages that may be answered: a question whose
// clauses are not named teaches nothing. A kind of evidence that none of them
// has keeps the weights that the program carries. The same messages give the
// same weights.
func TrainTrust(set []Judged) (*Trust, error) {
	t, err := ReadTrust(trustWeights)
	if err != nil {
		return nil, err
	}
	use := map[*sureness][]Judged{}
	for _, j := range set {
		if w := t.by(&j.Signals); j.Labelled || j.Want != ActAnswer {
			use[w] = append(use[w], j)
		}
	}
	for w, set := range use {
		*w = sureness{}
		logistic(&w.first, set, func(j *Judged) bool { return j.Labelled && j.Place == 1 })
		logistic(&w.three, set, func(j *Judged) bool { return j.Labelled && j.Place >= 1 && j.Place <= 3 })
	}
	return t, nil
}

// logistic fits w by full-batch Adam on the cross-entropy with L2.
func logistic(w *[trustCount]float64, set []Judged, yes func(*Judged) bool) {
	rows := make([][trustCount]float64, len(set))
	for i := range set {
		rows[i] = trustOf(set[i].Signals, set[i].Decision)
	}
	var m, v [trustCount]float64
	for step := 1; step <= trustSteps; step++ {
		var grad [trustCount]float64
		for i := range rows {
			sum := 0.0
			for k, x := range rows[i] {
				sum += w[k] * x
			}
			d := 1 / (1 + math.Exp(-sum))
			if yes(&set[i]) {
				d--
			}
			for k, x := range rows[i] {
				grad[k] += d * x
			}
		}
		c1, c2 := 1-math.Pow(0.9, float64(step)), 1-math.Pow(0.999, float64(step))
		for k := range w {
			g := grad[k]/float64(max(len(rows), 1)) + trustL2*w[k]
			m[k] = 0.9*m[k] + 0.1*g
			v[k] = 0.999*v[k] + 0.001*g*g
			w[k] -= trustRate * m[k] / c1 / (math.Sqrt(v[k]/c2) + 1e-8)
		}
	}
}

// Format writes the weights in the form that ReadTrust reads: a line per
// place, its weights for the first clause and for the first three, by words
// alone, and the same two beside a model of meaning.
func (t *Trust) Format() []byte {
	var b bytes.Buffer
	for i := range trustCount {
		fmt.Fprintf(&b, "%d\t%.4f\t%.4f\t%.4f\t%.4f\n", i, t.words.first[i], t.words.three[i], t.meant.first[i], t.meant.three[i])
	}
	return b.Bytes()
}

// ReadTrust reads weights. An error names the line.
func ReadTrust(data []byte) (*Trust, error) {
	t := &Trust{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	n := 0
	for ; lines.Scan(); n++ {
		cols := strings.Split(lines.Text(), "\t")
		if len(cols) != 5 || n >= trustCount || cols[0] != strconv.Itoa(n) {
			return nil, fmt.Errorf("bot: trust weights line %d: want place %d and four weights", n+1, n)
		}
		for k, to := range []*[trustCount]float64{&t.words.first, &t.words.three, &t.meant.first, &t.meant.three} {
			v, err := strconv.ParseFloat(cols[k+1], 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("bot: trust weights line %d: %q is no weight", n+1, cols[k+1])
			}
			to[n] = v
		}
	}
	if n != trustCount {
		return nil, errors.New("bot: trust weights: not as many lines as signals")
	}
	return t, nil
}
