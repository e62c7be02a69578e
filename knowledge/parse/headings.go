package parse

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Longest texts, in characters, that still count as a heading found in the text.
const (
	maxHeading = 60
	maxBold    = 40
	maxLead    = 40

	maxMarked   = 200  // of a line that the file itself marks as a heading
	maxQuestion = 2000 // of a question that is one
)

// para reads a paragraph: the beginning of an article or a chapter, a heading, or text.
func (b *builder) para(bl block, next *block) {
	line := bl.text
	if b.articles && b.article(line) {
		return
	}
	m := markerOf(line)
	if m.rank != rankNone && m.rank <= rankPart && runes(line) <= maxHeading && !endsSentence(line) {
		b.push(heading{text: line, rank: m.rank})
		return
	}
	if isAnnex(line) && runes(line) <= 12 && b.box.kind != titleBox {
		b.close()
		b.unused(0)
		b.stack = nil
		b.annex = b.annex || b.last > 0
		b.push(heading{text: line, level: 1})
		return
	}
	if b.annexTitle(line, m) {
		b.stack[len(b.stack)-1].text += " " + line
		return
	}
	if b.inArticles() {
		if b.brokenChapter(line, m) {
			b.push(heading{text: line, rank: rankPart})
			return
		}
		if b.partHeading(line, m, next) {
			b.push(heading{text: line, rank: m.rank})
			return
		}
		b.text(line)
		return
	}
	if b.box.kind == titleBox && b.saved == nil || b.note() {
		b.text(line)
		return
	}
	b.section(bl, m, next)
}

// annexTitle reports the line right under 附件 or 附表 that names it.
func (b *builder) annexTitle(line string, m marker) bool {
	n := len(b.stack)
	return b.cur == nil && n > 0 && !b.stack[n-1].used && isAnnex(b.stack[n-1].text) &&
		m.rank == rankNone && runes(line) <= maxBold && !endsSentence(line)
}

// inArticles: between the first and the last article only chapters are headings.
func (b *builder) inArticles() bool { return b.articles && b.last > 0 && !b.annex && b.saved == nil }

// brokenChapter reports a short line right under a chapter: the rest of its title, or
// a 节 that lost its number.
func (b *builder) brokenChapter(line string, m marker) bool {
	n := len(b.stack)
	return b.cur == nil && n > 0 && !b.stack[n-1].used && b.stack[n-1].rank != rankNone && b.stack[n-1].rank <= rankChapter &&
		m.rank == rankNone && runes(line) <= 30 && !endsSentence(line)
}

// note: inside 备注, 注 and the like numbers are items, not headings.
func (b *builder) note() bool { return b.box.kind == titleBox && strings.Contains(b.box.title, "注") }

// partHeading reports "一、受案范围" between two articles of a judicial interpretation.
func (b *builder) partHeading(line string, m marker, next *block) bool {
	if m.rank != rankHan || runes(line) > maxBold || endsSentence(line) || next == nil || strings.HasSuffix(line, "，") {
		return false
	}
	h, ok := articleAt(next.text)
	return ok && b.follows(h)
}

// section reads a paragraph of a document without articles.
func (b *builder) section(bl block, m marker, next *block) {
	line := bl.text
	if !b.began && len(b.stack) == 0 && titleLine(line, b.title) {
		return
	}
	switch {
	case bl.bold && (m.rank != rankNone || runes(line) <= maxBold && !strings.HasSuffix(line, "。")):
		r := m.rank
		if r == rankNone {
			r = rankBold
		} else {
			b.run[r] = runState{asHeading, m.n}
		}
		b.bold(line, r)
		return
	case bl.lead != "" && isLead(bl.lead) && runes(bl.lead) <= maxBold:
		r := m.rank
		if r == rankNone {
			r = rankBold
		}
		b.push(heading{text: bl.lead, rank: r})
		if rest := strings.TrimSpace(strings.TrimPrefix(line, bl.lead)); rest != "" {
			b.text(rest)
		}
		return
	case m.rank != rankHan && m.rank != rankHanPar && m.rank != rankArab:
		b.text(line)
		return
	}
	switch b.style(line, m, next) {
	case asHeading:
		b.push(heading{text: line, rank: m.rank})
	case asRunIn, asItem:
		b.push(heading{text: leadOf(line), rank: m.rank})
		b.text(line)
	default:
		b.text(line)
	}
}

// bold opens a bold heading. A whole bold paragraph names its section by its first
// words and is its first paragraph.
func (b *builder) bold(line string, r rank) {
	if runes(line) <= maxHeading && !strings.HasSuffix(line, "。") {
		b.push(heading{text: line, rank: r})
		return
	}
	b.push(heading{text: firstWords(line), rank: r})
	b.text(line)
}

