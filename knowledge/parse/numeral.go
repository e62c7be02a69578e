package parse

import (
	"strconv"
	"strings"
)

// maxNumeral bounds what is read as a number: the largest code has 1,260 articles.
const maxNumeral = 99999

var digitOf = map[rune]int{
	'零': 0, '〇': 0, '○': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5,
	'六': 6, '七': 7, '八': 8, '九': 9,
}

var unitOf = map[rune]int{'十': 10, '百': 100, '千': 1000}

// Numeral reads a whole number written in Chinese characters (一百二十三, 二〇二一),
// or in half-width or full-width digits. ok is false for anything else.
func Numeral(s string) (n int, ok bool) {
	if s == "" {
		return 0, false
	}
	s = narrowDigits(s)
	if v, err := strconv.Atoi(s); err == nil {
		return v, v >= 0 && v <= maxNumeral
	}
	if !strings.ContainsAny(s, "十百千") {
		return digitwise(s)
	}
	digit, seen := 0, false
	for _, r := range s {
		if d, is := digitOf[r]; is {
			digit, seen = d, true
			continue
		}
		u, is := unitOf[r]
		if !is {
			return 0, false
		}
		if !seen && n == 0 {
			digit = 1 // 十五
		}
		n += digit * u
		digit, seen = 0, false
	}
	n += digit
	return n, n > 0 && n <= maxNumeral
}

func digitwise(s string) (int, bool) {
	n := 0
	for _, r := range s {
		d, is := digitOf[r]
		if !is || n > maxNumeral {
			return 0, false
		}
		n = n*10 + d
	}
	return n, n <= maxNumeral
}

// Chinese writes 1 ≤ n ≤ 9999 as the numbering of laws does: 十, 二十一, 一百零五, 一千二百六十.
// Other numbers are written in digits.
func Chinese(n int) string {
	if n < 1 || n > 9999 {
		return strconv.Itoa(n)
	}
	digits := []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	var b strings.Builder
	zero := false
	for _, u := range []struct {
		size int
		name string
	}{{1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		d := n / u.size % 10
		switch {
		case d == 0:
			zero = b.Len() > 0
			continue
		case zero:
			b.WriteString("零")
			zero = false
		}
		if d != 1 || u.size != 10 || b.Len() > 0 {
			b.WriteString(digits[d])
		}
		b.WriteString(u.name)
	}
	return b.String()
}

// ArticleRef writes the normal name of an article: 第十条, 第十条之一.
func ArticleRef(n, sub int) string {
	ref := "第" + Chinese(n) + "条"
	if sub > 0 {
		ref += "之" + Chinese(sub)
	}
	return ref
}

func narrowDigits(s string) string {
	if !strings.ContainsAny(s, "０１２３４５６７８９") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s)
}
