package worktime

import (
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
