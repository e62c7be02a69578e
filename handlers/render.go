package handlers

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"greendesk/bot"
	"greendesk/desk"
	"greendesk/internal/wechat"
)

// Renderer writes the bot's replies as WeChat texts.
type Renderer struct {
	BaseURL string // of our own pages, without a slash at its end
	Passes  Passes

	pass func() string // of the one contact that reads it; nil for anybody
}

// Text renders a reply within the platform's limit: what does not fit is left
// out in the order of its weight: further links, then taps, then the tail of
// the text, which stands whole on the linked page.
func (r Renderer) Text(reply bot.Reply) string {
	links := r.links(reply.Links)
	taps := r.taps(reply.Taps)
	for {
		text := join(r.body(reply), links, taps)
		switch {
		case len(text) <= wechat.MaxTextBytes:
			return text
		case len(links) > 1:
			links = links[:len(links)-1]
		case taps != "":
			taps = ""
		default:
			room := wechat.MaxTextBytes - len(join("", links, ""))
			parts := wechat.SplitText(reply.Text, room-len("…\n"))
			return join(parts[0]+"…", links, "")
		}
	}
}

// body is a reply's text with the choices under it.
func (r Renderer) body(reply bot.Reply) string {
	var b strings.Builder
	b.WriteString(reply.Text)
	for i, c := range reply.Choices {
		fmt.Fprintf(&b, "\n%d. %s", i+1, wechat.MenuLink(c.ID, c.Label, c.Label))
	}
	return b.String()
}

func join(text string, links []string, taps string) string {
	parts := []string{text}
	if len(links) > 0 {
		parts = append(parts, strings.Join(links, "\n"))
	}
	if taps != "" {
		parts = append(parts, taps)
	}
	return strings.Join(parts, "\n\n")
}

func (r Renderer) links(ls []bot.Link) []string {
	var out []string
	for _, l := range ls {
		out = append(out, `<a href="`+r.address(l.Path)+`">`+plain(l.Label)+`</a>`)
	}
	return out
}

// plain keeps a label from closing its tag.
func plain(s string) string {
	return strings.NewReplacer("<", "＜", ">", "＞", "&", "＆", `"`, "”").Replace(s)
}

func (r Renderer) taps(ts []bot.Tap) string {
	var out []string
	for _, t := range ts {
		out = append(out, wechat.MenuLink(t.ID, t.Says(), t.Label))
	}
	return strings.Join(out, " · ")
}

// owedBody is how a reply is stored in a delivery.
func owedBody(reply bot.Reply) string {
	b, err := json.Marshal(reply)
	if err != nil {
		return "" // a Reply holds texts and numbers only
	}
	return string(b)
}

// owed reads a stored delivery as the reply that it is at the time now: a
// notice of a consultation, or a late answer of the bot, opened with a word on
// why it comes now.
func owed(body string, now time.Time) bot.Reply {
	if n, ok := desk.NoticeOf(body); ok {
		return bot.Noticed(n, now)
	}
	var reply bot.Reply
	if json.Unmarshal([]byte(body), &reply) != nil {
		reply.Text = body
	}
	reply.Text = bot.Late + "\n" + reply.Text
	return reply
}

// portion is a part of an owed text that fits a message.
type portion struct {
	text string
	upto int // bytes of the owed text that are said with it
	left int // bytes that are still to be said
}

// portion renders what comes next of an owed reply of which said bytes have been
// said, in at most room bytes. follows tells that the next piece is sent right
// after this one; otherwise what is left is a tap and a page away.
func (r Renderer) portion(reply bot.Reply, said, room int, follows bool) portion {
	said = min(max(said, 0), len(reply.Text))
	rest := reply.Text[said:]
	whole := join(strings.TrimSpace(rest), r.links(reply.Links), r.taps(reply.Taps))
	if len(whole) <= room {
		return portion{text: whole, upto: len(reply.Text)}
	}
	more := join("", r.links(atMostOne(reply.Links)), r.taps([]bot.Tap{bot.TapMore}))
	if follows {
		more = ""
	}
	parts := wechat.SplitText(rest, max(room-len(more), minPiece))
	if len(parts) == 0 { // the text has been said, what is left are links and taps
		return portion{text: join("", r.links(atMostOne(reply.Links)), ""), upto: len(reply.Text)}
	}
	upto := said + strings.Index(rest, parts[0]) + len(parts[0])
	return portion{text: parts[0] + more, upto: upto, left: len(strings.TrimSpace(reply.Text[upto:]))}
}

// minPiece is the least of a text that is worth a message, in bytes.
const minPiece = 120

// waitingRoom is how much of a message a waiting text may take when both do
// not fit whole, in bytes. The rest is a tap away.
const waitingRoom = 700

// both says what was waiting first, then the reply. What does not fit is
// shortened: further links first, then the reply's taps, then the waiting text.
// It reports false when even that does not help.
func (r Renderer) both(waiting bot.Reply, said int, reply bot.Reply) (portion, bool) {
	for _, shorten := range []func(){
		func() {},
		func() { waiting.Links, reply.Links = atMostOne(waiting.Links), atMostOne(reply.Links) },
		func() { reply.Taps = nil },
	} {
		shorten()
		p := r.portion(waiting, said, wechat.MaxTextBytes, false)
		p.text += between + r.unbounded(reply)
		if p.left == 0 && len(p.text) <= wechat.MaxTextBytes {
			return p, true
		}
	}
	p := r.portion(waiting, said, waitingRoom, false)
	p.text += between + r.unbounded(reply)
	return p, len(p.text) <= wechat.MaxTextBytes
}

// between parts what was owed from the answer to the message.
const between = "\n\n———\n"

// unbounded renders a reply whatever its length.
func (r Renderer) unbounded(reply bot.Reply) string {
	return join(r.body(reply), r.links(reply.Links), r.taps(reply.Taps))
}

func atMostOne(ls []bot.Link) []bot.Link { return ls[:min(1, len(ls))] }
