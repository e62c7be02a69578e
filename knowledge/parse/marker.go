package parse

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// rank orders headings: a heading stands under the nearest one before it with a
// smaller rank.
type rank int

const (
	rankNone    rank = 0
	rankBook    rank = 1  // 第一编, 第一分编, 第一部分
	rankChapter rank = 2  // 第一章
	rankPart    rank = 3  // 第一节
	rankHan     rank = 10 // 一、
	rankHanPar  rank = 11 // （一）
	rankArab    rank = 12 // 1.  1、
	rankArabPar rank = 13 // （1）
	rankCircle  rank = 14 // ①
	rankBold    rank = 20 // bold line without a number
)

const han = `[零〇○一二两三四五六七八九十百千]`

var (
	articleRE = regexp.MustCompile(`^第\s?(` + han + `{1,9}|[0-9０-９]{1,4})\s?条(?:\s?之(` + han + `{1,3}))?`)
	chapterRE = regexp.MustCompile(`^第\s?(` + han + `{1,7}|[0-9０-９]{1,3})\s?(编|分编|部分|章|节)(?:[\s　:：]+|$)`)
	hanRE     = regexp.MustCompile(`^(` + han + `{1,4})\s?[、．]\s*`)
	hanParRE  = regexp.MustCompile(`^[（(]\s?(` + han + `{1,4})\s?[）)]\s*、?\s*`)
	arabRE    = regexp.MustCompile(`^([0-9０-９]{1,3})\s?(?:[、．]|\.[^0-9]|\.$)`)
	arabParRE = regexp.MustCompile(`^[（(]\s?([0-9０-９]{1,3})\s?[）)]\s*`)
	circleRE  = regexp.MustCompile(`^([①-⑳])\s*`)
	annexRE   = regexp.MustCompile(`^附\s*(?:件|表|录|图|则表)?\s*(?:` + han + `{1,3}|[0-9０-９]{1,3})?\s*[:：]?\s*$`)
)

// markerRunes are the characters a marker begins with.
const markerRunes = "第（(零〇○一二两三四五六七八九十百千0123456789０１２３４５６７８９①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

// isAnnex reports a line that says 附件, 附表1 … and nothing else.
func isAnnex(line string) bool { return strings.HasPrefix(line, "附") && annexRE.MatchString(line) }

// marker is the number a line begins with.
type marker struct {
	rank rank
	n    int
	end  int // byte offset behind the number and its blanks
}

// markerOf reads the number at the beginning of a line; rank is rankNone without one.
func markerOf(line string) marker {
	first, _ := utf8.DecodeRuneInString(line)
	if !strings.ContainsRune(markerRunes, first) {
		return marker{} // as nearly every line
	}
	if first == '第' {
		if m := chapterRE.FindStringSubmatchIndex(line); m != nil {
			n, _ := Numeral(line[m[2]:m[3]])
			r := rankBook
			switch line[m[4]:m[5]] {
			case "章":
				r = rankChapter
			case "节":
				r = rankPart
			}
			return marker{r, n, m[1]}
		}
		return marker{}
	}
	for _, k := range []struct {
		re *regexp.Regexp
		r  rank
	}{{hanRE, rankHan}, {hanParRE, rankHanPar}, {arabRE, rankArab}, {arabParRE, rankArabPar}} {
		m := k.re.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		n, ok := Numeral(line[m[2]:m[3]])
		if !ok || n == 0 {
			continue
		}
		end := m[1]
		if k.r == rankArab && strings.HasPrefix(line[m[3]:], ".") {
			end = m[3] + 1
		}
		return marker{k.r, n, end}
	}
	if m := circleRE.FindStringIndex(line); m != nil {
		return marker{rankCircle, int(first-'①') + 1, m[1]}
	}
	return marker{}
}

// articleHead is the beginning of a line that may open an article.
type articleHead struct {
	n, sub int
	end    int  // byte offset behind 第X条
	apart  bool // a blank, a bracket or the end of the line follows
}

// articleAt reads 第X条 at the beginning of a line, as the opening of an article. A
// mention ("第三条规定", "第九十九条第二项") is not one.
func articleAt(line string) (articleHead, bool) {
	if !strings.HasPrefix(line, "第") {
		return articleHead{}, false
	}
	m := articleRE.FindStringSubmatchIndex(line)
	if m == nil {
		return articleHead{}, false
	}
	n, ok := Numeral(line[m[2]:m[3]])
	if !ok || n == 0 {
		return articleHead{}, false
	}
	h := articleHead{n: n, end: m[1]}
	if m[4] >= 0 {
		h.sub, _ = Numeral(line[m[4]:m[5]])
	}
	rest := line[h.end:]
	r, _ := utf8.DecodeRuneInString(rest)
	switch {
	case rest == "", r == ' ', r == '　', r == '【', r == '［', r == '[':
		h.apart = true
		return h, true
	case r == '（' || r == '(', r == '：' && !strings.HasPrefix(rest, "：“"):
		h.apart = true
		return h, true
	}
	for _, p := range []string{"第", "规定", "的", "、", "，", "和", "及", "与", "至", "到", "或", "所", "中", "款", "项",
		"：", ":", "之", "以及", "修改", "改为", "。", "；", "”", "》"} {
		if strings.HasPrefix(rest, p) {
			return articleHead{}, false
		}
	}
	return h, true
}

func runes(s string) int { return utf8.RuneCountInString(s) }

// endsSentence reports whether a paragraph is closed by punctuation.
func endsSentence(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, " 　"))
	return strings.ContainsRune("。！？；…!?;”’）)】》」』.", r)
}
