package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/internal/kv"
	"greendesk/internal/testenv"
	"greendesk/knowledge"
	"greendesk/knowledge/rank"
)

func memoryWorld(t testing.TB) *world {
	t.Helper()
	m := kv.NewMemory()
	t.Cleanup(m.Close)
	return newWorld(t, m)
}

func TestMessagesOfOneContactAreAnsweredInTheirOrderAndNoneIsLost(t *testing.T) {
	w := memoryWorld(t)
	const messages, people = maxTurns, 3
	var wg sync.WaitGroup
	sent := map[string][]string{}
	for p := range people {
		contact := fmt.Sprint("o-", p)
		// The first holds the turn until all others wait behind it.
		first, err := w.bot.turns.wait(t.Context(), contact)
		must(t, err)
		for range messages {
			m := w.receive(t, contact, Message{Kind: KindImage})
			sent[contact] = append(sent[contact], m.ID)
			before := w.bot.turns.tail(contact)
			wg.Go(func() {
				if _, err := w.bot.Handle(context.Background(), m); err != nil {
					t.Error(err)
				}
			})
			waitFor(t, func() bool { return w.bot.turns.tail(contact) != before })
		}
		wg.Go(first.leave)
	}
	wg.Wait()
	for contact, want := range sent {
		var got []string
		for _, turn := range w.bot.load(t.Context(), contact).Turns {
			got = append(got, turn.Inbound)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: remembered %q, want %q", contact, got, want)
		}
	}
	if len(w.bot.turns.last) != 0 {
		t.Errorf("%d queues are left behind", len(w.bot.turns.last))
	}
}

// A second question that comes while the first is being answered is answered
// after it, and knows of it.
func TestASecondQuestionWhileTheFirstIsBeingAnsweredKnowsOfIt(t *testing.T) {
	w := memoryWorld(t)
	first := w.receive(t, "o-a", text("锅炉冒黑烟会被罚多少钱"))
	second := w.receive(t, "o-a", text("那第二次呢"))
	hold, err := w.bot.turns.wait(t.Context(), "o-a")
	must(t, err)
	replies := make([]Reply, 2)
	var wg sync.WaitGroup
	for i, m := range []Message{first, second} {
		before := w.bot.turns.tail("o-a")
		wg.Go(func() {
			r, err := w.bot.Handle(context.Background(), m)
			if err != nil {
				t.Error(err)
			}
			replies[i] = r
		})
		waitFor(t, func() bool { return w.bot.turns.tail("o-a") != before })
	}
	hold.leave()
	wg.Wait()
	s := w.bot.load(t.Context(), "o-a")
	if len(s.Turns) != 2 || s.Turns[1].Asked != "锅炉冒黑烟会被罚多少钱 那第二次呢" || replies[0].Empty() || replies[1].Empty() {
		t.Errorf("%+v", s.Turns)
	}
}

// tail is the place of the message that came last, nil for an empty queue.
func (q *queues) tail(contact string) chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last[contact]
}

func waitFor(t testing.TB, done func() bool) {
	t.Helper()
	for start := time.Now(); !done(); time.Sleep(100 * time.Microsecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal("waited too long")
		}
	}
}

func TestTurnsPassFirstComeFirstServed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := &queues{last: map[string]chan struct{}{}}
		n := rapid.IntRange(1, 20).Draw(t, "messages")
		leave := make([]bool, n)
		for i := 1; i < n; i++ {
			leave[i] = rapid.Bool().Draw(t, "gives up")
		}
		first, err := q.wait(context.Background(), "o")
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []int
		var wg sync.WaitGroup
		cancels := make([]context.CancelFunc, n)
		for i := range n {
			ctx, cancel := context.WithCancel(context.Background())
			cancels[i] = cancel
			before := q.tail("o")
			wg.Go(func() {
				done, err := q.wait(ctx, "o")
				if err != nil {
					return
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				done.leave()
			})
			for q.tail("o") == before {
				time.Sleep(time.Microsecond)
			}
		}
		for i, gone := range leave {
			if gone {
				cancels[i]()
			}
		}
		first.leave()
		wg.Wait()
		for _, cancel := range cancels {
			cancel()
		}
		for i := 1; i < len(order); i++ {
			if order[i] < order[i-1] {
				t.Fatalf("the order is %v", order)
			}
		}
		stayed := 0
		for _, gone := range leave {
			if !gone {
				stayed++
			}
		}
		if len(order) < stayed {
			t.Fatalf("%d of %d had their turn", len(order), stayed)
		}
		for range 1000 {
			if q.tail("o") == nil {
				return
			}
			time.Sleep(100 * time.Microsecond)
		}
		t.Fatal("the queue is left behind")
	})
}

