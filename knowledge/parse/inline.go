package parse

import (
	"html"
	"regexp"
	"strings"

	xhtml "golang.org/x/net/html"
)

// Marks put around bold text while a line is cleaned. They are private-use characters
// and never leave this file.
const (
	boldOn  = "\ue000"
	boldOff = "\ue001"
)

var (
	attrRE   = regexp.MustCompile(`\{\s*(?:[#.][\w-]+|[\w:-]+=(?:"[^"]*"|'[^']*'|[\w-]+))(?:\s+(?:[#.][\w-]+|[\w:-]+=(?:"[^"]*"|'[^']*'|[\w-]+)))*\s*\}`)
	iconRE   = regexp.MustCompile(`:[a-z][a-z0-9_+-]{1,30}:`)
	seeRE    = regexp.MustCompile(`\*?\[\s*查看(?:原文|详情|全文)\s*\]\([^)]*\)\*?`)
	imageRE  = regexp.MustCompile(`!\[([^\]]*)\]\([^)\s]*(?:\s+"[^"]*")?\)`)
	linkRE   = regexp.MustCompile(`\[([^\[\]]*)\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)`)
	anchorRE = regexp.MustCompile(`\[[^\[\]]*\]\(#[^)]*\)`)
	autoRE   = regexp.MustCompile(`<(https?://[^>\s]+|mailto:[^>\s]+)>`)
	strongRE = regexp.MustCompile(`\*\*([^*\n]+)\*\*|__([^_\n]+)__`)
	emRE     = regexp.MustCompile(`(^|[^*\w])\*([^*\s][^*\n]*)\*($|[^*\w])`)
)

// withoutBold takes the marks of bold text away.
var withoutBold = strings.NewReplacer(boldOn, "", boldOff, "")

// span is one line of cleaned text.
type span struct {
	text string
	bold bool
	lead string
}

// inline takes Markdown and HTML marks off one physical line. A <br> begins a new
// line; empty lines are dropped.
func inline(line string) []span {
	if anchorsOnly(line) {
		return nil
	}
	line = withoutBold.Replace(line)
	if strings.ContainsAny(line, "[{:*_") {
		line = seeRE.ReplaceAllString(line, "")
		line = imageRE.ReplaceAllString(line, "$1")
		line = linkRE.ReplaceAllString(line, "$1")
		line = attrRE.ReplaceAllString(line, "")
		line = iconRE.ReplaceAllString(line, "")
		line = strongRE.ReplaceAllString(line, boldOn+"$1$2"+boldOff)
		line = emRE.ReplaceAllString(line, "$1$2$3")
		line = strings.ReplaceAll(line, "`", "")
	}
	if strings.ContainsAny(line, "<&") {
		line = autoRE.ReplaceAllString(line, "$1")
		line = stripTags(line)
	}
	var out []span
	for _, piece := range strings.Split(line, "\n") {
		if s := makeSpan(piece); s.text != "" {
			out = append(out, s)
		}
	}
	return out
}

// plainText is inline for places where only the words count, as headings and cells.
func plainText(s string) string {
	var parts []string
	for _, p := range inline(s) {
		parts = append(parts, p.text)
	}
	return strings.Join(parts, " ")
}

// anchorsOnly reports a line that consists of links into the page: a link table.
func anchorsOnly(line string) bool {
	if !strings.Contains(line, "](#") {
		return false
	}
	rest := html.UnescapeString(anchorRE.ReplaceAllString(line, ""))
	return strings.Trim(squeeze(rest), "-*|、，· ") == ""
}

func makeSpan(piece string) span {
	text := squeeze(withoutBold.Replace(piece))
	s := span{text: text}
	if text == "" || !strings.Contains(piece, boldOn) {
		return s
	}
	piece = squeeze(piece)
	if !strings.HasPrefix(piece, boldOn) {
		return s
	}
	inner, rest, _ := strings.Cut(piece[len(boldOn):], boldOff)
	rest = withoutBold.Replace(rest)
	switch {
	case squeeze(rest) == "":
		s.bold = true
	default:
		s.lead = squeeze(strings.ReplaceAll(inner, boldOn, ""))
	}
	return s
}

// knownTags are the elements that are taken away; anything else that looks like a tag
// is text ("当 a<b 时").
var knownTags = map[string]bool{
	"a": true, "abbr": true, "b": true, "badge": true, "big": true, "blockquote": true, "br": true, "center": true,
	"code": true, "dd": true, "del": true, "details": true, "div": true, "dl": true, "dt": true, "em": true,
	"font": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "hr": true, "i": true,
	"img": true, "ins": true, "kbd": true, "li": true, "mark": true, "o:p": true, "ol": true, "p": true, "pre": true,
	"s": true, "section": true, "small": true, "span": true, "strong": true, "sub": true, "summary": true,
	"sup": true, "table": true, "tbody": true, "td": true, "th": true, "thead": true, "tr": true, "u": true,
	"ul": true, "video": true, "iframe": true, "script": true, "style": true,
}

// stripTags removes known tags and comments and resolves entities.
func stripTags(s string) string {
	var b strings.Builder
	z := xhtml.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case xhtml.ErrorToken:
			b.Write(z.Raw())
			return b.String()
		case xhtml.TextToken:
			b.WriteString(html.UnescapeString(string(z.Raw())))
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken, xhtml.EndTagToken:
			raw := string(z.Raw())
			token := z.Token()
			if !realTag(token) {
				b.WriteString("<" + stripTags(raw[1:]))
				continue
			}
			b.WriteString(tagText(token))
		}
	}
}

// realTag tells an element from text like "a<b 时": that has no known name, or what
// would be its attributes are words.
func realTag(t xhtml.Token) bool {
	if !knownTags[t.Data] {
		return false
	}
	for _, a := range t.Attr {
		for _, r := range a.Key {
			if r > 127 {
				return false
			}
		}
	}
	return true
}

func tagText(t xhtml.Token) string {
	open := t.Type == xhtml.StartTagToken
	switch t.Data {
	case "br", "p", "div", "li", "tr":
		return "\n"
	case "b", "strong":
		if open {
			return boldOn
		}
		return boldOff
	case "badge":
		for _, a := range t.Attr {
			if a.Key == "text" && a.Val != "" {
				return "（" + a.Val + "）"
			}
		}
	}
	return ""
}
