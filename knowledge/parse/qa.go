package parse

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	askRE    = regexp.MustCompile(`^(?:问|提问|问题|Q|q)\s*[0-9０-９]{0,3}\s*[：:、.．]\s*`)
	answerRE = regexp.MustCompile(`^(?:答|回答|回复|A|a)\s*[0-9０-９]{0,3}\s*[：:、.．]\s*`)
)

// opensWith reports whether re, all of whose matches begin with one of the characters
// first, matches line.
func opensWith(line, first string, re *regexp.Regexp) bool {
	r, _ := utf8.DecodeRuneInString(line)
	return strings.ContainsRune(first, r) && re.MatchString(line)
}

// questions turns "问：… 答：…" lists, and questions followed by 答：, into headings
// with their answers, and decides whether the document is a list of questions.
// kind is what the front matter says.
func questions(blocks []block, kind string) ([]block, bool) {
	asked := false
	for i := range blocks {
		bl := &blocks[i]
		if bl.kind != paraBlock {
			continue
		}
		answered := i+1 < len(blocks) && opensWith(blocks[i+1].text, "答回Aa", answerRE)
		switch {
		case opensWith(bl.text, "问提Qq", askRE) && (answered || isQuestion(bl.text)):
			bl.kind, bl.level, bl.text = headBlock, 6, askRE.ReplaceAllString(bl.text, "")
			asked = true
		case answered && isQuestion(bl.text):
			bl.kind, bl.level = headBlock, 6
			asked = true
		case i > 0 && blocks[i-1].kind == headBlock && opensWith(bl.text, "答回Aa", answerRE):
			bl.text = answerRE.ReplaceAllString(bl.text, "")
			asked = asked || isQuestion(blocks[i-1].text)
		}
	}
	if asked || strings.Contains(kind, "问答") || strings.EqualFold(kind, "qa") || strings.EqualFold(kind, "faq") {
		return blocks, true
	}
	leaf, quest := 0, 0
	for i, bl := range blocks {
		if bl.kind != headBlock || (i+1 < len(blocks) && blocks[i+1].kind == headBlock && blocks[i+1].level > bl.level) {
			continue
		}
		leaf++
		if isQuestion(bl.text) {
			quest++
		}
	}
	return blocks, leaf >= 2 && quest*5 >= leaf*3
}
