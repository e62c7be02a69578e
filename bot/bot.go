package bot

import (
	"context"
	"log/slog"
	"strings"
	"sync"
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
	router   *Router
	log      *slog.Logger
	now      func() time.Time
	turns    locks
}

// New makes a bot.
func New(e *knowledge.Engine, d *desk.Desk, s Sessions, r *Router, log *slog.Logger, now func() time.Time) *Bot {
	return &Bot{engine: e, desk: d, sessions: s, router: r, log: log, now: now, turns: locks{held: map[string]*lock{}}}
}

// Handle answers one message. It may be called again for the same message
// (same ID) after a crash: what it does is done once all the same. An error
// means that nothing was answered; the caller tries again or apologises.
func (b *Bot) Handle(ctx context.Context, m Message) (Reply, error) {
	defer b.turns.lock(m.Contact)()
	s := b.load(ctx, m.Contact)
	reply, err := b.respond(ctx, m, s)
	if err != nil {
		return Reply{}, err
	}
	if m.Event != EventUnfollow {
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
		return b.material(m), nil
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
		if err := b.desk.Erase(ctx, m.Contact, m.At); err != nil {
			return Reply{}, err
		}
		return Reply{}, b.forget(ctx, m.Contact)
	case EventClick:
		return b.click(ctx, m, s)
	}
	return Reply{}, nil
}

// click answers a tap on the account's bottom menu.
func (b *Bot) click(ctx context.Context, m Message, s *session) (Reply, error) {
	switch m.Key {
	case MenuExpert:
		return b.toExpert(ctx, m, s)
	case MenuMine:
		return b.mine(ctx, m.Contact)
	case MenuAsk:
		return howToAsk(), nil
	}
	return help(), nil
}

// text answers a text message: a tap, an expected text, or a free question.
func (b *Bot) text(ctx context.Context, m Message, s *session) (Reply, error) {
	text := strings.TrimSpace(m.Text)
	if text == "" {
		return help(), nil
	}
	if reply, done, err := b.tapped(ctx, m, s, text); done || err != nil {
		return reply, err
	}
	if s.Expect == expectQuestion {
		s.Expect = ""
		return b.handOver(ctx, m, s, text, desk.ReasonRequested)
	}
	d, res, err := b.decide(ctx, knowledge.Ask{Text: text, Prev: s.before(), Want: citationsShown, Shown: s.shown()})
	if err != nil {
		return Reply{}, err
	}
	return b.act(ctx, m, s, text, d, res)
}

// citationsShown is how many clauses an answer names.
const citationsShown = 3

// Decide reads a message and chooses what to do with it; prev is the message
// before it. The knowledge base's citations come with it whatever the choice.
func (b *Bot) Decide(ctx context.Context, text, prev string, want int) (Decision, *knowledge.Result, error) {
	return b.decide(ctx, knowledge.Ask{Text: text, Prev: prev, Want: want})
}

func (b *Bot) decide(ctx context.Context, a knowledge.Ask) (Decision, *knowledge.Result, error) {
	res, err := b.engine.Ask(ctx, a)
	if err != nil {
		return Decision{}, nil, err
	}
	d := b.router.Decide(res.Question.Folded, SignalsOf(res))
	if d.Action == ActAnswer && len(res.Citations) == 0 {
		d.Action = ActExpert
	}
	return d, res, nil
}

func (b *Bot) act(ctx context.Context, m Message, s *session, text string, d Decision, res *knowledge.Result) (Reply, error) {
	switch d.Action {
	case ActAnswer:
		return b.answer(ctx, m, s, text, res)
	case ActExpert:
		return b.handOver(ctx, m, s, text, desk.ReasonAbstained)
	case ActHuman, ActBook, ActReschedule, ActCancel:
		return b.person(ctx, m, s, text, d.Action)
	case ActStatus:
		return b.mine(ctx, m.Contact)
	case ActFeedback:
		return b.comment(ctx, m, text)
	case ActDecline:
		return declined(), nil
	case ActGreet:
		return greeting(), nil
	case ActThanks:
		return thanks(), nil
	}
	return help(), nil
}

// locks lets the messages of one contact pass one at a time.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	mu      sync.Mutex
	waiting int
}

// lock waits for the contact's turn and returns the way to end it.
func (l *locks) lock(contact string) func() {
	l.mu.Lock()
	k := l.held[contact]
	if k == nil {
		k = &lock{}
		l.held[contact] = k
	}
	k.waiting++
	l.mu.Unlock()
	k.mu.Lock()
	return func() {
		k.mu.Unlock()
		l.mu.Lock()
		if k.waiting--; k.waiting == 0 {
			delete(l.held, contact)
		}
		l.mu.Unlock()
	}
}
