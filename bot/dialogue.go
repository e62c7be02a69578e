package bot

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"greendesk/desk"
	"greendesk/knowledge"
)

// tapped answers a tap on an inline entry, or its label typed by hand. done is
// false when the text is neither.
func (b *Bot) tapped(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	switch {
	case b.isTap(m, text, TapExpert):
		reply, err = b.toExpert(ctx, m, s)
	case b.isTap(m, text, TapUseful):
		reply, err = b.judged(ctx, m, s, desk.VerdictUseful, mostStars)
	case b.isTap(m, text, TapUseless):
		reply, err = b.judged(ctx, m, s, desk.VerdictUseless, 1)
	case b.isTap(m, text, TapMine):
		reply, err = b.mine(ctx, m.Contact)
	case b.isTap(m, text, TapHelp):
		reply = howToAsk()
	case b.isTap(m, text, TapMore):
		reply = nothingMore()
	case b.isTap(m, text, TapNew):
		reply, err = b.anew(ctx, m, s)
	case b.isTap(m, text, TapReply):
		reply, err = b.replied(ctx, m, s)
	default:
		return b.aboutAnswer(ctx, m, s, text)
	}
	return reply, true, err
}

func (b *Bot) isTap(m Message, text string, t Tap) bool {
	return m.Tap == fmt.Sprint(t.ID) || b.engine.Folder().Fold(text) == t.Label
}

// callsOff reports whether a text takes back the wish for an expert.
func callsOff(text string) bool {
	switch strings.Trim(text, "。！!.~，, 了吧") {
	case "算", "不用", "不转", "不问", "取消", "没事", "没有":
		return true
	}
	return false
}

// answer quotes the clause. The guard reads the stored clause again; an answer
// that does not pass goes to the experts instead.
func (b *Bot) answer(ctx context.Context, m Message, s *session, t turn, res *knowledge.Result) (Reply, error) {
	if err := b.engine.Verify(ctx, res.Citations[0]); err != nil {
		b.log.ErrorContext(ctx, "quote refused by the guard", "clause", res.Citations[0].Clause, "error", err)
		return b.handOver(ctx, m, s, t, desk.ReasonAbstained)
	}
	reply := answered(res)
	t.Inbound, t.Answered, t.At, t.Said = m.ID, res.Citations[0].Document+res.Citations[0].Ref, m.At, b.now()
	for _, c := range res.Citations {
		t.Clauses = append(t.Clauses, c.Clause)
	}
	s.add(t)
	return reply, nil
}

// handOver makes a consultation of the message itself.
func (b *Bot) handOver(ctx context.Context, m Message, s *session, t turn, reason string) (Reply, error) {
	t.Inbound, t.At = m.ID, m.At
	c, err := b.escalate(ctx, m.Contact, t, s, reason)
	if err != nil {
		return Reply{}, err
	}
	t.Answered = "转专家，编号" + c.Number
	s.add(t)
	r := handedOver(c)
	switch {
	case c.Joined:
		s.Word = t.Asked
	case reason == desk.ReasonAbstained:
		r = abstained(c)
	}
	return b.begun(ctx, m.Contact, s, c, t, r), nil
}

// begun completes the reply that a consultation was made of a turn, by whatever
// way: with what experts answered to an earlier question like it, and how to
// bind an enterprise. Who is in danger reads nothing but what is about that.
func (b *Bot) begun(ctx context.Context, contact string, s *session, c desk.Consultation, t turn, r Reply) Reply {
	if !c.Existed && !c.Joined && !t.Urgent {
		r.Text += b.alike(ctx, t.Asked)
	}
	return b.suggestBinding(ctx, contact, s, c, r)
}

// suggestBinding offers to bind an enterprise under a contact's first
// consultation. A failure costs only that: it is logged.
func (b *Bot) suggestBinding(ctx context.Context, contact string, s *session, c desk.Consultation, r Reply) Reply {
	if c.Existed || c.Joined || s.Offered {
		return r
	}
	const first = 1
	cs, err := b.desk.Consultations(ctx, contact, first+1)
	profile, profileErr := b.desk.Profile(ctx, contact)
	if err := errors.Join(err, profileErr); err != nil {
		b.log.WarnContext(ctx, "binding not suggested", "error", err)
		return r
	}
	if len(cs) <= first && !profile.Bound() {
		s.Offered = true
		r.Text += bindingHelps
		r.Taps = append(r.Taps, TapBind)
	}
	return r
}

// alike is what experts answered to an earlier question like this one, "" if
// there was none. A failure costs only that: it is logged.
func (b *Bot) alike(ctx context.Context, question string) string {
	earlier, err := b.desk.Similar(ctx, question, earlierLooked)
	if err == nil {
		earlier, err = b.StillRight(ctx, earlier)
	}
	if err != nil {
		b.log.WarnContext(ctx, "earlier answers not read", "error", err)
	}
	if err != nil || len(earlier) == 0 {
		return ""
	}
	return earlierAnswer(earlier[0])
}

