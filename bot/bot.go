package bot

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"greendesk/desk"
	"greendesk/knowledge"
)

// Bot holds conversations. It is safe for concurrent use; the messages of one
// contact are answered one after another, in the order they come in.
type Bot struct {
	engine   *knowledge.Engine
	desk     *desk.Desk
	sessions Sessions
	router   *Router                   // the program's
	own      atomic.Pointer[ownRouter] // of kept weights, when they are used
	log      *slog.Logger
	now      func() time.Time
	turns    queues
}

// New makes a bot. r is the program's router; for questions that the engine
// orders by kept weights, the bot takes theirs.
func New(e *knowledge.Engine, d *desk.Desk, s Sessions, r *Router, log *slog.Logger, now func() time.Time) *Bot {
	return &Bot{engine: e, desk: d, sessions: s, router: r, log: log, now: now, turns: queues{last: map[string]chan struct{}{}}}
}

// Handle answers one message. It may be called again for the same message
// (same ID) after a crash: what it does is done once all the same. An error
// means that nothing was answered; the caller tries again or apologises.
func (b *Bot) Handle(ctx context.Context, m Message) (Reply, error) {
	place, err := b.turns.wait(ctx, m.Contact)
	if err != nil {
		return Reply{}, err
	}
	defer place.leave()
	s := b.load(ctx, m.Contact)
	s.drop(m.ID)
	reply, err := b.respond(ctx, m, s)
	if err != nil {
		return Reply{}, err
	}
	if s.free && m.Tap == "" && (s.soon(m) || place.followed()) {
		reply.Text = naming(m.Text, reply.Text)
	}
	if m.Event != EventUnfollow {
		s.Last, s.LastAt = m.ID, m.At
		b.save(ctx, m.Contact, s)
	}
	return reply, nil
}

func (b *Bot) respond(ctx context.Context, m Message, s *session) (Reply, error) {
	switch m.Kind {
	case KindEvent:
		return b.event(ctx, m, s)
	case KindText:
		return b.text(ctx, m, s)
	default:
		return b.material(ctx, m, s)
	}
}

// event answers what is not a message.
func (b *Bot) event(ctx context.Context, m Message, s *session) (Reply, error) {
	switch m.Event {
	case EventFollow:
		*s = session{}
		return welcome(), nil
	case EventScan:
		return welcome(), nil
	case EventUnfollow:
		return Reply{}, b.Erase(ctx, m.Contact, m.At)
	case EventClick:
		return b.click(ctx, m, s)
	}
	return Reply{}, nil
}

// Erase deletes everything that says something of a contact: its data, its
// dialogue, and who proposed a question. at is when it left or asked for it.
func (b *Bot) Erase(ctx context.Context, contact string, at time.Time) error {
	if err := b.engine.Forget(ctx, desk.Fingerprint(contact)); err != nil {
		return err
	}
	if err := b.desk.Erase(ctx, contact, at); err != nil {
		return err
	}
	b.forget(ctx, contact)
	return nil
}

// click answers a tap on the account's bottom menu.
func (b *Bot) click(ctx context.Context, m Message, s *session) (Reply, error) {
	switch m.Key {
	case MenuExpert:
		return b.toExpert(ctx, m, s)
	case MenuMine:
		return b.mine(ctx, m.Contact)
	case MenuMe:
		return b.profile(ctx, m, s)
	case MenuAsk:
		return howToAsk(), nil
	}
	return help(), nil
}

// text answers a text message: a tap, an expected text, or a free question.
func (b *Bot) text(ctx context.Context, m Message, s *session) (Reply, error) {
	text := strings.TrimSpace(visible(m.Text))
	if b.engine.Folder().Fold(text) == "" { // nothing, emoji, punctuation
		return help(), nil
	}
	if reply, done, err := b.tapped(ctx, m, s, text); done || err != nil {
		return reply, err
	}
	if first, ok := aid(text); ok {
		return b.firstAid(ctx, m, s, text, first)
	}
	if reply, done, err := b.aboutMe(ctx, m, s, text); done || err != nil {
		return reply, err
	}
	reply, err := b.said(ctx, m, s, text)
	if err == nil && s.Binding.asksField() && !reply.Empty() {
		reply.Text += goOn(s.Binding)
	}
	return reply, err
}

// said answers a text that is no tap: what was asked for, a word for an expert,
// a detail, or a free question.
func (b *Bot) said(ctx context.Context, m Message, s *session, text string) (Reply, error) {
	for _, take := range []func(context.Context, Message, *session, string) (Reply, bool, error){b.expected, b.toThread, b.detail} {
		if reply, done, err := take(ctx, m, s, text); done || err != nil {
			return reply, err
		}
	}
	return b.ask(ctx, m, s, text)
}

// reading is how a text is put to the knowledge base: with what it may lean on.
func (b *Bot) reading(s *session, text string) knowledge.Ask {
	return knowledge.Ask{Text: text, Prev: s.before(), Want: citationsShown, Shown: s.shown(), QuoteFirst: true}
}

