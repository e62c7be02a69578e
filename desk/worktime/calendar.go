package worktime

import (
	"fmt"
	"time"
)

// Calendar counts working time in one time zone. It is made by New and safe
// for concurrent use.
type Calendar struct {
	hours    Hours
	holidays Holidays
	zone     *time.Location
}

// New makes a calendar of a bureau's hours and the holidays it keeps.
func New(h Hours, days Holidays, zone *time.Location) Calendar {
	return Calendar{hours: h, holidays: days, zone: zone}
}

// UnknownYearError says that the notice on a year's holidays has not been read.
type UnknownYearError struct{ Year int }

// Error implements error.
func (e UnknownYearError) Error() string {
	return fmt.Sprintf("worktime: the holidays of %d are not known", e.Year)
}

// Knows reports whether the holidays of a year are known.
func (c Calendar) Knows(year int) bool { return c.holidays.years[year] }

// alarmMonth is from when the next year's notice should be there: it has been
// published in October or November of late.
const alarmMonth = time.November

// MissingYear is the year whose holidays are not known and needed now: this
// one, or from November on the next. 0 means that none is missing.
func (c Calendar) MissingYear(now time.Time) int {
	now = now.In(c.zone)
	switch year := now.Year(); {
	case !c.Knows(year):
		return year
	case now.Month() >= alarmMonth && !c.Knows(year+1):
		return year + 1
	}
	return 0
}

// spans are the bureau's working spans of a day, which is midnight in c's
// zone. A weekend that is worked has Monday's.
func (c Calendar) spans(day time.Time) ([]Span, error) {
	return c.spansOf(c.hours.on(day), day)
}

func (c Calendar) spansOf(w Week, day time.Time) ([]Span, error) {
	if !c.Knows(day.Year()) {
		return nil, UnknownYearError{Year: day.Year()}
	}
	switch off, named := c.holidays.off[dayOf(day)]; {
	case named && off:
		return nil, nil
	case named:
		return w[time.Monday], nil
	}
	return w[day.Weekday()], nil
}

// midnight begins t's day in c's zone.
func (c Calendar) midnight(t time.Time) time.Time {
	return dayOf(t.In(c.zone)).date(c.zone)
}

// Add is the first moment by which d of working time has gone by since start;
// start itself when d is not positive. It fails with UnknownYearError when it
// comes to a year without holidays.
func (c Calendar) Add(start time.Time, d time.Duration) (time.Time, error) {
	if d <= 0 {
		return start, nil
	}
	for day := c.midnight(start); ; day = day.AddDate(0, 0, 1) {
		spans, err := c.spans(day)
		if err != nil {
			return time.Time{}, err
		}
		for _, s := range spans {
			from, to := s.on(day)
			from = latest(from, start)
			left := to.Sub(from)
			if left <= 0 {
				continue
			}
			if d <= left {
				return from.Add(d), nil
			}
			d -= left
		}
	}
}

// Between is the working time from a to b, 0 unless b is after a. It fails
// with UnknownYearError when a year without holidays lies between.
func (c Calendar) Between(a, b time.Time) (time.Duration, error) {
	var sum time.Duration
	for day := c.midnight(a); day.Before(b); day = day.AddDate(0, 0, 1) {
		spans, err := c.spans(day)
		if err != nil {
			return 0, err
		}
		sum += overlap(spans, day, a, b)
	}
	return sum, nil
}

// AddDays is the end of the n-th working day after start's day: what is due
// within n working days is due then. n must be positive. It fails with
// UnknownYearError when it comes to a year without holidays.
func (c Calendar) AddDays(start time.Time, n int) (time.Time, error) {
	for day := c.midnight(start).AddDate(0, 0, 1); ; day = day.AddDate(0, 0, 1) {
		spans, err := c.spans(day)
		if err != nil {
			return time.Time{}, err
		}
		if len(spans) > 0 {
			n--
		}
		if n <= 0 {
			return day.AddDate(0, 0, 1), nil
		}
	}
}

// Present is how much of the time from a to b lies within somebody's own week,
// on working days that away does not take out; the zero Week is the bureau's.
// It fails with UnknownYearError when a year without holidays lies between.
func (c Calendar) Present(w Week, away []Days, a, b time.Time) (time.Duration, error) {
	var sum time.Duration
	for day := c.midnight(a); day.Before(b); day = day.AddDate(0, 0, 1) {
		of := w
		if w.IsZero() {
			of = c.hours.on(day)
		}
		spans, err := c.spansOf(of, day)
		if err != nil {
			return 0, err
		}
		if !isAway(away, day) {
			sum += overlap(spans, day, a, b)
		}
	}
	return sum, nil
}

// on is the span on a day.
func (s Span) on(day time.Time) (from, to time.Time) {
	return day.Add(time.Duration(s.From) * time.Minute), day.Add(time.Duration(s.To) * time.Minute)
}

// overlap is how much of spans on a day lies between a and b.
func overlap(spans []Span, day, a, b time.Time) time.Duration {
	var sum time.Duration
	for _, s := range spans {
		from, to := s.on(day)
		from = latest(from, a)
		if b.Before(to) {
			to = b
		}
		sum += max(0, to.Sub(from))
	}
	return sum
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
