package bot

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greendesk/knowledge"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/rank"
)

func newFolder(t testing.TB) *lang.Folder {
	t.Helper()
	f, err := lang.NewFolder()
	must(t, err)
	return f
}

// lessons are a few labelled utterances that are easy to tell apart.
func lessons() []Utterance {
	set := []Utterance{
		{Folded: "危废能放多久", Want: ActAnswer}, {Folded: "超标罚多少", Want: ActAnswer}, {Folded: "许可证怎么办", Want: ActAnswer},
		{Folded: "谢谢", Want: ActThanks}, {Folded: "谢谢你", Want: ActThanks}, {Folded: "你好", Want: ActGreet}, {Folded: "您好", Want: ActGreet},
		{Folded: "天气怎么样", Want: ActDecline}, {Folded: "讲个笑话", Want: ActDecline}, {Folded: "", Want: ActMenu},
	}
	for i := range set {
		set[i].Signals[sigBias] = 1
		if set[i].Want == ActAnswer {
			set[i].Signals[sigAll] = 0.9
		}
	}
	Balance(set)
	return set
}

func train(t testing.TB, set []Utterance) *Router {
	t.Helper()
	r, err := TrainRouter(set, newFolder(t))
	must(t, err)
	return r
}

func TestTrainingARouterIsDeterministicAndLearns(t *testing.T) {
	set := lessons()
	a, b := train(t, set), train(t, set)
	if written(t, a) != written(t, b) {
		t.Error("the same utterances give another router")
	}
	for _, u := range set {
		if got := a.Decide(u.Folded, u.Signals).Action; got != u.Want {
			t.Errorf("%q: %s, want %s", u.Folded, got, u.Want)
		}
	}
}

func TestRareActionsWeighMoreWhenTheSetIsBalanced(t *testing.T) {
	set := lessons()
	weight := map[Action]float64{}
	for _, u := range set {
		if u.Weight <= 0 || weight[u.Want] != 0 && weight[u.Want] != u.Weight {
			t.Errorf("%+v", u)
		}
		weight[u.Want] = u.Weight
	}
	if weight[ActMenu] <= weight[ActAnswer] {
		t.Errorf("%v", weight)
	}
	Balance(nil)
}

func written(t testing.TB, r *Router) string {
	t.Helper()
	var b strings.Builder
	n, err := r.WriteTo(&b)
	must(t, err)
	if n != int64(b.Len()) {
		t.Errorf("%d bytes are reported, %d written", n, b.Len())
	}
	return b.String()
}

func TestARouterReadsBackAsWritten(t *testing.T) {
	f := newFolder(t)
	r := train(t, lessons())
	back, err := ReadRouter([]byte(written(t, r)), f)
	must(t, err)
	if !reflect.DeepEqual(r, back) {
		t.Error("another router is read back")
	}
	own, err := LoadRouter(f)
	must(t, err)
	again, err := ReadRouter([]byte(written(t, own)), f)
	must(t, err)
	again.trust = own.trust // in a file of its own
	if !reflect.DeepEqual(own, again) {
		t.Error("the program's router is read back differently")
	}
}

func TestProbabilitiesAreProbabilitiesForEveryMessage(t *testing.T) {
	f := newFolder(t)
	own, err := LoadRouter(f)
	must(t, err)
	rapid.Check(t, func(t *rapid.T) {
		var s Signals
		for i := range s {
			s[i] = rapid.Float64Range(-3, 3).Draw(t, "signal")
		}
		text := f.Fold(rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("锅炉罚款谢谢你好转人工天气，")))).Draw(t, "text"))
		d := own.Decide(text, s)
		sum, best := 0.0, 0.0
		for a, p := range d.Probabilities {
			if p < 0 || p > 1 || math.IsNaN(p) {
				t.Fatalf("%s has the probability %f", a, p)
			}
			sum += p
			best = max(best, p)
		}
		if math.Abs(sum-1) > 1e-9 || len(d.Probabilities) != len(Actions()) {
			t.Fatalf("%d probabilities sum to %f", len(d.Probabilities), sum)
		}
		if d.Probabilities[d.Action] != best {
			t.Fatalf("%s is chosen with %f, the best has %f", d.Action, d.Probabilities[d.Action], best)
		}
		again := own.Decide(text, s)
		if !reflect.DeepEqual(d, again) {
			t.Fatal("the same message is decided otherwise")
		}
	})
}

