package wechat

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SplitText cuts s into parts of at most limit bytes (0 or less: MaxTextBytes), for texts that go out as several
// messages. It cuts at the end of a paragraph, else of a line, a sentence, a clause, a word, and only then between two
// characters; never inside a character, and inside a link only when the link alone is too long. Space around a cut is
// dropped, all else stays. A blank s has no parts. A limit under 4 bytes counts as 4: the longest character.
func SplitText(s string, limit int) []string {
	if limit <= 0 {
		limit = MaxTextBytes
	}
	limit = max(limit, utf8.UTFMax)
	var parts []string
	for s = strings.TrimSpace(strings.ToValidUTF8(s, "\ufffd")); len(s) > limit; {
		cut := cutAt(s, limit)
		if part := strings.TrimSpace(s[:cut]); part != "" {
			parts = append(parts, part)
		}
		s = strings.TrimSpace(s[cut:])
	}
	if s != "" {
		parts = append(parts, s)
	}
	return parts
}

// breaks are the places to cut at, best first. A cut comes after the mark and what closes it.
var breaks = [...][]string{
	{"\n\n"},
	{"\n"},
	{"。", "！", "？", "…", "!", "?", ". "},
	{"；", ";", "：", "，", "、", ","},
	{" ", "\t"},
}

// closers may follow the end of a sentence and belong to it.
const closers = "”’』」）》】〕)]"

// cutAt returns where to cut s, which is longer than limit: within limit, at the best break of its last two thirds.
func cutAt(s string, limit int) int {
	window := s[:runeStart(s, limit)]
	if open := strings.LastIndex(window, "<a "); open > 0 && !strings.Contains(window[open:], "</a>") {
		window = window[:open] // keep the link whole
	}
	for _, marks := range breaks {
		best := 0
		for _, mark := range marks {
			if i := strings.LastIndex(window, mark); i >= 0 {
				best = max(best, pastClosers(s, i+len(mark), len(window)))
			}
		}
		if best > len(window)/3 && !insideLink(window, best) {
			return best
		}
	}
	return len(window)
}

// pastClosers moves a cut at i behind closing quotes and brackets; when they do not fit before end, it stays.
func pastClosers(s string, i, end int) int {
	for j := i; j < len(s); {
		r, size := utf8.DecodeRuneInString(s[j:])
		if !strings.ContainsRune(closers, r) {
			return j
		}
		if j += size; j > end {
			return i
		}
	}
	return len(s)
}

func insideLink(s string, at int) bool {
	open := strings.LastIndex(s[:at], "<a ")
	return open >= 0 && !strings.Contains(s[open:at], "</a>")
}

// runeStart returns the largest index of a character's start in s that is at most i.
func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

// MenuLink is an inline menu entry for a text: the user sees label, and a tap sends content back as a text with
// bizmsgmenuid = id. What would end the attribute, the tag or the query parameter is replaced by its full-width
// form, because no document says whether clients undo percent or HTML escapes. Line breaks become spaces.
func MenuLink(id int, content, label string) string {
	return fmt.Sprintf(`<a href="weixin://bizmsgmenu?msgmenucontent=%s&msgmenuid=%d">%s</a>`,
		fullWidth(content, `"'<>&#%=?+`), id, fullWidth(label, "<>&"))
}

// fullWidth replaces the given ASCII characters by their full-width forms, which Unicode keeps 0xFEE0 further on.
func fullWidth(s, marks string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case strings.ContainsRune(marks, r):
			return r + 0xfee0
		}
		return r
	}, cleanText(s))
}
