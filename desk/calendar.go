package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"greendesk/desk/staff"
	"greendesk/desk/worktime"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// calendar is the bureau's working time as administrators have set it, with
// the holidays that the program brings along and those that were pasted since.
func (d *Desk) calendar(ctx context.Context, q querier) (worktime.Calendar, error) {
	week, err := d.setting(ctx, q, SettingWorkHours)
	if err != nil {
		return worktime.Calendar{}, err
	}
	pasted, err := d.setting(ctx, q, SettingHolidays)
	if err != nil {
		return worktime.Calendar{}, err
	}
	return d.calendars.of(week, pasted, d.zone)
}

// calendars keeps the last calendar that was made, for as long as the settings
// stay the same: reading the notices takes a quarter of a millisecond, and
// others wait for a transaction on SQLite.
type calendars struct {
	mu           sync.Mutex
	week, pasted string
	last         worktime.Calendar
}

func (c *calendars) of(week, pasted string, zone *time.Location) (worktime.Calendar, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if week == c.week && pasted == c.pasted {
		return c.last, nil
	}
	hours, err := worktime.ParseHours(week)
	if err != nil {
		return worktime.Calendar{}, fmt.Errorf("desk: setting %s: %w", SettingWorkHours, err)
	}
	holidays, err := worktime.ParseNotices(worktime.Bundled() + "\n" + pasted)
	if err != nil {
		return worktime.Calendar{}, fmt.Errorf("desk: setting %s: %w", SettingHolidays, err)
	}
	c.week, c.pasted, c.last = week, pasted, worktime.New(hours, holidays, zone)
	return c.last, nil
}

func checkWorkHours(text string) error {
	if _, err := worktime.ParseHours(text); err != nil {
		return apperr.Wrap(apperr.Invalid, err.Error()+"。", err)
	}
	return lengthUpTo(1000)(text)
}

func checkHolidays(text string) error {
	h, err := worktime.ParseNotices(text)
	if err != nil {
		return apperr.Wrap(apperr.Invalid, err.Error()+"。", err)
	}
	if text != "" && h.Empty() {
		return apperr.New(apperr.Invalid, "没有读到放假通知，请把国务院办公厅通知的标题和正文一起粘贴进来。")
	}
	return lengthUpTo(20000)(text)
}

// MissingYear is the year whose holidays the desk should know by now and does
// not; 0 if none is missing. Deadlines that reach into it are not set.
func (d *Desk) MissingYear(ctx context.Context) (int, error) {
	cal, err := d.calendar(ctx, d.db)
	if err != nil {
		return 0, err
	}
	return cal.MissingYear(d.now()), nil
}

// alarmCalendar says that a year's holidays are missing: in the log, and once
// to every administrator.
func (d *Desk) alarmCalendar(ctx context.Context) error {
	year, err := d.MissingYear(ctx)
	if err != nil || year == 0 {
		return err
	}
	d.log.LogAttrs(ctx, slog.LevelWarn, "the holidays of a year are not known: deadlines in it are not set", slog.Int("year", year))
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		to, err := accountsWith(ctx, tx, staff.RoleAdministrator)
		if err != nil {
			return err
		}
		return d.tell(ctx, tx, StaffNotice{Kind: StaffCalendar,
			Body: fmt.Sprintf("还没有%d年的放假安排，落在这一年的办理期限暂时算不出来。国务院办公厅的通知发布后，请粘贴到设置的“放假安排”里。", year)},
			fmt.Sprintf("calendar:%d", year), to...)
	})
}

// allowances is how much working time there is to accept and to answer a
// consultation of an urgency.
func (d *Desk) allowances(ctx context.Context, q querier, urgency string) (accept, answer time.Duration, err error) {
	names := [2]string{SettingAcceptNormal, SettingAnswerNormal}
	if urgency == UrgencyUrgent {
		names = [2]string{SettingAcceptUrgent, SettingAnswerUrgent}
	}
	var out [2]time.Duration
	for i, name := range names {
		text, err := d.setting(ctx, q, name)
		if err != nil {
			return 0, 0, err
		}
		h, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("desk: setting %s: %w", name, err)
		}
		out[i] = time.Duration(h * float64(time.Hour))
	}
	return out[0], out[1], nil
}

// deadline is when some working time after start is over, the zero time when
// that lies in a year whose holidays are not known.
func deadline(cal worktime.Calendar, start time.Time, work time.Duration) (time.Time, error) {
	t, err := cal.Add(start, work)
	if unknown := (worktime.UnknownYearError{}); errors.As(err, &unknown) {
		return time.Time{}, nil
	}
	return t, err
}
