package worktime

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// DefaultHours is an office's usual week.
const DefaultHours = "周一至周五 08:30-12:00 14:00-17:30"

// Hours are the bureau's: a week for the year, and others for seasons.
type Hours struct {
	usual   Week
	seasons []season
}

// season is a part of every year with a week of its own; from and to are
// month*100+day and belong to it. It may lie over the turn of the year.
type season struct {
	from, to int
	week     Week
}

func (s season) has(t time.Time) bool {
	day := int(t.Month())*100 + t.Day()
	if s.from <= s.to {
		return s.from <= day && day <= s.to
	}
	return day >= s.from || day <= s.to
}

// on is the week that rules the day of t.
func (h Hours) on(t time.Time) Week {
	for _, s := range h.seasons {
		if s.has(t) {
			return s.week
		}
	}
	return h.usual
}

var seasonPattern = regexp.MustCompile(`^\s*(\d{1,2})月(\d{1,2})日?(?:至|到|-)(\d{1,2})月(\d{1,2})日?[\s：:，,]*(.*)$`)

// ParseHours reads lines of a week (ParseWeek). A line that begins with days
// of the year (6月1日至9月30日 周一至周五 08:30-12:00 15:00-18:30) is a season's; the
// others are the usual week. Its errors are for people.
func ParseHours(text string) (Hours, error) {
	var h Hours
	var usual []string
	for line := range strings.Lines(text) {
		m := seasonPattern.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			usual = append(usual, line)
			continue
		}
		s, err := parseSeason(m)
		if err != nil {
			return Hours{}, err
		}
		h.seasons = append(h.seasons, s)
	}
	var err error
	if h.usual, err = ParseWeek(strings.Join(usual, "\n")); err != nil {
		return Hours{}, err
	}
	if h.usual.IsZero() {
		return Hours{}, fmt.Errorf("请写上平时的工作时间，例如“%s”", DefaultHours)
	}
	return h, nil
}

func parseSeason(m []string) (season, error) {
	from, err := monthDay(m[1], m[2])
	if err != nil {
		return season{}, err
	}
	to, err := monthDay(m[3], m[4])
	if err != nil {
		return season{}, err
	}
	w, err := ParseWeek(m[5])
	if err != nil {
		return season{}, err
	}
	if w.IsZero() {
		return season{}, fmt.Errorf("请在“%s月%s日至%s月%s日”后面写上周几和时间", m[1], m[2], m[3], m[4])
	}
	return season{from: from, to: to, week: w}, nil
}

// monthDay reads a day of the year as month*100+day.
func monthDay(month, day string) (int, error) {
	m, _ := strconv.Atoi(month) // two digits at most
	n, _ := strconv.Atoi(day)
	// A leap year has every day there is.
	if d := time.Date(2024, time.Month(m), n, 0, 0, 0, 0, time.UTC); int(d.Month()) != m || d.Day() != n {
		return 0, fmt.Errorf("没有%s月%s日这一天，请检查", month, day)
	}
	return m*100 + n, nil
}
