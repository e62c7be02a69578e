package rank

import "testing"

// Of the clauses for a follow-up those lack something that have nothing of what
// it asks by itself, whatever they have of the message before.
func TestAClauseLacksWhatAFollowUpAsksByItself(t *testing.T) {
	r := newReader(t)
	x := small(t, r.Folder)
	for _, c := range []struct {
		text, prev string
		most       map[string]float64 // may lack at most
		least      map[string]float64
	}{
		{"那工地洒水呢", "锅炉烟尘超标罚款多少", map[string]float64{"j8": 0.3}, map[string]float64{"h30": 0.9, "a99": 0.9}},
		{"锅炉烟尘超标罚款多少", "工地洒水", map[string]float64{"j8": 0, "h30": 0, "a99": 0}, nil},
	} {
		q := r.Read(c.text, c.prev, x)
		hits, vs := measureAll(t, x, q)
		if q.FollowUp != (c.least != nil) || len(hits) < 2 {
			t.Fatalf("%s: follow-up %v, %d hits", c.text, q.FollowUp, len(hits))
		}
		for i, h := range hits {
			if most, ok := c.most[h.Entry.ID]; ok && vs[i].Lacks > most {
				t.Errorf("%s: %s lacks %.2f", c.text, h.Entry.ID, vs[i].Lacks)
			}
			if least, ok := c.least[h.Entry.ID]; ok && vs[i].Lacks < least {
				t.Errorf("%s: %s lacks only %.2f", c.text, h.Entry.ID, vs[i].Lacks)
			}
		}
	}
}