// toExpert hands over the last question, or the photo that came after it, or
// asks for one.
func (b *Bot) toExpert(ctx context.Context, m Message, s *session) (Reply, error) {
	last := s.last()
	if last == nil {
		s.Expect = expectQuestion
		return askQuestion(), nil
	}
	reason := desk.ReasonRequested
	if last.Material {
		reason = desk.ReasonMaterial
	}
	c, err := b.escalate(ctx, m.Contact, *last, s, reason)
	if err != nil {
		return Reply{}, err
	}
	return b.begun(ctx, m.Contact, s, c, *last, handedOver(c)), nil
}

// escalate makes a consultation of a turn, or finds the one that it is in.
func (b *Bot) escalate(ctx context.Context, contact string, t turn, s *session, reason string) (desk.Consultation, error) {
	// What somebody asks for by a tap is a consultation of its own; what the bot hands over in a burst of messages is one.
	join := !s.Apart && (reason == desk.ReasonAbstained || reason == desk.ReasonMaterial)
	e := desk.Escalation{OpenID: contact, Inbound: t.Inbound, Question: t.Asked, Reason: reason, Grounds: t.Grounds, Urgent: t.Urgent, Join: join}
	for _, before := range s.Turns {
		if before.Inbound != t.Inbound {
			e.Context = append(e.Context, desk.Turn{Asked: before.Asked, Answered: before.Answered})
		}
	}
	c, err := b.desk.Escalate(ctx, e)
	if err == nil {
		s.Made, s.MadeAt, s.Useless, s.Apart, s.Loose = c.ID, b.now(), 0, false, nil
	}
	return c, err
}

// rate keeps what the contact thinks of the last answer: one verdict an
// answer, the latest.
func (b *Bot) rate(ctx context.Context, m Message, s *session, verdict string) (Reply, error) {
	last := s.question()
	if last == nil {
		return nothingToRate(), nil
	}
	if last.Rated == verdict {
		return ratedAlready(), nil
	}
	err := b.desk.Rate(ctx, desk.Feedback{OpenID: m.Contact, Inbound: last.Inbound, Verdict: verdict, Question: last.Asked, Clauses: last.Clauses, Grounds: last.Grounds})
	if err != nil {
		return Reply{}, err
	}
	last.Rated = verdict
	if verdict == desk.VerdictUseful {
		s.Useless = 0
		b.propose(ctx, m.Contact, last)
		return glad(), nil
	}
	if s.Useless++; s.Useless < uselessLimit {
		return sorry(), nil
	}
	c, err := b.escalate(ctx, m.Contact, *last, s, desk.ReasonUseless)
	if err != nil {
		return Reply{}, err
	}
	return b.begun(ctx, m.Contact, s, c, *last, sorryHandedOver(c)), nil
}

// uselessLimit is how many useless answers in a row bring in the experts.
const uselessLimit = 2

// propose suggests to the curators that a question be remembered with the
// clause that answered it. A question that leans on another says too little by
// itself. A failure costs the suggestion only: it is logged.
func (b *Bot) propose(ctx context.Context, contact string, t *turn) {
	if len(t.Clauses) == 0 || t.Asked != t.Topic {
		return
	}
	if err := b.engine.Propose(ctx, t.Clauses[0], t.Asked, knowledge.FromUseful, desk.Fingerprint(contact)); err != nil {
		b.log.WarnContext(ctx, "question not proposed", "clause", t.Clauses[0], "error", err)
	}
}

func (b *Bot) comment(ctx context.Context, m Message, text string) (Reply, error) {
	err := b.desk.Rate(ctx, desk.Feedback{OpenID: m.Contact, Inbound: m.ID, Verdict: desk.VerdictComment, Comment: text})
	return noted(), err
}

// mine lists the contact's own consultations.
func (b *Bot) mine(ctx context.Context, contact string) (Reply, error) {
	cs, err := b.desk.Consultations(ctx, contact, 5)
	if err != nil {
		return Reply{}, err
	}
	return consultations(cs), nil
}

// Limits of what is kept of a decision.
const (
	candidatesKept  = 10
	leastProbable   = 0.01
	probabilityUnit = 1000 // parts that are kept
)

// grounds are what a message is answered on.
func grounds(text, before string, d Decision, res *knowledge.Result) desk.Grounds {
	g := desk.Grounds{Question: text, Previous: before, Action: string(d.Action), Probabilities: map[string]float64{}, LawDay: res.Day}
	for a, p := range d.Probabilities {
		if p >= leastProbable {
			g.Probabilities[string(a)] = math.Round(p*probabilityUnit) / probabilityUnit
		}
	}
	for _, r := range res.Ranked[:min(candidatesKept, len(res.Ranked))] {
		g.Candidates = append(g.Candidates, desk.Candidate{Clause: r.Entry.ID, Score: math.Round(r.Score*probabilityUnit) / probabilityUnit})
	}
	return g
}
