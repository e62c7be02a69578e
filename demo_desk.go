package main

import (
	"context"
	"fmt"
	"slices"

	"greendesk/desk"
	"greendesk/desk/route"
	"greendesk/desk/staff"
)

// demoPerson is one of the demo's staff.
type demoPerson struct {
	staff.Person
	topics, counties []string // of an expert
}

// demoPeople are the demo's staff. Their logins are such that no real desk has
// them.
func demoPeople() []demoPerson {
	expert := func(login, name string, topics, counties []string) demoPerson {
		return demoPerson{Person: staff.Person{Login: login, Name: name, Roles: []staff.Role{staff.RoleExpert}}, topics: topics, counties: counties}
	}
	other := func(login, name string, roles ...staff.Role) demoPerson {
		return demoPerson{Person: staff.Person{Login: login, Name: name, Roles: roles}}
	}
	return []demoPerson{
		expert("demo-air", "陈志远", []string{"VOCs", "废气"}, []string{"源汇区", "郾城区", "召陵区"}),
		expert("demo-air-2", "李晓燕", []string{"VOCs", "废气", "扬尘", "碳", "环评", "排污许可"}, nil),
		expert("demo-water", "王秀兰", []string{"废水", "养殖", "在线监测", "环保税", "信息公开", "帮扶政策"}, nil),
		expert("demo-waste", "刘建国", []string{"固废危废", "土壤", "辐射", "噪声", "应急", "处罚信用"}, nil),
		other("demo-lead", "周敏", staff.RoleExpert, staff.RoleLead),
		other("demo-curator", "赵静", staff.RoleCurator),
		other("demo-admin", "孙涛", staff.RoleAdministrator),
		other("demo-auditor", "吴霞", staff.RoleAuditor),
	}
}

// demoGroup is an advisory group of the demo, led by demo-lead.
type demoGroup struct {
	name    string
	topics  []string
	members []string // logins
}

func demoGroups() []demoGroup {
	return []demoGroup{
		{"大气组", []string{"VOCs", "废气", "扬尘", "碳"}, []string{"demo-air", "demo-air-2"}},
		{"水组", []string{"废水", "养殖", "在线监测"}, []string{"demo-water"}},
		{"固废土壤组", []string{"固废危废", "土壤", "辐射", "噪声"}, []string{"demo-waste"}},
		{"综合组", []string{route.General, "环评", "排污许可", "应急", "环保税", "信息公开", "处罚信用", "帮扶政策"}, []string{"demo-air", "demo-air-2", "demo-water", "demo-waste"}},
	}
}

// demoLoad is how many consultations one of the demo's experts has at a time.
const demoLoad = 5

// staffDemo gives the demo's experts what they are expert of, and makes its
// groups. What somebody has changed of a group since stays.
func staffDemo(ctx context.Context, d *desk.Desk, people []demoAccount) error {
	by, ids := staff.CommandLine(), map[string]string{}
	for _, a := range people {
		ids[a.Login] = a.ID
	}
	for _, p := range demoPeople() {
		if !slices.Contains(p.Roles, staff.RoleExpert) {
			continue
		}
		if err := d.SaveExpert(ctx, by, desk.Expert{Account: ids[p.Login], Topics: p.topics, Counties: p.counties, Limit: demoLoad}); err != nil {
			return fmt.Errorf("demo: expert %s: %w", p.Login, err)
		}
	}
	have, err := d.Groups(ctx, by)
	if err != nil {
		return err
	}
	for _, g := range demoGroups() {
		if slices.ContainsFunc(have, func(h desk.Group) bool { return h.Name == g.name }) {
			continue
		}
		group := desk.Group{Name: g.name, Topics: g.topics, Members: []desk.Member{{Account: ids["demo-lead"], Leads: true}}}
		for _, login := range g.members {
			group.Members = append(group.Members, desk.Member{Account: ids[login]})
		}
		if _, err := d.SaveGroup(ctx, by, group); err != nil {
			return fmt.Errorf("demo: group %s: %w", g.name, err)
		}
	}
	return nil
}
