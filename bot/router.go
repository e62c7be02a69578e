package bot

import (
	"bufio"
	"bytes"
	_ "embed" // the weights
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"greendesk/knowledge"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/rank"
)

// Signals are what retrieval says about a message, beside its words. They let
// the router tell a question that a clause settles from one that only shares
// words with clauses.
type Signals [signalCount]float64

// The signals.
const (
	sigBias = iota
	sigScore
	sigMargin
	sigShare
	sigAll
	sigOwn
	sigMissing
	sigRarest
	sigSentence
	sigMeans
	sigLaw
	sigArticle
	sigConcepts
	sigLength
	sigPrev
	sigPenalty
	sigAmount
	sigDeadline
	sigWho
	sigMay
	sigMust
	sigDefine
	sigHow
	sigAgain
	sigAsked
	sigAlike
	sigThree
	sigSenseText
	sigSenseAsked
	sigSenseSecond
	sigSenseBest
	sigBare
	sigTrade
	sigUnstated
	sigByMeaning // and what follows: 0 for what the router learns from
	sigMeantText
	sigMeantAsked
	signalCount
)

// Router chooses the action for a message: a softmax regression over its
// characters, pairs of characters, and the signals of retrieval. Its weights
// are learned from the labelled utterances (see Train).
type Router struct {
	grams   map[string][]float32 // one weight per action
	signals [signalCount][]float32
	actions []Action
	topics  *topics
	trust   *Trust
}

//go:embed router.tsv
var routerWeights []byte

// LoadRouter reads the weights that the program carries, those of the
// confidence in an answer among them. f folds as the messages to decide are
// folded.
func LoadRouter(f *lang.Folder) (*Router, error) {
	r, err := ReadRouter(routerWeights, f)
	if err != nil {
		return nil, err
	}
	r.trust, err = ReadTrust(trustWeights)
	return r, err
}

