package route

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"greendesk/desk/worktime"
)

// Question is what is known of a question that needs an expert. What is not
// known is "".
type Question struct {
	Topic       string
	Industry    string // of the enterprise, GB/T 4754
	County      string
	Enterprises []string  // 统一社会信用代码 of all that the contact asks or asked for
	Before      string    // account of the expert who had it before and should have it again
	Due         time.Time // by when it should be accepted; zero when that is not known
}

// Group is an advisory group with the accounts in it.
type Group struct {
	ID      string
	Topics  []string
	Members []string // all accounts, the leads too
	Leads   []string
	Off     bool // takes nothing
}

// Expert is somebody who may be given a question.
type Expert struct {
	ID         string
	Topics     []string        // none: all of the group's
	Industries []string        // codes of GB/T 4754 or their beginnings: preferred
	Counties   []string        // none: all
	Hours      worktime.Week   // the zero Week: the bureau's
	Away       []worktime.Days // leaves
	Load       int             // open consultations in hand
	Limit      int             // most at a time; 0 takes none unless as a lead
	Recused    []string        // codes of enterprises
}

// Choice is who gets a question. Without anybody Expert is "", without any
// group Group too; then an administrator has to act.
type Choice struct {
	Group, Expert string
	Reasons       []string // for people
}

// String joins the reasons: VOCs，召陵，手上 2 件最少.
func (c Choice) String() string { return strings.Join(c.Reasons, "，") }

// Choose gives a question to the free expert who fits it best: of the groups
// that have its topic (or the General one) the most specialised first; in it
// by topic, industry and county, then the one with least in hand. When nobody
// is free it goes to the group's lead. The order of groups and experts does
// not matter.
func Choose(q Question, groups []Group, experts []Expert, cal worktime.Calendar, now time.Time) Choice {
	c := chooser{q: q, cal: cal, now: now, experts: map[string]Expert{}}
	for _, e := range experts {
		c.experts[e.ID] = e
	}
	fit := c.groupsFor(groups)
	if len(fit) == 0 {
		return Choice{Reasons: []string{fmt.Sprintf("没有负责“%s”的组，也没有“%s”组，请管理员安排", q.Topic, General)}}
	}
	var refused []map[string]int
	for _, g := range fit {
		best, why := c.among(g)
		if best != nil {
			return *best
		}
		refused = append(refused, why)
	}
	for i, g := range fit {
		if lead, ok := c.lead(g); ok {
			return Choice{Group: g.ID, Expert: lead.ID, Reasons: []string{c.subject(g), say(refused[i]) + "，交组长"}}
		}
	}
	return Choice{Group: fit[0].ID, Reasons: []string{c.subject(fit[0]), say(refused[0]) + "，组长也不便，请管理员安排"}}
}

// Lead is the lead of a group who takes over what is overdue: one who need
// not recuse and is not away, with least in hand. ok is false without any.
func Lead(q Question, g Group, experts []Expert, cal worktime.Calendar, now time.Time) (Expert, bool) {
	c := chooser{q: q, cal: cal, now: now, experts: map[string]Expert{}}
	for _, e := range experts {
		c.experts[e.ID] = e
	}
	return c.lead(g)
}

type chooser struct {
	q       Question
	cal     worktime.Calendar
	now     time.Time
	experts map[string]Expert
}

// groupsFor are the groups for the question, the most specialised first.
func (c chooser) groupsFor(groups []Group) []Group {
	pick := func(want func(Group) bool) []Group {
		var out []Group
		for _, g := range groups {
			if !g.Off && want(g) {
				out = append(out, g)
			}
		}
		slices.SortFunc(out, func(a, b Group) int {
			return cmp.Or(cmp.Compare(len(a.Topics), len(b.Topics)), cmp.Compare(a.ID, b.ID))
		})
		return out
	}
	for _, topic := range []string{c.q.Topic, General} {
		if found := pick(func(g Group) bool { return slices.Contains(g.Topics, topic) }); len(found) > 0 {
			return found
		}
	}
	return nil
}

// fit is how well an expert suits the question; more is better.
type fit struct{ before, topic, industry, county int }

func (a fit) compare(b fit) int {
	return cmp.Or(cmp.Compare(a.before, b.before), cmp.Compare(a.topic, b.topic), cmp.Compare(a.industry, b.industry), cmp.Compare(a.county, b.county))
}

type candidate struct {
	Expert
	fit fit
}

// among chooses one of a group's free members, or says why there is none: how
// many for each reason.
func (c chooser) among(g Group) (*Choice, map[string]int) {
	var free []candidate
	refused := map[string]int{}
	for _, id := range g.Members {
		e, known := c.experts[id]
		if !known {
			continue
		}
		if why := c.refuses(e, g); why != "" {
			refused[why]++
			continue
		}
		free = append(free, candidate{Expert: e, fit: c.fitOf(e)})
	}
	if len(free) == 0 {
		return nil, refused
	}
	slices.SortFunc(free, func(a, b candidate) int {
		return cmp.Or(b.fit.compare(a.fit), cmp.Compare(a.Load, b.Load), cmp.Compare(a.ID, b.ID))
	})
	return &Choice{Group: g.ID, Expert: free[0].ID, Reasons: c.reasons(g, free)}, nil
}

