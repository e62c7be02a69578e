package bot

import (
	"context"
	"fmt"
	"strings"

	"greendesk/desk"
	"greendesk/knowledge"
)

// tapped answers a tap on an inline entry, or its label typed by hand. done is
// false when the text is neither.
func (b *Bot) tapped(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	switch {
	case isTap(m, text, TapExpert):
		reply, err = b.toExpert(ctx, m, s)
	case isTap(m, text, TapUseful):
		reply, err = b.rate(ctx, m, s, desk.VerdictUseful)
	case isTap(m, text, TapUseless):
		reply, err = b.rate(ctx, m, s, desk.VerdictUseless)
	case isTap(m, text, TapMine):
		reply, err = b.mine(ctx, m.Contact)
	case isTap(m, text, TapHelp):
		reply = howToAsk()
	default:
		return Reply{}, false, nil
	}
	return reply, true, err
}

func isTap(m Message, text string, t Tap) bool {
	return m.Tap == fmt.Sprint(t.ID) || strings.Trim(text, "。！!.~ ") == t.Label
}

// answer quotes the clause. The guard reads the stored clause again; an answer
// that does not pass goes to the experts instead.
func (b *Bot) answer(ctx context.Context, m Message, s *session, text string, res *knowledge.Result) (Reply, error) {
	if err := b.engine.Verify(ctx, res.Citations[0]); err != nil {
		b.log.ErrorContext(ctx, "quote refused by the guard", "clause", res.Citations[0].Clause, "error", err)
		return b.handOver(ctx, m, s, text, desk.ReasonAbstained)
	}
	reply := answered(res)
	t := turn{Inbound: m.ID, Asked: text, Answered: res.Citations[0].Document + res.Citations[0].Ref, At: m.At}
	if res.Question.FollowUp && s.last() != nil {
		t.Asked = s.last().Asked + " " + text
	}
	for _, c := range res.Citations {
		t.Clauses = append(t.Clauses, c.Clause)
	}
	s.add(t)
	return reply, nil
}

// handOver makes a consultation of the message itself.
func (b *Bot) handOver(ctx context.Context, m Message, s *session, text, reason string) (Reply, error) {
	t := turn{Inbound: m.ID, Asked: text, At: m.At}
	c, err := b.escalate(ctx, m.Contact, t, s, reason)
	if err != nil {
		return Reply{}, err
	}
	t.Answered = "转专家，编号" + c.Number
	s.add(t)
	if reason == desk.ReasonAbstained {
		return abstained(c), nil
	}
	return handedOver(c), nil
}

// toExpert hands over the last question, or asks for one.
func (b *Bot) toExpert(ctx context.Context, m Message, s *session) (Reply, error) {
	last := s.last()
	if last == nil {
		s.Expect = expectQuestion
		return askQuestion(), nil
	}
	c, err := b.escalate(ctx, m.Contact, *last, s, desk.ReasonRequested)
	if err != nil {
		return Reply{}, err
	}
	return handedOver(c), nil
}

func (b *Bot) escalate(ctx context.Context, contact string, t turn, s *session, reason string) (desk.Consultation, error) {
	e := desk.Escalation{OpenID: contact, Inbound: t.Inbound, Question: t.Asked, Reason: reason}
	for _, before := range s.Turns {
		if before.Inbound != t.Inbound {
			e.Context = append(e.Context, desk.Turn{Asked: before.Asked, Answered: before.Answered})
		}
	}
	return b.desk.Escalate(ctx, e)
}

// person records a wish that a person must see to.
func (b *Bot) person(ctx context.Context, m Message, s *session, text string, wish Action) (Reply, error) {
	c, err := b.escalate(ctx, m.Contact, turn{Inbound: m.ID, Asked: text, At: m.At}, s, desk.ReasonPerson)
	if err != nil {
		return Reply{}, err
	}
	return wished(wish, c), nil
}

// rate keeps what the contact thinks of the last answer.
func (b *Bot) rate(ctx context.Context, m Message, s *session, verdict string) (Reply, error) {
	last := s.last()
	if last == nil {
		return nothingToRate(), nil
	}
	err := b.desk.Rate(ctx, desk.Feedback{OpenID: m.Contact, Inbound: m.ID, Verdict: verdict, Question: last.Asked, Clauses: last.Clauses})
	if err != nil {
		return Reply{}, err
	}
	if verdict == desk.VerdictUseful {
		return glad(), nil
	}
	return sorry(), nil
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

// material answers what the bot cannot read: it says what to do instead.
func (b *Bot) material(m Message) Reply {
	switch m.Kind {
	case KindVoice:
		return voice()
	case KindLocation:
		return location(m.Label)
	case KindLink:
		return link()
	}
	return photo()
}
