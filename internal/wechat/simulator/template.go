package simulator

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Template is one message template of the account (模板消息 or 订阅通知), with its fields in order.
type Template struct {
	ID     string
	Title  string
	Fields []TemplateField
}

// TemplateField is one line; the letters of Key (thing, time, phrase …) fix what its value may be.
type TemplateField struct{ Key, Label string }

// DefaultTemplates are the simulated account's templates.
func DefaultTemplates() []Template {
	return []Template{
		{"TPL-consult-reply-0000000000000000000000001", "咨询回复通知", []TemplateField{
			{"thing1", "咨询内容"}, {"name2", "回复专家"}, {"time3", "回复时间"}, {"phrase4", "当前状态"}}},
		{"TPL-visit-booking-0000000000000000000000002", "预约结果通知", []TemplateField{
			{"thing1", "服务项目"}, {"time2", "预约时间"}, {"name3", "服务专家"}, {"phrase4", "预约状态"}}},
		{"TPL-visit-remind-00000000000000000000000003", "帮扶到期提醒", []TemplateField{
			{"thing1", "事项"}, {"time2", "截止时间"}, {"thing3", "备注"}}},
	}
}

// templateMessage is the body of template/send and subscribe/bizsend.
type templateMessage struct {
	ToUser      string `json:"touser"`
	TemplateID  string `json:"template_id"`
	URL         string `json:"url"`
	Page        string `json:"page"`
	ClientMsgID string `json:"client_msg_id"`
	Data        map[string]struct {
		Value string `json:"value"`
	} `json:"data"`
}

// clientMsgLife is how long a client_msg_id is remembered (as read: 10 minutes; code 43116 unverified).
const clientMsgLife = 10 * time.Minute

// templateSend shows a card and pushes TEMPLATESENDJOBFINISH.
func (p *Platform) templateSend(c *call) (any, *apiErr) {
	m, b, failure := p.readTemplate(c)
	if failure != nil {
		return nil, failure
	}
	b.Via, b.URL = "template", webURL(m.URL)
	p.mu.Lock()
	if m.ClientMsgID != "" {
		if at, known := p.clientMsgs[m.ClientMsgID]; known && c.now.Sub(at) < clientMsgLife {
			p.mu.Unlock()
			return nil, fail(43116, "client_msg_id repeated")
		}
		p.clientMsgs[m.ClientMsgID] = c.now
	}
	p.nextMsgID++
	id, status := p.nextMsgID, "success"
	u := p.users[m.ToUser]
	if u.refusesTemplates {
		status = "failed:user block"
	} else {
		p.show(u, b)
	}
	p.mu.Unlock()
	event := eventPush(m.ToUser, "TEMPLATESENDJOBFINISH")
	event.fields = []field{numberField("MsgID", strconv.FormatInt(id, 10)), textField("Status", status)}
	p.later(event)
	return map[string]any{"errcode": 0, "errmsg": "ok", "msgid": id}, nil
}

// SetRefusesTemplates makes template messages to a person end as "failed:user block".
func (p *Platform) SetRefusesTemplates(openid string, refuses bool) error {
	return p.withUser(openid, func(u *user) { u.refusesTemplates = refuses })
}

// subscribeSend uses up one consent, shows a card and pushes subscribe_msg_sent_event.
func (p *Platform) subscribeSend(c *call) (any, *apiErr) {
	m, b, failure := p.readTemplate(c)
	if failure != nil {
		return nil, failure
	}
	b.Via, b.URL = "subscribe", webURL(m.Page)
	p.mu.Lock()
	u := p.users[m.ToUser]
	left := u.consents[m.TemplateID]
	if left == 0 {
		p.mu.Unlock()
		return nil, fail(43101, "%s", words(43101))
	}
	if left > 0 {
		u.consents[m.TemplateID]--
	}
	p.nextMsgID++
	id := strconv.FormatInt(p.nextMsgID, 10)
	p.show(u, b)
	p.mu.Unlock()
	var x xmlBuilder
	x.WriteString("<SubscribeMsgSentEvent><List>")
	x.text("TemplateId", m.TemplateID)
	x.text("MsgID", id)
	x.number("ErrorCode", 0)
	x.text("ErrorStatus", "success")
	x.WriteString("</List></SubscribeMsgSentEvent>")
	event := eventPush(m.ToUser, "subscribe_msg_sent_event")
	event.fields = []field{{nested: x.String()}}
	p.later(event)
	return nil, nil
}

// later pushes a platform event shortly after the call that caused it has been answered.
func (p *Platform) later(m push) {
	const soon = 20 * time.Millisecond
	p.mu.Lock()
	if p.ctx.Err() != nil {
		p.mu.Unlock()
		return
	}
	p.inFlight++
	p.pending.Add(1)
	p.mu.Unlock()
	go func() {
		p.pause(soon)
		_, _ = p.exchange(m) // a closed platform pushes nothing
		p.mu.Lock()
		p.inFlight--
		p.mu.Unlock()
		p.changed(m.openid)
		p.pending.Done()
	}()
}

// readTemplate checks the receiver, the template and every field.
func (p *Platform) readTemplate(c *call) (*templateMessage, Bubble, *apiErr) {
	var m templateMessage
	if failure := c.decode(&m); failure != nil {
		return nil, Bubble{}, failure
	}
	if failure := p.reachable(m.ToUser); failure != nil {
		return nil, Bubble{}, failure
	}
	t, known := p.templates[m.TemplateID] // never changes after New
	if !known {
		return nil, Bubble{}, fail(40037, "invalid template_id")
	}
	b := Bubble{From: FromAccount, Type: "template", Title: t.Title}
	lines := []string{t.Title}
	for _, f := range t.Fields {
		value := m.Data[f.Key].Value
		if !fieldValid(f.Key, value) {
			return nil, b, fail(47003, "argument invalid! data.%s.value invalid", f.Key)
		}
		b.Fields = append(b.Fields, Field{f.Key, f.Label, value})
		lines = append(lines, f.Label+"："+value)
	}
	b.Text = strings.Join(lines, "\n")
	return &m, b, nil
}

var (
	timeValue   = regexp.MustCompile(`^(\d{4}年\d{1,2}月\d{1,2}日( \d{1,2}:\d{2}(:\d{2})?)?|\d{1,2}:\d{2}(:\d{2})?)(~.+)?$`)
	numberValue = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	phoneValue  = regexp.MustCompile(`^[0-9+\-() ]{1,17}$`)
	amountValue = regexp.MustCompile(`^[¥$￥]?\d{1,10}(\.\d+)?元?$`)
)

// fieldValid applies the limits of the typed fields (模板消息参数值内容限制).
func fieldValid(key, value string) bool {
	letters := utf8.RuneCountInString(value)
	if strings.TrimSpace(value) == "" {
		return false
	}
	hasHan := strings.ContainsFunc(value, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	switch strings.TrimRight(key, "0123456789") {
	case "thing", "const":
		return letters <= 20
	case "character_string":
		return letters <= 32 && !hasHan
	case "number":
		return letters <= 32 && numberValue.MatchString(value)
	case "phrase":
		return letters <= 5 && !strings.ContainsFunc(value, func(r rune) bool { return !unicode.Is(unicode.Han, r) })
	case "name":
		return letters <= 10 || (!hasHan && letters <= 20)
	case "time", "date":
		return timeValue.MatchString(value)
	case "phone_number":
		return phoneValue.MatchString(value)
	case "amount":
		return amountValue.MatchString(value)
	default:
		return letters <= 200
	}
}
