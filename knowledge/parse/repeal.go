package parse

import (
	"regexp"
	"strings"
)

// endsRepeal: behind the last title stand at most a number, "等…文件" and one of the
// words that declare a repeal.
var (
	endsRepeal  = regexp.MustCompile(`^\s*(?:等(?:文件|规定|规章)?)?\s*(?:自[^，。；《]{0,20}起)?\s*(?:同时|即行|予以|一并|相应|均|也|亦)*(?:废止|失效|停止执行)`)
	bookRE      = regexp.MustCompile(`《([^《》]+)》\s*(?:[（(]([^（）()]*(?:[（(][^（）()]*[)）][^（）()]*)*)[)）])?`)
	joinTitles  = regexp.MustCompile(`^\s*(?:[、，,；;]|和|及|以及|与|、以及)?\s*$`)
	courtBefore = regexp.MustCompile(`(?:^|[，。；\s])((?:最高人民法院|最高人民检察院)(?:、(?:最高人民法院|最高人民检察院))*)\s*$`)
)

// innerBooks: a title inside a title is written 〈…〉.
var innerBooks = strings.NewReplacer("〈", "《", "〉", "》", "<", "《", ">", "》")

// maxCourts bounds what is read before a title, in bytes.
const maxCourts = 200

// repealsIn finds what a clause declares repealed: the titles in a row directly before
// 废止. "根据《甲》修正的《乙》同时废止" repeals 乙 only. Words in quotation marks count
// for nothing, nor does a note in brackets.
func repealsIn(text string) []Repeal {
	if !strings.Contains(text, "废止") && !strings.Contains(text, "失效") && !strings.Contains(text, "停止执行") {
		return nil
	}
	var out []Repeal
	for _, sentence := range strings.FieldsFunc(withoutQuotes(text), func(r rune) bool { return r == '。' || r == '\n' }) {
		out = append(out, repealsInSentence(sentence)...)
	}
	return out
}

func repealsInSentence(s string) []Repeal {
	var out []Repeal
	var row []Repeal
	end := 0
	for _, m := range bookRE.FindAllStringSubmatchIndex(s, -1) {
		if len(row) > 0 && !continuesRow(s[end:m[0]]) {
			row = nil
		}
		r := Repeal{Title: innerBooks.Replace(tight(s[m[2]:m[3]]))}
		if m[4] >= 0 {
			r.Number = FindNumber(s[m[4]:m[5]])
		}
		if strings.HasPrefix(r.Title, "关于") {
			if c := courtBefore.FindStringSubmatch(s[max(0, m[0]-maxCourts):m[0]]); c != nil {
				r.Title = c[1] + r.Title
			}
		}
		row, end = append(row, r), m[1]
		if endsRepeal.MatchString(s[end:]) {
			out, row = append(out, row...), nil
		}
	}
	return out
}

// continuesRow: between two titles of one list stand a separator and perhaps who
// issued the next one and when.
func continuesRow(gap string) bool {
	if joinTitles.MatchString(gap) {
		return true
	}
	gap = strings.TrimSpace(gap)
	for _, j := range []string{"、", "，", "和", "及", "以及", "与"} {
		if strings.HasPrefix(gap, j) {
			return !strings.Contains(gap, "修正") && !strings.Contains(gap, "修订") && !strings.Contains(gap, "根据")
		}
	}
	return false
}
