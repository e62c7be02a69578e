package knowledge

import (
	"context"
	"regexp"
	"time"
)

// past is a time that a question tells of without a date.
type past struct {
	said   string // 前几年; "" for none
	before bool   // the time before the law that is in force now: 新法实施前
}

// Times past that are no day. 疫情期间 are three years, 前几年 are some; what
// stands before 实施前 is left in the question, for it may name a law.
var (
	someYears = regexp.MustCompile(`(?:前几年|前些年|早几年|早些年|头几年|好?几年(?:以|之)?前|(?:多|好些)年(?:以|之)?前|疫情(?:期间|的时候|那几年|那会儿?|那阵子?))的?`)
	newLaw    = regexp.MustCompile(`(?:在|就是)?新(?:的|修订的)?((?:\p{Han}{0,10})(?:法|规|规定|条例|办法|标准|政策))(?:正式)?(?:实施|施行|生效|出台|公布)(?:以|之)?前`)
	revised   = regexp.MustCompile(`(?:修法|改法|法律?修[订改正])(?:以|之)?前`)
	bareLaw   = regexp.MustCompile(`^(?:法|规|规定|条例|办法|标准|政策)$`)
)

// pastOf reads such a time, and the question without it.
func pastOf(text string) (past, string) {
	if goesOnToday.MatchString(text) {
		return past{}, text
	}
	for _, form := range []struct {
		pattern *regexp.Regexp
		before  bool
	}{{newLaw, true}, {revised, true}, {someYears, false}} {
		at := form.pattern.FindStringSubmatchIndex(text)
		if at == nil || within(inBooks.FindAllStringIndex(text, -1), at[0]) {
			continue
		}
		after := text[at[1]:]
		if begun.MatchString(trimSpeaker(after)) || noEventBefore.MatchString(text[:at[0]]) {
			continue
		}
		kept := ""
		if len(at) > 2 && !bareLaw.MatchString(text[at[2]:at[3]]) {
			kept = text[at[2]:at[3]]
		}
		return past{said: text[at[0]:at[1]], before: form.before}, text[:at[0]] + kept + openTail.ReplaceAllString(after, "")
	}
	return past{}, text
}

// someYearsReach is how many years 前几年 may go back.
const someYearsReach = 6

// placePast finds out what a past without a date means for what answers today:
// the day before that law came into force, whose law is then put in order in
// its place; or, for 前几年, that it may have been another law then. It returns
// the day whose law res has.
func (e *Engine) placePast(ctx context.Context, res *Result, day string, meant *asking) (string, error) {
	if res.past.said == "" || res.Day != "" || len(res.Ranked) == 0 {
		return day, nil
	}
	since := ""
	for _, r := range res.Ranked {
		if tierOf(r) > 0 {
			since = r.Entry.Version.ValidFrom
			break
		}
	}
	switch {
	case since == "":
	case res.past.before:
		res.Day = dayBefore(since)
		var err error
		res.Ranked, err = e.rank(ctx, res.weights, res.Question, res.Day, meant)
		return res.Day, err
	case since > e.now().In(zone).AddDate(-someYearsReach, 0, 0).Format(time.DateOnly):
		res.Vague, res.Since = res.past.said, since
	}
	return day, nil
}
