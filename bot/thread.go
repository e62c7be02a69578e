package bot

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/knowledge"
)

// speaking is how long after a contact's word to an expert the next message is
// still taken for one.
const speaking = 10 * time.Minute

// talk is the consultation in which a contact speaks with an expert.
type talk struct {
	desk.Consultation
	waits bool      // the expert has asked and has no reply yet
	asked string    // what, when it waits
	at    time.Time // when either side last spoke
}

// talking finds the consultation in which the contact speaks with an expert;
// ok is false when it is in none. To a question that the contact has not read
// yet, what it writes is no reply.
func (b *Bot) talking(ctx context.Context, contact string, s *session) (t talk, ok bool, err error) {
	c, waits, err := b.desk.Awaiting(ctx, contact)
	if err != nil {
		return talk{}, false, err
	}
	if !waits {
		id := s.speakingIn(b.now())
		return talk{Consultation: desk.Consultation{ID: id}, at: s.CaseAt}, id != "", nil
	}
	if unheard, err := b.desk.Unheard(ctx, c.ID); err != nil || unheard {
		return talk{Consultation: c}, false, err
	}
	t = talk{Consultation: c, waits: true, at: s.CaseAt}
	thread, err := b.desk.Thread(ctx, contact, c.ID)
	for _, p := range thread.Posts {
		if p.Kind == desk.PostAsk {
			t.asked, t.at = p.Body, p.At
		}
	}
	return t, true, err
}

// toThread passes a message on to the expert who has asked the contact
// something: the bot does not talk over them. A question that a clause surely
// answers is answered all the same, and so is one that goes on from an answer
// that was given since. done is false when there is no such expert.
func (b *Bot) toThread(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	t, ok, err := b.talking(ctx, m.Contact, s)
	if err != nil || !ok || s.Apart {
		return Reply{}, false, err
	}
	d, res, err := b.decide(ctx, b.reading(s, text))
	if err != nil {
		return Reply{}, false, err
	}
	if sure(text, d, res) || s.goesOn(t.at, d, res) {
		s.Apart = true // what is handed over now is no reply
		if reply, err = b.act(ctx, m, s, text, d, res); err != nil {
			return reply, true, err
		}
		s.Word, s.Apart = text, false
		return stillWaiting(reply, t), true, nil
	}
	return b.pass(ctx, m, s, t.ID, text)
}

// goesOn reports whether a message goes on, by its words, from an answer that
// was given after since.
func (s *session) goesOn(since time.Time, d Decision, res *knowledge.Result) bool {
	q := s.quoted()
	return q != nil && q.Said.After(since) && res.Question.Whole != "" && (Answers(d) || d.Action == ActClarify)
}

// pass puts a word into a consultation. done is false when that has been
// answered or closed meanwhile.
func (b *Bot) pass(ctx context.Context, m Message, s *session, id, text string) (reply Reply, done bool, err error) {
	c, err := b.desk.Word(ctx, m.Contact, id, m.ID, text, nil)
	if apperr.CodeOf(err) == apperr.Conflict {
		s.Case = ""
		return Reply{}, false, nil
	}
	if err != nil {
		return Reply{}, false, err
	}
	s.Case, s.CaseAt, s.Word = c.ID, b.now(), text
	return passedOn(c), true, nil
}

// addTo puts a message into the consultation that the contact has just made.
// done is false when there is none.
func (b *Bot) addTo(ctx context.Context, m Message, s *session, what string) (reply Reply, done bool, err error) {
	if s.Made == "" || b.now().Sub(s.MadeAt) > SessionTTL {
		return Reply{}, false, nil
	}
	c, err := b.desk.Word(ctx, m.Contact, s.Made, m.ID, what, nil)
	if apperr.CodeOf(err) == apperr.Conflict { // answered or closed meanwhile
		s.Made = ""
		return Reply{}, false, nil
	}
	if err != nil {
		return Reply{}, false, err
	}
	return added(c), true, nil
}

