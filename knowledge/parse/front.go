package parse

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// frontKeys are the keys of front matter that are read.
var frontKeys = []string{"title", "标题", "kind", "类型", "issuer", "发布机关", "author", "number", "文号", "region", "地区", "source", "来源", "url",
	"published", "发布日期", "effective", "施行日期", "adopted", "repealed", "expires", "失效日期", "date", "level", "级别", "tag", "category"}

// dateKeys are those whose values are dates.
var dateKeys = []string{"published", "发布日期", "effective", "施行日期", "adopted", "repealed", "expires", "失效日期", "date"}

// frontLine is a line as front matter has them.
var frontLine = regexp.MustCompile(`(?m)^(?:` + strings.Join(frontKeys, "|") + `)\s*[:：]`)

// checkFront has a person look at what the front matter says and nobody could
// read: a value that is no date, a key that is nearly one of ours, an end before
// the beginning. text is what is left of the file without it.
func (d *Document) checkFront(front map[string]any, text string) {
	if front == nil && strings.HasPrefix(text, "---\n") {
		if head, _, found := strings.Cut(text[4:], "\n---"); found && len(head) <= maxFront && frontLine.MatchString(head) {
			d.toCheck("开头两行 --- 之间的说明不是正确的 YAML，没有采用；请改正后重新导入。")
		}
	}
	for _, k := range slices.Sorted(maps.Keys(front)) {
		v := front[k]
		if day, ok := v.(time.Time); ok {
			v = day.Format(time.DateOnly)
		}
		switch {
		case v == nil:
		case slices.Contains(dateKeys, k):
			if dateOf(v) == "" {
				d.toCheck(fmt.Sprintf("开头的说明里 %s: %v 不是日期，没有采用；请写成 2026-01-31 这样，重新导入。", k, v))
			}
		case !slices.Contains(frontKeys, k):
			if like := nearlyKey(k); like != "" {
				d.toCheck(fmt.Sprintf("开头的说明里 %s: %v 没有采用，是不是要写 %s？请改正后重新导入。", k, v, like))
			}
		case (k == "level" || k == "级别") && levelHint(fmt.Sprint(v)) == "":
			d.toCheck(fmt.Sprintf("开头的说明里 %s: %v 不是已知的级别，没有采用；请改正后重新导入。", k, v))
		}
	}
	if d.Effective != "" && d.Repealed != "" && d.Repealed <= d.Effective {
		d.toCheck(fmt.Sprintf("开头的说明里失效日期 %s 不晚于施行日期 %s；请改正后重新导入。", d.Repealed, d.Effective))
	}
}

func (d *Document) toCheck(why string) { d.ToCheck += why }

// nearlyKey is the key that a misspelt one means, "" for none.
func nearlyKey(k string) string {
	for _, known := range frontKeys {
		if len(known) > 4 && k != known && distance([]rune(strings.ToLower(k)), []rune(known)) <= 1 {
			return known
		}
	}
	return ""
}

// distance is how many characters must be changed, added or dropped to make b of
// a; 2 stands for more than one, too.
func distance(a, b []rune) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return min(2, max(len(a), len(b)))
}
