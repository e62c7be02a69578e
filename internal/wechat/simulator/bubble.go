package simulator

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Who wrote a bubble.
const (
	FromUser    = "user"
	FromAccount = "account"
	FromSystem  = "system" // grey lines, the fault line among them
)

// FaultLine is what a user reads when the account's server fails.
const FaultLine = "该公众号提供的服务出现故障，请稍后再试"

// Bubble is one entry of a chat as the phone shows it.
type Bubble struct {
	ID   int64     `json:"id"` // ascending over all chats
	At   time.Time `json:"at"` // virtual time
	From string    `json:"from"`
	// Via is how it came: message (by the user), passive, custom, template, subscribe, event, fault.
	Via string `json:"via"`
	// Type is text, image, voice, video, music, location, link, news, msgmenu, template, miniprogram, transfer or notice.
	Type     string     `json:"type"`
	Text     string     `json:"text"`            // plain text of the whole bubble, for tests and screen readers
	Parts    []Part     `json:"parts,omitempty"` // Text cut into runs and tappable links; text and msgmenu only
	Title    string     `json:"title,omitempty"`
	URL      string     `json:"url,omitempty"`     // link or template target, http(s) only
	MediaID  string     `json:"mediaId,omitempty"` // picture, voice, video: see Platform.Media
	Lat      float64    `json:"lat,omitempty"`
	Lon      float64    `json:"lon,omitempty"`
	Articles []Article  `json:"articles,omitempty"`
	Fields   []Field    `json:"fields,omitempty"` // of a template message, in the template's order
	Items    []MenuItem `json:"items,omitempty"`  // of a msgmenu
	Tail     []Part     `json:"tail,omitempty"`   // of a msgmenu
	AI       bool       `json:"ai,omitempty"`     // marked with aimsgcontext.is_ai_msg
	Exchange int64      `json:"exchange,omitempty"`
}

// Part is a run of text; with Href a tappable one. A bizmsgmenu link has MenuID and Content and no Href.
type Part struct {
	Text    string `json:"text"`
	Href    string `json:"href,omitempty"` // http(s) only
	Menu    bool   `json:"menu,omitempty"`
	MenuID  string `json:"menuId,omitempty"`
	Content string `json:"content,omitempty"` // what a tap sends back
}

// MenuItem is one choice of a msgmenu message.
type MenuItem struct {
	ID      string `json:"id"`
	Content string `json:"content"`
}

// Article is one card of a news message. URLs are http(s) or empty.
type Article struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	PicURL      string `json:"picUrl,omitempty"`
	URL         string `json:"url,omitempty"`
}

// Field is one line of a template message.
type Field struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Value string `json:"value"`
}

var (
	anchor = regexp.MustCompile(`(?is)<a\s([^<>]*)>(.*?)</a\s*>`)
	href   = regexp.MustCompile(`(?is)(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
	tags   = regexp.MustCompile(`(?s)<[^<>]*>`)
	bare   = regexp.MustCompile(`https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+`)
)

// ParseParts cuts an account's text into runs and links as the phone shows them: `<a href>` with an http(s) or
// weixin://bizmsgmenu address is a link, a bare http(s) address too; anything else is text as it stands.
// A link to any other scheme keeps its label and loses its target.
func ParseParts(text string) []Part {
	var parts []Part
	for text != "" {
		m := anchor.FindStringSubmatchIndex(text)
		if m == nil {
			return appendText(parts, text)
		}
		parts = appendText(parts, text[:m[0]])
		label := html.UnescapeString(tags.ReplaceAllString(text[m[4]:m[5]], ""))
		target := ""
		if h := href.FindStringSubmatch(text[m[2]:m[3]]); h != nil {
			target = html.UnescapeString(h[1] + h[2] + h[3])
		}
		parts = append(parts, linkPart(label, target))
		text = text[m[1]:]
	}
	return parts
}

// linkPart decides what a label with a target may do.
func linkPart(label, target string) Part {
	if content, id, ok := menuTarget(target); ok {
		return Part{Text: label, Menu: true, MenuID: id, Content: content}
	}
	return Part{Text: label, Href: webURL(target)}
}

// menuTarget reads weixin://bizmsgmenu?msgmenucontent=…&msgmenuid=….
func menuTarget(target string) (content, id string, ok bool) {
	rest, found := strings.CutPrefix(target, "weixin://bizmsgmenu?")
	if !found {
		return "", "", false
	}
	for pair := range strings.SplitSeq(rest, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(value); err == nil {
			value = decoded
		}
		switch name {
		case "msgmenucontent":
			content = value
		case "msgmenuid":
			id = value
		}
	}
	return content, id, content != ""
}

// webURL is target when it is an absolute http(s) address, else "".
func webURL(target string) string {
	u, err := url.Parse(strings.TrimSpace(target))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

// appendText appends text, with bare addresses as links.
func appendText(parts []Part, text string) []Part {
	for text != "" {
		m := bare.FindStringIndex(text)
		if m == nil {
			return append(parts, Part{Text: text})
		}
		address := strings.TrimRight(text[m[0]:m[1]], ".,;:!?'")
		if m[0] > 0 {
			parts = append(parts, Part{Text: text[:m[0]]})
		}
		parts = append(parts, Part{Text: address, Href: webURL(address)})
		text = text[m[0]+len(address):]
	}
	return parts
}

// plainText is what a person reads of the parts.
func plainText(parts []Part) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(part.Text)
	}
	return b.String()
}

// show appends a bubble to a chat and stamps it. The caller holds p.mu and calls changed afterwards.
func (p *Platform) show(u *user, b Bubble) Bubble {
	p.nextBubble++
	b.ID, b.At = p.nextBubble, p.clock.Now()
	if b.From == FromAccount {
		u.typingUntil = time.Time{}
		u.unseen++
	}
	u.bubbles = append(u.bubbles, b)
	if len(u.bubbles) > maxBubbles+maxBubbles/4 {
		u.bubbles = append([]Bubble(nil), u.bubbles[len(u.bubbles)-maxBubbles:]...)
	}
	return b
}

// Transcript is a person's chat, oldest first (at least the newest 400 bubbles). Nil for an unknown person.
func (p *Platform) Transcript(openid string) []Bubble {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[openid]
	if u == nil {
		return nil
	}
	return append([]Bubble(nil), u.bubbles...)
}
