package parse

import (
	"regexp"
	"strings"
)

// Excerpts of other laws inside a document stay in their section and never become
// articles of the document. A clause that is nothing but an excerpt is marked Quoted.

var (
	excerptHead = regexp.MustCompile(`(?:相关|有关)(?:法律|法规|规章|规定|法律法规)(?:的)?(?:规定)?$|^违反条款$`)
	citedRE     = regexp.MustCompile(`(?:第` + han + `{1,7}条(?:第` + han + `{1,3}款)?|》|[法例定])[^“”。]{0,24}规定[：:]“`)
	lawArticle  = regexp.MustCompile(`^《[^《》]{2,40}》\s*第` + han + `{1,7}条(?:之` + han + `)?(?:第` + han + `{1,3}款)?(?:第` + han + `{1,3}项)?\s`)
	bareArticle = regexp.MustCompile(`^第` + han + `{1,7}条(?:之` + han + `)?(?:\s|$)`)
)

// markQuoted sets Quoted on the sections of a document that are excerpts.
func markQuoted(clauses []Clause) {
	for i := range clauses {
		c := &clauses[i]
		if c.Kind == Section {
			c.Quoted = isExcerpt(c.Heading, c.Text)
		}
	}
}

// isExcerpt: every paragraph opens with an article of another law (《刑法》第二百八十六条 …),
// or most of the text stands in quotation marks behind "第X条规定：".
func isExcerpt(head, text string) bool {
	lines := strings.Split(text, "\n")
	if bareArticle.MatchString(lines[0]) || lawArticle.MatchString(lines[0]) {
		return true
	}
	if !strings.Contains(text, "规定") || !citedRE.MatchString(text) {
		return false
	}
	need := 0.7
	if excerptHead.MatchString(head) {
		need = 0.5
	}
	return quotedShare(text) >= need
}

// quotedShare is the share of the characters that stand between “ and ”. A paragraph
// inside a quotation opens its own “ without closing the one before.
func quotedShare(text string) float64 {
	inside, all, open := 0, 0, false
	for _, r := range text {
		switch r {
		case '“':
			open = true
		case '”':
			open = false
		case '\n':
		default:
			all++
			if open {
				inside++
			}
		}
	}
	if all == 0 {
		return 0
	}
	return float64(inside) / float64(all)
}

// ownArticles decides whether the document has articles of its own: its first one is
// 第一条, or five in a row go up by one (a part of a law). It returns the number of
// the first.
func ownArticles(blocks []block) (first int, ok bool) {
	last, row, start := 0, 0, 0
	for _, bl := range blocks {
		if bl.kind > headBlock || bl.box.kind != noBox {
			continue
		}
		h, is := articleAt(bl.text)
		if !is {
			continue
		}
		if h.n == 1 {
			return 1, true
		}
		if h.n == last+1 && h.apart && h.sub == 0 {
			row++
		} else if h.sub == 0 {
			row, start = 1, h.n
		}
		if row >= 5 {
			return start, true
		}
		last = h.n
	}
	return 0, false
}
