package desk

import (
	"context"
	"slices"

	"greendesk/desk/staff"
	"greendesk/desk/worktime"
)

// Colleague is somebody who may be given a consultation or asked to study it
// together, with what speaks for and against them.
type Colleague struct {
	Account string
	Name    string
	Groups  []string // names
	Topics  []string
	Load    int  // open consultations in hand
	Limit   int  // most that routing gives them
	Away    bool // on leave today
	Part    bool // was invited already
}

// Colleagues lists to whom a consultation that the actor may read can be given:
// who does not hold it and is not recused from the enterprise; those who are
// there before those on leave, then who has least in hand.
func (d *Desk) Colleagues(ctx context.Context, a staff.Actor, id string) ([]Colleague, error) {
	k, err := d.load(ctx, d.db, a, id)
	if err != nil {
		return nil, err
	}
	o, err := d.roster(ctx, d.db)
	if err != nil {
		return nil, err
	}
	q, err := d.routeQuestion(ctx, d.db, &k.Consultation)
	if err != nil {
		return nil, err
	}
	part, err := participants(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	today := d.now().In(d.zone).Format(worktime.DateForm)
	var out []Colleague
	for _, e := range o.experts {
		recused := func(r Recusal) bool { return slices.Contains(q.Enterprises, r.Code) }
		if e.Account == k.Expert || slices.ContainsFunc(e.Recusals, recused) {
			continue
		}
		out = append(out, Colleague{Account: e.Account, Name: e.Name, Groups: o.groupsOf(e.Account), Topics: e.Topics, Load: e.Load, Limit: e.Limit,
			Away: slices.ContainsFunc(e.Leaves, func(l Leave) bool { return l.Days.From <= today && today <= l.Days.To }),
			Part: slices.ContainsFunc(part, func(p Person) bool { return p.Account == e.Account })})
	}
	slices.SortStableFunc(out, func(x, y Colleague) int {
		if x.Away != y.Away {
			if x.Away {
				return 1
			}
			return -1
		}
		return x.Load - y.Load
	})
	return out, nil
}

// groupsOf are the names of the groups that an account is in.
func (o roster) groupsOf(account string) []string {
	var out []string
	for _, g := range o.groups {
		if !g.Off && slices.ContainsFunc(g.Members, func(m Member) bool { return m.Account == account }) {
			out = append(out, g.Name)
		}
	}
	return out
}
