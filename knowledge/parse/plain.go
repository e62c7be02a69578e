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
		if n := len(out); n > 0 && joins(out[n-1].text, raw, gap, width) {
			out[n-1].text = glue(out[n-1].text, line)
			gap = false
			continue
		}
		out = append(out, block{kind: paraBlock, text: line})
		gap = false
	}
	return out
}

// maxJoined is the longest paragraph, in bytes, that is put together from pieces.
const maxJoined = 20000

// joins reports whether raw goes on with the paragraph prev. Across an empty line that
// is so when prev holds a sentence already and stops inside another; a heading or a
// title never does. Within wrapped text it is so when prev fills its line.
func joins(prev, raw string, gap bool, width int) bool {
	line := squeeze(raw)
	if len(prev) > maxJoined || startsParagraph(line) || endsSentence(prev) {
		return false
	}
	if last, _ := utf8.DecodeLastRuneInString(prev); last == '：' || last == ':' {
		return false
	}
	if strings.ContainsAny(prev, "。；！？") || runes(prev) >= 90 {
		return !indented(raw) || gap
	}
	return !gap && !indented(raw) && width > 0 && runes(prev) >= width-3
}

// startsParagraph reports a line that cannot be the rest of another one.
func startsParagraph(line string) bool {
	if m := markerOf(line); m.rank != rankNone {
		return true
	}
	if _, ok := articleAt(line); ok {
		return true
	}
	return annexRE.MatchString(line) || dateOnly(line)
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

// glue joins two pieces of a broken line; Latin words get their blank back.
func glue(a, b string) string {
	x, _ := utf8.DecodeLastRuneInString(a)
	y, _ := utf8.DecodeRuneInString(b)
	if x < unicode.MaxASCII && y < unicode.MaxASCII && unicode.IsLetter(x) && unicode.IsLetter(y) {
		return a + " " + b
	}
	return a + b
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
