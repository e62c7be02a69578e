package bot

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"greendesk/desk"
)

// What taps under an expert's answer send, and how their labels are typed.
var (
	starText   = regexp.MustCompile(`^(?:评|打|给)?(?:您|你们?)?([1-5一二三四五])(?:分|星|颗星)(?:` + strings.Join(starNames(), "|") + `)?(?: ?(\d{9,}))?$`)
	reopenText = regexp.MustCompile(`^(?:重新办理|没解决[，, ]?再问)(?: ?(\d{9,}))?$`)
)

// typedEnds are signs and particles after a label that is typed by hand.
const typedEnds = "。！!.~，, 了吧"

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
		reply, err = b.stars(ctx, m, s, g[2], starCount(g[1]))
		return reply, true, err
	}
	if g := belongText.FindStringSubmatch(text); g != nil {
		reply, err = b.belongs(ctx, m, s, g[1])
		return reply, true, err
	}
	if g := reopenText.FindStringSubmatch(text); g != nil {
		c, err := b.answered(ctx, m.Contact, g[1])
		switch {
		case err != nil:
			return Reply{}, true, err
		case c.ID == "" && g[1] == "" && s.quoted() != nil:
			return b.opinion(ctx, m, s, 1)
		case c.ID == "":
			return noAnswerYet(), true, nil
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

// starCount reads 3 and 三.
func starCount(s string) int {
	return slices.Index([]rune("12345一二三四五"), []rune(s)[0])%mostStars + 1
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