// anew takes the contact's last word, which went to an expert or into an open
// consultation, for a question of its own. A photo has no words: what comes
// next is the question.
func (b *Bot) anew(ctx context.Context, m Message, s *session) (Reply, error) {
	text := s.Word
	s.Case, s.Word, s.Apart = "", "", true
	switch {
	case text == "" && len(s.Loose) > 0:
		s.Expect = expectQuestion
		return askAbout(), nil
	case text == "":
		s.Made = ""
		return nothingNew(), nil
	}
	m.Text, m.Tap = text, ""
	reply, err := b.ask(ctx, m, s, text)
	if err == nil && s.Binding.asksField() {
		reply.Text += goOn(s.Binding)
	}
	return reply, err
}

// replied passes on to the expert what the bot has answered.
func (b *Bot) replied(ctx context.Context, m Message, s *session) (Reply, error) {
	t, ok, err := b.talking(ctx, m.Contact, s)
	if err != nil || !ok || s.Word == "" {
		return nothingNew(), err
	}
	reply, done, err := b.pass(ctx, m, s, t.ID, s.Word)
	if err == nil && !done {
		reply = nothingNew()
	}
	return reply, err
}

// What taps under an expert's answer send, and how their labels are typed.
var (
	starText   = regexp.MustCompile(`^(?:评|打|给)?(?:您|你们?)?([1-5一二三四五])(?:分|星|颗星)(?:` + strings.Join(starNames(), "|") + `)?(?: ?(\d{9,}))?$`)
	reopenText = regexp.MustCompile(`^(?:重新办理|没解决[，, ]?再问)(?: ?(\d{9,}))?$`)
	typedEnds  = "。！!.~，, 了吧"
)

// opinions are words with which people say what they think of an answer, in stars.
func opinions() map[string]int {
	out := map[string]int{"不满意": 2, "没解决": 2, "没有解决": 2, "满意": mostStars, "很满意": mostStars, "非常满意": mostStars}
	for i, name := range starNames() {
		out[name] = i + 1
	}
	return out
}

// aboutAnswer does what a tap under an expert's answer asks for. done is false
// when the text is none.
func (b *Bot) aboutAnswer(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	if g := starText.FindStringSubmatch(text); g != nil {
		reply, err = b.stars(ctx, m, s, g[2], strings.Index("12345", digitOf(g[1]))+1)
		return reply, true, err
	}
	if g := belongText.FindStringSubmatch(text); g != nil {
		reply, err = b.belongs(ctx, m, s, g[1])
		return reply, true, err
	}
	if g := reopenText.FindStringSubmatch(text); g != nil {
		c, err := b.answered(ctx, m.Contact, g[1])
		if err != nil || c.ID == "" {
			return noAnswerYet(), true, err
		}
		s.Expect = expectReopen + c.ID
		return whyReopen(c), true, nil
	}
	n, ok := opinions()[strings.TrimRight(text, typedEnds)]
	if !ok {
		return Reply{}, false, nil
	}
	return b.opinion(ctx, m, s, n)
}

// digitOf writes 三 as 3.
func digitOf(s string) string {
	if i := strings.Index("一二三四五", s); i >= 0 {
		return string("12345"[i/len("一")])
	}
	return s
}

// stars rates the expert's answer of a number, without one the latest; when
// there is none, the clause that was quoted.
func (b *Bot) stars(ctx context.Context, m Message, s *session, number string, n int) (Reply, error) {
	c, err := b.answered(ctx, m.Contact, number)
	if err != nil {
		return Reply{}, err
	}
	if c.ID == "" && number == "" && s.quoted() != nil {
		reply, _, err := b.opinion(ctx, m, s, n)
		return reply, err
	}
	return b.rateAnswer(ctx, m, s, c, n)
}

// opinion takes words for the rating of what was answered last: by an expert,
// or by a clause. done is false when nothing was.
func (b *Bot) opinion(ctx context.Context, m Message, s *session, n int) (reply Reply, done bool, err error) {
	c, err := b.answered(ctx, m.Contact, "")
	if err != nil {
		return Reply{}, true, err
	}
	quoted := s.quoted()
	switch {
	case c.ID != "" && c.Rating == 0 && b.now().Sub(c.AnsweredAt) < opinionDays && (quoted == nil || c.AnsweredAt.After(quoted.Said)):
		reply, err = b.rateAnswer(ctx, m, s, c, n)
	case quoted != nil && n <= poorStars:
		reply, err = b.rate(ctx, m, s, desk.VerdictUseless)
	case quoted != nil && n > middlingStars:
		reply, err = b.rate(ctx, m, s, desk.VerdictUseful)
	default:
		return Reply{}, false, nil
	}
	return reply, true, err
}

