package demo

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
)

func TestEveryTopicHasAGroupWithAnExpertAndALead(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		q, err := jobs.New(database, testenv.Log(t), jobs.Options{})
		if err != nil {
			t.Fatal(err)
		}
		q.Handle(desk.KindDeliver, func(context.Context, jobs.Job) error { return nil })
		now := time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)
		d := desk.New(database, q, testenv.Log(t), func() time.Time { return now })
		accounts := map[string]string{}
		err = database.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			for login, roles := range map[string]string{Air: "expert", Water: "expert", Waste: "expert", Lead: "expert lead"} {
				accounts[login] = "id-" + login
				if _, err := tx.Exec(ctx, `INSERT INTO accounts (id, login, name, phone, password, password_at, totp, roles, state, created_at, updated_at)
					VALUES ($1, $2, $2, '', '', 0, '', $3, 'active', 0, 0)`, "id-"+login, login, roles); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		by := staff.Actor{Account: "system", Roles: []staff.Role{staff.RoleAdministrator}}
		for range 2 {
			if err := Seed(ctx, d, by, accounts); err != nil {
				t.Fatal(err)
			}
		}
		groups, err := d.Groups(ctx, by)
		if err != nil || len(groups) != 5 {
			t.Fatalf("%d groups, %v", len(groups), err)
		}
		topics, err := d.Topics()
		if err != nil {
			t.Fatal(err)
		}
		for _, topic := range topics {
			if n := count(groups, func(g desk.Group) bool { return slices.Contains(g.Topics, topic) }); n != 1 {
				t.Errorf("%s has %d groups", topic, n)
			}
		}
		for i, question := range []string{"活性炭箱压差大了怎么调", "氨氮降不下来怎么办", "废机油桶算不算危废", "扩建要不要环评", "怎么进正面清单"} {
			openid := fmt.Sprintf("o-%d", i)
			in, err := d.Receive(ctx, desk.Inbound{Key: openid, OpenID: openid, Kind: "text", Content: "{}", SentAt: now})
			if err != nil {
				t.Fatal(err)
			}
			c, err := d.Escalate(ctx, desk.Escalation{OpenID: openid, Inbound: in.ID, Question: question, Reason: desk.ReasonAbstained})
			if err != nil || c.Expert == "" || c.Expert == accounts[Lead] {
				t.Errorf("%s goes to %q because %s (%v)", question, c.Expert, c.Routed, err)
			}
		}
	})
}

func count(groups []desk.Group, is func(desk.Group) bool) int {
	n := 0
	for _, g := range groups {
		if is(g) {
			n++
		}
	}
	return n
}
