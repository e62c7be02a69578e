package handlers

import (
	"fmt"
	"slices"
	"strings"

	"greendesk/bot"
	"greendesk/desk"
	"greendesk/internal/wechat"
)

// Template is the account's template message that tells a contact of an
// answer. The zero Template sends none.
type Template struct {
	ID     string
	Fields map[string]string // the template's field, such as "thing1", to what stands in it: question, expert, time or state
}

// templateParts are what a field may be filled with.
var templateParts = []string{"question", "expert", "time", "state", "number"}

// ParseTemplate reads fields written as "thing1=question,time3=time".
func ParseTemplate(id, fields string) (Template, error) {
	t := Template{ID: id, Fields: map[string]string{}}
	for f := range strings.SplitSeq(fields, ",") {
		if f = strings.TrimSpace(f); f == "" {
			continue
		}
		name, part, ok := strings.Cut(f, "=")
		if !ok || !slices.Contains(templateParts, part) {
			return Template{}, fmt.Errorf("%q 看不懂：写成 字段=内容，内容是 %s 之一", f, strings.Join(templateParts, "、"))
		}
		t.Fields[name] = part
	}
	if id != "" && len(t.Fields) == 0 {
		return Template{}, fmt.Errorf("模板 %s 没有写字段", id)
	}
	return t, nil
}

// Lengths that the platform allows in a template's fields, in characters.
const (
	maxThing  = 20
	maxName   = 10
	maxPhrase = 5
)

// message fills the template for a notice. ClientMsgID makes a repeated job
// send it once.
func (t Template) message(d desk.Delivery, n desk.Notice, r Renderer) wechat.TemplateMessage {
	m := wechat.TemplateMessage{ToUser: d.OpenID, TemplateID: t.ID, URL: r.BaseURL + bot.ConsultationPath(n.Consultation), ClientMsgID: d.ID, Data: map[string]string{}}
	for field, part := range t.Fields {
		m.Data[field] = fit(field, t.part(part, n))
	}
	return m
}

func (t Template) part(part string, n desk.Notice) string {
	switch part {
	case "question":
		return n.Question
	case "expert":
		if n.Expert == "" {
			return "专家咨询组"
		}
		return n.Expert
	case "time":
		return desk.China(n.At).Format("2006年1月2日 15:04")
	case "number":
		return n.Number
	}
	if n.Notice == desk.NoticeAsk {
		return "待补充"
	}
	return "已答复"
}

// fit cuts a value to what the platform allows in a field of its type.
func fit(field, value string) string {
	limit := maxThing
	switch {
	case strings.HasPrefix(field, "name"):
		limit = maxName
	case strings.HasPrefix(field, "phrase"):
		limit = maxPhrase
	case strings.HasPrefix(field, "time"):
		return value
	}
	rs := []rune(strings.Join(strings.Fields(value), " "))
	if len(rs) > limit {
		rs = append(rs[:limit-1], '…')
	}
	return string(rs)
}
