// Package worktime counts the bureau's working time: its hours of the week
// with the lunch break, the holidays of the State Council's notice and the
// weekends that are worked for them. It is pure: no clock of its own, no SQL.
//
// A year whose notice it has not read it does not guess: what reaches into one
// is an UnknownYearError.
package worktime
