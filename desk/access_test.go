package desk

import (
	"context"
	"slices"
	"testing"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

// asStaff calls every method by which staff read or change a consultation.
func (o office) asStaff(a staff.Actor, id string, version int64) map[string]error {
	ctx := context.Background()
	_, open := o.Open(ctx, a, id)
	_, pulse := o.Pulse(ctx, a, id)
	_, submit := o.Submit(ctx, a, id, version, "答", nil)
	return map[string]error{
		"open": open, "pulse": pulse, "submit": submit,
		"accept":   o.Accept(ctx, a, id, version),
		"transfer": o.Transfer(ctx, a, id, version, "wang", "忙"),
		"invite":   o.Invite(ctx, a, id, "wang"),
		"leave":    o.Leave(ctx, a, id),
		"note":     o.Note(ctx, a, id, "记"),
		"ask":      o.AskBack(ctx, a, id, version, "问"),
		"draft":    o.SaveDraft(ctx, a, id, "稿", nil),
		"sign":     o.Sign(ctx, a, id, version),
		"return":   o.ReturnReview(ctx, a, id, version, "改"),
		"withdraw": o.WithdrawReview(ctx, a, id, version),
		"close":    o.Close(ctx, a, id, version, "结"),
		"urgency":  o.SetUrgency(ctx, a, id, version, UrgencyUrgent, "急"),
		"attend":   o.Attend(ctx, a, id, version, "已回访"),
		"proposed": o.Proposed(ctx, a, id, "问法"),
		"topic":    o.SetTopic(ctx, a, id, version, "废水", "其实问排水"),
	}
}

func TestWhatOneMayNotSeeIsNotThere(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		id := o.asked("o-a", "喷漆房活性炭多久换一次").ID
		o.run(`UPDATE contacts SET enterprise_id = 'e1' WHERE openid = 'o-a'`)
		o.run(`INSERT INTO recusals (account_id, code, reason, created_at) VALUES ('wang', '91411100MA00000001', '亲属', 0)`)
		before := o.current(id).Version
		for _, a := range []staff.Actor{
			o.qian,                             // of another group
			o.wang,                             // of the group, recused
			o.sun,                              // leads the group, but enforces
			o.admin,                            // no expert
			{Account: "", Roles: o.zhao.Roles}, // nobody
			{Account: "zhao", Name: "没有角色的账号"},     // of the group, without a role
			{Account: "nobody", Roles: o.li.Roles}, // unknown
		} {
			for name, err := range o.asStaff(a, id, o.version(id)) {
				if apperr.CodeOf(err) != apperr.NotFound {
					t.Errorf("%s (%s) %s: %v", a.Account, a.Name, name, err)
				}
			}
			list, err := o.Queue(context.Background(), a, Filter{Scope: ScopeAll})
			if len(list) != 0 || (err != nil && apperr.CodeOf(err) != apperr.Forbidden) {
				t.Errorf("%s lists %v, %v", a.Account, list, err)
			}
			counts, err := o.Counts(context.Background(), a)
			must(t, err)
			for scope, n := range counts {
				if n != 0 {
					t.Errorf("%s counts %d in %s", a.Account, n, scope)
				}
			}
		}
		for name, err := range o.asStaff(o.zhao, "nothing", 0) {
			if apperr.CodeOf(err) != apperr.NotFound {
				t.Errorf("%s of nothing: %v", name, err)
			}
		}
		if n := o.count(`SELECT count(*) FROM audit`); n != 0 {
			t.Errorf("%d entries of what nobody saw", n)
		}
		if c := o.current(id); c.Version != before || c.State != StateNew || o.count(`SELECT count(*) FROM posts`) != 0 {
			t.Errorf("changed: %+v", c)
		}
	})
}

