package parse

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const hanDigit = `[零〇○Ｏ一二三四五六七八九]`

var (
	dateRE = regexp.MustCompile(`([0-9]{4}|` + hanDigit + `{4})\s?年\s?([0-9]{1,2}|` + han + `{1,3})\s?月\s?([0-9]{1,2}|` + han + `{1,3})\s?[日月]` +
		`|([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})`)
	fileDateRE = regexp.MustCompile(`[（(]\s*([0-9]{4})[-.年]([0-9]{1,2})[-.月]([0-9]{1,2})日?\s*[)）]`)
	titleBooks = regexp.MustCompile(`《[^《》]*》`)
	termRE     = regexp.MustCompile(`有效期(?:为|限为|限)?\s*([0-9]{1,2}|` + han + `{1,2})\s*年`)
	untilRE    = regexp.MustCompile(`有效期(?:限)?(?:至|到)\s*(` + dateRE.String() + `)`)
	effectRE   = regexp.MustCompile(`自?\s*(` + dateRE.String() + `)\s*起(?:正式)?(?:施行|实施|执行|生效|试行)`)
	atOnceRE   = regexp.MustCompile(`自(?:公布|发布|印发|颁布|通过|批准|下发)之日起(?:正式)?(?:施行|实施|执行|生效|试行)`)
)

// isoDate writes a date as YYYY-MM-DD; "" when there is no such day.
func isoDate(year, month, day string) string {
	y, ok1 := Numeral(strings.ReplaceAll(year, "Ｏ", "〇"))
	m, ok2 := Numeral(month)
	d, ok3 := Numeral(day)
	if !ok1 || !ok2 || !ok3 || y < 1900 || y > 2200 {
		return ""
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Month() != time.Month(m) || t.Day() != d {
		return ""
	}
	return t.Format(time.DateOnly)
}

type datePos struct {
	iso        string
	start, end int
}

// datesIn finds the dates of a line in order. Full-width digits are read too: the
// offsets belong to the line as given when it has none, else to its narrow form.
func datesIn(s string) []datePos {
	if !strings.Contains(s, "年") && !strings.ContainsAny(s, "-./") {
		return nil
	}
	var out []datePos
	for _, m := range dateRE.FindAllStringSubmatchIndex(s, -1) {
		get := func(i int) string {
			if m[i] < 0 {
				return ""
			}
			return s[m[i]:m[i+1]]
		}
		iso := isoDate(get(2), get(4), get(6))
		if m[8] >= 0 {
			iso = isoDate(get(8), get(10), get(12))
		}
		if iso != "" {
			out = append(out, datePos{iso, m[0], m[1]})
		}
	}
	return out
}

func firstDate(s string) string {
	if d := datesIn(narrowDigits(s)); len(d) > 0 {
		return d[0].iso
	}
	return ""
}

// dateOnly reports a line that is a date and nothing else (a signature's last line).
func dateOnly(line string) bool {
	s := narrowDigits(line)
	d := datesIn(s)
	if len(d) != 1 {
		return false
	}
	rest := strings.Trim(s[:d[0].start]+s[d[0].end:], " （）()")
	return rest == "" || rest == "印发"
}

// addYears moves a date by whole years; 29 February becomes 1 March.
func addYears(iso string, years int) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return ""
	}
	return t.AddDate(years, 0, 0).Format(time.DateOnly)
}

func nextDay(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}

// fileDate finds the version's date in a file name: 水法(2016-07-02).md.
func fileDate(name string) string {
	m := fileDateRE.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	return isoDate(m[1], m[2], m[3])
}

// events reads lines like "2018年3月19日 《国务院关于…的决定》第一次修订": after each
// date the words up to the next one say what happened on it. The latest day wins.
func (d *Document) events(line string) {
	line = narrowDigits(titleBooks.ReplaceAllString(line, ""))
	days := datesIn(line)
	for i, at := range days {
		end := len(line)
		if i+1 < len(days) {
			end = days[i+1].start
		}
		what := line[at.end:end]
		for _, e := range []struct {
			words []string
			field *string
		}{
			{[]string{"通过", "修订", "修正", "修改"}, &d.Adopted},
			{[]string{"公布", "发布", "印发", "颁布", "公告"}, &d.Published},
			{[]string{"批准"}, &d.Approved},
			{[]string{"施行", "实施", "执行", "生效"}, &d.Effective},
		} {
			for _, w := range e.words {
				if strings.Contains(what, w) && at.iso > *e.field {
					*e.field = at.iso
				}
			}
		}
	}
}

// effectFromText reads 施行 and 有效期 in a clause of the document itself.
func (d *Document) effectFromText(text string) {
	if !strings.Contains(text, "起") && !strings.Contains(text, "有效期") {
		return
	}
	text = narrowDigits(bracketsRE.ReplaceAllString(withoutQuotes(text), ""))
	if d.Effective == "" {
		from, others := 0, false // another document is named before, in the same sentence
		for _, m := range effectRE.FindAllStringSubmatchIndex(text, -1) {
			before := text[from:m[0]]
			if i := strings.LastIndexAny(before, "。；\n"); i >= 0 {
				before, others = before[i:], false
			}
			if others = others || strings.Contains(before, "》"); !others {
				d.Effective = firstDate(text[m[2]:m[3]])
				break
			}
			from = m[0]
		}
	}
	if d.Repealed != "" {
		return
	}
	if m := untilRE.FindStringSubmatch(text); m != nil {
		d.Repealed = nextDay(firstDate(m[1]))
		return
	}
	if m := termRE.FindStringSubmatch(text); m != nil && (effectRE.MatchString(text) || atOnceRE.MatchString(text)) && d.Effective != "" {
		if n, ok := Numeral(m[1]); ok {
			d.Repealed = addYears(d.Effective, n)
		}
	}
}

var (
	quotes     = regexp.MustCompile(`“[^“”]*”`)
	bracketsRE = regexp.MustCompile(`（[^（）]*）`)
)

func withoutQuotes(s string) string {
	if !strings.Contains(s, "“") {
		return s
	}
	return quotes.ReplaceAllString(s, "")
}

// dateOf reads a front matter value as a date: YAML gives a time for 2022-02-08.
func dateOf(v any) string {
	switch x := v.(type) {
	case time.Time:
		return x.Format(time.DateOnly)
	case string:
		return firstDate(x)
	case int:
		if x >= 1900 && x <= 2200 {
			return strconv.Itoa(x) + "-01-01"
		}
	}
	return firstDate(fmt.Sprint(v))
}
