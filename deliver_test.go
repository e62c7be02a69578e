package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/db"
	"greendesk/internal/wechat/simulator"
)

// li is an expert who also leads, and so may take what no group has.
var li = staff.Actor{Account: "li", Name: "李工", Roles: []staff.Role{staff.RoleExpert, staff.RoleLead}}

// hire makes li an account.
func hire(d *db.DB) error {
	return d.InTx(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO accounts (id, login, name, phone, password, password_at, totp, roles, state, created_at, updated_at)
			VALUES ('li', 'li', '李工', '', '', 0, '', 'expert lead', 'active', 0, 0) ON CONFLICT DO NOTHING`)
		return err
	})
}

// consults has a person ask what nobody can quote on, and li take it.
func (h *harness) consults(p, question string) desk.Consultation {
	h.t.Helper()
	ctx := context.Background()
	must(h.t, hire(h.service.db))
	h.says(p, question)
	h.says(p, "转专家")
	c := h.latest(p)
	must(h.t, h.service.desk.Accept(ctx, li, c.ID, c.Version))
	return h.latest(p)
}

func (h *harness) latest(p string) desk.Consultation {
	h.t.Helper()
	cs, err := h.service.desk.Consultations(context.Background(), p, 1)
	must(h.t, err)
	if len(cs) != 1 {
		h.t.Fatalf("%d consultations", len(cs))
	}
	return cs[0]
}

// answers has li answer, and sign himself nothing: the text asks for no signature.
func (h *harness) answers(c desk.Consultation, text string) {
	h.t.Helper()
	s, err := h.service.desk.Submit(context.Background(), li, c.ID, c.Version, text, nil)
	must(h.t, err)
	if s.NeedsSignature {
		h.t.Fatalf("the answer waits for a signature: %s", s.Why)
	}
}

// delivery waits until the consultation's newest delivery is in a state.
func (h *harness) delivery(c desk.Consultation, state string) desk.Delivery {
	h.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		ds, err := h.service.desk.DeliveriesOf(context.Background(), c.ID)
		must(h.t, err)
		if n := len(ds); n > 0 && ds[n-1].State == state {
			return ds[n-1]
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("no delivery is %s: %+v", state, ds)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// said are the texts that the account said to a person since a bubble.
func (h *harness) said(p string, since int64) []simulator.Bubble {
	var out []simulator.Bubble
	for _, b := range h.platform.Transcript(p) {
		if b.ID > since && b.From == simulator.FromAccount {
			out = append(out, b)
		}
	}
	return out
}

// longAnswer has so many numbered sentences that it needs several messages.
func longAnswer(sentences int) string {
	var b strings.Builder
	for i := range sentences {
		fmt.Fprintf(&b, "第%03d句，请按说明书的要求更换活性炭，并且做好更换的台账记录。", i)
	}
	return b.String()
}

const hard = "我们厂喷漆废气的活性炭箱多久换一次炭合适"

func TestALongAnswerLeavesInPiecesAndTheRestIsATapAway(t *testing.T) {
	backends(t, func(t *testing.T, o options) {
		h := newHarness(t, o)
		p := h.person("家具厂")
		c := h.consults(p, hard)
		mark := h.platform.LastBubble()
		const sentences = 150
		h.answers(c, longAnswer(sentences))
		d := h.delivery(c, desk.DeliverySent)
		if d.Way != desk.WayCustom || d.Rest == 0 {
			t.Errorf("the delivery is %+v", d)
		}
		pushed := h.said(p, mark)
		if len(pushed) != 3 || !strings.Contains(pushed[2].Text, "继续看") || strings.Contains(pushed[0].Text, "继续看") {
			t.Errorf("%d messages were pushed: %v", len(pushed), pushed)
		}
		for range 10 {
			if strings.Contains(h.says(p, "继续看"), "后面没有了") {
				break
			}
		}
		all := ""
		for _, b := range h.said(p, mark) {
			all += b.Text
		}
		for i := range sentences {
			if n := strings.Count(all, fmt.Sprintf("第%03d句", i)); n != 1 {
				t.Errorf("sentence %d is said %d times", i, n)
			}
		}
		if !strings.Contains(all, c.Number) || !strings.Contains(all, "5分") {
			t.Errorf("the answer lacks its number or its stars: %s", all)
		}
		h.noFault(p)
	})
}

func TestAfter48HoursAnAnswerIsAnnouncedAndThenSaidFirst(t *testing.T) {
	h := newHarness(t, options{})
	p := h.person("养殖场")
	c := h.consults(p, hard)
	h.platform.Clock().Advance(49 * time.Hour)
	mark := h.platform.LastBubble()
	h.answers(c, "请按说明书换。")
	d := h.delivery(c, desk.DeliveryWaiting)
	if d.Way != desk.WayTemplate {
		t.Errorf("the delivery is %+v", d)
	}
	cards := h.said(p, mark)
	if len(cards) != 1 || cards[0].Via != "template" || !strings.HasSuffix(cards[0].URL, "/my/consultations/"+c.ID) {
		t.Errorf("announced as %+v", cards)
	}
	for _, call := range h.platform.APICalls() {
		if strings.Contains(call.Path, "custom/send") && call.At.After(h.platform.Clock().Now().Add(-time.Hour)) {
			t.Error("a message was tried after the window had closed")
		}
	}
	first := h.says(p, "你好")
	if !regexp.MustCompile(`^您 [23] 日前的咨询`).MatchString(first) || !strings.Contains(first, "请按说明书换") || !strings.Contains(first, "您好") {
		t.Errorf("the next contact hears %q", first)
	}
	if again := h.says(p, "你好"); strings.Contains(again, "请按说明书换") {
		t.Error("it is said twice")
	}
	h.delivery(c, desk.DeliverySent)
}

func TestWithoutVerificationAnAnswerWaitsAndIsSaidFirst(t *testing.T) {
	backends(t, func(t *testing.T, o options) {
		o.unverified = true
		h := newHarness(t, o)
		p := h.person("加油站")
		c := h.consults(p, hard)
		mark := h.platform.LastBubble()
		h.answers(c, longAnswer(60))
		h.delivery(c, desk.DeliveryWaiting)
		if pushed := h.said(p, mark); len(pushed) != 0 {
			t.Errorf("pushed without the right to: %v", pushed)
		}
		said := h.says(p, "排污许可证快到期了怎么办")
		if !strings.Contains(said, "第000句") || !strings.Contains(said, "继续看") || !strings.Contains(said, "《") {
			t.Errorf("the next contact hears %q", said)
		}
		all := said
		for range 10 {
			next := h.says(p, "继续看")
			if strings.Contains(next, "后面没有了") {
				break
			}
			all += next
		}
		for i := range 60 {
			if n := strings.Count(all, fmt.Sprintf("第%03d句", i)); n != 1 {
				t.Errorf("sentence %d is said %d times", i, n)
			}
		}
		h.noFault(p)
	})
}

func TestNoRefusalOfThePlatformLosesAnAnswer(t *testing.T) {
	for name, want := range map[simulator.Fault]string{
		simulator.FaultWindowClosed: desk.DeliveryWaiting, simulator.FaultQuotaUsed: desk.DeliveryWaiting, simulator.FaultNoPermission: desk.DeliveryWaiting,
		simulator.FaultNotFollowing: desk.DeliveryFailed, simulator.FaultBusy: desk.DeliverySent, simulator.FaultHTTP502: desk.DeliverySent,
		simulator.FaultTruncatedJSON: desk.DeliverySent, simulator.FaultTokenRevoked: desk.DeliverySent,
	} {
		t.Run(string(name), func(t *testing.T) {
			h := newHarness(t, options{})
			p := h.person("印染厂")
			c := h.consults(p, hard)
			in := simulator.Injection{}
			if want == desk.DeliverySent {
				in.Count = 1
			}
			must(t, h.platform.Faults().Set(name, in))
			h.answers(c, "请按说明书换。")
			d := h.delivery(c, want)
			if want != desk.DeliverySent && d.Problem == "" {
				t.Errorf("staff do not see why: %+v", d)
			}
			h.platform.Faults().Clear()
			if want == desk.DeliveryWaiting && !strings.Contains(h.says(p, "你好"), "请按说明书换") {
				t.Error("it is not said at the next contact")
			}
		})
	}
}

func TestWhatIsWrittenBeforeTheExpertsQuestionIsHeardIsNoReplyToIt(t *testing.T) {
	h := newHarness(t, options{unverified: true})
	p := h.person("面粉厂")
	c := h.consults(p, hard)
	must(t, h.service.desk.AskBack(context.Background(), li, c.ID, c.Version, "炭箱有多大？"))
	h.delivery(c, desk.DeliveryWaiting)
	said := h.says(p, "危险废物在厂里能存放多久")
	if !strings.Contains(said, "炭箱有多大") || !strings.Contains(said, "《") {
		t.Errorf("the next contact hears %q", said)
	}
	if now := h.latest(p); now.State != desk.StateWaiting {
		t.Errorf("the question is taken as the reply: %s", now.State)
	}
	if said := h.says(p, "一立方"); !strings.Contains(said, "已转给李工") || h.latest(p).State != desk.StateAnswering {
		t.Errorf("the reply is answered %q", said)
	}
}

func TestAnotherMatterInABurstIsAConsultationOfItsOwn(t *testing.T) {
	h := newHarness(t, options{})
	p := h.person("化工厂")
	for _, q := range []string{hard, "我们喷漆房的风机风量和炭箱怎么配", "我们污水站的生化池老是翻泥，怎么调"} {
		h.says(p, q)
	}
	cs, err := h.service.desk.Consultations(context.Background(), p, 10)
	must(t, err)
	if len(cs) != 2 || cs[0].Topic == cs[1].Topic {
		t.Errorf("%+v", cs)
	}
}
