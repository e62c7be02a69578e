package worktime

import (
	_ "embed" // the notices known when the program was built
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed 2026.txt
var bundled string

// Bundled is the text of the notices that the program brings along.
func Bundled() string { return bundled }

// Day is a date of the calendar, without time or zone: year*10000+month*100+day.
type Day int

func dayOf(t time.Time) Day {
	return Day(t.Year()*10000 + int(t.Month())*100 + t.Day())
}

// date is the beginning of the day in a zone.
func (d Day) date(zone *time.Location) time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, zone)
}

// Holidays are the days that notices of the State Council on holidays name.
type Holidays struct {
	off   map[Day]bool // true: a holiday; false: a weekend that is worked
	years map[int]bool // whose notice was read
}

var (
	titlePattern    = regexp.MustCompile(`关于(\d{4})年部分节假日安排的通知`)
	festivalPattern = regexp.MustCompile(`^\s*[一二三四五六七八九十]+、([^：:]+)[：:](.+)$`)
	datePattern     = regexp.MustCompile(`(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:[（(]([^）)]*)[）)])?`)
	countPattern    = regexp.MustCompile(`(?:共|放假)(\d+)天`)
	weekdayPattern  = regexp.MustCompile(`(?:周|星期)([一二三四五六日天])`)
)

// festivals must all be in a notice: half a notice would be taken for a year
// with fewer holidays.
var festivals = []string{"元旦", "春节", "清明", "劳动节", "端午", "中秋", "国庆"}

// ParseNotices reads the State Council's yearly notices on holidays as they
// are published, one after another; of two for one year the later counts.
// Weekdays and numbers of days that a notice names are checked against its
// dates, and every festival must be there. Its errors are for people.
func ParseNotices(text string) (Holidays, error) {
	h := Holidays{off: map[Day]bool{}, years: map[int]bool{}}
	year, named := 0, ""
	finish := func() error {
		if year == 0 {
			return nil
		}
		for _, f := range festivals {
			if !strings.Contains(named, f) {
				return fmt.Errorf("%d年的放假通知不完整，没有找到“%s”，请把通知全文粘贴进来", year, f)
			}
		}
		h.years[year] = true
		return nil
	}
	for line := range strings.Lines(text) {
		if m := titlePattern.FindStringSubmatch(line); m != nil {
			next, _ := strconv.Atoi(m[1]) // four digits
			if next == year && named == "" {
				continue // the title again, as headlines and first sentences have it
			}
			if err := finish(); err != nil {
				return Holidays{}, err
			}
			year, named = next, ""
			h.forget(year)
			continue
		}
		m := festivalPattern.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		if year == 0 {
			return Holidays{}, fmt.Errorf("请连同标题一起粘贴：“国务院办公厅关于……年部分节假日安排的通知”")
		}
		named += m[1]
		if err := h.festival(year, m[1], m[2]); err != nil {
			return Holidays{}, err
		}
	}
	return h, finish()
}

// forget drops what an earlier notice of the year said.
func (h Holidays) forget(year int) {
	for d := range h.off {
		if int(d)/10000 == year {
			delete(h.off, d)
		}
	}
	delete(h.years, year)
}

// festival reads one paragraph: which days are free, which weekends are worked.
func (h Holidays) festival(year int, name, text string) error {
	free := false
	for sentence := range strings.SplitSeq(text, "。") {
		off := strings.Contains(sentence, "放假")
		if !off && !strings.Contains(sentence, "上班") {
			continue
		}
		dates, err := datesIn(year, sentence)
		if err != nil {
			return fmt.Errorf("%d年%s：%w", year, name, err)
		}
		if off {
			if dates, err = stretch(dates, sentence); err != nil {
				return fmt.Errorf("%d年%s：%w", year, name, err)
			}
			free = true
		}
		for _, d := range dates {
			h.off[dayOf(d)] = off
		}
	}
	if !free {
		return fmt.Errorf("%d年%s：没有找到放假的日期，请检查", year, name)
	}
	return nil
}

// datesIn reads the dates of a sentence; a month or year that is left out is
// the one before.
func datesIn(year int, sentence string) ([]time.Time, error) {
	var out []time.Time
	month := 0
	for _, m := range datePattern.FindAllStringSubmatch(sentence, -1) {
		if m[1] != "" {
			year, _ = strconv.Atoi(m[1]) // four digits
		}
		if m[2] != "" {
			month, _ = strconv.Atoi(m[2]) // two digits at most
		}
		day, _ := strconv.Atoi(m[3]) // two digits at most
		t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if int(t.Month()) != month || t.Day() != day {
			return nil, fmt.Errorf("没有“%s”这一天，请检查", m[0])
		}
		if w := weekdayPattern.FindStringSubmatch(m[4]); w != nil && weekdayNames[w[1]] != t.Weekday() {
			return nil, fmt.Errorf("“%s”应是%s，请核对年份和日期", m[0], nameOf(t.Weekday()))
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("“%s”里没有日期，请检查", strings.TrimSpace(sentence))
	}
	return out, nil
}

// longest is more days than any holiday has.
const longest = 15

// stretch turns the first and last day of a holiday into all of its days.
func stretch(dates []time.Time, sentence string) ([]time.Time, error) {
	first, last := dates[0], dates[len(dates)-1]
	days := int(last.Sub(first)/(24*time.Hour)) + 1
	if len(dates) > 2 || days < 1 || days > longest {
		return nil, fmt.Errorf("看不懂“%s”，请检查", strings.TrimSpace(sentence))
	}
	if m := countPattern.FindStringSubmatch(sentence); m != nil && m[1] != strconv.Itoa(days) {
		return nil, fmt.Errorf("“%s”写的是%s天，按日期却是%d天，请核对", strings.TrimSpace(sentence), m[1], days)
	}
	out := make([]time.Time, 0, days)
	for i := range days {
		out = append(out, first.AddDate(0, 0, i))
	}
	return out, nil
}

// Empty reports whether no year is known.
func (h Holidays) Empty() bool { return len(h.years) == 0 }