// ReadRouter reads weights in the form that WriteTo writes: a line per
// feature, its name and a number per action, parted by tabs; the first line
// names the actions. An error names the line.
func ReadRouter(data []byte, f *lang.Folder) (*Router, error) {
	t, err := loadTopics(f)
	if err != nil {
		return nil, err
	}
	r := &Router{grams: map[string][]float32{}, topics: t}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		cols := strings.Split(lines.Text(), "\t")
		if n == 1 {
			for _, a := range cols[1:] {
				if !slices.Contains(Actions(), Action(a)) || slices.Contains(r.actions, Action(a)) {
					return nil, fmt.Errorf("bot: router weights line 1: unknown action %q", a)
				}
				r.actions = append(r.actions, Action(a))
			}
			continue
		}
		if len(cols) != len(r.actions)+1 {
			return nil, fmt.Errorf("bot: router weights line %d: want %d columns, have %d", n, len(r.actions)+1, len(cols))
		}
		if err := r.readLine(cols); err != nil {
			return nil, fmt.Errorf("bot: router weights line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("bot: router weights: %w", err)
	}
	if len(r.actions) == 0 {
		return nil, errors.New("bot: router weights name no action")
	}
	return r, nil
}

func (r *Router) readLine(cols []string) error {
	ws := make([]float32, len(r.actions))
	for i, c := range cols[1:] {
		v, err := strconv.ParseFloat(c, 32)
		if err != nil {
			return err
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s is no weight", c)
		}
		ws[i] = float32(v)
	}
	if name, ok := strings.CutPrefix(cols[0], "signal:"); ok {
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= int(signalCount) {
			return fmt.Errorf("unknown signal %q", name)
		}
		r.signals[i] = ws
		return nil
	}
	r.grams[cols[0]] = ws
	return nil
}

// Decision is the router's choice.
type Decision struct {
	Action        Action
	Probabilities map[Action]float64
	Trust         float64  // how probable it is that the first clause answers, 0 where that was not asked
	Readings      []string // what may have been meant, for ActClarify
}

// Decide chooses the action for a folded message.
func (r *Router) Decide(folded string, s Signals) Decision {
	scores := make([]float64, len(r.actions))
	grams := features(folded, r.topics)
	for _, g := range grams {
		if ws, ok := r.grams[g]; ok {
			for i, w := range ws {
				scores[i] += float64(w)
			}
		}
	}
	scale := gramScale(len(grams))
	for i := range scores {
		scores[i] *= scale
	}
	for j, ws := range r.signals {
		for i, w := range ws {
			scores[i] += float64(w) * s[j]
		}
	}
	return r.choose(normalise(scores))
}

// sureDecline is how probable it must be that a message is not this desk's
// business before it is declined although it goes on from one that was.
const sureDecline = 0.9

// likelyDecline is the same for a message that speaks the field's words.
const likelyDecline = 0.5

// Judge chooses the action for a message as it was understood: one that goes on
// from another (那第二次呢) says too little by itself, so what both say decides;
// one that speaks the field's words is seldom not this desk's business.
func (r *Router) Judge(q *rank.Question, s Signals) Decision {
	d := r.Decide(q.Folded, s)
	if d.Action == ActDecline && q.Said != "" { // small talk behind a greeting
		if said := r.Decide(q.Said, s); said.Action == ActGreet {
			return said
		}
	}
	if q.Whole != "" && (Answers(d) || d.Action == ActDecline && d.Probabilities[ActDecline] < sureDecline) {
		if whole := r.Decide(q.Whole, s); Answers(whole) {
			return whole
		}
	}
	if d.Action == ActDecline && d.Probabilities[ActDecline] < likelyDecline && q.Field() {
		d.Action = ActExpert
		if d.Probabilities[ActAnswer] > d.Probabilities[ActExpert] {
			d.Action = ActAnswer
		}
	}
	return d
}

func (r *Router) choose(p []float64) Decision {
	d := Decision{Probabilities: make(map[Action]float64, len(p))}
	best := -1.0
	for i, a := range r.actions {
		d.Probabilities[a] = p[i]
		if p[i] > best {
			best, d.Action = p[i], a
		}
	}
	return d
}

// normalise turns scores into probabilities.
func normalise(scores []float64) []float64 {
	top := math.Inf(-1)
	for _, s := range scores {
		top = math.Max(top, s)
	}
	sum := 0.0
	out := make([]float64, len(scores))
	for i, s := range scores {
		out[i] = math.Exp(s - top)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// longestGram is the longest run of characters that is a feature.
const longestGram = 2

// features are the distinct characters and pairs of a folded message,
// with its beginning and end marked, and its topics.
func features(folded string, t *topics) []string {
	rs := []rune("^" + folded + "$")
	seen := make(map[string]bool, 3*len(rs))
	out := append(make([]string, 0, 3*len(rs)), t.of(folded)...)
	for n := 1; n <= longestGram; n++ {
		for i := 0; i+n <= len(rs); i++ {
			g := strings.ReplaceAll(string(rs[i:i+n]), "\n", " ")
			if !seen[g] {
				seen[g] = true
				out = append(out, g)
			}
		}
	}
	return out
}

// gramScale keeps long messages from being surer than short ones.
func gramScale(n int) float64 { return 1 / math.Sqrt(float64(max(n, 1))) }

// SignalsOf reads the signals of a retrieval.
func SignalsOf(res *knowledge.Result) Signals {
	var s Signals
	s[sigBias] = 1
	c := res.Confidence
	s[sigScore], s[sigMargin], s[sigShare] = c.Score/5, c.Margin/3, c.Share
	s[sigAll], s[sigOwn], s[sigMissing], s[sigRarest] = c.All, c.Own, c.Missing, c.Rarest
	s[sigSentence], s[sigMeans], s[sigLaw], s[sigArticle] = c.Sentence, c.Means, c.Law, c.Article
	s[sigConcepts] = math.Log1p(float64(len(res.Question.Concepts))) / 3
	s[sigLength] = math.Log1p(float64(len([]rune(res.Question.Folded)))) / 4
	if res.Question.FollowUp {
		s[sigPrev] = 1
	}
	s[sigAsked], s[sigAlike], s[sigThree], s[sigBare] = c.Asked, c.Alike, c.Three, c.Bare
	s[sigSenseText], s[sigSenseAsked], s[sigSenseSecond], s[sigSenseBest] = c.SenseText, c.SenseAsked, c.SenseSecond, c.SenseBest
	s[sigTrade], s[sigUnstated] = c.Trade, c.Unstated
	if c.ByMeaning {
		s[sigByMeaning], s[sigMeantText], s[sigMeantAsked] = 1, c.MeantText/3, c.MeantAsked/3
	}
	for i := sigPenalty; i <= sigAgain; i++ {
		if res.Question.Cues&(1<<(i-sigPenalty)) != 0 {
			s[i] = 1
		}
	}
	return s
}
