package bot

import (
	"fmt"
	"strings"
	"time"

	"greendesk/desk"
)

// Addresses of a contact's own pages.
const (
	PageMine    = "/my"
	PageProfile = "/my/profile"
)

// ConsultationPath is the page of one consultation, for its contact.
func ConsultationPath(id string) string { return PageMine + "/consultations/" + id }

// stars is the most that an answer can be given.
const stars = 5

// Noticed is what a contact is told of a consultation, at the time now.
func Noticed(n desk.Notice, now time.Time) Reply {
	r := Reply{Links: []Link{{Label: "打开这件咨询", Path: ConsultationPath(n.Consultation)}}}
	which := fmt.Sprintf("您%s的咨询（编号 %s）", ago(n.Asked, now), n.Number)
	switch n.Notice {
	case desk.NoticeAsk:
		r.Text = fmt.Sprintf("%s，%s想向您了解：\n\n%s\n\n直接回复文字、照片或语音就行，我会转给专家。", which, whose(n), n.Text)
	case desk.NoticeClosed:
		r.Text = fmt.Sprintf("%s已办结：\n\n%s", which, n.Text)
	default:
		r.Text = fmt.Sprintf("%s已答复：\n问：%s\n\n%s%s\n\n—— %s", which, shorten(n.Question, 40), n.Text, basis(n.Citations), whose(n))
		r.Taps = rating(n.Number)
	}
	return r
}

// whose names who speaks.
func whose(n desk.Notice) string {
	if n.Expert == "" {
		return "专家咨询服务组"
	}
	return "专家咨询服务组 " + n.Expert
}

// basis is the clauses that an answer rests on, word for word.
func basis(cs []desk.Cited) string {
	if len(cs) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n\n依据：")
	for _, c := range cs {
		fmt.Fprintf(&b, "\n《%s》%s：“%s”", c.Document, shortRef(c.Ref), c.Quote)
	}
	return b.String()
}

// rating asks what an answer is worth. Each tap names the consultation, so
// that it rates the answer under which it stands.
func rating(number string) []Tap {
	names := []string{"没用", "不太行", "一般", "不错", "很好"}
	var out []Tap
	for i, name := range names {
		out = append(out, Tap{ID: firstStar + i, Label: fmt.Sprintf("%d分%s", i+1, name), Say: fmt.Sprintf("评%d分 %s", i+1, number)})
	}
	return append(out, Tap{ID: tapReopen, Label: "没解决，再问", Say: "重新办理 " + number})
}

// day is one day, by the bureau's calendar.
const day = 24 * time.Hour

// ago says how long ago a day was: 今天, 昨天, 3日前.
func ago(at, now time.Time) string {
	china := time.FixedZone("CST", 8*60*60)
	at, now = at.In(china), now.In(china)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, china)
	switch {
	case !at.Before(midnight):
		return "今天"
	case !at.Before(midnight.Add(-day)):
		return "昨天"
	}
	return fmt.Sprintf(" %d 日前", int(midnight.Sub(at)/day)+1)
}
