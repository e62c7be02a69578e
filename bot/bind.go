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
	"greendesk/knowledge"
	"greendesk/knowledge/rank"
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
	Said    []desk.Field `json:"said,omitempty"`   // fields that need not be asked for any more
	Agreed  string       `json:"agreed,omitempty"` // fingerprint of the notice
	At      time.Time    `json:"at"`
}

// open are the fields that have not been said, in the order in which they are
// asked for.
func (d *binding) open() []desk.Field {
	return slices.DeleteFunc(desk.Fields(), func(f desk.Field) bool { return slices.Contains(d.Said, f) })
}

// keep keeps the value of a field.
func (d *binding) keep(f desk.Field, value string) {
	d.Profile.Set(f, value)
	d.Said = append(d.Said, f)
}

// asksField reports whether the dialogue waits for the value of a field.
func (d *binding) asksField() bool { return d != nil && d.Step != stepAgree && d.Step != stepErase }

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
		reply, err = b.profile(ctx, m, s)
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
	s.Binding, s.Offered, s.Expect = &binding{Step: stepAgree, Profile: profile, At: m.At}, true, ""
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

func (b *Bot) profile(ctx context.Context, m Message, s *session) (Reply, error) {
	profile, err := b.desk.Profile(ctx, m.Contact)
	if err != nil {
		return Reply{}, err
	}
	if s.Binding.asksField() && !profile.Bound() {
		return notYetKept(), nil
	}
	return shownProfile(profile, profileLink("查看、改正或删除")), nil
}

// nextStep takes a message for what the dialogue asked, unless something else
// has been asked since.
func (b *Bot) nextStep(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	d := s.Binding
	if s.Expect != "" {
		return Reply{}, false, nil
	}
	if leavesOff(text) || b.isTap(m, text, TapDisagree) || b.isTap(m, text, TapKeep) {
		s.Binding = nil
		return bindingLeft(d.Step), true, nil
	}
	defer func() { d.At = m.At }()
	switch d.Step {
	case stepErase:
		if !b.isTap(m, text, TapSure) {
			return Reply{}, false, nil
		}
		s.Binding = nil
		return erasedProfile(), true, b.desk.Unbind(ctx, m.Contact)
	case stepAgree:
		if !b.isTap(m, text, TapAgree) {
			told := fitting(text, d.open(), "")
			delete(told, desk.FieldName)
			return agreeFirst(), len(told) > 0 || nods(text), nil
		}
		reply, done, err = b.askNext(ctx, m, s)
		return begun(reply), done, err
	}
	return b.takeField(ctx, m, s, text)
}

// askNext asks for the next field that has not been said; when there is none,
// the profile is kept.
func (b *Bot) askNext(ctx context.Context, m Message, s *session) (reply Reply, done bool, err error) {
	d := s.Binding
	if open := d.open(); len(open) > 0 {
		d.Step = string(open[0])
		return askField(d), true, nil
	}
	reply, err = b.bind(ctx, m, s)
	return reply, true, err
}

// takeField keeps a value and asks for the next. A contact that tells another
// field first is understood. What is no value, and clearly something else, is
// not swallowed (done is false): it is answered, and the dialogue goes on. So it
// is when an expert has asked something since. For everything else it is said
// what is expected.
func (b *Bot) takeField(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	d, f := s.Binding, desk.Field(s.Binding.Step)
	switch {
	case f.Optional() && (b.isTap(m, text, TapSkip) || unknown.MatchString(text)):
		d.keep(f, "")
		return b.askNext(ctx, m, s)
	case b.isTap(m, text, TapAgree): // tapped twice
		return askField(d), true, nil
	}
	choice, res, err := b.decide(ctx, b.reading(s, text))
	if err != nil {
		return Reply{}, true, err
	}
	told := fitting(text, d.open(), f)
	if len(told) == 1 && f != desk.FieldName && noPerson(choice, res) {
		delete(told, desk.FieldName)
	}
	if len(told) == 0 && shaped(f, text, choice, res) {
		return b.takeOwn(ctx, m, s, f, text)
	}
	if len(told) > 0 {
		return b.takeTold(ctx, m, s, told)
	}
	t, speaks, err := b.talking(ctx, m.Contact, s)
	if err != nil || clearly(text, choice, res) || speaks && t.waits && !t.at.Before(d.At) {
		return Reply{}, false, err
	}
	s.Word = text
	return fieldExpected(f, text, speaks && t.waits), true, nil
}

