package knowledge

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What follows a date that asks for the law of that day: 2020年的时候…,
// 2019年8月那会儿…, 按2017年的规定, 2020年底. A year inside a document's name
// (2021年版) is not one.
const (
	asOfTail  = `的时候|那时|那会|那年|当时|时候|的规定|的法|以前|之前|前|底|末|初|的标准|就|被|已经|罚`
	monthDay  = `(?:(\d{1,2})月(?:(\d{1,2})[日号])?)?(?:份)?`
	shortTail = `的时候|那时|那会|那年|当时|时候|底|末|初|被` // 15年前 and 10年的规定 speak of a while
)

// The three ways of saying a year: in full; by its last two figures (18年那会儿);
// by its distance (去年, 前年3月). Behind a distance a month is enough, and at the
// beginning of a message nothing is needed.
var (
	fullYear    = regexp.MustCompile(`((?:19|20)\d{2})年` + monthDay + `(` + asOfTail + `)`)
	shortYear   = regexp.MustCompile(`(?:^|[^\d.一二三四五六七八九十百第过满近约超了共有每期存])(\d{2})年` + monthDay + `(` + shortTail + `)`)
	distantYear = regexp.MustCompile(`(大前年|前年|去年)` + monthDay + `(` + asOfTail + `)?`)
)

// whileTail are the tails that only say that a day is meant.
var whileTail = regexp.MustCompile(`^(?:的时候|那时|那会|那年|当时|时候|以前|之前|前|底|末|初)$`)

// begun are words by which 去年… tells when something began that goes on: the
// question is about today.
var begun = regexp.MustCompile(`^(?:才|刚|新|开始|建|办|买|装|换|上了|上的|开的|成立|投产|接手|立项|验收|拿)`)

// halfWidth brings the digits of a phone's full-width keyboard to the usual
// ones.
var halfWidth = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9")

// hanYear is a year in Chinese figures: 二〇二〇年, 一八年.
var hanYear = regexp.MustCompile(`(?:[一二][九〇零○])?[〇零○一二三四五六七八九]{2}年`)

var hanDigits = strings.NewReplacer("〇", "0", "零", "0", "○", "0", "一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9")

// AsOf reads the day whose law a question asks for, in the form 2020-07-01,
// "" for today's. A year alone is its middle, a month its first day; 底 is the
// last day of either, 初 the first, 前 the day before the first. A day that
// does not exist, or is not past in China at the time now, is none; nor is this
// year alone.
func AsOf(question string, now time.Time) string {
	day, _ := asOf(question, now)
	return day
}

// asOf also returns the question without the date: it says which law, not what
// about.
func asOf(question string, now time.Time) (day, rest string) {
	narrow := hanYear.ReplaceAllStringFunc(halfWidth.Replace(question), hanDigits.Replace)
	now = now.In(zone)
	if day, rest = asOfTime(narrow, now); day == "" {
		day, rest = eventDay(narrow, now)
	}
	if day == "" {
		return "", question
	}
	return day, rest
}

// asOfTime reads a date that says by what follows that its law is asked for.
func asOfTime(narrow string, now time.Time) (day, rest string) {
	for _, form := range []struct {
		pattern *regexp.Regexp
		year    func(said string) int
	}{{fullYear, number}, {shortYear, func(s string) int { return century(number(s), now.Year()) }}, {distantYear, func(s string) int { return now.Year() - distance[s] }}} {
		at := form.pattern.FindStringSubmatchIndex(narrow)
		if at == nil {
			continue
		}
		part := func(i int) string { return narrow[max(at[2*i], 0):max(at[2*i+1], 0)] }
		if strings.HasPrefix(narrow[at[1]:], "上半年") || strings.HasPrefix(narrow[at[1]:], "下半年") {
			continue
		}
		if form.pattern == distantYear && part(2) == "" && part(4) == "" && (strings.TrimSpace(narrow[:at[0]]) != "" || begun.MatchString(narrow[at[1]:]) || goesOnToday.MatchString(narrow)) {
			continue
		}
		if day = dayOf(form.year(part(1)), part(2), part(3), part(4), now); day == "" {
			continue
		}
		rest := narrow[at[1]:]
		if at[8] >= 0 && !whileTail.MatchString(part(4)) {
			rest = narrow[at[8]:] // it says something beside the day
		}
		return day, narrow[:at[2]] + strings.TrimLeft(rest, "儿候，,")
	}
	return "", narrow
}

// distance is how many years ago.
var distance = map[string]int{"去年": 1, "前年": 2, "大前年": 3}

// epidemic is the year of 疫情那年.
const epidemic = 2020

// distantFrom is the year that is meant by its distance, or by what happened in
// it.
func distantFrom(said string, now time.Time) int {
	if strings.HasPrefix(said, "疫情") {
		return epidemic
	}
	return now.Year() - distance[said]
}

// century is the year that two figures mean, 0 for none: 18 is 2018, 98 is
// 1998.
func century(figures, now int) int {
	switch {
	case 2000+figures <= now:
		return 2000 + figures
	case figures >= 80:
		return 1900 + figures
	}
	return 0
}

// dayOf is the day that year, month, day and what follows them mean.
func dayOf(year int, mon, d, tail string, now time.Time) string {
	month, day := number(mon), number(d)
	first := time.Date(year, time.Month(max(month, 1)), max(day, 1), 0, 0, 0, 0, zone)
	if year == 0 || month > 0 && first.Month() != time.Month(month) || mon != "" && month == 0 || d != "" && day == 0 {
		return ""
	}
	asked := first
	switch tail {
	case "初":
	case "上半年", "下半年":
		asked = time.Date(year, map[string]time.Month{"上半年": time.April, "下半年": time.October}[tail], 1, 0, 0, 0, 0, zone)
	case "底", "末":
		asked = after(first, month, day).AddDate(0, 0, -1)
	case "前", "之前", "以前":
		asked = first.AddDate(0, 0, -1)
	default:
		if month == 0 && year == now.Year() {
			return ""
		}
		if month == 0 {
			asked = time.Date(year, time.July, 1, 0, 0, 0, 0, zone)
		}
	}
	text := asked.Format(time.DateOnly)
	if text >= now.Format(time.DateOnly) {
		return ""
	}
	return text
}

// after is the day behind a day, a month or a year that begins on first.
func after(first time.Time, month, day int) time.Time {
	switch {
	case day > 0:
		return first.AddDate(0, 0, 1)
	case month > 0:
		return first.AddDate(0, 1, 0)
	}
	return first.AddDate(1, 0, 0)
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0 // an optional part that is not there
	}
	return n
}
