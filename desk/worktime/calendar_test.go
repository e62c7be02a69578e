package worktime

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var cst = time.FixedZone("CST", 8*60*60)

// at reads 2026-11-25 09:00 in China.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", text, cst)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func calendar(t testing.TB, hours, notices string) Calendar {
	t.Helper()
	h, err := ParseHours(hours)
	if err != nil {
		t.Fatal(err)
	}
	days, err := ParseNotices(notices)
	if err != nil {
		t.Fatal(err)
	}
	return New(h, days, cst)
}

func TestADeadlineCountsWorkingTimeOnly(t *testing.T) {
	for _, c := range []struct {
		name, start string
		work        time.Duration
		want        string
	}{
		{"in the morning", "2026-11-25 09:00", time.Hour, "2026-11-25 10:00"},
		{"over lunch", "2026-11-25 11:00", 2 * time.Hour, "2026-11-25 15:00"},
		{"asked at lunch", "2026-11-25 12:30", time.Hour, "2026-11-25 15:00"},
		{"to the end of the morning", "2026-11-25 08:30", 210 * time.Minute, "2026-11-25 12:00"},
		{"asked in the evening", "2026-11-25 21:15", time.Hour, "2026-11-26 09:30"},
		{"asked before dawn", "2026-11-25 03:00", time.Hour, "2026-11-25 09:30"},
		{"Friday evening", "2026-11-27 17:00", time.Hour, "2026-11-30 09:00"},
		{"a whole day", "2026-11-25 08:30", 7 * time.Hour, "2026-11-25 17:30"},
		{"over National Day, with the Saturday that is worked", "2026-09-30 17:00", 8 * time.Hour, "2026-10-09 09:00"}, // 8 Oct is a Thursday
		{"a Sunday that is worked", "2026-09-20 08:30", time.Hour, "2026-09-20 09:30"},
		{"a Saturday that is worked", "2026-10-09 17:00", time.Hour, "2026-10-10 09:00"},
		{"over Spring Festival", "2026-02-14 17:00", time.Hour, "2026-02-24 09:00"},
		{"nothing to do", "2026-11-28 09:00", 0, "2026-11-28 09:00"},
	} {
		cal := calendar(t, DefaultHours, Bundled())
		got, err := cal.Add(at(t, c.start), c.work)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !got.Equal(at(t, c.want)) {
			t.Errorf("%s: %v after %s is %s, want %s", c.name, c.work, c.start, got.In(cst).Format("2006-01-02 15:04"), c.want)
		}
	}
}

func TestSeasonsHaveHoursOfTheirOwn(t *testing.T) {
	cal := calendar(t, DefaultHours+"\n6月1日至9月30日 周一至周五 08:30-12:00 15:00-18:30\n12月20日至1月10日：周一至周五 09:00-12:00", Bundled())
	for start, want := range map[string]string{
		"2026-05-29 12:00": "2026-05-29 15:00",
		"2026-06-01 12:00": "2026-06-01 16:00",
		"2026-09-30 12:00": "2026-09-30 16:00",
		"2026-10-08 12:00": "2026-10-08 15:00",
		"2026-12-21 08:00": "2026-12-21 10:00",
		"2026-01-05 11:30": "2026-01-06 09:30",
	} {
		got, err := cal.Add(at(t, start), time.Hour)
		if err != nil || !got.Equal(at(t, want)) {
			t.Errorf("an hour after %s is %v (%v), want %s", start, got, err, want)
		}
	}
}

func TestWorkingDaysEndWithTheDay(t *testing.T) {
	cal := calendar(t, DefaultHours, Bundled())
	for _, c := range []struct {
		start string
		n     int
		want  string
	}{
		{"2026-11-25 09:00", 1, "2026-11-27 00:00"},
		{"2026-11-25 23:59", 7, "2026-12-05 00:00"},
		{"2026-09-24 10:00", 7, "2026-10-13 00:00"}, // over both holidays; Saturday 10 Oct is worked
	} {
		got, err := cal.AddDays(at(t, c.start), c.n)
		if err != nil || !got.Equal(at(t, c.want)) {
			t.Errorf("%d working days after %s end %v (%v), want %s", c.n, c.start, got.In(cst), err, c.want)
		}
	}
}

