package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// field is one element of a push.
type field struct {
	name   string
	value  string
	number bool // written bare, not as CDATA
	nested string
}

func textField(name, value string) field   { return field{name: name, value: value} }
func numberField(name, value string) field { return field{name: name, value: value, number: true} }

// push is a message or event on its way, with what it does to the phone and the ledger.
type push struct {
	openid  string
	kind    string // MsgType, or Event for events
	event   bool
	msgID   string // messages only
	created int64
	fields  []field
	bubble  *Bubble
	opens   window
	visible bool // a fault shows the fault line
}

type window int

const (
	opensNothing window = iota
	opensMessage
	opensAct
)

// xml is the plaintext of the push.
func (m *push) xml(toUser string) string {
	var b xmlBuilder
	b.WriteString("<xml>")
	b.WriteString(m.elements(toUser))
	b.WriteString("</xml>")
	return b.String()
}

// elements is the plaintext without its root, for Compat.
func (m *push) elements(toUser string) string {
	var b xmlBuilder
	b.text("ToUserName", toUser)
	b.text("FromUserName", m.openid)
	b.number("CreateTime", m.created)
	if m.event {
		b.text("MsgType", "event")
		b.text("Event", m.kind)
	} else {
		b.text("MsgType", m.kind)
	}
	for _, f := range m.fields {
		switch {
		case f.nested != "":
			b.WriteString(f.nested)
		case f.number:
			b.number(f.name, f.value)
		default:
			b.text(f.name, f.value)
		}
	}
	if m.msgID != "" {
		b.number("MsgId", m.msgID)
	}
	return b.String()
}

// setField replaces a field's value or adds the field.
func (m *push) setField(name, value string) {
	for i := range m.fields {
		if m.fields[i].name == name {
			m.fields[i].value = value
			return
		}
	}
	m.fields = append(m.fields, textField(name, value))
}

// spoil applies the faults that change a genuine push's content and names them.
func (m *push) spoil(f *Faults) string {
	var struck []string
	hit := func(name Fault) bool {
		if !f.strike(name) {
			return false
		}
		struck = append(struck, string(name))
		return true
	}
	if m.kind == "text" {
		content := ""
		for _, fl := range m.fields {
			if fl.name == "Content" {
				content = fl.value
			}
		}
		if hit(FaultControlChars) {
			m.setField("Content", "\b\x01"+content+"\x1f")
		}
		if hit(FaultOversized) {
			m.setField("Content", content+strings.Repeat("长", 100*1024))
		}
		if hit(FaultBadMenuID) {
			m.setField("bizmsgmenuid", "转专家#"+strconv.Itoa(len(content)))
		}
	}
	return strings.Join(struck, " ")
}

// SendText writes a text message from the person to the account and returns once the push has ended. The error says why
// the phone could not send; a server's failure is in the exchange.
func (p *Platform) SendText(openid, text string) (*Exchange, error) {
	return p.exchange(textPush(openid, text))
}

func textPush(openid, text string) push {
	return push{
		openid: openid, kind: "text", fields: []field{textField("Content", text)}, opens: opensMessage, visible: true,
		bubble: &Bubble{Type: "text", Text: text},
	}
}

// TapMenuLink taps a weixin://bizmsgmenu link or a msgmenu choice: content goes back as text with bizmsgmenuid.
func (p *Platform) TapMenuLink(openid, id, content string) (*Exchange, error) {
	return p.exchange(tapPush(openid, id, content))
}

func tapPush(openid, id, content string) push {
	m := textPush(openid, content)
	m.opens = opensAct
	m.fields = append(m.fields, textField("bizmsgmenuid", id))
	return m
}

// SendImage sends a picture; nil data sends a small sample.
func (p *Platform) SendImage(openid string, data []byte) (*Exchange, error) {
	return p.exchange(p.imagePush(openid, data, ""))
}

func (p *Platform) imagePush(openid string, data []byte, contentType string) push {
	if data == nil {
		data, contentType = samplePicture(), "image/png"
	}
	m := p.storeMedia("image", contentType, data)
	return push{
		openid: openid, kind: "image", opens: opensMessage, visible: true,
		fields: []field{textField("PicUrl", p.opt.BaseURL+"/mmbiz/"+m.ID), textField("MediaId", m.ID)},
		bubble: &Bubble{Type: "image", Text: "[图片]", MediaID: m.ID},
	}
}

// SendVoice sends a voice message of that length. Recognition is retired on the platform: the element is empty.
func (p *Platform) SendVoice(openid string, length time.Duration) (*Exchange, error) {
	return p.exchange(p.voicePush(openid, length))
}

func (p *Platform) voicePush(openid string, length time.Duration) push {
	low := p.storeMedia("voice", "audio/amr", sampleVoice(length, 8))
	high := p.storeMedia("voice", "audio/amr", sampleVoice(length, 16))
	return push{
		openid: openid, kind: "voice", opens: opensMessage, visible: true,
		fields: []field{
			textField("MediaId", low.ID), textField("Format", "amr"), textField("MediaId16K", high.ID), textField("Recognition", ""),
		},
		bubble: &Bubble{Type: "voice", Text: fmt.Sprintf("[语音 %d″]", max(1, int(length.Seconds()))), MediaID: low.ID},
	}
}

// SendVideo sends a video message (kind video).
func (p *Platform) SendVideo(openid string) (*Exchange, error) {
	video := p.storeMedia("video", "video/mp4", []byte("\x00\x00\x00\x18ftypmp42simulated video"))
	thumb := p.storeMedia("thumb", "image/png", samplePicture())
	return p.exchange(push{
		openid: openid, kind: "video", opens: opensMessage, visible: true,
		fields: []field{textField("MediaId", video.ID), textField("ThumbMediaId", thumb.ID)},
		bubble: &Bubble{Type: "video", Text: "[视频]", MediaID: thumb.ID},
	})
}

// SendLocation sends a place: latitude, longitude (degrees) and its label.
func (p *Platform) SendLocation(openid string, lat, lon float64, label string) (*Exchange, error) {
	return p.exchange(locationPush(openid, lat, lon, label))
}

func locationPush(openid string, lat, lon float64, label string) push {
	return push{
		openid: openid, kind: "location", opens: opensMessage, visible: true,
		fields: []field{
			numberField("Location_X", strconv.FormatFloat(lat, 'f', 6, 64)), numberField("Location_Y", strconv.FormatFloat(lon, 'f', 6, 64)),
			numberField("Scale", "16"), textField("Label", label),
		},
		bubble: &Bubble{Type: "location", Text: label, Lat: lat, Lon: lon},
	}
}

// SendLink shares a web page.
func (p *Platform) SendLink(openid, title, description, address string) (*Exchange, error) {
	return p.exchange(push{
		openid: openid, kind: "link", opens: opensMessage, visible: true,
		fields: []field{textField("Title", title), textField("Description", description), textField("Url", address)},
		bubble: &Bubble{Type: "link", Title: title, Text: description, URL: webURL(address)},
	})
}