// takeOwn takes a text for the field that was asked for, or says what is wrong
// with it.
func (b *Bot) takeOwn(ctx context.Context, m Message, s *session, f desk.Field, text string) (Reply, bool, error) {
	if f == desk.FieldIndustry {
		found := desk.FindIndustries(text, mostOptions)
		if len(found) != 1 && !(len(found) > 0 && found[0].Name == text) {
			return chooseIndustry(text, found), true, nil
		}
		text = found[0].Code
	}
	if name, ok := isPerson(text); ok && f == desk.FieldName {
		text = name
	}
	value, err := f.Clean(text)
	if err != nil {
		return fieldWrong(f, apperr.MessageOf(err)), true, nil
	}
	s.Binding.keep(f, value)
	return b.askNext(ctx, m, s)
}

// takeTold keeps what was told, whichever field was asked for.
func (b *Bot) takeTold(ctx context.Context, m Message, s *session, told map[desk.Field]string) (Reply, bool, error) {
	d, asked := s.Binding, desk.Field(s.Binding.Step)
	noted := ""
	for _, f := range d.open() {
		value, ok := told[f]
		if !ok {
			continue
		}
		d.keep(f, value)
		if f != asked {
			noted += "\n" + strings.TrimPrefix(f.Title(), "您的") + "：" + fieldValue(&d.Profile, f)
		}
	}
	reply, done, err := b.askNext(ctx, m, s)
	if noted != "" && err == nil && s.Binding != nil {
		reply.Text = "记下了：" + noted + "\n\n" + reply.Text
	}
	return reply, done, err
}

// noPerson reports whether a message that looks like a person's name is a place
// (郑州), small talk (谢谢) or a word of the lexicon.
func noPerson(d Decision, res *knowledge.Result) bool {
	return wishing(d) || len(res.Question.Places) > 0 || slices.ContainsFunc(res.Question.Concepts, func(c rank.Concept) bool { return c.Word && !c.Earlier })
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

// leaving are words that end the dialogue.
var leaving = grammar("^", words("退出", "算了?", "不用", "取消", "以后再说", "下次再[说填绑]", "改天再[说填绑]", words("先|我|我先|暂时")+"?"+words("不", "别", "不想", "不愿意?", "不用")+"(?:再|继续|接着)?"+words("填", "绑", "绑定", "弄", "写", "办", "说", "登记")+"(?:资料|企业|信息)?"), `[了吧啦。！!.~，, ]*$`)

// unknown are words of somebody who cannot tell a field.
var unknown = grammar("^", words("不知道", "不清楚", "不晓得", "不了解", "不懂", "忘了", "没有", "无", "没"), `[了的吧啦呀啊呢。！!.~，, ]*$`)

// leavesOff reports whether a text ends the dialogue.
func leavesOff(text string) bool { return leaving.MatchString(text) }

// shaped reports whether a text may be meant for a field by its form. A
// question that comes in between is answered, whatever is being asked.
func shaped(f desk.Field, text string, d Decision, res *knowledge.Result) bool {
	const fewest = 6
	letters, digits := plainLetters(text)
	switch f {
	case desk.FieldCode:
		return letters+digits >= fewest
	case desk.FieldPhone:
		return digits >= fewest
	}
	if asks(text) || wishing(d) || digits >= fewest || fitsOther(f, text) {
		return false
	}
	n := utf8.RuneCountInString(text)
	_, person := isPerson(text)
	switch f {
	case desk.FieldCounty, desk.FieldPermit:
		return n <= longestCounty
	case desk.FieldCompany:
		return !ofOneself.MatchString(text)
	case desk.FieldPosition:
		return n > 1 && n <= longestCounty && !ofOneself.MatchString(text)
	case desk.FieldName:
		return person || n > 1 && digits == 0 && !noPerson(d, res) && !ofOneself.MatchString(text)
	}
	return true
}

// plainLetters counts a text's Latin letters and its digits.
func plainLetters(text string) (letters, digits int) {
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			digits++
		case r < utf8.RuneSelf && unicode.IsLetter(r), r >= 'Ａ' && r <= 'ｚ':
			letters++
		}
	}
	return letters, digits
}

// fitsOther reports whether a text is, by its form, a value of another field,
// said already or not. Names are left out: an enterprise may be called like a person.
func fitsOther(f desk.Field, text string) bool {
	return slices.ContainsFunc(desk.Fields(), func(other desk.Field) bool {
		_, ok := fits(other, text)
		return ok && other != f && other != desk.FieldName && !mistakable(other, f)
	})
}

// wishing reports whether the router is sure that a message says something to
// the desk (你好, 谢谢, 转人工) and is nobody's name.
func wishing(d Decision) bool {
	switch d.Action {
	case ActAnswer, ActExpert, ActClarify, ActDecline:
		return false
	}
	return d.Probabilities[d.Action] >= clearWish
}
