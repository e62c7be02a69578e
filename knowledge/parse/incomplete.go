package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkEnd marks a document that stops in the middle of a sentence.
func (d *Document) checkEnd() {
	for i := len(d.Clauses) - 1; i >= 0; i-- {
		c := d.Clauses[i]
		if c.Kind == Preamble && c.Ref != "引言" {
			continue // signature and header have no full stops
		}
		if c.Kind == Row || c.Kind == Question {
			return
		}
		last := c.Text[strings.LastIndexByte(c.Text, '\n')+1:]
		if !brokenOff(last, c.Text) || neverStops(c.Text) {
			return
		}
		d.Incomplete = true
		d.IncompleteWhy = "正文在“…" + tail(last, 12) + "”处中断，后面的内容缺失。"
		return
	}
}

// neverStops: no line of a longer list ends with a full stop, so the last one need not.
func neverStops(text string) bool {
	lines := strings.Split(text, "\n")
	for _, l := range lines {
		if endsSentence(l) {
			return false
		}
	}
	return len(lines) >= 4
}

// brokenOff: the last line ends with a comma, or with a word though the text has
// sentences and the line is too long for a list entry or a name.
func brokenOff(last, text string) bool {
	r, _ := utf8.DecodeLastRuneInString(last)
	if strings.ContainsRune("，、,（(《“‘：:", r) {
		return r != '：' && r != ':' || runes(last) > 20
	}
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return false
	}
	for _, p := range []string{"附", "注", "联系", "来源", "抄送", "电话", "http", "["} {
		if strings.HasPrefix(last, p) {
			return false
		}
	}
	return runes(last) >= 20 && strings.ContainsAny(text, "。；，")
}

func tail(s string, n int) string {
	rs := []rune(s)
	if len(rs) > n {
		rs = rs[len(rs)-n:]
	}
	return string(rs)
}

// checkNumbers warns about gaps in the numbering of articles.
func (d *Document) checkNumbers() {
	last := 0
	for _, c := range d.Clauses {
		if c.Kind != Article || c.ArticleSub > 0 {
			continue
		}
		if c.Article > last+1 && last > 0 {
			d.Warnings = append(d.Warnings, "条文序号不连续："+ArticleRef(last, 0)+"之后是"+c.Ref+"。")
		}
		last = c.Article
	}
}
