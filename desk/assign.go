package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"greendesk/desk/route"
	"greendesk/desk/staff"
	"greendesk/desk/worktime"
	"greendesk/internal/db"
)

// assign gives a consultation that nobody works on to the expert whom routing
// chooses, with its reasons, and starts the clocks. One without a group or a
// free expert stays with nobody, and who can help is told. The caller stores
// the consultation.
func (d *Desk) assign(ctx context.Context, tx *db.Tx, c *Consultation) error {
	if err := d.startClocks(ctx, tx, c); err != nil {
		return err
	}
	choice, o, err := d.choose(ctx, tx, c)
	if err != nil {
		return err
	}
	return d.give(ctx, tx, c, choice, o)
}

// choose asks routing who should have a consultation.
func (d *Desk) choose(ctx context.Context, tx *db.Tx, c *Consultation) (route.Choice, roster, error) {
	if c.Topic == "" {
		topic, err := d.topicOf(ctx, tx, c)
		if err != nil {
			return route.Choice{}, roster{}, err
		}
		c.Topic = topic
	}
	o, err := d.roster(ctx, tx)
	if err != nil {
		return route.Choice{}, o, err
	}
	cal, err := d.calendar(ctx, tx)
	if err != nil {
		return route.Choice{}, o, err
	}
	q, err := d.routeQuestion(ctx, tx, c)
	if err != nil {
		return route.Choice{}, o, err
	}
	groups, experts := o.forRoute()
	return route.Choose(q, groups, experts, cal, d.now()), o, nil
}

// topicOf is what a consultation is about, by its question or else by what was
// asked before it.
func (d *Desk) topicOf(ctx context.Context, q querier, c *Consultation) (string, error) {
	topics, err := d.topics()
	if err != nil {
		return "", err
	}
	if topic := topics.Of(c.Question); topic != route.General {
		return topic, nil
	}
	var stored string
	if err := q.QueryRow(ctx, `SELECT context FROM consultations WHERE id = $1`, c.ID).Scan(&stored); err != nil {
		return "", err
	}
	var turns []Turn
	if err := json.Unmarshal([]byte(stored), &turns); err != nil {
		return "", fmt.Errorf("desk: context of %s: %w", c.ID, err)
	}
	var asked []string
	for _, t := range turns {
		asked = append(asked, t.Asked)
	}
	return topics.Of(strings.Join(asked, "\n")), nil
}

