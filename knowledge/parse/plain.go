package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainBlocks reads plain text: one paragraph a line, or hard-wrapped lines, or text
// taken from a paged file, where the end of a page breaks a paragraph in two.
func plainBlocks(text string) []block {
	lines := strings.Split(text, "\n")
	width := wrapWidth(lines)
	var out []block
	var p paragraph
	gap := true // an empty line came before
	for i, raw := range lines {
		line := squeeze(raw)
		if line == "" {
			gap = true
			continue
		}
		if isPageNumber(line, gap && (i+1 == len(lines) || squeeze(lines[i+1]) == "")) {
			continue
		}
		if p.size > 0 && !p.joins(line, indented(raw), gap, width) {
			out = append(out, p.block())
			p = paragraph{}
		}
		p.add(line)
		gap = false
	}
	if p.size > 0 {
		out = append(out, p.block())
	}
	return out
}

// paragraph is put together from the pieces of a broken one.
type paragraph struct {
	pieces []string
	size   int  // bytes
	runes  int  // characters
	stops  bool // it holds the end of a sentence
}

// maxJoined is the longest paragraph, in bytes, that is put together from pieces.
const maxJoined = 20000

func (p *paragraph) block() block { return block{kind: paraBlock, text: strings.Join(p.pieces, "")} }

// add appends a line; Latin words get their blank back.
func (p *paragraph) add(line string) {
	if p.size > 0 {
		x, _ := utf8.DecodeLastRuneInString(p.last())
		y, _ := utf8.DecodeRuneInString(line)
		if x < unicode.MaxASCII && y < unicode.MaxASCII && unicode.IsLetter(x) && unicode.IsLetter(y) {
			p.pieces, p.size, p.runes = append(p.pieces, " "), p.size+1, p.runes+1
		}
	}
	p.pieces, p.size, p.runes = append(p.pieces, line), p.size+len(line), p.runes+runes(line)
	p.stops = p.stops || strings.ContainsAny(line, "。；！？")
}

func (p *paragraph) last() string { return p.pieces[len(p.pieces)-1] }

// joins reports whether line goes on with the paragraph. Across an empty line that is
// so when the paragraph holds a sentence already and stops inside another; a heading or
// a title never does. Within wrapped text it is so when it fills its line.
func (p *paragraph) joins(line string, indented, gap bool, width int) bool {
	if p.size > maxJoined || startsParagraph(line) || endsSentence(p.last()) {
		return false
	}
	if last, _ := utf8.DecodeLastRuneInString(p.last()); last == '：' || last == ':' {
		return false
	}
	if p.stops || p.runes >= 90 {
		return !indented || gap
	}
	return !gap && !indented && width > 0 && p.runes >= width-3
}

// startsParagraph reports a line that cannot be the rest of another one.
func startsParagraph(line string) bool {
	if m := markerOf(line); m.rank != rankNone {
		return true
	}
	if _, ok := articleAt(line); ok {
		return true
	}
	return isAnnex(line) || dateOnly(line)
}

func indented(raw string) bool {
	return strings.HasPrefix(raw, "　") || strings.HasPrefix(raw, "  ") || strings.HasPrefix(raw, "\t") ||
		strings.HasPrefix(raw, "\u2003")
}

// wrapWidth finds the width at which lines are broken, 0 when the text is not wrapped:
// at least a third of the longer lines must have nearly the same length.
func wrapWidth(lines []string) int {
	count := map[int]int{}
	long, most := 0, 0
	for _, l := range lines {
		n := runes(strings.TrimSpace(l))
		if n < 15 || n > 80 {
			continue
		}
		long++
		count[n]++
		most = max(most, n)
	}
	for w := most; w > 15 && long >= 6; w-- {
		if near := count[w] + count[w-1] + count[w-2]; near*3 >= long {
			return w
		}
	}
	return 0
}

// isPageNumber reports lines like "- 3 -", "— 3 —" or "第 3 页 共 9 页". A bare number
// counts when it stands alone between empty lines.
func isPageNumber(line string, alone bool) bool {
	if runes(line) > 14 {
		return false
	}
	s := narrowDigits(line)
	core := strings.Trim(s, "-—－–· ")
	marked := core != s || strings.Contains(s, "页")
	core = strings.TrimSpace(strings.TrimPrefix(core, "第"))
	if before, _, ok := strings.Cut(core, "页"); ok {
		core = strings.TrimSpace(before)
	}
	if len(core) > 3 || strings.Trim(core, "0123456789") != "" {
		return false
	}
	return marked || (alone && core != "")
}
