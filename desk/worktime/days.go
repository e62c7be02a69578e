package worktime

import (
	"fmt"
	"slices"
	"time"
)

// DateForm is how a date without time is written: 2026-11-25.
const DateForm = time.DateOnly

// Days are whole days from From to To, both written in DateForm and belonging
// to it.
type Days struct{ From, To string }

// Has reports whether the day of t, in t's own zone, is among them.
func (d Days) Has(t time.Time) bool {
	day := t.Format(DateForm) // the order of such texts is that of the days
	return d.From <= day && day <= d.To
}

func isAway(away []Days, day time.Time) bool {
	return slices.ContainsFunc(away, func(d Days) bool { return d.Has(day) })
}

// Away reports whether one of the stretches of days has the day of t in c's
// zone.
func (c Calendar) Away(away []Days, t time.Time) bool { return isAway(away, t.In(c.zone)) }

// Check reports days that are no dates or in the wrong order. Its errors are
// for people.
func (d Days) Check() error {
	for _, day := range []string{d.From, d.To} {
		if _, err := time.Parse(DateForm, day); err != nil {
			return fmt.Errorf("“%s”不是日期，请写成 2026-11-25 这样", day)
		}
	}
	if d.To < d.From {
		return fmt.Errorf("最后一天 %s 早于第一天 %s，请检查", d.To, d.From)
	}
	return nil
}
