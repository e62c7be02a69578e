package desk

import (
	"context"
	"testing"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

func TestGapsKeepWhatWasShownUntilItsPersonLeaves(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		g := Grounds{Question: "活性炭多久换", Previous: "我们是喷漆的", Action: "expert", Probabilities: map[string]float64{"expert": 0.7, "answer": 0.3},
			Candidates: []Candidate{{Clause: "abc", Score: 1.5}, {Clause: "def", Score: 0.25}}, LawDay: "2020-07-01"}
		start := c.now()
		for i, key := range []string{"m:1", "m:2", "m:3"} {
			c.move(time.Minute)
			r, err := d.Receive(ctx, c.message("o-a", key))
			must(t, err)
			switch i {
			case 0: // twice is once
				for range 2 {
					_, err = d.Escalate(ctx, Escalation{OpenID: "o-a", Inbound: r.ID, Question: "活性炭多久换", Reason: ReasonAbstained, Grounds: g})
					must(t, err)
				}
			case 1: // asked for by the contact: no gap
				_, err = d.Escalate(ctx, Escalation{OpenID: "o-a", Inbound: r.ID, Question: "请专家看看", Reason: ReasonRequested, Grounds: g})
				must(t, err)
			case 2: // the latest verdict counts
				for _, v := range []string{VerdictUseless, VerdictUseful, VerdictUseless} {
					must(t, d.Rate(ctx, Feedback{OpenID: "o-a", Inbound: r.ID, Verdict: v, Grounds: g}))
				}
			}
		}
		gaps, err := d.Gaps(ctx, start)
		must(t, err)
		if len(gaps) != 2 || gaps[0].Kind != GapAbstained || gaps[1].Kind != GapUseless {
			t.Fatalf("%+v", gaps)
		}
		if got := gaps[0]; got.Question != g.Question || got.Previous != g.Previous || got.Action != "expert" || got.Probabilities["expert"] != 0.7 ||
			len(got.Candidates) != 2 || got.Candidates[0] != g.Candidates[0] || got.LawDay != g.LawDay || got.At.Before(start) {
			t.Errorf("%+v", got)
		}
		if later, err := d.Gaps(ctx, c.now().Add(time.Hour)); err != nil || len(later) != 0 {
			t.Errorf("%v %v", later, err)
		}
		curator := staff.Actor{Account: "cao", Roles: []staff.Role{staff.RoleCurator}}
		older := Gap{}
		for _, want := range []string{gaps[1].ID, gaps[0].ID} { // the newest first, one a page
			page, err := d.ReadGaps(ctx, curator, older, 1)
			must(t, err)
			if len(page) != 1 || page[0].ID != want {
				t.Fatalf("a page has %+v, want %s", page, want)
			}
			older = page[0]
		}
		if page, err := d.ReadGaps(ctx, curator, older, 1); err != nil || len(page) != 0 {
			t.Errorf("after the last: %v %v", page, err)
		}
		one, err := d.ReadGap(ctx, curator, gaps[0].ID)
		must(t, err)
		if one.Question != g.Question {
			t.Errorf("%+v", one)
		}
		var reads int
		must(t, d.db.QueryRow(ctx, `SELECT COUNT(*) FROM audit WHERE actor = 'cao' AND action = 'read' AND object LIKE 'gap%'`).Scan(&reads))
		if reads != 4 {
			t.Errorf("%d reads in the log", reads)
		}
		must(t, d.Erase(ctx, "o-a", c.now()))
		if _, err := d.ReadGap(ctx, curator, gaps[0].ID); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("an erased gap: %v", err)
		}
		if left, err := d.Gaps(ctx, start); err != nil || len(left) != 0 {
			t.Errorf("left %v %v", left, err)
		}
	})
}
