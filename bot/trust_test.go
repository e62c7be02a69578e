package bot

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greendesk/knowledge"
)

// judged are messages whose first clause is right when the first signal is
// high.
func judged() []Judged {
	var out []Judged
	for i := range 200 {
		j := Judged{Want: ActAnswer, Labelled: true, Place: 1 + i%4, Decision: Decision{Probabilities: map[Action]float64{ActAnswer: 0.9}}}
		j.Signals[sigBias], j.Signals[sigShare] = 1, 1-float64(i%4)/4
		out = append(out, j)
	}
	return out
}

func TestTrustLearnsWhenTheFirstClauseIsRight(t *testing.T) {
	set := judged()
	trust, err := TrainTrust(set)
	must(t, err)
	sure, unsure := set[0], set[3]
	if a, b := trust.First(sure.Signals, sure.Decision), trust.First(unsure.Signals, unsure.Decision); a < 0.7 || b > 0.3 {
		t.Errorf("%.2f for a right one, %.2f for a wrong one", a, b)
	}
	if a, b := trust.Three(set[2].Signals, set[2].Decision), trust.First(set[2].Signals, set[2].Decision); a <= b {
		t.Errorf("third place: %.2f among three, %.2f first", a, b)
	}
	back, err := ReadTrust(trust.Format())
	must(t, err)
	if !slices.Equal(back.Format(), trust.Format()) {
		t.Error("read back differently")
	}
}

// Beside a model of meaning the same signals may say something else; what is
// learned of the one leaves the other as it was.
func TestTrustIsLearnedByItsEvidence(t *testing.T) {
	words, meant := judged(), judged()
	for i := range meant {
		meant[i].Signals[sigByMeaning], meant[i].Signals[sigShare] = 1, 1-meant[i].Signals[sigShare]
	}
	both, err := TrainTrust(append(slices.Clone(words), meant...))
	must(t, err)
	for name, right := range map[string]Judged{"by words": words[0], "by meaning": meant[0]} {
		if p := both.First(right.Signals, right.Decision); p < 0.7 {
			t.Errorf("%s: %.2f for a right one", name, p)
		}
	}
	carried, err := ReadTrust(trustWeights)
	must(t, err)
	alone, err := TrainTrust(words)
	must(t, err)
	if alone.words != both.words || alone.meant != carried.meant {
		t.Error("what was learned by words alone depends on a model, or changes what is trusted beside one")
	}
}

func TestBrokenTrustWeightsAreRefused(t *testing.T) {
	trust, err := TrainTrust(judged())
	must(t, err)
	good := string(trust.Format())
	for name, data := range map[string]string{
		"nothing":       "",
		"a line less":   good[strings.Index(good, "\n")+1:],
		"a line more":   good + "99\t0\t0\t0\t0\n",
		"no number":     strings.Replace(good, "\t", "\tx", 1),
		"not a number":  "0\tNaN\t0\t0\t0\n" + good[strings.Index(good, "\n")+1:],
		"columns":       strings.Replace(good, "\t", " ", 1),
		"another place": strings.Replace(good, "1\t", "7\t", 1),
	} {
		if _, err := ReadTrust([]byte(data)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestTrustIsAProbability(t *testing.T) {
	trust, err := ReadTrust(trustWeights)
	must(t, err)
	rapid.Check(t, func(t *rapid.T) {
		var s Signals
		for i := range s {
			s[i] = rapid.Float64Range(-3, 3).Draw(t, "signal")
		}
		d := Decision{Probabilities: map[Action]float64{ActAnswer: rapid.Float64Range(0, 1).Draw(t, "p")}}
		for _, p := range []float64{trust.First(s, d), trust.Three(s, d)} {
			if !(p >= 0 && p <= 1) {
				t.Fatal(p)
			}
		}
	})
}

// Readings are asked back; a tap, a number or the words choose one, and it is
// answered from its clause. 转专家 hands over the question itself.
func TestAReadingIsChosenByTapNumberOrWords(t *testing.T) {
	readings := []string{"危险废物在厂里能存放多久", "锅炉冒黑烟会被罚多少钱"}
	for _, m := range []Message{{Kind: KindText, Text: readings[1], Tap: "112"}, text("2"), text("第二个"), text(readings[1])} {
		w := memoryWorld(t)
		asked := w.receive(t, "o-a", text("那个事咋办"))
		s := &session{}
		reply := w.bot.clarify(asked, s, turn{Asked: "那个事咋办", Topic: "那个事咋办"}, Decision{Action: ActClarify, Readings: readings})
		if len(reply.Choices) != 2 || reply.Choices[1].Label != readings[1] || reply.Taps[0] != TapExpert {
			t.Fatalf("%+v", reply)
		}
		w.bot.save(t.Context(), "o-a", s)
		if r := w.say(t, "o-a", m); !strings.Contains(r.Text, "罚款") {
			t.Errorf("%+v: %s", m, r.Text)
		}
	}
	w := memoryWorld(t)
	s := &session{}
	asked := w.receive(t, "o-a", text("那个事咋办"))
	w.bot.clarify(asked, s, turn{Asked: "那个事咋办", Topic: "那个事咋办"}, Decision{Action: ActClarify, Readings: readings})
	w.bot.save(t.Context(), "o-a", s)
	if r := w.say(t, "o-a", tap(TapExpert)); !strings.Contains(r.Text, "那个事咋办") {
		t.Errorf("handed over: %s", r.Text)
	}
}

func TestReadingsLeadToDifferentClauses(t *testing.T) {
	w := memoryWorld(t)
	_, res, err := w.bot.Decide(t.Context(), knowledge.Ask{Text: "超标怎么处罚", Want: 3})
	must(t, err)
	got := w.bot.engine.Readings(res, 3)
	if len(got) < 2 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) {
		t.Errorf("%q", got)
	}
}
