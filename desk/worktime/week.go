package worktime

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Span is a part of a day in minutes after midnight: from From up to To.
type Span struct{ From, To int }

// String writes a span like 08:30-12:00.
func (s Span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
}

// Week holds the working spans of each time.Weekday, in order and without
// overlap. The zero Week works never.
type Week [7][]Span

// IsZero reports whether the week has no working time.
func (w Week) IsZero() bool {
	return !slices.ContainsFunc(w[:], func(day []Span) bool { return len(day) > 0 })
}

// monday to sunday, the way people in China count the week.
var weekdays = [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

var weekdayNames = map[string]time.Weekday{"一": time.Monday, "二": time.Tuesday, "三": time.Wednesday, "四": time.Thursday,
	"五": time.Friday, "六": time.Saturday, "日": time.Sunday, "天": time.Sunday}

func nameOf(d time.Weekday) string { return "周" + string([]rune("日一二三四五六")[d]) }

// String writes the week so that ParseWeek reads it back: 周一至周五 08:30-12:00
// 14:00-17:30；周六 09:00-11:00. The zero Week is "".
func (w Week) String() string {
	var parts []string
	for i := 0; i < len(weekdays); {
		last := i
		for last+1 < len(weekdays) && slices.Equal(w[weekdays[last+1]], w[weekdays[i]]) {
			last++
		}
		if spans := w[weekdays[i]]; len(spans) > 0 {
			text := nameOf(weekdays[i])
			if last > i {
				text += "至" + nameOf(weekdays[last])
			}
			for _, s := range spans {
				text += " " + s.String()
			}
			parts = append(parts, text)
		}
		i = last + 1
	}
	return strings.Join(parts, "；")
}

var (
	dayPattern  = regexp.MustCompile(`^(?:周|星期)([一二三四五六日天])(?:(?:至|到|-)(?:周|星期)?([一二三四五六日天]))?$`)
	spanPattern = regexp.MustCompile(`^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$`)
	daysColon   = regexp.MustCompile(`([一二三四五六日天])\s*[：:]`)
	tidy        = strings.NewReplacer("：", ":", "—", "-", "–", "-", "~", "-", "～", "-", "，", " ", ",", " ", "、", " ", "\t", " ", "　", " ")
)

// ParseWeek reads what String writes; days may be parted by 、 too (周二、周四
// 09:00-11:30). "" is the zero Week. Its errors are for people.
func ParseWeek(text string) (Week, error) {
	var w Week
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '；' || r == ';' || r == '\n' }) {
		words := strings.Fields(tidy.Replace(daysColon.ReplaceAllString(part, "$1 ")))
		var days []time.Weekday
		for len(words) > 0 {
			some, ok := parseDays(words[0])
			if !ok {
				break
			}
			days, words = append(days, some...), words[1:]
		}
		if len(days) == 0 && len(words) == 0 {
			continue
		}
		spans, err := parseSpans(words)
		if err != nil {
			return Week{}, err
		}
		if len(days) == 0 {
			return Week{}, fmt.Errorf("“%s”没有写是周几，请写成“周一至周五 08:30-12:00 14:00-17:30”这样", strings.TrimSpace(part))
		}
		for _, d := range days {
			if len(w[d]) > 0 {
				return Week{}, fmt.Errorf("%s写了两次，请合成一处", nameOf(d))
			}
			w[d] = spans
		}
	}
	return w, nil
}

func parseDays(word string) ([]time.Weekday, bool) {
	m := dayPattern.FindStringSubmatch(word)
	if m == nil {
		return nil, false
	}
	first := slices.Index(weekdays[:], weekdayNames[m[1]])
	last := first
	if m[2] != "" {
		last = slices.Index(weekdays[:], weekdayNames[m[2]])
	}
	if last < first {
		return nil, false
	}
	return weekdays[first : last+1], true
}

func parseSpans(words []string) ([]Span, error) {
	var spans []Span
	for _, word := range words {
		m := spanPattern.FindStringSubmatch(word)
		if m == nil {
			return nil, fmt.Errorf("看不懂“%s”，时间请写成“08:30-12:00”这样", word)
		}
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(m[i+1]) // two digits at most
		}
		s := Span{From: n[0]*60 + n[1], To: n[2]*60 + n[3]}
		if n[1] > 59 || n[3] > 59 || s.To > 24*60 || s.From >= s.To {
			return nil, fmt.Errorf("“%s”不是一段时间，请检查", word)
		}
		if len(spans) > 0 && s.From < spans[len(spans)-1].To {
			return nil, fmt.Errorf("“%s”和前一段时间重叠，或者顺序反了", word)
		}
		spans = append(spans, s)
	}
	if len(spans) == 0 {
		return nil, fmt.Errorf("请在周几后面写上时间，例如“周一至周五 08:30-12:00 14:00-17:30”")
	}
	return spans, nil
}
