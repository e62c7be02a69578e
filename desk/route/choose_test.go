package route

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"greendesk/desk/worktime"
)

var cst = time.FixedZone("CST", 8*60*60)

// wednesday at 9 in the morning, an hour's work and more before the deadline.
func wednesday() (now, due time.Time) {
	now = time.Date(2026, 11, 25, 9, 0, 0, 0, cst)
	return now, now.Add(2 * time.Hour)
}

func calendar(t testing.TB) worktime.Calendar {
	t.Helper()
	h, err := worktime.ParseHours(worktime.DefaultHours)
	if err != nil {
		t.Fatal(err)
	}
	days, err := worktime.ParseNotices(worktime.Bundled())
	if err != nil {
		t.Fatal(err)
	}
	return worktime.New(h, days, cst)
}

func week(t testing.TB, text string) worktime.Week {
	t.Helper()
	w, err := worktime.ParseWeek(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// air is a group of three experts and a lead.
func air() Group {
	return Group{ID: "g-air", Topics: []string{"VOCs", "废气"}, Members: []string{"a", "b", "c", "lead"}, Leads: []string{"lead"}}
}

func staff() []Expert {
	return []Expert{
		{ID: "a", Topics: []string{"VOCs"}, Counties: []string{"召陵", "郾城"}, Load: 2, Limit: 5},
		{ID: "b", Topics: []string{"VOCs", "废气"}, Load: 3, Limit: 5},
		{ID: "c", Load: 0, Limit: 5},
		{ID: "lead", Load: 9},
	}
}

func TestWhoGetsAQuestion(t *testing.T) {
	now, due := wednesday()
	vocs := Question{Topic: "VOCs", Due: due}
	for _, c := range []struct {
		name   string
		q      func(*Question)
		groups func([]Group) []Group
		people func([]Expert)
		want   string // group and expert
		why    string
	}{
		{name: "the one with the topic and county before the idle generalist", q: func(q *Question) { q.County = "召陵" },
			want: "g-air a", why: "VOCs，召陵，手上 2 件"},
		{name: "of two with the topic and county the one with less in hand", q: func(q *Question) { q.County = "召陵" },
			people: func(p []Expert) { p[1].Counties = []string{"召陵"} }, want: "g-air a", why: "VOCs，召陵，手上 2 件最少"},
		{name: "without a county the least load", want: "g-air a", why: "VOCs，手上 2 件最少"},
		{name: "a county that only the others serve", q: func(q *Question) { q.County = "舞阳" }, want: "g-air b", why: "VOCs，手上 3 件"},
		{name: "industry before county and load", q: func(q *Question) { q.County, q.Industry = "召陵", "2239" },
			people: func(p []Expert) { p[1].Industries = []string{"22"} }, want: "g-air b", why: "VOCs，熟悉这个行业，手上 3 件"},
		{name: "the longer industry code", q: func(q *Question) { q.Industry = "2239" },
			people: func(p []Expert) { p[0].Industries, p[1].Industries = []string{"22"}, []string{"13", "223"} }, want: "g-air b", why: "VOCs，熟悉这个行业，手上 3 件"},
		{name: "who had it before", q: func(q *Question) { q.Before = "b" }, want: "g-air b", why: "VOCs，之前由同一位专家办理"},
		{name: "who had it before is on leave", q: func(q *Question) { q.Before = "b" },
			people: func(p []Expert) { p[1].Away = []worktime.Days{{From: "2026-11-25", To: "2026-11-27"}} }, want: "g-air a", why: "VOCs，手上 2 件"},
		{name: "a recusal", q: func(q *Question) { q.Enterprises = []string{"another", "91411100MA000001X0"} },
			people: func(p []Expert) { p[0].Recused = []string{"91411100MA000001X0"} }, want: "g-air b", why: "VOCs，手上 3 件"},
		{name: "equal in all: the smaller id", people: func(p []Expert) { p[1].Load = 2 }, want: "g-air a", why: "VOCs，手上 2 件"},
		{name: "full ones are left out", people: func(p []Expert) { p[0].Limit, p[1].Load = 2, 5 }, want: "g-air c", why: "VOCs，手上没有别的咨询"},
		{name: "not on duty this morning", people: func(p []Expert) {
			p[0].Hours = week(t, "周三 14:00-17:00；周四 09:00-11:00")
		}, want: "g-air b", why: "VOCs，手上 3 件"},
		{name: "on duty before it is due", people: func(p []Expert) { p[0].Hours = week(t, "周三 10:30-12:00") }, want: "g-air a", why: "VOCs，手上 2 件最少"},
		{name: "nobody is free: the lead, whatever the load", people: func(p []Expert) {
			p[0].Load, p[1].Away, p[2].Topics = 5, []worktime.Days{{From: "2026-11-20", To: "2026-11-25"}}, []string{"噪声"}
		}, want: "g-air lead", why: "VOCs，组内无人可接（1 人请假、2 人手上已满、1 人不负责这类问题），交组长"},
		{name: "the lead must recuse too", q: func(q *Question) { q.Enterprises = []string{"X"} }, people: func(p []Expert) {
			for i := range p {
				p[i].Recused = []string{"X"}
			}
		}, want: "g-air ", why: "VOCs，组内无人可接（4 人须回避），组长也不便，请管理员安排"},
		{name: "no group has the topic: the general one", q: func(q *Question) { q.Topic = "辐射" }, groups: func(g []Group) []Group {
			return append(g, Group{ID: "g-all", Topics: []string{General}, Members: []string{"b", "c"}})
		}, want: "g-all c", why: "辐射（没有专门的组），手上没有别的咨询"},
		{name: "a question without a topic is for every member of the general group", q: func(q *Question) { q.Topic = General }, groups: func(g []Group) []Group {
			return append(g, Group{ID: "g-all", Topics: []string{General}, Members: []string{"a", "b"}})
		}, want: "g-all a", why: "综合，手上 2 件最少"},
		{name: "no group at all", q: func(q *Question) { q.Topic = "辐射" }, want: " ", why: "没有负责“辐射”的组，也没有“综合”组，请管理员安排"},
		{name: "a group that is off", groups: func(g []Group) []Group { g[0].Off = true; return g }, want: " ", why: "没有负责“VOCs”的组，也没有“综合”组，请管理员安排"},
		{name: "the most specialised of two groups", groups: func(g []Group) []Group {
			return append(g, Group{ID: "g-vocs", Topics: []string{"VOCs"}, Members: []string{"b"}})
		}, want: "g-vocs b", why: "VOCs，手上 3 件"},
		{name: "the other group when the first is busy, before any lead", groups: func(g []Group) []Group {
			return append(g, Group{ID: "g-vocs", Topics: []string{"VOCs"}, Members: []string{"lead"}, Leads: []string{"lead"}})
		}, want: "g-air a", why: "VOCs，手上 2 件最少"},
		{name: "a group of nobody", groups: func(g []Group) []Group { g[0].Members, g[0].Leads = nil, nil; return g }, want: "g-air ", why: "VOCs，组内没有专家，组长也不便，请管理员安排"},
		{name: "a member who may not consult is not among the experts", groups: func(g []Group) []Group { g[0].Members = append(g[0].Members, "gone"); return g },
			want: "g-air a", why: "VOCs，手上 2 件最少"},
	} {
		q, groups, people := vocs, []Group{air()}, staff()
		if c.q != nil {
			c.q(&q)
		}
		if c.groups != nil {
			groups = c.groups(groups)
		}
		if c.people != nil {
			c.people(people)
		}
		got := Choose(q, groups, people, calendar(t), now)
		if who := got.Group + " " + got.Expert; who != c.want || got.String() != c.why {
			t.Errorf("%s: %q because %s\nwant %q because %s", c.name, who, got, c.want, c.why)
		}
	}
}

func TestWithoutADeadlineOnlyLeaveOfTodayCounts(t *testing.T) {
	now, _ := wednesday()
	people := staff()
	people[0].Away = []worktime.Days{{From: "2026-11-25", To: "2026-11-25"}}
	people[1].Hours = week(t, "周五 09:00-10:00")
	if got := Choose(Question{Topic: "VOCs"}, []Group{air()}, people, calendar(t), now); got.Expert != "b" {
		t.Errorf("%+v", got)
	}
}

func TestTheLeadIsTheOneWithLeastInHandWhoIsThere(t *testing.T) {
	now, due := wednesday()
	g := Group{ID: "g", Leads: []string{"x", "y", "z"}}
	people := []Expert{{ID: "x", Load: 1, Away: []worktime.Days{{From: "2026-11-25", To: "2026-12-01"}}}, {ID: "y", Load: 4}, {ID: "z", Load: 3}}
	if e, ok := Lead(Question{Due: due}, g, people, calendar(t), now); !ok || e.ID != "z" {
		t.Errorf("the lead is %+v, %v", e, ok)
	}
	if e, ok := Lead(Question{Due: due}, Group{}, people, calendar(t), now); ok {
		t.Errorf("a group without leads has %+v", e)
	}
}

var (
	someTopics   = []string{"VOCs", "废水", "噪声", General}
	someCounties = []string{"召陵", "源汇", "舞阳"}
	someCodes    = []string{"E1", "E2"}
)

func subset(t *rapid.T, of []string, label string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, len(of), rapid.ID).Draw(t, label)
}

func drawPeople(t *rapid.T) (groups []Group, people []Expert) {
	var ids []string
	for i := range rapid.IntRange(0, 6).Draw(t, "experts") {
		e := Expert{ID: fmt.Sprintf("e%d", i), Topics: subset(t, someTopics, "topics"), Counties: subset(t, someCounties, "counties"),
			Industries: subset(t, []string{"1", "13", "22"}, "industries"), Recused: subset(t, someCodes, "recused"),
			Load: rapid.IntRange(0, 4).Draw(t, "load"), Limit: rapid.IntRange(0, 4).Draw(t, "limit")}
		if rapid.Bool().Draw(t, "away") {
			e.Away = []worktime.Days{{From: "2026-11-25", To: "2026-11-25"}}
		}
		ids, people = append(ids, e.ID), append(people, e)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "groups") {
		g := Group{ID: fmt.Sprintf("g%d", i), Topics: subset(t, someTopics, "group topics"), Off: rapid.Bool().Draw(t, "off")}
		if len(ids) > 0 {
			g.Members = subset(t, ids, "members")
		}
		if len(g.Members) > 0 {
			g.Leads = subset(t, g.Members, "leads")
		}
		groups = append(groups, g)
	}
	return groups, people
}

func TestAnyChoiceKeepsTheRules(t *testing.T) {
	now, due := wednesday()
	cal := calendar(t)
	rapid.Check(t, func(t *rapid.T) {
		groups, people := drawPeople(t)
		q := Question{Topic: rapid.SampledFrom(someTopics).Draw(t, "topic"), County: rapid.SampledFrom(append(someCounties, "")).Draw(t, "county"),
			Industry: rapid.SampledFrom([]string{"", "1351", "2231"}).Draw(t, "industry"), Enterprises: subset(t, someCodes, "enterprises"), Due: due}
		got := Choose(q, groups, people, cal, now)
		if len(got.Reasons) == 0 {
			t.Fatal("no reason is given")
		}
		again := Choose(q, rapid.Permutation(groups).Draw(t, "groups shuffled"), rapid.Permutation(people).Draw(t, "experts shuffled"), cal, now)
		if again.String() != got.String() || again.Group != got.Group || again.Expert != got.Expert {
			t.Fatalf("in another order %+v, not %+v", again, got)
		}
		if got.Group == "" {
			if got.Expert != "" {
				t.Fatalf("an expert without a group: %+v", got)
			}
			return
		}
		g := groups[slices.IndexFunc(groups, func(g Group) bool { return g.ID == got.Group })]
		if g.Off || !slices.Contains(g.Topics, q.Topic) && !slices.Contains(g.Topics, General) {
			t.Fatalf("the group %+v", g)
		}
		if got.Expert == "" {
			return
		}
		e := people[slices.IndexFunc(people, func(e Expert) bool { return e.ID == got.Expert })]
		asLead := strings.HasSuffix(got.String(), "交组长")
		switch {
		case slices.ContainsFunc(q.Enterprises, func(code string) bool { return slices.Contains(e.Recused, code) }):
			t.Fatalf("%+v must recuse", e)
		case len(e.Away) > 0:
			t.Fatalf("%+v is on leave", e)
		case asLead && !slices.Contains(g.Leads, e.ID), !slices.Contains(g.Members, e.ID):
			t.Fatalf("%+v is not of %+v", e, g)
		case !asLead && e.Load >= e.Limit:
			t.Fatalf("%+v is full", e)
		}
	})
}

func TestOfTwoWhoAreAlikeTheOneWithLessInHandIsChosen(t *testing.T) {
	now, due := wednesday()
	cal := calendar(t)
	rapid.Check(t, func(t *rapid.T) {
		groups, people := drawPeople(t)
		got := Choose(Question{Topic: "VOCs", Due: due}, groups, people, cal, now)
		at := slices.IndexFunc(people, func(e Expert) bool { return e.ID == got.Expert })
		if at < 0 || people[at].Load == 0 || strings.HasSuffix(got.String(), "交组长") {
			return
		}
		twin := people[at]
		twin.ID, twin.Load = "twin", twin.Load-1
		for i := range groups {
			if groups[i].ID == got.Group {
				groups[i].Members = append(slices.Clone(groups[i].Members), "twin")
			}
		}
		if next := Choose(Question{Topic: "VOCs", Due: due}, groups, append(people, twin), cal, now); next.Expert != "twin" {
			t.Fatalf("%+v, though the twin has %d in hand", next, twin.Load)
		}
	})
}
