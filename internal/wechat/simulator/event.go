package simulator

import "strconv"

// Follow makes the person follow the account. scene "" is a search; anything else arrived by a QR code with that scene
// and is pushed as EventKey qrscene_<scene> with a Ticket. Following twice scans the code once more (SCAN).
func (p *Platform) Follow(openid, scene string) (*Exchange, error) {
	if p.Following(openid) && scene != "" {
		return p.Scan(openid, scene)
	}
	return p.exchange(p.followPush(openid, scene))
}

func (p *Platform) followPush(openid, scene string) push {
	m := eventPush(openid, "subscribe")
	m.opens, m.visible = opensAct, true
	key := ""
	if scene != "" {
		key = "qrscene_" + scene
		m.fields = append(m.fields, textField("EventKey", key), textField("Ticket", p.ticketOf(scene)))
	} else {
		m.fields = append(m.fields, textField("EventKey", ""))
	}
	m.bubble = &Bubble{From: FromSystem, Type: "notice", Text: "已关注" + p.opt.AccountName}
	return m
}

// Unfollow makes the person leave. Their chat stays on their phone.
func (p *Platform) Unfollow(openid string) (*Exchange, error) {
	return p.exchange(p.unfollowPush(openid))
}

func (p *Platform) unfollowPush(openid string) push {
	m := eventPush(openid, "unsubscribe")
	m.fields = []field{textField("EventKey", "")}
	m.bubble = &Bubble{From: FromSystem, Type: "notice", Text: "已取消关注" + p.opt.AccountName}
	return m
}

func eventPush(openid, event string) push { return push{openid: openid, kind: event, event: true} }

// Click taps a menu button of type click.
func (p *Platform) Click(openid, key string) (*Exchange, error) {
	return p.exchange(clickPush(openid, key))
}

func clickPush(openid, key string) push {
	m := eventPush(openid, "CLICK")
	m.fields, m.opens, m.visible = []field{textField("EventKey", key)}, opensAct, true
	return m
}

// View taps a menu button of type view: the page opens and the account is told.
func (p *Platform) View(openid, address, menuID string) (*Exchange, error) {
	return p.exchange(viewPush(openid, address, menuID))
}

func viewPush(openid, address, menuID string) push {
	m := eventPush(openid, "VIEW")
	m.fields, m.opens = []field{textField("EventKey", address), textField("MenuId", menuID)}, opensAct
	return m
}

// Scan scans one of the account's QR codes while following.
func (p *Platform) Scan(openid, scene string) (*Exchange, error) {
	return p.exchange(p.scanPush(openid, scene))
}

func (p *Platform) scanPush(openid, scene string) push {
	m := eventPush(openid, "SCAN")
	m.fields, m.opens, m.visible = []field{textField("EventKey", scene), textField("Ticket", p.ticketOf(scene))}, opensAct, true
	return m
}

// ReportLocation pushes the LOCATION event (the user allowed the account to know their place).
func (p *Platform) ReportLocation(openid string, lat, lon, precision float64) (*Exchange, error) {
	m := eventPush(openid, "LOCATION")
	for name, v := range map[string]float64{"Latitude": lat, "Longitude": lon, "Precision": precision} {
		m.fields = append(m.fields, numberField(name, strconv.FormatFloat(v, 'f', 6, 64)))
	}
	return p.exchange(m)
}

// Popup is one answer in the subscription popup.
type Popup struct {
	TemplateID string
	Accept     bool
	Scene      int // 1 web page, 2 account page; default 1
	LongTerm   bool
}

// AnswerPopup answers the subscription popup: accepted templates get one message each (or a long-term consent), and one
// subscribe_msg_popup_event with several List elements goes to the account.
func (p *Platform) AnswerPopup(openid string, popups ...Popup) (*Exchange, error) {
	m, err := p.popupPush(openid, popups)
	if err != nil {
		return nil, err
	}
	return p.exchange(m)
}

func (p *Platform) popupPush(openid string, popups []Popup) (push, error) {
	var b xmlBuilder
	b.WriteString("<SubscribeMsgPopupEvent>")
	for _, pop := range popups {
		b.WriteString("<List>")
		b.text("TemplateId", pop.TemplateID)
		b.text("SubscribeStatusString", acceptance(pop.Accept))
		b.number("PopupScene", max(pop.Scene, 1))
		b.WriteString("</List>")
	}
	b.WriteString("</SubscribeMsgPopupEvent>")
	err := p.withUser(openid, func(u *user) {
		for _, pop := range popups {
			switch {
			case pop.Accept && pop.LongTerm:
				u.addConsent(pop.TemplateID, longTerm)
			case pop.Accept:
				u.addConsent(pop.TemplateID, 1)
			}
		}
	})
	m := eventPush(openid, "subscribe_msg_popup_event")
	m.fields = []field{{nested: b.String()}}
	return m, err
}

// ChangeConsent withdraws a consent in the account's settings and pushes subscribe_msg_change_event.
func (p *Platform) ChangeConsent(openid, templateID string, accept bool) (*Exchange, error) {
	err := p.withUser(openid, func(u *user) {
		if accept {
			u.addConsent(templateID, 1)
		} else {
			delete(u.consents, templateID)
		}
	})
	if err != nil {
		return nil, err
	}
	var b xmlBuilder
	b.WriteString("<SubscribeMsgChangeEvent><List>")
	b.text("TemplateId", templateID)
	b.text("SubscribeStatusString", acceptance(accept))
	b.WriteString("</List></SubscribeMsgChangeEvent>")
	m := eventPush(openid, "subscribe_msg_change_event")
	m.fields = []field{{nested: b.String()}}
	return p.exchange(m)
}

func acceptance(accept bool) string {
	if accept {
		return "accept"
	}
	return "reject"
}