// routeQuestion is what routing needs to know of a consultation.
func (d *Desk) routeQuestion(ctx context.Context, q querier, c *Consultation) (route.Question, error) {
	out := route.Question{Topic: c.Topic, Before: c.Expert, Due: c.AcceptDue}
	// As it was bound when it asked, and as it is now: recusal holds for both.
	rows, err := q.Query(ctx, `SELECT e.code, e.industry, e.county FROM enterprises e
		WHERE e.id = $1 OR e.id = (SELECT c.enterprise_id FROM contacts c WHERE c.id = $2) ORDER BY CASE e.id WHEN $1 THEN 0 ELSE 1 END`, c.Enterprise, c.Contact)
	if err != nil {
		return out, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	for rows.Next() {
		var code, industry, county string
		if err := rows.Scan(&code, &industry, &county); err != nil {
			return out, err
		}
		if len(out.Enterprises) == 0 {
			out.Industry, out.County = industry, county
		}
		out.Enterprises = append(out.Enterprises, code)
	}
	if named := CountiesIn(c.Question); len(out.Enterprises) == 0 && len(named) == 1 { // who is not bound may have said where it is
		out.County = named[0]
	}
	return out, rows.Err()
}

// roster is who there is to answer.
type roster struct {
	groups  []Group
	experts []Expert
}

func (d *Desk) roster(ctx context.Context, q querier) (roster, error) {
	var o roster
	var err error
	if o.groups, err = groups(ctx, q); err != nil {
		return o, err
	}
	o.experts, err = d.experts(ctx, q)
	return o, err
}

// forRoute is the same as routing takes it.
func (o roster) forRoute() ([]route.Group, []route.Expert) {
	gs := make([]route.Group, 0, len(o.groups))
	for _, g := range o.groups {
		gs = append(gs, g.forRoute())
	}
	es := make([]route.Expert, 0, len(o.experts))
	for _, e := range o.experts {
		x := route.Expert{ID: e.Account, Topics: e.Topics, Industries: e.Industries, Counties: e.Counties, Load: e.Load, Limit: e.Limit}
		x.Hours, _ = worktime.ParseWeek(e.Hours) // checked by SaveExpert; the bureau's otherwise
		for _, l := range e.Leaves {
			x.Away = append(x.Away, l.Days)
		}
		for _, r := range e.Recusals {
			x.Recused = append(x.Recused, r.Code)
		}
		es = append(es, x)
	}
	return gs, es
}

func (g Group) forRoute() route.Group {
	out := route.Group{ID: g.ID, Topics: g.Topics, Off: g.Off}
	for _, m := range g.Members {
		out.Members = append(out.Members, m.Account)
		if m.Leads {
			out.Leads = append(out.Leads, m.Account)
		}
	}
	return out
}

// group finds a group by id; the zero Group if it is not there.
func (o roster) group(id string) Group {
	for _, g := range o.groups {
		if g.ID == id {
			return g
		}
	}
	return Group{}
}

// SetTopic says what a consultation is really about, and has it routed anew:
// by who holds it, or a lead of its group. An answer that waits for a
// signature is withdrawn.
func (d *Desk) SetTopic(ctx context.Context, a staff.Actor, id string, version int64, topic, reason string) error {
	reason, err := checkText(reason, "改主题的原因", maxReason)
	if err != nil {
		return err
	}
	known, err := d.knownTopics([]string{topic})
	if err != nil {
		return err
	}
	return d.act(ctx, a, id, version, "topic", func(ctx context.Context, tx *db.Tx, k *held) error {
		if err := k.mustDirect(a); err != nil {
			return err
		}
		if !k.State.Open() {
			return d.stale(ctx, tx, a, k.Consultation)
		}
		if err := d.withdraw(ctx, tx, id, "改主题"); err != nil {
			return err
		}
		if err := d.remark(ctx, tx, &k.Consultation, a.Account, "主题改为“"+topic+"”："+reason); err != nil {
			return err
		}
		k.Topic, k.Expert = known[0], ""
		return d.assign(ctx, tx, &k.Consultation)
	})
}

// give carries a choice out.
func (d *Desk) give(ctx context.Context, tx *db.Tx, c *Consultation, choice route.Choice, o roster) error {
	c.Group, c.GroupName = choice.Group, o.group(choice.Group).Name
	c.Expert, c.ExpertName, c.Routed = choice.Expert, "", choice.String()
	if choice.Expert == "" {
		return d.leaveUnrouted(ctx, tx, c, o)
	}
	c.ExpertName = expertOf(o.experts, choice.Expert).Name
	if err := d.move(ctx, tx, c, StateAssigned, actorSystem, c.GroupName+" "+c.ExpertName+"："+c.Routed); err != nil {
		return err
	}
	return d.tellAssigned(ctx, tx, c)
}

// tellAssigned tells an expert that a consultation is theirs now.
func (d *Desk) tellAssigned(ctx context.Context, tx *db.Tx, c *Consultation) error {
	return d.tell(ctx, tx, StaffNotice{Kind: StaffAssigned, Consultation: c.ID, Body: "咨询 " + c.Number + " 分派给您：" + c.Routed + "。" + d.dueText(c)},
		fmt.Sprintf("assigned:%s:%d", c.ID, c.Version), c.Expert)
}

// leaveUnrouted keeps a consultation for which nobody was found, and says so
// to the group's leads and the administrators.
func (d *Desk) leaveUnrouted(ctx context.Context, tx *db.Tx, c *Consultation, o roster) error {
	if c.State != StateNew && c.State != StateReopened {
		if err := d.move(ctx, tx, c, StateNew, actorSystem, c.Routed); err != nil {
			return err
		}
	} else if err := d.remark(ctx, tx, c, actorSystem, c.Routed); err != nil {
		return err
	}
	d.log.LogAttrs(ctx, slog.LevelError, "no expert for a consultation", slog.String("consultation", c.ID), slog.String("why", c.Routed))
	to, err := accountsWith(ctx, tx, staff.RoleAdministrator)
	if err != nil {
		return err
	}
	to = append(to, o.group(c.Group).leads()...)
	return d.tell(ctx, tx, StaffNotice{Kind: StaffUnrouted, Consultation: c.ID, Body: "咨询 " + c.Number + " 没有人接：" + c.Routed + "。"}, "unrouted:"+c.ID, to...)
}

func (g Group) leads() []string { return g.forRoute().Leads }
