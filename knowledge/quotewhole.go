package knowledge

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"greendesk/knowledge/lang"
)

// roundRoom is how far a quote may grow beyond maxQuote, in characters, to end
// where its sentence ends.
const roundRoom = 70

// exception opens or is what takes something out of the sentence before it.
var exception = regexp.MustCompile(`^(?:但|不过)|除外。?$|^(?:法律|行政法规|有关法律)[^。]*另有规定`)

// amount says how much a fine is.
var amount = regexp.MustCompile(`(?:元|倍|百分之\p{Han}+|[%％])(?:以上|以下|的)?[^。；]{0,12}罚款|罚款[^。；]{0,8}(?:元|倍|百分之)|按[^。；]{1,10}元计算`)

// itemOf is the number of an item: （三）.
var itemOf = regexp.MustCompile(`^[（(]([一二三四五六七八九十]{1,3})[）)]`)

// amounts are the sentences that say how much the fine is for what is taken,
// when none of that does: those that name a taken item (有前款第三项…), else the
// first behind it, else the first. What they say is joined to what is taken; they
// bring what opens their lists.
func amounts(text string, ss []sentence, take []bool) []int {
	var named, plain []int
	items, last := map[string]bool{}, -1
	for i, s := range ss {
		part := text[s.start:s.end]
		if take[i] {
			if last = i; amount.MatchString(part) {
				return nil
			}
			if m := itemOf.FindStringSubmatch(part); m != nil {
				items[m[1]] = true
			}
		}
	}
	for i, s := range ss {
		part := text[s.start:s.end]
		if take[i] || !amount.MatchString(part) {
			continue
		}
		plain = append(plain, i)
		if namesItem(part, items) {
			named = append(named, i)
		}
	}
	best := named
	for _, i := range plain {
		if len(best) == 0 && i > last {
			best = []int{i}
		}
	}
	if len(best) == 0 && len(plain) > 0 {
		best = plain[:1]
	}
	var out []int
	for _, i := range best {
		for _, j := range append(openings(text, ss, i), i) {
			if !take[j] {
				out = append(out, j)
			}
		}
	}
	return out
}

// namesItem reports whether a sentence names one of the items: 第一项至第三项 names
// the second, too.
func namesItem(part string, items map[string]bool) bool {
	for item := range items {
		if strings.Contains(part, "第"+item+"项") {
			return true
		}
		n, _ := lang.ParseNumeral(item)
		for _, m := range itemRange.FindAllStringSubmatch(part, -1) {
			from, _ := lang.ParseNumeral(m[1])
			to, _ := lang.ParseNumeral(m[2])
			if from <= n && n <= to {
				return true
			}
		}
	}
	return false
}

var itemRange = regexp.MustCompile(`第([一二三四五六七八九十]{1,3})项至第([一二三四五六七八九十]{1,3})项`)

// round has every stretch of what is taken end where its sentence ends, as far as
// there is room, and takes in the exceptions behind it and the items of a list of
// which only the opening is taken.
func round(text string, ss []sentence, take []bool) []bool {
	used := 0
	for i, s := range ss {
		if take[i] {
			used += utf8.RuneCountInString(text[s.start:s.end])
		}
	}
	room := maxQuote + roundRoom - used
	for i := 0; i+1 < len(ss); i++ {
		if !take[i] || take[i+1] {
			continue
		}
		next := text[ss[i+1].start:ss[i+1].end]
		need := utf8.RuneCountInString(next)
		goesOn := open(text[ss[i].start:ss[i].end]) && ss[i+1].line == ss[i].line && ss[i+1].level == 0 && ss[i].level == 0
		if need <= room && (goesOn || exception.MatchString(next)) {
			take[i+1] = true
			room -= need
		}
	}
	for i := range ss {
		if take[i] && ss[i].lead && !listTaken(ss, take, i) {
			for j := i + 1; j < len(ss) && ss[j].level > ss[i].level; j++ {
				if room -= utf8.RuneCountInString(text[ss[j].start:ss[j].end]); room < 0 {
					break
				}
				take[j] = true
			}
		}
	}
	return take
}

// listTaken reports whether anything is taken of the list that i opens.
func listTaken(ss []sentence, take []bool, i int) bool {
	for j := i + 1; j < len(ss) && ss[j].level > ss[i].level; j++ {
		if take[j] {
			return true
		}
	}
	return false
}
