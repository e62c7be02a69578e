package lang

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var digitNames = [...]string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}

// Numeral writes n (0 to 9999) the way articles are numbered: 10 十, 12 十二,
// 30 三十, 101 一百零一, 110 一百一十.
func Numeral(n int) string {
	if n < 0 || n > 9999 {
		return ""
	}
	if n < 10 {
		return digitNames[n]
	}
	var b strings.Builder
	pending := false
	for _, u := range []struct {
		size int
		name string
	}{{1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		d := n / u.size % 10
		if d == 0 {
			pending = pending || b.Len() > 0
			continue
		}
		if pending {
			b.WriteString("零")
			pending = false
		}
		if !(u.size == 10 && d == 1 && b.Len() == 0) {
			b.WriteString(digitNames[d])
		}
		b.WriteString(u.name)
	}
	return b.String()
}

// maxNumeral is how many digits a number may have.
const maxNumeral = 9

// ParseNumeral reads a Chinese or Arabic integer (三十, 一百零八, 〇, 两, 二〇二一, 30)
// and reports whether the whole of s was one.
func ParseNumeral(s string) (int, bool) {
	if n, ok := positional(s); ok {
		return n, true
	}
	total, digit, above := 0, 0, 10000
	for _, r := range s {
		if v, ok := chineseDigit(r); ok {
			if digit != 0 {
				return 0, false // 三五十
			}
			digit = v
			continue
		}
		unit := chineseUnit(r)
		if unit == 0 || unit >= above {
			return 0, false
		}
		total += max(digit, 1) * unit
		digit, above = 0, unit
	}
	return total + digit, above < 10000
}

// positional reads a row of digits: 30, ３０, 二〇二一.
func positional(s string) (int, bool) {
	n, places := 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			n = n*10 + int(r-'0')
		case r >= '０' && r <= '９':
			n = n*10 + int(r-'０')
		default:
			v, ok := chineseDigit(r)
			if !ok {
				return 0, false
			}
			n = n*10 + v
		}
		if places++; places > maxNumeral {
			return 0, false
		}
	}
	return n, places > 0
}

func chineseDigit(r rune) (int, bool) {
	switch r {
	case '零', '〇', '○':
		return 0, true
	case '两':
		return 2, true
	}
	for i, name := range digitNames {
		if first, _ := utf8.DecodeRuneInString(name); first == r {
			return i, true
		}
	}
	return 0, false
}

func chineseUnit(r rune) int {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	case '千':
		return 1000
	}
	return 0
}

// Article is the number of an article: 第十条之一 is {10, 1}.
type Article struct {
	Number int
	Sub    int // 之一 is 1; 0 without one
}

// String writes the number as laws do: 第十条之一.
func (a Article) String() string {
	s := "第" + Numeral(a.Number) + "条"
	if a.Sub > 0 {
		s += "之" + Numeral(a.Sub)
	}
	return s
}

var articlePattern = regexp.MustCompile(`第([零〇○一二三四五六七八九十百千两0-9０-９]{1,9})条(?:之([一二三四五六七八九十]{1,2}))?`)

// spoken is how people name an article when they speak: 大气法九十九条.
var spoken = regexp.MustCompile(`(?:^|[^第零〇一二三四五六七八九十百千0-9])([一二三四五六七八九十百]{1,7})条`)

// SpokenArticles finds the articles that a folded question names, with or
// without 第. Without a document's name beside it such a number means nothing.
func SpokenArticles(folded string) []Article {
	out := Articles(folded)
	for _, m := range spoken.FindAllStringSubmatch(folded, -1) {
		if n, ok := ParseNumeral(m[1]); ok && n > 0 {
			out = append(out, Article{Number: n})
		}
	}
	return out
}

// Articles finds the article numbers that a text names, in its order.
func Articles(s string) []Article {
	var out []Article
	for _, m := range articlePattern.FindAllStringSubmatch(s, -1) {
		n, ok := ParseNumeral(m[1])
		if !ok || n == 0 {
			continue
		}
		sub, _ := ParseNumeral(m[2])
		out = append(out, Article{Number: n, Sub: sub})
	}
	return out
}