// judged takes 有用 and 没用: a tap is of the clause under which it stands, what
// is typed is of what was answered last.
func (b *Bot) judged(ctx context.Context, m Message, s *session, verdict string, n int) (Reply, error) {
	if m.Tap == "" {
		if reply, done, err := b.opinion(ctx, m, s, n); done || err != nil {
			return reply, err
		}
	}
	return b.rate(ctx, m, s, verdict)
}

// rateAnswer gives an expert's answer its stars. A poor one is asked why.
func (b *Bot) rateAnswer(ctx context.Context, m Message, s *session, c desk.Consultation, n int) (Reply, error) {
	if c.ID == "" {
		return noAnswerYet(), nil
	}
	if err := b.desk.RateAnswer(ctx, m.Contact, c.ID, n, ""); err != nil {
		return Reply{}, err
	}
	if n > poorStars {
		return ratedWell(c), nil
	}
	s.Expect = expectWord + strconv.Itoa(n) + ":" + c.ID
	return ratedPoorly(c), nil
}

// What stars say: a poor rating is seen by the lead, a middling one says
// nothing of a clause.
const (
	poorStars     = 2
	middlingStars = 3
	mostStars     = 5
)

// opinionDays is how long after an expert's answer bare words of praise or blame
// are of it.
const opinionDays = 7 * day

// answered finds the contact's consultation of a number that has an answer;
// without a number, the latest that has. A zero one means there is none.
func (b *Bot) answered(ctx context.Context, contact, number string) (desk.Consultation, error) {
	cs, err := b.desk.Consultations(ctx, contact, mineSearched)
	if err != nil {
		return desk.Consultation{}, err
	}
	for _, c := range cs {
		if !c.AnsweredAt.IsZero() && (number == "" || c.Number == number) {
			return c, nil
		}
	}
	return desk.Consultation{}, nil
}

// mineSearched is how many of a contact's consultations are looked through.
const mineSearched = 200

// expected takes a text for what the bot has just asked for. done is false
// when it has asked for nothing.
func (b *Bot) expected(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	expect := s.Expect
	s.Expect = ""
	switch {
	case expect == "":
		return Reply{}, false, nil
	case callsOff(text):
		return calledOff(), true, nil
	case expect == expectQuestion:
		reply, err = b.handOver(ctx, m, s, turn{Asked: text}, desk.ReasonRequested)
	case strings.HasPrefix(expect, expectReopen):
		reply, err = b.reopen(ctx, m.Contact, strings.TrimPrefix(expect, expectReopen), text)
	case strings.HasPrefix(expect, expectWish):
		return b.confirmed(ctx, m, s, text, strings.TrimPrefix(expect, expectWish))
	case strings.HasPrefix(expect, expectWord):
		n, id, _ := strings.Cut(strings.TrimPrefix(expect, expectWord), ":")
		given, _ := strconv.Atoi(n) // ours
		err = b.desk.RateAnswer(ctx, m.Contact, id, given, text)
		reply = wordNoted()
	default:
		return Reply{}, false, nil
	}
	return reply, true, err
}

// reopen makes a consultation due again, or says why that cannot be.
func (b *Bot) reopen(ctx context.Context, contact, id, reason string) (Reply, error) {
	if err := b.desk.Reopen(ctx, contact, id, reason); err != nil {
		return refusal(err), fault(err)
	}
	cs, err := b.desk.Consultations(ctx, contact, mineSearched)
	if err != nil {
		return Reply{}, err
	}
	for _, c := range cs {
		if c.ID == id {
			return reopened(c), nil
		}
	}
	return Reply{}, apperr.New(apperr.NotFound, "没有找到这件咨询。")
}