// Why an expert is not given a question.
const (
	mustRecuse   = "须回避"
	onLeave      = "请假"
	offDuty      = "这段时间不当班"
	full         = "手上已满"
	otherTopics  = "不负责这类问题"
	otherCounty  = "不负责这个县区"
	nobodyInside = "组内没有专家"
)

// refuses says why an expert is not given the question, "" if they may have it.
func (c chooser) refuses(e Expert, g Group) string {
	switch {
	case c.recused(e):
		return mustRecuse
	case c.away(e):
		return onLeave
	case !c.onDuty(e, nil):
		return offDuty
	case e.Load >= e.Limit:
		return full
	case !c.knows(e, g):
		return otherTopics
	case len(e.Counties) > 0 && c.q.County != "" && !slices.Contains(e.Counties, c.q.County):
		return otherCounty
	}
	return ""
}

// knows reports whether the question is one of an expert's topics. What has no
// topic, or one that no group has, is for every member.
func (c chooser) knows(e Expert, g Group) bool {
	return len(e.Topics) == 0 || slices.Contains(e.Topics, c.q.Topic) || c.q.Topic == General || !slices.Contains(g.Topics, c.q.Topic)
}

func (c chooser) recused(e Expert) bool {
	return slices.ContainsFunc(c.q.Enterprises, func(code string) bool { return slices.Contains(e.Recused, code) })
}

// away reports whether leave keeps an expert from accepting in time. Of one
// who would not be on duty anyway, leave of today counts.
func (c chooser) away(e Expert) bool {
	if c.onDuty(e, e.Away) {
		return false
	}
	return c.onDuty(e, nil) || c.cal.Away(e.Away, c.now)
}

// onDuty reports whether an expert has any time to accept the question before
// it is due. When the calendar or the deadline is not known, only leave of
// today counts.
func (c chooser) onDuty(e Expert, away []worktime.Days) bool {
	if c.q.Due.After(c.now) {
		if present, err := c.cal.Present(e.Hours, away, c.now, c.q.Due); err == nil {
			return present > 0
		}
	}
	return !c.cal.Away(away, c.now)
}

// fitOf rates an expert who may have the question.
func (c chooser) fitOf(e Expert) fit {
	var f fit
	if e.ID == c.q.Before {
		f.before = 1
	}
	if slices.Contains(e.Topics, c.q.Topic) {
		f.topic = 1
	}
	for _, code := range e.Industries {
		if c.q.Industry != "" && strings.HasPrefix(c.q.Industry, code) {
			f.industry = max(f.industry, len(code))
		}
	}
	if c.q.County != "" && slices.Contains(e.Counties, c.q.County) {
		f.county = 1
	}
	return f
}

// subject is what the question is about, and that no group has it if so.
func (c chooser) subject(g Group) string {
	if slices.Contains(g.Topics, c.q.Topic) {
		return c.q.Topic
	}
	return c.q.Topic + "（没有专门的组）"
}

// reasons says why the first of the free was chosen.
func (c chooser) reasons(g Group, free []candidate) []string {
	out := []string{c.subject(g)}
	best := free[0]
	if best.fit.before > 0 {
		return append(out, "之前由同一位专家办理")
	}
	if best.fit.industry > 0 {
		out = append(out, "熟悉这个行业")
	}
	if best.fit.county > 0 {
		out = append(out, c.q.County)
	}
	load := fmt.Sprintf("手上 %d 件", best.Load)
	if best.Load == 0 {
		load = "手上没有别的咨询"
	}
	// The next of those who fit as well, if there is one, has the next load.
	if len(free) > 1 && free[1].fit == best.fit && best.Load > 0 && best.Load < free[1].Load {
		load += "最少"
	}
	return append(out, load)
}

// lead is a group's lead who may take the question.
func (c chooser) lead(g Group) (Expert, bool) {
	var leads []Expert
	for _, id := range g.Leads {
		if e, known := c.experts[id]; known && !c.recused(e) && !c.away(e) {
			leads = append(leads, e)
		}
	}
	if len(leads) == 0 {
		return Expert{}, false
	}
	return slices.MinFunc(leads, func(a, b Expert) int {
		return cmp.Or(cmp.Compare(a.Load, b.Load), cmp.Compare(a.ID, b.ID))
	}), true
}

// say tells why nobody of a group is free: 组内无人可接（1 人须回避、2 人手上已满）.
func say(refused map[string]int) string {
	var parts []string
	for _, why := range []string{mustRecuse, onLeave, offDuty, full, otherTopics, otherCounty} {
		if n := refused[why]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d 人%s", n, why))
		}
	}
	if len(parts) == 0 {
		return nobodyInside
	}
	return "组内无人可接（" + strings.Join(parts, "、") + "）"
}
