package bot

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"greendesk/desk"
	"greendesk/internal/apperr"
)

// speaking is how long after a contact's word to an expert the next message is
// still taken for one.
const speaking = 10 * time.Minute

// toThread passes a message on to the expert who has asked the contact
// something: the bot does not talk over them. done is false when nobody has.
func (b *Bot) toThread(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	c, asked, err := b.desk.Awaiting(ctx, m.Contact)
	if err != nil {
		return Reply{}, false, err
	}
	if asked {
		if unheard, err := b.desk.Unheard(ctx, c.ID); err != nil || unheard {
			return Reply{}, false, err
		}
	}
	id := c.ID
	if !asked {
		if id = s.speakingIn(b.now()); id == "" {
			return Reply{}, false, nil
		}
	}
	c, err = b.desk.Word(ctx, m.Contact, id, m.ID, text, nil)
	if apperr.CodeOf(err) == apperr.Conflict { // answered or closed meanwhile
		s.Case = ""
		return Reply{}, false, nil
	}
	if err != nil {
		return Reply{}, false, err
	}
	s.Case, s.CaseAt, s.Word = c.ID, b.now(), text
	return passedOn(c), true, nil
}

// addMaterial puts a photo, a voice message or a place into the consultation
// that the contact has just made. done is false when there is none.
func (b *Bot) addMaterial(ctx context.Context, m Message, s *session, what string) (reply Reply, done bool, err error) {
	if reply, done, err = b.toThread(ctx, m, s, what); done || err != nil {
		return reply, done, err
	}
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

// anew answers the contact's last word to an expert as a question of its own.
func (b *Bot) anew(ctx context.Context, m Message, s *session) (Reply, error) {
	text := s.Word
	s.Case, s.Word = "", ""
	if text == "" {
		return nothingNew(), nil
	}
	m.Text, m.Tap, s.apart = text, "", true
	return b.ask(ctx, m, s, text)
}

// spoken are texts that taps under an expert's answer send; typed by hand they
// do the same.
var (
	starText   = regexp.MustCompile(`^评([1-5])分(?: ?(\d{9,}))?$`)
	reopenText = regexp.MustCompile(`^重新办理(?: ?(\d{9,}))?$`)
)

// aboutAnswer does what a tap under an expert's answer asks for. done is false
// when the text is none.
func (b *Bot) aboutAnswer(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	if g := starText.FindStringSubmatch(text); g != nil {
		n, _ := strconv.Atoi(g[1]) // one digit
		reply, err = b.rateAnswer(ctx, m, s, g[2], n)
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
	return Reply{}, false, nil
}

// rateAnswer gives an expert's answer its stars. A poor one is asked why.
func (b *Bot) rateAnswer(ctx context.Context, m Message, s *session, number string, n int) (Reply, error) {
	c, err := b.answered(ctx, m.Contact, number)
	if err != nil || c.ID == "" {
		return noAnswerYet(), err
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

// poorStars is the most that still counts as a poor rating: the lead sees it.
const poorStars = 2

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