// pushAny opens a heading of the file. One that is too long is repeated in every name
// below it, and is read like a bold paragraph.
func (b *builder) pushAny(h heading) {
	limit := maxMarked
	if b.qa && isQuestion(h.text) {
		limit = maxQuestion
	}
	if runes(h.text) <= limit {
		b.push(h)
		return
	}
	line := h.text
	h.text = firstWords(line)
	b.push(h)
	b.text(line)
}

// firstWords shortens a paragraph to a heading, at a stop when there is one.
func firstWords(line string) string {
	lead := strings.TrimRight(line, "。")
	if runes(lead) > maxMarked {
		lead = cut(lead, maxMarked)
	}
	for runes(lead) > maxHeading {
		i := strings.LastIndexAny(strings.TrimRight(lead, "，。；："), "，。；：")
		if i <= 0 {
			lead = cut(lead, maxHeading)
			break
		}
		lead = lead[:i]
	}
	return strings.TrimRight(lead, "，。；：")
}

// style decides how a numbered paragraph is read. The first of a run (number one)
// decides for the others; a number out of turn is text.
func (b *builder) style(line string, m marker, next *block) style {
	run := &b.run[m.rank]
	own := styleOf(line, m, next)
	if m.n == 1 {
		*run = runState{own, 1}
		return own
	}
	if run.n == 0 || m.n < run.n || m.n > run.n+3 {
		return asText
	}
	run.n = m.n
	switch run.style {
	case asText:
		return asText
	case asHeading, asRunIn:
		if own == asText || own == asItem && m.rank != rankHan {
			return asText
		}
		return own
	}
	if own == asText {
		return asItem
	}
	return own
}

func styleOf(line string, m marker, next *block) style {
	body := line[m.end:]
	last, _ := utf8.DecodeLastRuneInString(body)
	closed := strings.ContainsRune("。；;！？!?，,、", last)
	limit := maxHeading
	if m.rank == rankArab {
		limit = maxBold
	}
	if !closed && runes(body) <= limit && !strings.ContainsAny(body, "。；") && hasBody(m, next) {
		return asHeading
	}
	if m.rank == rankArab || last == '；' || last == ';' || last == '，' {
		return asText
	}
	if lead, rest, ok := strings.Cut(body, "。"); ok && runes(lead) <= maxLead && runes(rest) >= 10 &&
		!strings.ContainsAny(lead, "；：“") {
		return asRunIn
	}
	if m.rank == rankHan && last != ':' && last != '：' {
		return asItem
	}
	if m.rank == rankHan && runes(body) <= maxLead {
		return asHeading
	}
	if m.rank == rankHan {
		return asItem
	}
	return asText
}

// hasBody: a heading is followed by something else than its own next number.
func hasBody(m marker, next *block) bool {
	if next == nil {
		return false
	}
	if next.kind != paraBlock {
		return true
	}
	n := markerOf(next.text)
	return n.rank != m.rank
}

// leadOf names a paragraph by its words up to the first stop.
func leadOf(line string) string {
	m := markerOf(line)
	body := line[m.end:]
	if lead, rest, ok := strings.Cut(body, "。"); ok && runes(lead) <= maxLead && rest != "" && !strings.ContainsAny(lead, "；：") {
		return line[:m.end] + lead
	}
	skip := len(sinceRE.FindString(body))
	if i := strings.IndexAny(body[skip:], "，。；：:;"); i > 0 {
		body = body[:skip+i]
	}
	return line[:m.end] + strings.TrimRight(cut(body, maxLead), "、，")
}

// sinceRE: 自2019年3月26日起， names nothing.
var sinceRE = regexp.MustCompile(`^自[^，。；]{2,20}起，`)

// isLead: a bold beginning is a heading when it has a number or ends like one.
func isLead(lead string) bool {
	if _, ok := articleAt(lead); ok {
		return false
	}
	return markerOf(lead).rank != rankNone || strings.HasSuffix(lead, "：") || strings.HasSuffix(lead, ":") || strings.HasSuffix(lead, "。")
}

func isQuestion(s string) bool {
	s = strings.TrimRight(s, " ”’")
	return strings.HasSuffix(s, "？") || strings.HasSuffix(s, "?")
}

// sameTitle compares two titles without blanks and separators.
func sameTitle(a, b string) bool { return a != "" && TitleKey(a) == TitleKey(b) }

// titleLine reports a line at the top that repeats the title or a piece of it, as
// titles are broken over lines.
func titleLine(line, title string) bool {
	piece := TitleKey(line)
	return runes(piece) >= 4 && strings.Contains(TitleKey(title), piece) && !endsSentence(line)
}
