package bot

import (
	"fmt"
	"slices"
	"testing"

	"greendesk/knowledge"
)

// stories are what people tell before they ask, or after; %s is the question.
var stories = []string{
	"我们厂是做家具的，喷漆房去年刚装了活性炭箱。前几天执法人员来看过，让我们补材料。%s？",
	"我刚接手厂里的环保工作，以前的人都走了，资料也不全，想问一下%s",
	"%s？我们厂规模不大，二十来个人。",
}

// leastAfterStories is which share of what is answered bare must be answered by
// the same clause when a story is told with it.
const leastAfterStories = 0.75

func TestAStoryBeforeAQuestionDoesNotCostItsAnswer(t *testing.T) {
	w := memoryWorld(t)
	decide := func(text string) (Action, string) {
		t.Helper()
		d, res, err := w.bot.Decide(t.Context(), knowledge.Ask{Text: text, Want: 1})
		must(t, err)
		if len(res.Citations) == 0 {
			return d.Action, ""
		}
		return d.Action, res.Citations[0].Clause
	}
	told, same := 0, 0
	for _, q := range labelledQuestions(t) {
		action, clause := decide(q)
		if action != ActAnswer {
			continue
		}
		for _, story := range stories {
			told++
			if a, c := decide(fmt.Sprintf(story, q)); a == ActAnswer && c == clause {
				same++
			}
		}
	}
	if told < 100 || float64(same) < leastAfterStories*float64(told) {
		t.Errorf("%d of %d answered alike with a story", same, told)
	}
	t.Logf("%d of %d answered alike with a story", same, told)
}

// What a story is needed for is not answered without it: the question points
// back, or tells of another day or place.
func TestAQuestionThatNeedsItsStoryKeepsIt(t *testing.T) {
	w := memoryWorld(t)
	for _, text := range []string{"我们厂换了两次活性炭，废炭堆在车间角落。这样行吗？", "我们的厂在广东。危险废物在厂里能存放多久？这跟当地规定一样吗？"} {
		d, res, err := w.bot.Decide(t.Context(), knowledge.Ask{Text: text, Want: 1})
		must(t, err)
		if d.Action == ActAnswer && res.Question.Text != text {
			t.Errorf("%s: answered as %q", text, res.Question.Text)
		}
	}
	for text, want := range map[string][]string{
		"我们厂换了两次活性炭。这样行吗？":      nil,
		"危险废物能放多久":              nil,
		"厂里换了人，请问危险废物能放多久":      {"危险废物能放多久"},
		"厂里换了人。危险废物能放多久？":       {"危险废物能放多久？"},
		"厂里换了人。危险废物应该怎么贮存？":     {"危险废物应该怎么贮存？"},
		"厂里换了人。其他废物怎么贮存？":       {"其他废物怎么贮存？"},
		"厂里换了人。该厂怎么贮存危险废物？":     nil,
		"危险废物能放多久？厂里换了人，我不太清楚。": {"危险废物能放多久？"},
	} {
		if got := w.engine.Asked(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// A question that says only what it wants to know is asked what about; nobody is
// set to work. Marks that no one sees change nothing and are not said again.
func TestABareQuestionIsAskedWhatAboutAndHiddenMarksDoNothing(t *testing.T) {
	w := memoryWorld(t)
	for _, text := range []string{"罚多少", "多少钱？", "请问怎么办", "要多久"} {
		r := w.say(t, "o-"+text, Message{Kind: KindText, Text: text})
		cs, err := w.desk.Consultations(t.Context(), "o-"+text, 1)
		must(t, err)
		if len(cs) > 0 || r.Text != askWhat().Text {
			t.Errorf("%s: %s", text, r.Text)
		}
	}
	if got := visible("危\u200b废\u200b能\u202e放\u2060多久\n？"); got != "危废能放多久\n？" {
		t.Errorf("%q", got)
	}
}
