package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"greendesk/desk"
	"greendesk/knowledge"
)

// Sessions keeps what a dialogue needs for a while. Losing it restarts a
// dialogue politely and loses nothing else. Get returns nil, nil for an absent
// key.
type Sessions interface {
	Get(ctx context.Context, key string) ([]byte, error)
	Set(ctx context.Context, key string, val []byte, ttl time.Duration) error
	Delete(ctx context.Context, key string) error
}

// SessionTTL is how long a dialogue is remembered after its last message.
const SessionTTL = 30 * time.Minute

// maxTurns is how much of a conversation is remembered and handed to experts.
const maxTurns = 6

// turn is one question and what was answered.
type turn struct {
	Inbound  string       `json:"inbound"`
	Asked    string       `json:"asked"` // with its topic, when it leans on one
	Topic    string       `json:"topic"` // the question that stands by itself
	Answered string       `json:"answered"`
	Clauses  []string     `json:"clauses,omitempty"`
	Rated    string       `json:"rated,omitempty"`    // what the contact thinks of it
	Readings []string     `json:"readings,omitempty"` // asked back: which of them is meant
	Material bool         `json:"material,omitempty"` // a photo, a voice message …: nothing was asked in words
	Aside    bool         `json:"aside,omitempty"`    // not this desk's business: nothing leans on it
	Urgent   bool         `json:"urgent,omitempty"`   // an emergency
	Grounds  desk.Grounds `json:"grounds,omitzero"`
	At       time.Time    `json:"at"`
	Said     time.Time    `json:"said,omitzero"` // when a clause was quoted, by our clock
}

// session is one contact's dialogue.
type session struct {
	Turns  []turn `json:"turns"`
	Expect string `json:"expect,omitempty"` // what the next message is taken for

	Useless int       `json:"useless,omitempty"` // answers in a row that were of no use
	Made    string    `json:"made,omitempty"`    // the consultation made last: photos belong to it
	MadeAt  time.Time `json:"made_at,omitzero"`
	Case    string    `json:"case,omitempty"` // the consultation in which an expert is spoken with
	CaseAt  time.Time `json:"case_at,omitzero"`
	Word    string    `json:"word,omitempty"`   // the text of which a tap may say where it belongs
	Apart   bool      `json:"apart,omitempty"`  // the next hand-over is a question of its own, whatever came just before
	Loose   []loose   `json:"loose,omitempty"`  // photos and the like of which the contact was asked where they belong
	Last    string    `json:"last,omitempty"`   // the message before this one
	LastAt  time.Time `json:"last_at,omitzero"` // when it was sent

	Binding *binding `json:"binding,omitempty"` // who the contact is, as far as it has said
	Offered bool     `json:"offered,omitempty"` // binding has been spoken of: it is not suggested again

	free bool // this message is a question that was answered by itself
}

// burst is within which time two messages are one burst: nobody reads an answer
// and writes the next question so soon.
const burst = 3 * time.Second

// soon reports whether a message is one of a burst: its answer stands beside
// others, in whatever order.
func (s *session) soon(m Message) bool {
	return s.Last != "" && s.Last != m.ID && m.At.Sub(s.LastAt).Abs() < burst
}

// loose is a message without words that belongs to no consultation yet.
type loose struct {
	Inbound string `json:"inbound"`
	What    string `json:"what"` // for the expert
}

// What the next text is taken for.
const (
	expectQuestion = "question" // a question for the experts
	expectReopen   = "reopen:"  // why an answer did not help; then the consultation
	expectWord     = "word:"    // what was wrong with an answer; then the stars, a colon and the consultation
	expectWish     = "wish:"    // whether that is wished; then the Action
)

// speakingIn is the consultation in which the contact is speaking with an
// expert, "" if in none.
func (s *session) speakingIn(now time.Time) string {
	if s.Case == "" || now.Sub(s.CaseAt) > speaking {
		return ""
	}
	return s.Case
}

func sessionKey(contact string) string { return "session:" + contact }

// load returns the contact's session; a lost or unreadable one is a new one.
func (b *Bot) load(ctx context.Context, contact string) *session {
	s := &session{}
	raw, err := b.sessions.Get(ctx, sessionKey(contact))
	if err != nil {
		b.log.WarnContext(ctx, "session not read, starting afresh", "error", err)
		return s
	}
	if raw == nil {
		return s
	}
	if err := json.Unmarshal(raw, s); err != nil {
		b.log.WarnContext(ctx, "session unreadable, starting afresh", "error", err)
		return &session{}
	}
	if t := s.last(); t != nil && b.now().Sub(t.At) > SessionTTL {
		return &session{} // by the desk's clock, whatever the store's says
	}
	return s
}

// save keeps the session. A failure costs the next follow-up its context, not
// the answer: it is logged.
func (b *Bot) save(ctx context.Context, contact string, s *session) {
	raw, err := json.Marshal(s)
	if err == nil {
		err = b.sessions.Set(ctx, sessionKey(contact), raw, SessionTTL)
	}
	if err != nil {
		b.log.WarnContext(ctx, "session not kept", "error", err)
	}
}

// forget deletes the session. A failure is logged: what cannot be deleted now
// is gone after SessionTTL.
func (b *Bot) forget(ctx context.Context, contact string) {
	if err := b.sessions.Delete(ctx, sessionKey(contact)); err != nil {
		b.log.ErrorContext(ctx, "session not deleted, it ends by itself", "error", err)
	}
}

// add remembers a turn.
func (s *session) add(t turn) {
	t.Topic = t.Asked
	if q := s.question(); q != nil && q.Topic != "" && strings.HasPrefix(t.Asked, q.Topic+" ") {
		t.Topic = q.Topic
	}
	s.Turns = append(s.Turns, t)
	if len(s.Turns) > maxTurns {
		s.Turns = s.Turns[len(s.Turns)-maxTurns:]
	}
}

// drop forgets the turn of a message that is handled again.
func (s *session) drop(inbound string) {
	s.Turns = slices.DeleteFunc(s.Turns, func(t turn) bool { return t.Inbound == inbound })
	s.Loose = slices.DeleteFunc(s.Loose, func(l loose) bool { return l.Inbound == inbound })
}

// last is the latest turn, nil at the beginning.
func (s *session) last() *turn {
	if len(s.Turns) == 0 {
		return nil
	}
	return &s.Turns[len(s.Turns)-1]
}

// question is the latest turn in which something of this desk was asked in
// words, nil if there is none.
func (s *session) question() *turn {
	for i := len(s.Turns) - 1; i >= 0; i-- {
		if !s.Turns[i].Material && !s.Turns[i].Aside {
			return &s.Turns[i]
		}
	}
	return nil
}

// before is the question that a follow-up may lean on, "" if there is none: the
// latest that stands by itself, so that follow-ups do not pile up.
func (s *session) before() string {
	if t := s.question(); t != nil {
		return t.Topic
	}
	return ""
}

// quoted is the latest turn when it was answered with a clause, else nil.
func (s *session) quoted() *turn {
	if t := s.question(); t != nil && len(t.Clauses) > 0 {
		return t
	}
	return nil
}

// asked is what a message asks: with the question before it when it leans on
// that.
func (s *session) asked(text string, res *knowledge.Result) string {
	if before := s.before(); res.Question.FollowUp && before != "" {
		return before + " " + text
	}
	return text
}

// shown is the clause that the latest answer quoted.
func (s *session) shown() []string {
	if t := s.quoted(); t != nil {
		return t.Clauses[:1]
	}
	return nil
}
