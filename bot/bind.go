package bot

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"greendesk/desk"
	"greendesk/internal/apperr"
)

// The taps of the dialogue about a contact's own data.
var (
	TapBind     = Tap{ID: 141, Label: "绑定企业"}
	TapProfile  = Tap{ID: 142, Label: "我的资料"}
	TapAgree    = Tap{ID: 143, Label: "同意"}
	TapDisagree = Tap{ID: 144, Label: "不同意"}
	TapSkip     = Tap{ID: 145, Label: "跳过"}
	TapErase    = Tap{ID: 146, Label: "删除我的资料"}
	TapSure     = Tap{ID: 147, Label: "确定删除"}
	TapKeep     = Tap{ID: 148, Label: "不删了"}
)

// firstOption is the id of the tap on the first of several values of a field.
const firstOption = 151

// binding is a dialogue in which a contact says who it is. Nothing of it is
// kept elsewhere before it is complete.
type binding struct {
	Step    string       `json:"step"` // a desk.Field, stepAgree or stepErase
	Profile desk.Profile `json:"profile"`
	Agreed  string       `json:"agreed,omitempty"` // fingerprint of the notice
	At      time.Time    `json:"at"`
}

// Steps of the dialogue that ask for no field.
const (
	stepAgree = "agree"
	stepErase = "erase"
)

// aboutMe holds the dialogue about a contact's own data. done is false when
// the message has to do with something else: then it is answered as always,
// and the dialogue waits.
func (b *Bot) aboutMe(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	if s.Binding != nil && b.now().Sub(s.Binding.At) > SessionTTL {
		s.Binding = nil
	}
	switch {
	case b.isTap(m, text, TapBind):
		reply, err = b.beginBinding(ctx, m, s)
	case b.isTap(m, text, TapProfile):
		reply, err = b.profile(ctx, m)
	case b.isTap(m, text, TapErase):
		s.Binding = &binding{Step: stepErase, At: m.At}
		reply = askErase()
	case s.Binding == nil:
		return Reply{}, false, nil
	default:
		return b.nextStep(ctx, m, s, text)
	}
	return reply, true, err
}

func (b *Bot) beginBinding(ctx context.Context, m Message, s *session) (Reply, error) {
	profile, err := b.desk.Profile(ctx, m.Contact)
	if err != nil {
		return Reply{}, err
	}
	s.Binding = &binding{Step: stepAgree, Profile: profile, At: m.At}
	return b.askAgree(ctx, m, s.Binding)
}

func (b *Bot) askAgree(ctx context.Context, m Message, d *binding) (Reply, error) {
	privacy, err := b.desk.Privacy(ctx)
	if err != nil {
		return Reply{}, err
	}
	d.Agreed = privacy.Fingerprint
	return agreeTo(privacy.Text, profileLink("看全文，或者直接在网页上填")), nil
}

func (b *Bot) profile(ctx context.Context, m Message) (Reply, error) {
	profile, err := b.desk.Profile(ctx, m.Contact)
	if err != nil {
		return Reply{}, err
	}
	return shownProfile(profile, profileLink("查看、改正或删除")), nil
}

// nextStep takes a message for what the dialogue asked.
func (b *Bot) nextStep(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	d := s.Binding
	if leavesOff(text) || b.isTap(m, text, TapDisagree) || b.isTap(m, text, TapKeep) {
		s.Binding = nil
		return bindingLeft(d.Step), true, nil
	}
	d.At = m.At
	switch d.Step {
	case stepErase:
		if !b.isTap(m, text, TapSure) {
			return Reply{}, false, nil
		}
		s.Binding = nil
		return erasedProfile(), true, b.desk.Unbind(ctx, m.Contact)
	case stepAgree:
		if !b.isTap(m, text, TapAgree) {
			return Reply{}, false, nil
		}
		d.Step = string(desk.Fields()[0])
		return askField(d), true, nil
	}
	return b.takeField(ctx, m, s, text)
}

// takeField keeps a value and asks for the next, or says what is wrong with
// it. What is clearly no value is not swallowed.
func (b *Bot) takeField(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	d := s.Binding
	f := desk.Field(d.Step)
	switch {
	case f.Optional() && b.isTap(m, text, TapSkip):
		text = ""
	case b.isTap(m, text, TapAgree): // tapped twice
		return askField(d), true, nil
	case !meant(f, text):
		return Reply{}, false, nil
	case f == desk.FieldIndustry:
		found := desk.FindIndustries(text, mostOptions)
		if len(found) != 1 && !(len(found) > 0 && found[0].Name == text) {
			return chooseIndustry(text, found), true, nil
		}
		text = found[0].Code
	}
	value, err := f.Clean(text)
	if err != nil {
		return fieldWrong(f, apperr.MessageOf(err)), true, nil
	}
	d.Profile.Set(f, value)
	fields := desk.Fields()
	if next := slices.Index(fields, f) + 1; next < len(fields) {
		d.Step = string(fields[next])
		return askField(d), true, nil
	}
	reply, err = b.bind(ctx, m, s)
	return reply, true, err
}

// bind keeps the profile. When the notice has changed meanwhile, the contact is
// asked again and nothing is lost.
func (b *Bot) bind(ctx context.Context, m Message, s *session) (Reply, error) {
	err := b.desk.Bind(ctx, m.Contact, s.Binding.Profile, s.Binding.Agreed)
	if apperr.CodeOf(err) == apperr.Conflict {
		s.Binding.Step = stepAgree
		return b.askAgree(ctx, m, s.Binding)
	}
	if err != nil {
		return Reply{}, err
	}
	profile := s.Binding.Profile
	s.Binding = nil
	return boundTo(profile, profileLink("查看、改正或删除")), nil
}

// leavesOff reports whether a text ends the dialogue.
func leavesOff(text string) bool {
	switch strings.Trim(text, "。！!.~，, 了吧") {
	case "退出", "算", "不填", "不绑", "不绑定", "取消", "以后再说":
		return true
	}
	return false
}

// asking are words of somebody who asks rather than tells.
var asking = []string{"？", "?", "吗", "呢", "怎么", "怎样", "多少", "为什么", "如何", "能不能", "可不可以", "要不要", "什么", "罚"}

// meant reports whether a text may be meant for a field: a question that comes
// in between is answered, whatever is being asked.
func meant(f desk.Field, text string) bool {
	letters, digits := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			digits++
			letters++
		case r < utf8.RuneSelf && unicode.IsLetter(r), r >= 'Ａ' && r <= 'ｚ':
			letters++
		}
	}
	const fewest = 6
	switch f {
	case desk.FieldCode:
		return letters >= fewest
	case desk.FieldPhone:
		return digits >= fewest
	}
	return !slices.ContainsFunc(asking, func(w string) bool { return strings.Contains(text, w) })
}
