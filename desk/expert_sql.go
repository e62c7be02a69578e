package desk

import (
	"context"
	"slices"
	"strings"

	"greendesk/desk/staff"
	"greendesk/desk/worktime"
)

// experts reads everybody who may be given consultations.
func (d *Desk) experts(ctx context.Context, q querier) ([]Expert, error) {
	rows, err := q.Query(ctx, `SELECT a.id, a.name, a.roles, COALESCE(x.topics, ''), COALESCE(x.industries, ''), COALESCE(x.counties, ''), COALESCE(x.hours, ''),
		COALESCE(x.load_limit, 0), (SELECT count(*) FROM consultations k WHERE k.expert_id = a.id AND k.state NOT IN ('answered', 'closed'))
		FROM accounts a LEFT JOIN experts x ON x.account_id = a.id WHERE a.state = 'active' ORDER BY a.name, a.id`)
	out, err := list(rows, err, func(r row) (Expert, error) {
		var e Expert
		var roles, topics, industries, counties string
		err := r.Scan(&e.Account, &e.Name, &roles, &topics, &industries, &counties, &e.Hours, &e.Limit, &e.Load)
		e.Topics, e.Industries, e.Counties = strings.Fields(topics), strings.Fields(industries), strings.Fields(counties)
		e.may = (staff.Actor{Roles: staff.SplitRoles(roles)}).MayConsult()
		return e, err
	})
	if err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(e Expert) bool { return !e.may })
	if err := d.addLeaves(ctx, q, out); err != nil {
		return nil, err
	}
	return out, addRecusals(ctx, q, out)
}

// expertOf finds an account among experts, nil if it is not there.
func expertOf(list []Expert, account string) *Expert {
	if i := slices.IndexFunc(list, func(e Expert) bool { return e.Account == account }); i >= 0 {
		return &list[i]
	}
	return nil
}

func (d *Desk) addLeaves(ctx context.Context, q querier, list []Expert) error {
	today := d.now().In(d.zone).Format(worktime.DateForm)
	rows, err := q.Query(ctx, `SELECT account_id, id, day_from, day_to, reason FROM leaves WHERE day_to >= $1 ORDER BY day_from, id`, today)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	for rows.Next() {
		var account string
		var l Leave
		if err := rows.Scan(&account, &l.ID, &l.Days.From, &l.Days.To, &l.Reason); err != nil {
			return err
		}
		if e := expertOf(list, account); e != nil {
			e.Leaves = append(e.Leaves, l)
		}
	}
	return rows.Err()
}

func addRecusals(ctx context.Context, q querier, list []Expert) error {
	rows, err := q.Query(ctx, `SELECT account_id, code, reason FROM recusals ORDER BY code`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	for rows.Next() {
		var account string
		var r Recusal
		if err := rows.Scan(&account, &r.Code, &r.Reason); err != nil {
			return err
		}
		if e := expertOf(list, account); e != nil {
			e.Recusals = append(e.Recusals, r)
		}
	}
	return rows.Err()
}