// ask answers a free question.
func (b *Bot) ask(ctx context.Context, m Message, s *session, text string) (Reply, error) {
	a := b.reading(s, text)
	if reading := b.chosen(m, s, text); reading != "" {
		text, a.Text, a.Prev, a.Shown = reading, reading, "", nil
	}
	d, res, err := b.decide(ctx, a)
	if err != nil {
		return Reply{}, err
	}
	if s.goesOn(time.Time{}, d, res) {
		s.Apart = true // it belongs to that answer, not to a consultation that is open
	}
	s.free = Answers(d) || d.Action == ActClarify || d.Action == ActDecline
	reply, err := b.act(ctx, m, s, text, d, res)
	s.Apart = false
	return reply, err
}

// citationsShown is how many clauses an answer names.
const citationsShown = 3

// Decide reads a message and chooses what to do with it, without doing it. The
// knowledge base's citations come with it whatever the choice.
func (b *Bot) Decide(ctx context.Context, a knowledge.Ask) (Decision, *knowledge.Result, error) {
	return b.decide(ctx, a)
}

func (b *Bot) decide(ctx context.Context, a knowledge.Ask) (Decision, *knowledge.Result, error) {
	d, res, err := b.judge(ctx, a)
	if err != nil {
		return Decision{}, nil, err
	}
	err = b.afterStory(ctx, a, &d, &res)
	return d, res, err
}

// judge decides on a message as a whole.
func (b *Bot) judge(ctx context.Context, a knowledge.Ask) (Decision, *knowledge.Result, error) {
	res, err := b.engine.Ask(ctx, a)
	if err != nil {
		return Decision{}, nil, err
	}
	d := b.routerOf(res.Weights).Judge(res.Question, SignalsOf(res))
	if Answers(d) || mistaken(d, res) {
		b.weigh(&d, res)
	}
	if len(d.Readings) == 1 { // what is asked, in other words
		a.Text, a.Prev, d.Readings = d.Readings[0], "", nil
		meant, err := b.engine.Ask(ctx, a)
		if err != nil {
			return Decision{}, nil, err
		}
		if meant.Repeats {
			meant.Question.Text, meant.Question.Who = res.Question.Text, res.Question.Who
			res = meant
		}
	}
	if res.Named && d.Action != ActDecline || res.Repeats {
		d.Action = ActAnswer
	}
	if d.Action == ActAnswer && len(res.Citations) == 0 || res.Absent != "" && settledByLaw(d, res) {
		d.Action = ActExpert
	}
	return d, res, nil
}

// mistaken reports that a message was hardly meant as the router takes it: who
// names a law's article asks for it.
func mistaken(d Decision, res *knowledge.Result) bool {
	switch d.Action {
	case ActDecline, ActFeedback, ActMenu, ActStatus:
		return len(res.Question.Articles) > 0 && (res.Absent != "" || len(res.Question.Laws) > 0)
	}
	return false
}

// settledByLaw reports whether a message waits for a law's words: a question for
// a clause, or one that names an article.
func settledByLaw(d Decision, res *knowledge.Result) bool {
	return d.Action == ActAnswer || d.Action == ActClarify || d.Action == ActDecline && len(res.Question.Articles) > 0
}

// weigh decides whether a question is answered, asked back or handed over.
func (b *Bot) weigh(d *Decision, res *knowledge.Result) {
	signals, trust := SignalsOf(res), b.routerOf(res.Weights).trust
	asked := d.Probabilities[ActAnswer]
	three := trust.Three(signals, *d)
	d.Trust, d.Action = trust.First(signals, *d), ActAnswer
	leans := res.Question.FollowUp && d.Probabilities[ActExpert] > asked // the clause fits the message before, not what is asked now
	if d.Trust >= floorOf(signals) && !leans {
		return
	}
	d.Action = ActExpert
	if asked >= clarifyQuestion && three >= clarifyFloor && res.Day == "" && len(res.Question.Places) == 0 && !res.Question.FollowUp { // a reading says no day and no place
		if d.Readings = b.engine.Readings(res, readings); len(d.Readings) > 1 {
			d.Action = ActClarify
		}
	}
}

func (b *Bot) act(ctx context.Context, m Message, s *session, text string, d Decision, res *knowledge.Result) (Reply, error) {
	t := turn{Asked: s.asked(text, res), Grounds: grounds(text, s.before(), d, res)}
	switch d.Action {
	case ActAnswer:
		return b.answer(ctx, m, s, t, res)
	case ActClarify:
		return b.clarify(m, s, t, d), nil
	case ActExpert:
		r, err := b.handOver(ctx, m, s, t, desk.ReasonAbstained)
		if err == nil && res.Absent != "" {
			r.Text = absent(res) + "\n\n" + r.Text
		}
		return r, err
	case ActHuman, ActBook, ActReschedule, ActCancel:
		return b.wish(ctx, m, s, text, d, res)
	case ActStatus:
		return b.mine(ctx, m.Contact)
	case ActFeedback:
		return b.comment(ctx, m, text)
	case ActDecline:
		s.add(turn{Inbound: m.ID, Asked: text, Answered: "不归环保服务台", Aside: true, At: m.At})
		return declined(), nil
	case ActGreet:
		return greeting(), nil
	case ActThanks:
		return thanks(), nil
	}
	return help(), nil
}
