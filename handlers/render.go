package handlers

import (
	"encoding/json"
	"fmt"
	"strings"

	"greendesk/bot"
	"greendesk/internal/wechat"
)

// Renderer writes the bot's replies as WeChat texts.
type Renderer struct {
	BaseURL string // of our own pages, without a slash at its end
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
		out = append(out, `<a href="`+r.BaseURL+l.Path+`">`+plain(l.Label)+`</a>`)
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
		out = append(out, wechat.MenuLink(t.ID, t.Label, t.Label))
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

// Owed renders a stored delivery by itself.
func (r Renderer) Owed(body string) string {
	return r.Text(late(body))
}

// late reads a stored delivery and opens it with a word on why it comes now.
func late(body string) bot.Reply {
	var reply bot.Reply
	if json.Unmarshal([]byte(body), &reply) != nil {
		reply.Text = body
	}
	reply.Text = bot.Late + "\n" + reply.Text
	return reply
}

// waitingRoom is how much of a message a waiting text may take when both do
// not fit whole, in bytes. Its page has the rest.
const waitingRoom = 700

// Both says what was waiting first, then the reply. What does not fit is
// shortened: further links first, then the taps, then the waiting text. It
// reports false when even that does not help.
func (r Renderer) Both(waiting string, reply bot.Reply) (string, bool) {
	first := late(waiting)
	first.Taps = nil
	for _, shorten := range []func(){
		func() {},
		func() { first.Links, reply.Links = atMostOne(first.Links), atMostOne(reply.Links) },
		func() { reply.Taps = nil },
		func() { first.Text = wechat.SplitText(first.Text, waitingRoom)[0] + "…" },
	} {
		shorten()
		text := join(first.Text, r.links(first.Links), "") + "\n\n———\n" + join(r.body(reply), r.links(reply.Links), r.taps(reply.Taps))
		if len(text) <= wechat.MaxTextBytes {
			return text, true
		}
	}
	return "", false
}

func atMostOne(ls []bot.Link) []bot.Link { return ls[:min(1, len(ls))] }
