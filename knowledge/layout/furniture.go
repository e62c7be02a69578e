package layout

import (
	"regexp"
	"strings"
	"unicode"
)

// Running heads, running feet and page numbers belong to the paper.

const (
	margin   = 0.16 // a running line stands in this share of the page, above or below
	marginal = 3    // and is among this many lines from the edge
)

var (
	pageNumberRE = regexp.MustCompile(`^[-—－–·•\s]*(?:第\s*)?(?:[0-9]{1,4}|[IVXivxⅠ-ⅿ]{1,7})(?:\s*页)?(?:\s*[/，,共]*\s*[0-9]{1,4}\s*页)?[-—－–·•\s]*$`)
	digitsRE     = regexp.MustCompile(`[0-9IVXivxⅠ-ⅿ]+`)
)

// furniture marks the lines of all pages that belong to the paper: pages[i] holds the
// lines of page i outside of tables.
func furniture(pages [][]*row, heights []float64) map[*row]bool {
	out := map[*row]bool{}
	seen := map[string]int{}
	var marked []*row
	var keys []string
	for i, rows := range pages {
		for n, r := range rows {
			top, bottom := n < marginal && r.y1 < heights[i]*margin, n >= len(rows)-marginal && r.y0 > heights[i]*(1-margin)
			if !top && !bottom {
				continue
			}
			t := strings.TrimSpace(r.text())
			if pageNumberRE.MatchString(t) {
				out[r] = true
				continue
			}
			key := digitsRE.ReplaceAllString(strings.ReplaceAll(t, " ", ""), "#")
			if strings.IndexFunc(key, unicode.IsLetter) < 0 {
				continue // the number of a section
			}
			if bottom {
				key = "\x00" + key
			}
			seen[key]++
			marked, keys = append(marked, r), append(keys, key)
		}
	}
	need := max(2, len(pages)/5)
	for i, r := range marked {
		if seen[keys[i]] >= need {
			out[r] = true
		}
	}
	return out
}