func TestAMessageThatWaitsTooLongGivesUpAndLetsOthersPass(t *testing.T) {
	w := memoryWorld(t)
	done, err := w.bot.turns.wait(t.Context(), "o-a")
	must(t, err)
	m := w.receive(t, "o-a", text("危险废物能放多久"))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := w.bot.Handle(ctx, m); apperr.CodeOf(err) != apperr.Unavailable {
		t.Errorf("%v", err)
	}
	done.leave()
	if r, err := w.bot.Handle(t.Context(), m); err != nil || r.Empty() {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestABotWithoutSessionsStillAnswers(t *testing.T) {
	redis, err := kv.NewRedis(testenv.Redis(t))
	must(t, err)
	w := newWorld(t, redis)
	must(t, redis.Close())
	for _, m := range []Message{
		{Kind: KindEvent, Event: EventFollow}, text("危险废物在厂里能存放多久"), tap(TapExpert), tap(TapUseful), tap(TapMine), {Kind: KindVoice},
		text("我们RTO炉膛温度老是掉到720以下，是蓄热体堵了还是阀门漏"), text("谢谢"),
	} {
		started := time.Now()
		r := w.say(t, "o-a", m)
		checkReply(t, m.Text, r)
		if r.Empty() || time.Since(started) > 2*time.Second {
			t.Errorf("%+v: %q after %s", m, r.Text, time.Since(started))
		}
	}
	if n := w.count(t, `SELECT count(*) FROM consultations`); n != 1 {
		t.Errorf("%d consultations", n)
	}
	w.say(t, "o-a", Message{Kind: KindEvent, Event: EventUnfollow})
	if n := w.count(t, `SELECT count(*) FROM contacts WHERE openid = 'o-a'`); n != 0 {
		t.Error("a contact who has left is kept because the session could not be deleted")
	}
}

// brokenSessions hold what nobody can read.
type brokenSessions struct{ raw []byte }

func (s brokenSessions) Get(context.Context, string) ([]byte, error) { return s.raw, nil }
func (brokenSessions) Set(context.Context, string, []byte, time.Duration) error {
	return errors.New("full")
}
func (brokenSessions) Delete(context.Context, string) error { return errors.New("gone") }

func TestAnUnreadableSessionIsANewOne(t *testing.T) {
	for _, raw := range []string{"", "{", "null", "[]", `{"turns":null}`, `{"turns":[null]}`, `{"turns":[{"at":"yesterday"}]}`, "\xff\x00", `{"expect":"what"}`} {
		w := newWorld(t, brokenSessions{[]byte(raw)})
		if r := w.say(t, "o-a", text("危险废物在厂里能存放多久")); len(r.Links) == 0 {
			t.Errorf("%q: %s", raw, r.Text)
		}
		if r := w.say(t, "o-a", text("那第二次呢")); r.Empty() {
			t.Errorf("%q: nothing", raw)
		}
	}
}

func TestAMessageHandledAgainDoesNothingTwice(t *testing.T) {
	w := memoryWorld(t)
	for _, m := range []Message{text("我们RTO炉膛温度老是掉，是蓄热体堵了还是阀门漏"), text("我要找人工客服"), {Kind: KindImage}, tap(TapExpert), text("危险废物在厂里能存放多久"), tap(TapUseful), text("那罚多少")} {
		m = w.receive(t, "o-a", m)
		var replies []Reply
		for range 3 {
			r, err := w.bot.Handle(t.Context(), m)
			must(t, err)
			replies = append(replies, r)
		}
		s := w.bot.load(t.Context(), "o-a")
		seen := map[string]bool{}
		for _, turn := range s.Turns {
			if seen[turn.Inbound] || strings.Count(turn.Asked, "那罚多少") > 1 {
				t.Errorf("%q: turns %+v", m.Text, s.Turns)
			}
			seen[turn.Inbound] = true
		}
		if len(replies[2].Links) > 0 && replies[0].Text != replies[2].Text {
			t.Errorf("%q is answered %q and %q", m.Text, replies[0].Text, replies[2].Text)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM consultations`); n != 2 { // the photo belongs to the second
		t.Errorf("%d consultations, want 2", n)
	}
	if n := w.count(t, `SELECT count(*) FROM feedback`); n != 1 {
		t.Errorf("%d verdicts, want 1", n)
	}
}

func TestTheLatestVerdictOnAnAnswerIsKeptOnce(t *testing.T) {
	w := memoryWorld(t)
	for i, question := range []string{"危险废物在厂里能存放多久", "锅炉冒黑烟会被罚多少钱"} {
		w.say(t, "o-a", text(question))
		for _, m := range []Message{tap(TapUseful), tap(TapUseful), text("没用"), tap(TapUseless)} {
			w.say(t, "o-a", m)
		}
		if n := w.count(t, `SELECT count(*) FROM feedback WHERE verdict = 'useless' AND clauses <> ''`); n != i+1 {
			t.Errorf("%d verdicts, want %d", n, i+1)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM feedback`); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestAnExpertReadsTheWholeConversation(t *testing.T) {
	w := memoryWorld(t)
	w.say(t, "o-a", text("锅炉冒黑烟会被罚多少钱"))
	w.say(t, "o-a", Message{Kind: KindImage})
	w.say(t, "o-a", text("那一直不改会按天罚吗"))
	w.say(t, "o-a", tap(TapExpert))
	var question, history, reason string
	must(t, w.db.QueryRow(t.Context(), `SELECT question, context, reason FROM consultations`).Scan(&question, &history, &reason))
	if question != "锅炉冒黑烟会被罚多少钱 那一直不改会按天罚吗" || reason != desk.ReasonRequested {
		t.Errorf("%q for %s", question, reason)
	}
	for _, want := range []string{"锅炉冒黑烟会被罚多少钱", "发来一张图片"} {
		if !strings.Contains(history, want) {
			t.Errorf("the context lacks %q: %s", want, history)
		}
	}
	if strings.Contains(history, "那一直不改会按天罚吗") {
		t.Errorf("the question stands in its own context: %s", history)
	}
}

func TestAnAnswerWhoseClauseChangedMeanwhileGoesToTheExperts(t *testing.T) {
	w := memoryWorld(t)
	m := w.receive(t, "o-a", text("危险废物在厂里能存放多久"))
	res, err := w.engine.Ask(t.Context(), knowledge.Ask{Text: m.Text})
	must(t, err)
	res.Citations[0].Quote = knowledge.Quote{"可以存放两年"}
	r, err := w.bot.answer(t.Context(), m, &session{}, turn{Asked: m.Text}, res)
	must(t, err)
	if strings.Contains(r.Text, "两年") || !strings.Contains(r.Text, "咨询编号") {
		t.Errorf("%s", r.Text)
	}
}

func TestTheSessionRemembersOnlySoMuch(t *testing.T) {
	w := memoryWorld(t)
	for range 3 * maxTurns {
		w.say(t, "o-a", Message{Kind: KindImage})
	}
	if n := len(w.bot.load(t.Context(), "o-a").Turns); n != maxTurns {
		t.Errorf("%d turns", n)
	}
}

// Whatever is sent, in whatever order: an answer that can be read, and no error.
func TestEveryMessageGetsAReadableReply(t *testing.T) {
	w := memoryWorld(t)
	contacts := 0
	rapid.Check(t, func(rt *rapid.T) {
		contacts++
		contact := fmt.Sprint("o-", contacts)
		for range rapid.IntRange(1, 5).Draw(rt, "messages") {
			m := Message{
				Kind:  rapid.SampledFrom([]string{KindText, KindText, KindText, KindVoice, KindImage, KindVideo, KindLocation, KindLink, KindEvent, "music", ""}).Draw(rt, "kind"),
				Text:  rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"锅炉冒黑烟罚多少", "转专家", "有用", "那第二次呢", "谢谢", "算了"})).Draw(rt, "text"),
				Tap:   rapid.SampledFrom([]string{"", "", "101", "102", "103", "104", "105", "106", "x"}).Draw(rt, "tap"),
				Event: rapid.SampledFrom([]string{EventFollow, EventScan, EventClick, "VIEW", ""}).Draw(rt, "event"),
				Key:   rapid.SampledFrom([]string{MenuAsk, MenuExpert, MenuMine, MenuHelp, "?"}).Draw(rt, "key"),
				Label: rapid.String().Draw(rt, "label"),
			}
			m.Text, m.Label = strings.ToValidUTF8(strings.ReplaceAll(m.Text, "\x00", ""), ""), strings.ToValidUTF8(strings.ReplaceAll(m.Label, "\x00", ""), "")
			r := w.say(t, contact, m)
			if m.Kind != KindEvent && r.Empty() {
				rt.Fatalf("%+v: no reply", m)
			}
			if utf8.RuneCountInString(r.Text) > maxReply {
				rt.Fatalf("%+v: %s", m, r.Text)
			}
		}
	})
}

func TestAQuoteIsCutToWhatAPhoneShows(t *testing.T) {
	long := strings.Repeat("长", maxShownQuote)
	for want, q := range map[string]knowledge.Quote{
		"甲……乙":                  {"甲", "乙"},
		long:                    {long},
		long + "……":             {long + "尾"},
		"甲……" + long[3:] + "……": {"甲", long},
	} {
		if quoted(q) != want {
			t.Errorf("%q", quoted(q))
		}
	}
	if got := quoted(knowledge.Quote{long, "乙"}); got != long+"……" {
		t.Errorf("%q", got)
	}
}

// What a person found useful is proposed as a standard question, what was of no
// use or not answered is kept with what was considered, and both go when they
// leave.
func TestVerdictsBecomeProposalsAndGaps(t *testing.T) {
	w := memoryWorld(t)
	w.say(t, "o-a", text("危险废物在厂里能存放多久"))
	w.say(t, "o-a", tap(TapUseful))
	w.say(t, "o-b", text("锅炉冒黑烟会被罚多少钱"))
	w.say(t, "o-b", tap(TapUseless))
	w.say(t, "o-b", text("我们RTO炉膛温度老是掉，是蓄热体堵了还是阀门漏"))
	if n := w.count(t, `SELECT count(*) FROM standard_questions WHERE state = 'proposed' AND origin = 'useful'`); n != 1 {
		t.Errorf("%d proposals", n)
	}
	gaps, err := w.desk.Gaps(t.Context(), time.Time{})
	must(t, err)
	if len(gaps) != 2 || gaps[0].Kind != desk.GapUseless || gaps[0].Question != "锅炉冒黑烟会被罚多少钱" || gaps[0].Action != string(ActAnswer) ||
		gaps[1].Kind != desk.GapAbstained || gaps[1].Previous != gaps[0].Question || len(gaps[1].Candidates) == 0 || gaps[1].Probabilities[string(ActExpert)] < 0.3 {
		t.Errorf("%+v", gaps)
	}
	for _, openid := range []string{"o-a", "o-b"} {
		w.say(t, openid, Message{Kind: KindEvent, Event: EventUnfollow})
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM standard_questions) + (SELECT count(*) FROM gaps)`); n != 0 {
		t.Errorf("%d rows are left of who has left", n)
	}
}

func TestTheLawOfAnotherDayAndOfOtherLevelsIsNamed(t *testing.T) {
	cite := func(doc, region string) knowledge.Citation {
		return knowledge.Citation{Clause: "c", Document: doc, Ref: "第二条", Level: "地方性法规", Region: region, Effective: "2020-05-01", ValidTo: "2022-06-05", Quote: knowledge.Quote{"处五千元罚款。"}}
	}
	res := &knowledge.Result{Day: "2020-07-01", Citations: []knowledge.Citation{cite("漯河市某条例", "漯河市")}, Chosen: knowledge.MoreSpecific,
		Also: []knowledge.Citation{cite("河南省某条例", "河南省"), cite("中华人民共和国某法", "全国")}}
	want := "按2020年7月1日时有效的规定：\n《漯河市某条例》第二条：\n“处五千元罚款。”\n（2020-05-01起施行，2022-06-05起不再适用）\n\n别的层级也有规定，上面引的是更具体的：\n河南省：《河南省某条例》第二条\n国家：《中华人民共和国某法》第二条"
	if got := answered(res).Text; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	w := memoryWorld(t)
	res = &knowledge.Result{Question: &rank.Question{}, Day: "2010-07-01", Absent: "某法"}
	r, err := w.bot.act(t.Context(), w.receive(t, "o-a", text("2010年的时候怎么罚")), &session{}, "2010年的时候怎么罚", Decision{Action: ActExpert}, res)
	must(t, err)
	if !strings.HasPrefix(r.Text, "您问的是2010年7月1日时的规定。知识库里没有《某法》那时有效的文本") || !strings.Contains(r.Text, "咨询编号") {
		t.Error(r.Text)
	}
}
