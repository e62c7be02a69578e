package lang

import (
	"regexp"
	"strings"
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

// ParseNumeral reads a Chinese or Arabic integer (三十, 一百零八, 〇, 两, 30) and
// reports whether the whole of s was one.
func ParseNumeral(s string) (int, bool) {
	if s == "" {
		return 0, false
	}
	total, digit, seen := 0, 0, false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digit, seen = digit*10+int(r-'0'), true
		case r >= '０' && r <= '９':
			digit, seen = digit*10+int(r-'０'), true
		default:
			if v, ok := chineseDigit(r); ok {
				digit, seen = v, true
				continue
			}
			unit := chineseUnit(r)
			if unit == 0 {
				return 0, false
			}
			if digit == 0 {
				digit = 1
			}
			total += digit * unit
			digit, seen = 0, true
		}
	}
	return total + digit, seen
}

func chineseDigit(r rune) (int, bool) {
	switch r {
	case '零', '〇', '○':
		return 0, true
	case '两':
		return 2, true
	}
	for i, name := range digitNames {
		if string(r) == name {
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