func TestAFaultInTheRoutersWeightsNamesItsLine(t *testing.T) {
	head := "feature\tanswer\texpert\n"
	for text, want := range map[string]string{
		"":                                   "no action",
		"feature\n":                          "no action",
		"feature\tanswer\tdance\n":           "line 1",
		"feature\tanswer\tanswer\n":          "line 1",
		head + "好\t1\n":                      "line 2",
		head + "好\t1\t2\t3\n":                "line 2",
		head + "好\t1\t2\n吗\t1\tviel\n":       "line 3",
		head + "好\t1\tNaN\n":                 "line 2",
		head + "好\t1\t+Inf\n":                "line 2",
		head + "好\t1\t1e40\n":                "line 2",
		head + "signal:99\t1\t2\n":           "line 2: unknown signal",
		head + "signal:-1\t1\t2\n":           "line 2: unknown signal",
		head + "signal:x\t1\t2\n":            "line 2: unknown signal",
		head + "\n":                          "line 2",
		head + strings.Repeat("x", 1<<17):    "too long",
		head + "好\t1\t2\n\n":                 "line 3",
		"\ufefffeature\tanswer\texpert\t \n": "line 1",
	} {
		if _, err := ReadRouter([]byte(text), newFolder(t)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

func FuzzReadRouter(f *testing.F) {
	f.Add([]byte("feature\tanswer\texpert\n好\t1\t2\nsignal:0\t1\t2\n"))
	f.Add([]byte("feature\tanswer\n"))
	folder := newFolder(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadRouter(data, folder)
		if err != nil {
			return
		}
		d := r.Decide("锅炉", Signals{1})
		if d.Action == "" {
			t.Error("no action is chosen")
		}
	})
}

// Bits of cues and places of signals are kept in step by hand.
func TestEveryCueOfAQuestionIsASignal(t *testing.T) {
	f := newFolder(t)
	for text, at := range map[string]int{"会被拘留吗": sigPenalty, "最少多少钱": sigAmount, "几天之内": sigDeadline, "找哪个部门": sigWho, "能不能": sigMay,
		"用不用办": sigMust, "什么是": sigDefine, "咋弄": sigHow, "第二次": sigAgain} {
		q := &rank.Question{Folded: f.Fold(text)}
		q.Cues = rank.QuestionCues(q.Folded)
		if s := SignalsOf(&knowledge.Result{Question: q}); s[at] != 1 {
			t.Errorf("%s: %v", text, s)
		}
	}
	if s := SignalsOf(&knowledge.Result{Question: &rank.Question{Cues: ^rank.Cues(0), FollowUp: true}}); s[sigPrev] != 1 || s[sigBias] != 1 {
		t.Errorf("%v", s)
	}
}

func TestTopicsAreFoundInEverydayWords(t *testing.T) {
	topics, err := loadTopics(newFolder(t))
	must(t, err)
	for word, names := range topics.words {
		if word == "" || len(names) == 0 {
			t.Errorf("%q: %q", word, names)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		seen := map[string]bool{}
		for _, topic := range topics.of(rapid.StringOf(rapid.RuneFrom([]rune("天气下雨谢你好您转人工专家预约改时间取消"))).Draw(t, "text")) {
			if seen[topic] {
				t.Fatalf("%s twice", topic)
			}
			seen[topic] = true
			if rest, two := strings.CutPrefix(topic, "##"); two && !seen["#"+rest] {
				t.Fatalf("%s before its first", topic)
			}
		}
	})
}

func TestEveryActionIsSaid(t *testing.T) {
	w := memoryWorld(t)
	_, res, err := w.bot.Decide(t.Context(), knowledge.Ask{Text: "危险废物在厂里能存放多久", Want: 3})
	must(t, err)
	for _, a := range Actions() {
		if got := Say(Decision{Action: a}, res); strings.TrimSpace(got) == "" {
			t.Errorf("%s says nothing", a)
		}
	}
}
