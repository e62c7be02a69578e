package knowledge

import (
	"regexp"
	"strings"
	"time"

	"greendesk/knowledge/lang"
)

// Dates that tell when something happened, without asking for that day's law:
// 2021年5月3日夜间施工被查, 2021-05-03, 21年5月, 三年前, …去年…. What stands around
// them decides whether they do.
var (
	eventDate    = regexp.MustCompile(`()((?:19|20)\d{2})[-./](\d{1,2})[-./](\d{1,2})(?:日|号)?`)
	eventYear    = regexp.MustCompile(`()((?:19|20)\d{2})年` + monthDay + `(上半年|下半年)?` + stretch)
	eventMonth   = regexp.MustCompile(`(^|[^\d.一二三四五六七八九十百第过满近约超了共有每期存])(\d{2})年(\d{1,2})月(?:(\d{1,2})[日号])?`)
	eventDistant = regexp.MustCompile(`()(大前年|前年|去年|疫情那年|疫情头一年)` + monthDay + `(上半年|下半年)?` + stretch)
	eventHalf    = regexp.MustCompile(`(^|[^\d年每])()(?:今年)?()()(上半年|下半年)`)
	yearsAgo     = regexp.MustCompile(`(^|[^\d.一二三四五六七八九十百第过满近约超了共有每期存到])([一二两三四五六七八九十]{1,2}|\d{1,2})年(?:之|以)?前的?`)
)

// stretch is the part of a year that changes nothing about its day.
const stretch = `(?:度|期间|全年|[春夏秋冬][天季])?`

// What stands around a date that is none of an event: the number or the
// edition of a document, since when a rule applies, until when something is to
// be done, when something was built or issued that goes on.
var (
	noEventBefore = regexp.MustCompile(`(?:[〔［\[（(《\d\w.-]|[到至]|截至|截止|截止到|自|从|期限是?|有效期)\s*$`)
	noEventAfter  = regexp.MustCompile(`^(?:[〕］\])）\d-]|(?:以|之)?后|起|以来|至|到|前[完达整改]|底前|年?版|修订|修正|修改|印发|发布|公布|颁布|施行|实施|出台|的?(?:国家|新)?(?:名录|目录|标准|清单|版本)|号)`)
	goesOnToday   = regexp.MustCompile(`现在|目前|今年|如今|眼下|还能|还有效|还用|还要|还算|到期|过期|有效期|要不要换|该换|续期|延续`)
	inBooks       = regexp.MustCompile(`《[^》]*》`)
	openTail      = regexp.MustCompile(`^(?:的?(?:那次|那会儿?|那阵子?|时候)|的)?[，,、 ]*`)
	thisHalf      = regexp.MustCompile(`今年(?:上半年|下半年)`)
	wrongdoing    = regexp.MustCompile(`^[^每各]*(?:被查|被罚|被抓|罚|违|超标|偷排|事故|被举报|被投诉)`)
)

// eventDay is the day of what the question tells of, and the question without
// it. "" when it tells of no past day.
func eventDay(narrow string, now time.Time) (day, rest string) {
	if goesOnToday.MatchString(thisHalf.ReplaceAllString(narrow, "")) {
		return "", narrow
	}
	books := inBooks.FindAllStringIndex(narrow, -1)
	for _, form := range []struct {
		pattern *regexp.Regexp
		day     func(said, month, day, half string) string
	}{
		{eventDate, func(y, m, d, _ string) string { return dayOf(number(y), m, d, "", now) }},
		{eventYear, func(y, m, d, half string) string { return dayOf(number(y), m, d, half, now) }},
		{eventMonth, func(y, m, d, _ string) string { return dayOf(century(number(y), now.Year()), m, d, "", now) }},
		{eventDistant, func(y, m, d, half string) string { return dayOf(distantFrom(y, now), m, d, half, now) }},
		{eventHalf, func(_, _, _, half string) string { return dayOf(now.Year(), "", "", half, now) }},
		{yearsAgo, func(y, _, _, _ string) string { return agoDay(y, now) }},
	} {
		for _, at := range form.pattern.FindAllStringSubmatchIndex(narrow, -1) {
			part := func(i int) string {
				if 2*i+1 >= len(at) {
					return ""
				}
				return narrow[max(at[2*i], 0):max(at[2*i+1], 0)]
			}
			before, after := narrow[:at[4]], narrow[at[1]:]
			if form.pattern == eventHalf && (!wrongdoing.MatchString(after) || strings.Contains(before+after, "半年")) {
				continue // a half of any year: 上半年要交几次报告
			}
			if within(books, at[0]) || noEventBefore.MatchString(before) || noEventAfter.MatchString(after) || begun.MatchString(trimSpeaker(after)) {
				continue
			}
			if day = form.day(part(2), part(3), part(4), part(5)); day != "" {
				return day, before + openTail.ReplaceAllString(after, "")
			}
		}
	}
	return "", narrow
}

// trimSpeaker leaves out who speaks.
func trimSpeaker(text string) string { return strings.TrimLeft(text, "我们俺咱厂公司") }

// within reports whether a place lies in one of the stretches.
func within(stretches [][]int, at int) bool {
	for _, s := range stretches {
		if s[0] <= at && at < s[1] {
			return true
		}
	}
	return false
}

// mostYearsAgo is how far back 三年前 can reach.
const mostYearsAgo = 40

// agoDay is the day that many years ago, "" for none.
func agoDay(years string, now time.Time) string {
	n, ok := lang.ParseNumeral(years)
	if !ok || n < 1 || n > mostYearsAgo {
		return ""
	}
	return now.AddDate(-n, 0, 0).Format(time.DateOnly)
}
