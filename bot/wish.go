package bot

import (
	"context"
	"slices"
	"strings"

	"greendesk/desk"
	"greendesk/knowledge"
)

// wish does what somebody wants of a person: a visit, a talk, a visit moved or
// cancelled. Short or strange words are easily taken for one, and each makes
// work for somebody: what is not sure is asked first.
func (b *Bot) wish(ctx context.Context, m Message, s *session, text string, d Decision, res *knowledge.Result) (Reply, error) {
	if d.Action == ActReschedule || d.Action == ActCancel {
		visit, err := b.hasVisit(ctx, m.Contact)
		switch {
		case err != nil:
			return Reply{}, err
		case !visit && (asks(text) || res.Question.Field()):
			return b.question(ctx, m, s, text, d, res)
		case !visit:
			if strings.Contains(text, "咨询") { // the expert who has it ends it
				if r, done, err := b.addTo(ctx, m, s, text); done || err != nil {
					return r, err
				}
			}
			s.add(turn{Inbound: m.ID, Asked: text, Answered: "没有预约，问是什么意思", Aside: true, At: m.At})
			if d.Probabilities[d.Action] < sureWish {
				return askWhat(), nil
			}
			return noVisit(), nil
		}
	}
	if d.Probabilities[d.Action] < sureWish {
		s.add(turn{Inbound: m.ID, Asked: text, Answered: "反问：" + wishes[d.Action] + "吗", Aside: true, At: m.At})
		s.Expect = expectWish + string(d.Action) + ":" + m.ID
		return askWish(d.Action), nil
	}
	return b.person(ctx, m, s, turn{Inbound: m.ID, Asked: text, At: m.At}, d.Action)
}

// question answers as a question what looked like something else: an
// unregistered permit is no visit that is cancelled.
func (b *Bot) question(ctx context.Context, m Message, s *session, text string, d Decision, res *knowledge.Result) (Reply, error) {
	b.weigh(&d, res)
	if d.Action == ActAnswer && len(res.Citations) == 0 {
		d.Action = ActExpert
	}
	return b.act(ctx, m, s, text, d, res)
}

// person records a wish that a person must see to.
func (b *Bot) person(ctx context.Context, m Message, s *session, t turn, wish Action) (Reply, error) {
	c, err := b.escalate(ctx, m.Contact, t, s, desk.ReasonPerson)
	if err != nil {
		return Reply{}, err
	}
	return b.begun(ctx, m.Contact, s, c, t, wished(wish, c)), nil
}

// hasVisit reports whether a contact has asked for a person or a visit, and
// nobody has answered yet.
func (b *Bot) hasVisit(ctx context.Context, contact string) (bool, error) {
	cs, err := b.desk.Consultations(ctx, contact, mineSearched)
	return slices.ContainsFunc(cs, func(c desk.Consultation) bool { return c.Reason == desk.ReasonPerson && c.State.Open() }), err
}

// confirmed takes the reply to askWish; meant are the wish and the message that
// spoke of it. A question that was no wish is answered. done is false when it is
// something else.
func (b *Bot) confirmed(ctx context.Context, m Message, s *session, text, meant string) (reply Reply, done bool, err error) {
	wish, inbound, _ := strings.Cut(meant, ":")
	i := slices.IndexFunc(s.Turns, func(t turn) bool { return t.Inbound == inbound })
	switch {
	case i < 0:
		return Reply{}, false, nil
	case b.isTap(m, text, TapYes) || nods(text):
		reply, err = b.person(ctx, m, s, s.Turns[i], Action(wish))
		return reply, true, err
	case b.isTap(m, text, TapNo) && asks(s.Turns[i].Asked):
		asked := s.Turns[i].Asked
		d, res, err := b.decide(ctx, b.reading(s, asked))
		if err != nil {
			return Reply{}, true, err
		}
		reply, err = b.question(ctx, m, s, asked, d, res)
		return reply, true, err
	case b.isTap(m, text, TapNo):
		return askWhat(), true, nil
	}
	return Reply{}, false, nil
}

// nods reports whether a text says yes.
func nods(text string) bool {
	switch strings.Trim(text, "。！!.~，, 的呀啊了") {
	case "是", "对", "嗯", "好", "行", "可以", "要", "没错", "同意", "ok", "OK":
		return true
	}
	return false
}
