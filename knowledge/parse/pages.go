package parse

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"greendesk/knowledge/layout"
)

// ErrScan is a paged file that holds pictures of text, or text that no reader could
// make out.
var ErrScan = fmt.Errorf("是扫描件，没有文字层，程序读不到字")

// Pages reads a document of which every character's place is known. name is its file
// name; a title or a date in it counts when the text has none. It is ErrScan when the
// pages hold next to no text.
//
// Letters and digits that are as wide as a Chinese character become narrow, raised
// digits become ¹²³, running heads and page numbers go; the rest is verbatim.
func Pages(name string, pages []layout.Page) (Document, error) {
	empty, text := emptyPages(pages)
	if len(empty) > text {
		return Document{}, ErrScan
	}
	d, err := office(name, pageBlocks(layout.Read(pages)))
	if err == nil && len(empty) > 0 {
		d.Warnings = append(d.Warnings, "第"+strings.Join(empty, "、")+"页没有文字，可能是扫描的图片，里面的内容没有导入。")
	}
	return d, err
}

// finish makes clauses of the blocks and derives what is still unknown.
func (d *Document) finish(blocks []block, name string) (Document, error) {
	d.structure(blocks)
	if len(d.Clauses) == 0 {
		return Document{}, ErrEmpty
	}
	d.complete(name)
	return *d, nil
}

// minText is how many characters a page has that is no picture.
const minText = 8

// emptyPages numbers the pages that are pictures, and counts those that hold text. A
// page whose characters have no meaning counts as a picture too.
func emptyPages(pages []layout.Page) (empty []string, text int) {
	for i, p := range pages {
		n := 0
		for _, c := range p.Chars {
			if c.R != utf8.RuneError && !unicode.Is(unicode.Co, c.R) && !unicode.IsControl(c.R) {
				n++
			}
		}
		switch garbled := n*2 < len(p.Chars); {
		case n >= minText && !garbled:
			text++
		case p.Picture || garbled && len(p.Chars) >= minText:
			empty = append(empty, itoa(i+1))
		}
	}
	return empty, text
}

func hasArticles(blocks []block) bool {
	_, ok := ownArticles(blocks)
	return ok
}

// leaderRE is a line of a table of contents: a title, dots, a page.
var leaderRE = regexp.MustCompile(`(?:[.．·]\s?){6,}\s*[0-9IVXivxⅠ-ⅿ]*$|…{3,}\s*[0-9IVXivxⅠ-ⅿ]*$`)

// unitRE is the line between a table and its caption that names the unit.
var unitRE = regexp.MustCompile(`^[（(]?(?:计量)?单位\s?[:：].{1,30}$`)

// pageBlocks puts lines together to paragraphs and tables to rows.
func pageBlocks(pieces []layout.Piece) []block {
	var out []block
	var p paragraph
	var last layout.Line
	flush := func() {
		if p.size > 0 {
			out = append(out, p.block())
			p = paragraph{}
		}
	}
	tables := 0
	for i, piece := range pieces {
		if piece.Table != nil {
			flush()
			tables++
			unit := captioned(&out)
			out = append(out, unit...)
			out = append(out, tableToBlocks(*piece.Table, tables)...)
			if n := len(out); n > 0 && out[n-1].row != nil {
				out = append(out, block{kind: paraBlock, ends: true})
			}
			continue
		}
		l := piece.Line
		l.Text = squeeze(l.Text)
		if l.Text == "" || leaderRE.MatchString(l.Text) || strayNumber(pieces, i) {
			flush()
			continue
		}
		if p.size > 0 && begins(l, last, &p) {
			flush()
		}
		p.add(l.Text)
		last = l
	}
	flush()
	return tableNotes(out)
}

// tableNotes names the note below a table after the table.
func tableNotes(blocks []block) []block {
	var out []block
	caption := ""
	for i, bl := range blocks {
		if bl.kind == headBlock && bl.level == captionLevel {
			caption = tableName(bl.text)
		}
		note := i > 0 && (blocks[i-1].ends || blocks[i-1].row != nil) && caption != "" && bl.kind == paraBlock && (strings.HasPrefix(bl.text, "注") || strings.HasPrefix(bl.text, "说明"))
		if note {
			out = append(out, block{kind: headBlock, level: captionLevel, text: caption + " 注", short: true})
		}
		out = append(out, bl)
		if note {
			out = append(out, block{kind: paraBlock, ends: true})
		}
	}
	return out
}

// strayNumber reports a line that is nothing but a small number, as in a drawing.
func strayNumber(pieces []layout.Piece, i int) bool {
	t := strings.TrimSpace(pieces[i].Line.Text)
	return len(t) <= 2 && t != "" && strings.Trim(t, "0123456789") == ""
}

// begins reports whether a line begins a paragraph.
func begins(l, last layout.Line, p *paragraph) bool {
	centred := func(l layout.Line) bool {
		return l.Indent > 3 && l.Short > 3 && l.Indent-l.Short < 3 && l.Short-l.Indent < 3
	}
	switch {
	case p.size > maxJoined, startsParagraph(l.Text), captionRE.MatchString(l.Text), unitRE.MatchString(l.Text):
		return true
	case centred(l) || centred(last), last.Short >= 4:
		return true
	case looksNumbered(l.Text) && (endsSentence(p.last()) || last.Short >= 1.5):
		return true
	}
	indented := l.Indent >= 1.2 && l.Indent-last.Indent > -6
	return indented && (last.Short >= 1.5 || endsSentence(p.last()) || strings.HasSuffix(p.last(), "：")) || l.Apart && endsSentence(p.last())
}

var numberedRE = regexp.MustCompile(`^(?:[A-Z]?[0-9]{1,2}(?:\.[0-9]{1,2}){0,4}(?:\s|\p{Han})|[A-Z](?:\.[0-9]{1,2})+\s|[a-z][)）]|[-—–―]{1,2}\p{Han}|注\s?[0-9]?\s?[:：])`)

// looksNumbered reports a line that may begin with the number of a section or of an
// item in a list. Only its place tells: a line broken before "5 d" looks the same.
func looksNumbered(line string) bool { return numberedRE.MatchString(line) }

// captioned turns the caption right above a table, the last block so far, into a heading.
// A line with the unit between the two is taken out and given back.
func captioned(out *[]block) (unit []block) {
	blocks := *out
	n := len(blocks)
	if n > 0 && blocks[n-1].kind == paraBlock && unitRE.MatchString(blocks[n-1].text) {
		unit = append(unit, blocks[n-1])
		n--
	}
	if n > 0 && blocks[n-1].kind == paraBlock && captionRE.MatchString(blocks[n-1].text) && runes(blocks[n-1].text) <= maxHeading {
		blocks[n-1] = block{kind: headBlock, level: captionLevel, text: blocks[n-1].text, short: true}
		*out = blocks[:n]
		if len(unit) > 0 {
			blocks[n-1].text += "（" + strings.Trim(unit[0].text, "（）()") + "）"
		}
		return nil
	}
	*out = blocks[:n]
	return unit
}

// captionLevel stands below every heading.
const captionLevel = 9