func TestAConsultationIsReadByItsExpertItsGuestsAndItsGroup(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "喷漆房活性炭多久换一次").ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		readers := func() []string {
			var out []string
			for _, a := range []staff.Actor{o.li, o.wang, o.zhao, o.qian} {
				if _, err := o.Open(ctx, a, id); err == nil {
					out = append(out, a.Account)
				} else if apperr.CodeOf(err) != apperr.NotFound {
					t.Error(err)
				}
			}
			return out
		}
		if got := readers(); !slices.Equal(got, []string{"li", "wang", "zhao"}) {
			t.Errorf("readers %v", got)
		}
		for range 2 {
			must(t, o.Invite(ctx, o.li, id, "qian"))
		}
		if got := readers(); !slices.Equal(got, []string{"li", "wang", "zhao", "qian"}) {
			t.Errorf("with a guest %v", got)
		}
		must(t, o.Note(ctx, o.qian, id, "这个量不对"))
		must(t, o.Leave(ctx, o.qian, id))
		if got := readers(); !slices.Equal(got, []string{"li", "wang", "zhao"}) {
			t.Errorf("without the guest %v", got)
		}
		must(t, o.Transfer(ctx, o.zhao, id, o.version(id), "qian", "涉及废水"))
		if got := readers(); !slices.Equal(got, []string{"li", "wang", "zhao", "qian"}) {
			t.Errorf("transferred %v", got)
		}
		o.run(`UPDATE consultations SET group_id = '', expert_id = ''`)
		if got := readers(); !slices.Equal(got, []string{"zhao"}) {
			t.Errorf("without a group %v", got)
		}
	})
}

func TestOnlyWhoHoldsItAnswersAndOnlyItsLeadDirects(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "喷漆房活性炭多久换一次").ID
		_, err := o.Submit(ctx, o.li, id, o.version(id), "答", nil)
		if apperr.CodeOf(err) != apperr.Forbidden {
			t.Errorf("answered before it was accepted: %v", err)
		}
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		for name, err := range o.asStaff(o.wang, id, o.version(id)) {
			want := apperr.Forbidden
			switch name {
			case "open", "pulse", "note", "draft", "leave", "proposed":
				want = ""
			case "accept", "sign", "return", "attend":
				want = apperr.Conflict
			}
			if name == "attend" {
				want = apperr.Forbidden
			}
			if apperr.CodeOf(err) != want {
				t.Errorf("a colleague's %s: %v", name, err)
			}
		}
		if err := o.AskBack(ctx, o.zhao, id, o.version(id), "问"); apperr.CodeOf(err) != apperr.Forbidden {
			t.Errorf("the lead asks: %v", err)
		}
		for _, to := range []string{"sun", "admin", "nobody", "li", ""} {
			if err := o.Transfer(ctx, o.zhao, id, o.version(id), to, "忙"); apperr.CodeOf(err) != apperr.Invalid {
				t.Errorf("transferred to %q: %v", to, err)
			}
		}
		o.run(`UPDATE accounts SET state = 'disabled' WHERE id = 'qian'`)
		if err := o.Invite(ctx, o.zhao, id, "qian"); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("a disabled account was invited: %v", err)
		}
		must(t, o.SetUrgency(ctx, o.zhao, id, o.version(id), UrgencyUrgent, "企业停工等答复"))
		must(t, o.Transfer(ctx, o.zhao, id, o.version(id), "wang", "李工出差"))
		if c := o.current(id); c.State != StateAssigned || c.Expert != "wang" || c.Urgency != UrgencyUrgent {
			t.Errorf("%+v", c)
		}
	})
}

func TestEveryReadAndChangeIsInTheAuditLog(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "喷漆房活性炭多久换一次").ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		_, err := o.Queue(ctx, o.li, Filter{})
		must(t, err)
		_, err = o.Open(ctx, o.li, id)
		must(t, err)
		must(t, o.Note(ctx, o.li, id, "记"))
		must(t, o.SetUrgency(ctx, o.li, id, o.version(id), UrgencyUrgent, "急"))
		rows, err := o.db.Query(ctx, `SELECT action || ' ' || actor || ' ' || ip FROM audit ORDER BY seq`)
		must(t, err)
		got, err := collect(rows)
		must(t, err)
		want := []string{"accept li 10.0.0.1", "list li 10.0.0.1", "read li 10.0.0.1", "note li 10.0.0.1", "urgency li 10.0.0.1"}
		if !slices.Equal(got, want) {
			t.Errorf("%v", got)
		}
		if n := o.count(`SELECT count(*) FROM audit WHERE detail LIKE '%活性炭%'`); n != 0 {
			t.Error("the question is in the audit log")
		}
	})
}
