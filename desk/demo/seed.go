// Package demo fills a demonstration's desk with advisory groups.
package demo

import (
	"context"
	"fmt"

	"greendesk/desk"
	"greendesk/desk/route"
	"greendesk/desk/staff"
)

// Logins of the accounts that Seed puts into groups.
const (
	Air   = "demo-air"
	Water = "demo-water"
	Waste = "demo-waste"
	Lead  = "demo-lead"
)

// Seed makes a group for each family of topics, and gives their experts
// something to do. accounts holds the id of the account of each login above. A
// desk that has groups stays as it is.
func Seed(ctx context.Context, d *desk.Desk, by staff.Actor, accounts map[string]string) error {
	have, err := d.Groups(ctx, by)
	if err != nil || len(have) > 0 {
		return err
	}
	for _, g := range []struct {
		name    string
		topics  []string
		experts []string
	}{
		{"大气组", []string{"VOCs", "废气", "扬尘"}, []string{Air}},
		{"水组", []string{"废水", "养殖"}, []string{Water}},
		{"固废与土壤组", []string{"固废危废", "土壤", "辐射", "噪声"}, []string{Waste}},
		{"审批与监测组", []string{"环评", "排污许可", "在线监测", "信息公开"}, []string{Air, Water, Waste}},
		{"综合组", []string{"应急", "碳", "环保税", "帮扶政策", "处罚信用", route.General}, []string{Air, Water, Waste}},
	} {
		members := []desk.Member{{Account: accounts[Lead], Leads: true}}
		for _, login := range g.experts {
			members = append(members, desk.Member{Account: accounts[login]})
		}
		if _, err := d.SaveGroup(ctx, by, desk.Group{Name: g.name, Topics: g.topics, Members: members}); err != nil {
			return fmt.Errorf("demo: group %s: %w", g.name, err)
		}
	}
	for _, login := range []string{Air, Water, Waste} {
		if err := d.SaveExpert(ctx, by, desk.Expert{Account: accounts[login], Limit: 10}); err != nil {
			return fmt.Errorf("demo: expert %s: %w", login, err)
		}
	}
	return nil
}
