package parse

import (
	"strings"
	"unicode"
)

type blockKind int

const (
	paraBlock blockKind = iota
	headBlock
	rowBlock
	ruleBlock // a horizontal rule
)

// block is one line of a document after its format has been taken away.
type block struct {
	kind  blockKind
	text  string
	level int    // headBlock: 1 to 6
	bold  bool   // all of the line is bold
	lead  string // the bold beginning of a line that is not all bold
	box   box
	head  []string  // rowBlock: the header cells, may be empty
	cells []string  // rowBlock
	row   *tableRow // rowBlock of a table whose rows are named; instead of head and cells
	short bool      // headBlock: its number alone names it in the document
	ends  bool      // paraBlock without text: the table above it is over
}

// boxKind is what a container, a region marked by the site or by HTML, is for.
type boxKind int

const (
	noBox    boxKind = iota
	noteBox          // how and when the document was made: 题注
	signBox          // signature: 落款
	titleBox         // a container with a title of its own
)

type box struct {
	kind  boxKind
	id    int // tells neighbouring boxes apart, 0 outside
	title string
}

// zeroWidth are invisible characters that web pages leave in texts.
const zeroWidth = "\u200b\u200c\u200d\u2060\ufeff\u00ad"

// squeeze makes every run of blanks one blank, removes invisible characters and trims.
func squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u3000':
			blank = b.Len() > 0
			continue
		case strings.ContainsRune(zeroWidth, r) || (unicode.IsControl(r)):
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// tight removes every blank between two characters of which one is not ASCII:
// 企业 绿色发展 → 企业绿色发展.
func tight(s string) string {
	s = squeeze(s)
	if !strings.Contains(s, " ") {
		return s
	}
	rs := []rune(s)
	out := rs[:0:0]
	for i, r := range rs {
		if r == ' ' && i > 0 && i+1 < len(rs) && (rs[i-1] >= 0x2E80 || rs[i+1] >= 0x2E80) {
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

// chapterTitle writes 第一章 总　则 as 第一章 总则: blanks that only spread the
// characters of a title go, one blank stays behind the number.
func chapterTitle(s string) string {
	s = squeeze(s)
	m := markerOf(s)
	if m.rank == rankNone || m.rank > rankPart {
		return s
	}
	name := strings.TrimLeft(s[m.end:], ":： ")
	spread := true
	for _, part := range strings.Fields(name) {
		if runes(part) > 1 {
			spread = false
		}
	}
	if spread {
		name = strings.ReplaceAll(name, " ", "")
	}
	number := strings.TrimRight(s[:m.end], " :：")
	if name == "" {
		return number
	}
	return number + " " + name
}
