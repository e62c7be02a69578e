package knowledge

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A question may ask for the law of another day: 2020年的时候…, 2019年8月那会儿…,
// 按2017年的规定, 2020年底. A year inside a document's name (2021年版) is not one.
var asOfPattern = regexp.MustCompile(`((?:19|20)\d{2})年(?:(\d{1,2})月(?:(\d{1,2})[日号])?)?(?:份)?` +
	`(的时候|那时|那会|那年|当时|时候|的规定|的法|以前|之前|前|底|末|初|的标准|就|被|已经)`)

// halfWidth brings the digits of a phone's full-width keyboard to the usual
// ones.
var halfWidth = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9")

// AsOf reads the day whose law a question asks for, in the form 2020-07-01,
// "" for today's. A year alone is its middle, a month its first day; 底 is the
// last day of either, 初 the first, 前 the day before the first. A day that
// does not exist, or is not past in China at the time now, is none.
func AsOf(question string, now time.Time) string {
	day, _ := asOf(question, now)
	return day
}

// asOf also returns the question without the date: it says which law, not what
// about.
func asOf(question string, now time.Time) (day, rest string) {
	narrow := halfWidth.Replace(question)
	at := asOfPattern.FindStringSubmatchIndex(narrow)
	if at == nil {
		return "", question
	}
	part := func(i int) string { return narrow[max(at[2*i], 0):max(at[2*i+1], 0)] }
	if day = dayOf(part(1), part(2), part(3), part(4), now); day == "" {
		return "", question
	}
	return day, narrow[:at[0]] + narrow[at[8]:]
}

// dayOf is the day that year, month, day and what follows them mean.
func dayOf(y, mon, d, tail string, now time.Time) string {
	year, month, day := number(y), number(mon), number(d)
	first := time.Date(year, time.Month(max(month, 1)), max(day, 1), 0, 0, 0, 0, zone)
	if month > 0 && first.Month() != time.Month(month) || mon != "" && month == 0 || d != "" && day == 0 {
		return ""
	}
	asked := first
	switch tail {
	case "初":
	case "底", "末":
		asked = after(first, month, day).AddDate(0, 0, -1)
	case "前", "之前", "以前":
		asked = first.AddDate(0, 0, -1)
	default:
		if month == 0 {
			asked = time.Date(year, time.July, 1, 0, 0, 0, 0, zone)
		}
	}
	text := asked.Format(time.DateOnly)
	if text >= now.In(zone).Format(time.DateOnly) {
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
