package bot

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"greendesk/desk"
)

// material takes a photo, a voice message or a place, which the bot cannot
// read. It belongs to the consultation that is under way. When that is not sure,
// it is kept and asked about. Without a consultation the bot says what to do
// instead, and 转专家 hands it over.
func (b *Bot) material(ctx context.Context, m Message, s *session) (Reply, error) {
	what, unread := materialReply(m)
	t, speaks, err := b.talking(ctx, m.Contact, s)
	if err != nil {
		return Reply{}, err
	}
	next := s.Apart || s.Expect == expectQuestion // it belongs to what is asked next
	var reply Reply
	var done bool
	switch {
	case next || s.unsureWhere(t, speaks):
	case speaks:
		reply, done, err = b.pass(ctx, m, s, t.ID, what)
	default:
		reply, done, err = b.addTo(ctx, m, s, what)
	}
	s.Word = "" // a photo by itself is no new question
	if !done && !next && err == nil {
		reply, done, err = b.askWhere(ctx, m, s, t.ID, what)
	}
	if err != nil {
		return Reply{}, err
	}
	if !done {
		s.add(turn{Inbound: m.ID, Asked: what, Answered: "请用文字说明", Material: true, At: m.At})
		reply = unread
	}
	if s.Binding.asksField() {
		reply.Text += goOn(s.Binding)
	}
	return reply, nil
}

// unsureWhere reports whether it is not clear where a message without words
// belongs: a clause has been quoted since, the contact is being asked about
// itself, or has not heard what the expert asks. speaks tells that it speaks with
// an expert in t.
func (s *session) unsureWhere(t talk, speaks bool) bool {
	since := s.MadeAt
	switch {
	case s.Binding.asksField():
		return true
	case !speaks && t.ID != "" && t.ID == s.Made: // what is asked there has not been heard
		return true
	case speaks && s.Made != "" && s.Made != t.ID && s.MadeAt.After(t.at): // another has been made since
		return true
	case speaks:
		since = t.at
	}
	q := s.quoted()
	return q != nil && q.Said.After(since)
}

// mostOpen is how many open consultations are offered for a photo.
const mostOpen = 3

// askWhere keeps a message without words and asks to which of the contact's open
// consultations it belongs: the one in which it speaks, the one that it has just made,
// then the newest. done is false when none is open.
func (b *Bot) askWhere(ctx context.Context, m Message, s *session, spoken, what string) (reply Reply, done bool, err error) {
	open, err := b.desk.Consultations(ctx, m.Contact, mineSearched)
	if err != nil {
		return Reply{}, false, err
	}
	open = slices.DeleteFunc(open, func(c desk.Consultation) bool { return !c.State.Open() })
	if len(open) == 0 {
		return Reply{}, false, nil
	}
	near := func(c desk.Consultation) int { return slices.Index([]string{s.Made, spoken}, c.ID) }
	slices.SortStableFunc(open, func(x, y desk.Consultation) int { return near(y) - near(x) })
	s.Loose = append(s.Loose, loose{Inbound: m.ID, What: what})
	s.add(turn{Inbound: m.ID, Asked: what, Answered: "问是哪件事的", Material: true, At: m.At})
	return whereTo(m, open[:min(mostOpen, len(open))]), true, nil
}

// belongText is what the tap of whereTo sends; typed by hand it does the same.
var belongText = regexp.MustCompile(`^加到 ?(\d{9,})$`)

// belongs adds what is kept to the consultation of that number.
func (b *Bot) belongs(ctx context.Context, m Message, s *session, number string) (Reply, error) {
	cs, err := b.desk.Consultations(ctx, m.Contact, mineSearched)
	if err != nil {
		return Reply{}, err
	}
	for _, c := range cs {
		if c.Number != number || len(s.Loose) == 0 {
			continue
		}
		for _, l := range s.Loose {
			if _, err := b.desk.Word(ctx, m.Contact, c.ID, l.Inbound, l.What, nil); err != nil {
				return refusal(err), fault(err)
			}
		}
		s.Loose, s.Made, s.MadeAt = nil, c.ID, b.now()
		if s.Case == c.ID {
			s.CaseAt = b.now()
		}
		return added(c), nil
	}
	return nothingLoose(), nil
}

// whereTo asks where a message without words belongs.
func whereTo(m Message, open []desk.Consultation) Reply {
	kind := map[string]string{KindVoice: "语音", KindImage: "图片", KindVideo: "视频", KindLocation: "位置", KindLink: "链接"}[m.Kind]
	if kind == "" {
		kind = "消息"
	}
	r := Reply{Text: kind + "收到，先替您存着。它是哪件事的？\n"}
	for i, c := range open {
		tap := Tap{ID: tapBelongs + i, Label: "加到 " + c.Number}
		r.Text += fmt.Sprintf("\n• 补充您的咨询 %s（%s），点“%s”", c.Number, shorten(c.Question, 24), tap.Label)
		r.Taps = append(r.Taps, tap)
	}
	r.Text += "\n• 是另一件事，点“这是新问题”"
	r.Taps = append(r.Taps, TapNew)
	return r
}

func nothingLoose() Reply {
	return Reply{Text: "没有找到要加的照片或语音，请再发一次；也可以打开“我的咨询”，在网页上传。", Taps: []Tap{TapMine}}
}