func TestAYearWithoutNoticeIsNotGuessed(t *testing.T) {
	cal := calendar(t, DefaultHours, Bundled())
	var unknown UnknownYearError
	if _, err := cal.Add(at(t, "2026-12-31 17:00"), time.Hour); !errors.As(err, &unknown) || unknown.Year != 2027 {
		t.Errorf("a deadline in 2027: %v", err)
	}
	if _, err := cal.Between(at(t, "2025-12-31 17:00"), at(t, "2026-01-05 10:00")); !errors.As(err, &unknown) || unknown.Year != 2025 {
		t.Errorf("time since 2025: %v", err)
	}
	if _, err := cal.AddDays(at(t, "2026-12-31 17:00"), 1); !errors.As(err, &unknown) {
		t.Errorf("a working day of 2027: %v", err)
	}
	if got, err := cal.Add(at(t, "2026-12-31 16:30"), time.Hour); err != nil || !got.Equal(at(t, "2026-12-31 17:30")) {
		t.Errorf("the last hour of 2026 ends %v, %v", got, err)
	}
	for when, want := range map[string]int{"2025-12-31 23:59": 2025, "2026-01-01 00:00": 0, "2026-10-31 23:59": 0, "2026-11-01 00:00": 2027, "2027-03-01 09:00": 2027} {
		if got := cal.MissingYear(at(t, when)); got != want {
			t.Errorf("on %s the year %d is missing, want %d", when, got, want)
		}
	}
}

func TestPresenceIsOnesOwnWeekWithoutLeaveAndHolidays(t *testing.T) {
	cal := calendar(t, DefaultHours, Bundled())
	week, err := ParseWeek("周二、周四 09:00-11:30")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		week     Week
		away     []Days
		from, to string
		want     time.Duration
	}{
		{"the bureau's week", Week{}, nil, "2026-11-23 00:00", "2026-11-28 00:00", 35 * time.Hour},
		{"two mornings", week, nil, "2026-11-23 00:00", "2026-11-28 00:00", 5 * time.Hour},
		{"on leave on one", week, []Days{{"2026-11-26", "2026-11-30"}}, "2026-11-23 00:00", "2026-11-28 00:00", 150 * time.Minute},
		{"a holiday", week, nil, "2026-10-01 00:00", "2026-10-02 00:00", 0},
		{"a part of a morning", week, nil, "2026-11-24 10:00", "2026-11-24 11:00", time.Hour},
	} {
		got, err := cal.Present(c.week, c.away, at(t, c.from), at(t, c.to))
		if err != nil || got != c.want {
			t.Errorf("%s: present %v (%v), want %v", c.name, got, err, c.want)
		}
	}
}

// moments of 2026 from which a year's end is far enough.
func drawMoment(t *rapid.T, label string) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, cst).Add(time.Duration(rapid.Int64Range(0, 300*24*60*60).Draw(t, label)) * time.Second)
}

func TestAddAndBetweenAgree(t *testing.T) {
	cal := calendar(t, DefaultHours+"\n6月1日至9月30日 周一至周五 08:30-12:00 15:00-18:30", Bundled())
	rapid.Check(t, func(t *rapid.T) {
		start := drawMoment(t, "start")
		d := time.Duration(rapid.Int64Range(1, 60*60*60).Draw(t, "seconds")) * time.Second
		more := time.Duration(rapid.Int64Range(0, 20*60*60).Draw(t, "more")) * time.Second
		due, err := cal.Add(start, d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cal.Between(start, due); err != nil || got != d {
			t.Fatalf("between %v and %v lie %v (%v), want %v", start, due, got, err, d)
		}
		if got, err := cal.Between(start, due.Add(-time.Second)); err != nil || got >= d {
			t.Fatalf("%v is not the first moment: %v lie before it (%v)", due, got, err)
		}
		whole, err := cal.Add(start, d+more)
		if err != nil {
			t.Fatal(err)
		}
		if step, err := cal.Add(due, more); err != nil || !step.Equal(whole) {
			t.Fatalf("in two steps %v (%v), in one %v", step, err, whole)
		}
		if whole.Before(due) {
			t.Fatalf("%v more ends earlier", more)
		}
	})
}

func TestWorkingTimeAddsUp(t *testing.T) {
	cal := calendar(t, DefaultHours, Bundled())
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawMoment(t, "a"), drawMoment(t, "b"), drawMoment(t, "c")
		if b.Before(a) {
			a, b = b, a
		}
		if c.Before(a) {
			a, c = c, a
		}
		if c.Before(b) {
			b, c = c, b
		}
		ab, err1 := cal.Between(a, b)
		bc, err2 := cal.Between(b, c)
		ac, err3 := cal.Between(a, c)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		if ab+bc != ac || ac > c.Sub(a) {
			t.Fatalf("%v + %v is not %v of %v", ab, bc, ac, c.Sub(a))
		}
		if back, err := cal.Between(b, a); err != nil || back != 0 && !a.Equal(b) {
			t.Fatalf("backwards %v, %v", back, err)
		}
	})
}
