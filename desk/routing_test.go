package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"greendesk/desk/route"
	"greendesk/desk/staff"
	"greendesk/desk/worktime"
	"greendesk/internal/apperr"
)

// bureau is a desk with a group for VOCs: li has 召陵, wang all counties, zhao
// leads. A second one for water has qian alone, who leads. It is Monday, ten
// in the morning.
type bureau struct {
	office
	air, water string // ids of groups
}

func bureaus(t *testing.T, fn func(t *testing.T, b bureau)) {
	t.Helper()
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		b := bureau{office: office{Desk: d, t: t, clock: c}}
		b.li = b.account("li", "李工", staff.RoleExpert)
		b.wang = b.account("wang", "王工", staff.RoleExpert)
		b.zhao = b.account("zhao", "赵组长", staff.RoleExpert, staff.RoleLead)
		b.qian = b.account("qian", "钱工", staff.RoleExpert, staff.RoleLead)
		b.sun = b.account("sun", "孙执法", staff.RoleExpert, staff.RoleLead, staff.RoleEnforcement)
		b.admin = b.account("admin", "管理员", staff.RoleAdministrator)
		b.air = b.group(Group{Name: "大气组", Topics: []string{"废气", "VOCs"}, Members: []Member{{Account: "li"}, {Account: "wang"}, {Account: "zhao", Leads: true}}})
		b.water = b.group(Group{Name: "水组", Topics: []string{"废水"}, Members: []Member{{Account: "qian", Leads: true}}})
		must(t, d.SaveExpert(ctx, b.admin, Expert{Account: "li", Topics: []string{"VOCs", "废气"}, Counties: []string{"召陵"}, Limit: 3}))
		must(t, d.SaveExpert(ctx, b.admin, Expert{Account: "wang", Topics: []string{"VOCs"}, Limit: 3}))
		b.run(`INSERT INTO enterprises (id, code, name, industry, county, permit, created_at, updated_at) VALUES
			('e1', '91411104MA00000001', '召陵家具厂', '2110', '召陵', '', 0, 0), ('e2', '91411102MA00000002', '源汇印刷厂', '2319', '源汇', '', 0, 0)`)
		fn(t, b)
	})
}

func (b bureau) group(g Group) string {
	b.t.Helper()
	id, err := b.SaveGroup(context.Background(), b.admin, g)
	must(b.t, err)
	return id
}

// asks makes a consultation of a contact that is bound to an enterprise.
func (b bureau) asks(openid, enterprise, question string) Consultation {
	b.t.Helper()
	in := b.message(openid, "m:"+openid+question)
	b.run(`UPDATE contacts SET enterprise_id = $1 WHERE openid = $2`, enterprise, openid)
	c, err := b.Escalate(context.Background(), Escalation{OpenID: openid, Inbound: in, Question: question, Reason: ReasonAbstained})
	must(b.t, err)
	return c
}

// told lists what an account has been told, by kind and consultation.
func (b bureau) told(a staff.Actor) []string {
	b.t.Helper()
	list, err := b.StaffNotices(context.Background(), a, 100)
	must(b.t, err)
	slices.Reverse(list)
	var out []string
	for _, n := range list {
		out = append(out, n.Kind)
	}
	return out
}

// until moves the clock to a time of China and lets it tick.
func (b bureau) until(day, hour, minute int) {
	b.t.Helper()
	b.clock.move(time.Date(2026, 11, day, hour, minute, 0, 0, b.zone).Sub(b.clock.now()))
	must(b.t, b.Tick(context.Background()))
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func (b bureau) when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return b.clockText(t)
}

func TestAConsultationIsRoutedWithItsReasons(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		c := b.asks("o-a", "e1", "活性炭箱压差大了怎么调")
		same(t, "holder", c.Expert+" "+c.ExpertName+" "+c.GroupName, "li 李工 大气组")
		same(t, "reason", c.Routed, "VOCs，召陵，手上没有别的咨询")
		same(t, "state", c.State, StateAssigned)
		same(t, "topic", c.Topic, "VOCs")
		same(t, "accept", b.when(c.AcceptDue), "11月23日 16:00") // 4 working hours
		same(t, "answer", b.when(c.AnswerDue), "11月26日 10:00") // 21
		same(t, "story", b.story(c.ID), []string{"contact:>new", "system:new>assigned"})
		same(t, "what li is told", b.told(b.li), []string{StaffAssigned})

		b.clock.move(3 * time.Minute)
		second := b.asks("o-b", "e2", "喷漆用光氧行不行")
		same(t, "second holder", second.Expert+" "+second.Routed, "wang VOCs，手上没有别的咨询") // li does not serve 源汇
		stored := b.current(c.ID)
		same(t, "stored", fmt.Sprint(stored.Expert, stored.Group, b.when(stored.AnswerDue)), fmt.Sprint("li", b.air, "11月26日 10:00"))
	})
}

func TestTheCountyMayStandInTheQuestionOfWhoIsNotBound(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		must(t, b.SaveExpert(ctx, b.admin, Expert{Account: "li", Topics: []string{"VOCs"}, Industries: []string{"2110"}, Counties: []string{"召陵区"}, Limit: 3}))
		must(t, b.SaveExpert(ctx, b.admin, Expert{Account: "wang", Topics: []string{"VOCs"}, Counties: []string{"舞阳县"}, Limit: 3}))
		for _, c := range []struct{ openid, enterprise, question, holder string }{
			{"o-1", "", "我在舞阳，活性炭箱压差大了怎么调", "wang"},
			{"o-2", "", "召陵区的厂，活性炭箱压差大了怎么调", "li"},
			{"o-3", "", "源汇的厂，活性炭箱压差大了怎么调", "zhao"},    // nobody serves it: the lead
			{"o-4", "", "召陵和舞阳都有厂，活性炭箱压差大了怎么调", "li"},  // two say nothing: whoever is free
			{"o-5", "e2", "召陵区的厂，活性炭箱压差大了怎么调", "zhao"}, // bound in 源汇: that holds
		} {
			same(t, c.question, b.asks(c.openid, c.enterprise, c.question).Expert, c.holder)
		}
		same(t, "audit", b.count(`SELECT count(*) FROM audit WHERE detail = '李工：主题 VOCs；行业 2110；县区 召陵区；最多 3 件'`), 1)
	})
}

func TestCountiesAreFoundAndOtherWordsAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"召陵区工地扬尘罚多少": "[召陵区]", "我在临颍和郾城都有厂": "[郾城区 临颍县]", "舞阳县舞阳县": "[舞阳县]", "我们经开区的厂": "[经开区]", "漯河市西城区": "[西城区]",
		"生态文明示范区怎么申报": "[]", "郑州经开区的厂": "[]", "北京西城区": "[]", "示范企业": "[]", "": "[]",
	} {
		same(t, text, fmt.Sprint(CountiesIn(text)), want)
	}
}

func TestTheTopicMayStandInTheConversationBefore(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		in := b.message("o-a", "m:1")
		c, err := b.Escalate(context.Background(), Escalation{OpenID: "o-a", Inbound: in, Question: "帮我转人工", Reason: ReasonRequested,
			Context: []Turn{{Asked: "污水站氨氮老是超", Answered: "……"}}})
		must(t, err)
		same(t, "topic and holder", c.Topic+" "+c.Expert, "废水 qian")
		same(t, "reason", c.Routed, "废水，组内无人可接（1 人手上已满），交组长")
	})
}

func TestRecusalTakesAConsultationAwayAtOnce(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		c := b.asks("o-a", "e1", "活性炭箱压差大了怎么调")
		must(t, b.Accept(ctx, b.li, c.ID, b.version(c.ID)))
		_, err := b.Submit(ctx, b.li, c.ID, b.version(c.ID), "会被罚款的。", nil) // waits for a signature
		must(t, err)
		same(t, "state", b.current(c.ID).State, StateReview)
		must(t, second(b.Recuse(ctx, b.li, "li", Recusal{Code: "91411104ma00000001", Reason: "亲属在该厂工作"})))
		now := b.current(c.ID)
		same(t, "holder", now.Expert+" "+string(now.State), "wang assigned")
		same(t, "reviews", b.count(`SELECT count(*) FROM reviews WHERE state = 'pending'`), 0)
		if _, err := b.Open(ctx, b.li, c.ID); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("li opens it: %v", err)
		}
		must(t, second(b.Recuse(ctx, b.admin, "wang", Recusal{Code: "91411104MA00000001", Reason: "回避"})))
		must(t, second(b.Recuse(ctx, b.admin, "zhao", Recusal{Code: "91411104MA00000001", Reason: "回避"})))
		now = b.current(c.ID)
		same(t, "nobody left", now.Expert+" "+string(now.State)+" "+now.Routed, " new VOCs，组内无人可接（3 人须回避），组长也不便，请管理员安排")
		same(t, "administrators", b.told(b.admin), []string{StaffUnrouted})
		must(t, b.DropRecusal(ctx, b.admin, "wang", "91411104MA00000001"))
		must(t, b.Tick(ctx))
		same(t, "holder at last", b.current(c.ID).Expert, "wang")
	})
}

func TestWhatAnExpertWhoHasLeftHeldGoesToAnother(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		for change, account := range map[string]string{`UPDATE accounts SET state = 'disabled' WHERE id = $1`: "li", `UPDATE accounts SET roles = 'enforcement expert' WHERE id = $1`: "wang"} {
			b.run(`UPDATE accounts SET state = 'active', roles = 'expert' WHERE id IN ('li', 'wang')`)
			c := b.asks("o-"+account, map[string]string{"li": "e1", "wang": "e2"}[account], "活性炭箱压差大了怎么调")
			same(t, "holder", c.Expert, account)
			must(t, b.AskBack(ctx, b.accepted(c.ID, account), c.ID, b.version(c.ID), "哪一级？"))
			b.run(change, account)
			must(t, b.Tick(ctx))
			now := b.current(c.ID)
			if now.Expert == account || now.Expert == "" || now.State != StateAssigned || now.Paused {
				t.Errorf("after %s: %+v", change, now)
			}
		}
	})
}

// accepted has an account accept a consultation.
func (b bureau) accepted(id, account string) staff.Actor {
	b.t.Helper()
	a := staff.Actor{Account: account, Name: account, Roles: []staff.Role{staff.RoleExpert}}
	must(b.t, b.Accept(context.Background(), a, id, b.version(id)))
	return a
}

func TestWithoutAGroupAnAdministratorIsToldAndTheGroupGetsItLater(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		c := b.asks("o-a", "", "老厂搬迁要做场地调查吗")
		same(t, "state", string(c.State)+c.Expert+c.Group, "new")
		must(t, b.Tick(ctx))
		must(t, b.Tick(ctx))
		same(t, "administrators", b.told(b.admin), []string{StaffUnrouted})
		same(t, "story", b.story(c.ID), []string{"contact:>new", "system:new>new"})
		b.group(Group{Name: "土壤组", Topics: []string{"土壤"}, Members: []Member{{Account: "zhao", Leads: true}}})
		must(t, b.Tick(ctx))
		same(t, "holder", b.current(c.ID).Expert, "zhao")
	})
}

func TestANewTopicIsRoutedAnew(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		c := b.asks("o-a", "e1", "活性炭箱里的水怎么排")
		same(t, "holder", c.Expert, "li")
		if err := b.SetTopic(ctx, b.li, c.ID, b.version(c.ID), "废纸", "其实问排水"); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("an unknown topic: %v", err)
		}
		if err := b.SetTopic(ctx, b.wang, c.ID, b.version(c.ID), "废水", "其实问排水"); apperr.CodeOf(err) != apperr.Forbidden {
			t.Errorf("by a colleague: %v", err)
		}
		must(t, b.SetTopic(ctx, b.li, c.ID, b.version(c.ID), "废水", "其实问排水"))
		now := b.current(c.ID)
		same(t, "holder", now.Expert+" "+now.Topic+" "+now.GroupName, "qian 废水 水组")
	})
}

func TestAReopenedConsultationGoesBackToItsExpert(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		c := b.asks("o-a", "e1", "活性炭箱压差大了怎么调")
		b.accepted(c.ID, "li")
		_, err := b.Submit(ctx, b.li, c.ID, b.version(c.ID), "检查滤料。", nil)
		must(t, err)
		b.until(24, 9, 0)
		must(t, b.Reopen(ctx, "o-a", c.ID, "换了还是大"))
		now := b.current(c.ID)
		same(t, "holder", now.Expert+" "+string(now.State)+" "+now.Routed, "li assigned VOCs，之前由同一位专家办理")
		same(t, "answer", b.when(now.AnswerDue), "11月27日 09:00")
	})
}

func TestDeadlinesWarnAndEscalateOnce(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		c := b.asks("o-a", "e1", "活性炭箱压差大了怎么调")
		b.until(23, 15, 11) // 80 % of four hours are over at 15:12
		same(t, "too early", b.told(b.li), []string{StaffAssigned})
		b.until(23, 15, 12)
		b.until(23, 15, 30)
		same(t, "warned", b.told(b.li), []string{StaffAssigned, StaffWarning})
		version := b.version(c.ID)
		same(t, "a warning makes no page stale", version, c.Version)
		b.until(23, 16, 0)
		now := b.current(c.ID)
		same(t, "the lead has it", now.Expert+" "+string(now.State)+" "+now.Routed, "zhao assigned 到时限无人受理，交组长")
		b.until(24, 9, 59) // 3:59 hours later
		same(t, "the lead is told", b.told(b.zhao), []string{StaffOverdue})
		same(t, "administrators", len(b.told(b.admin)), 0)
		b.until(24, 10, 30)
		b.until(24, 11, 0)
		same(t, "administrators", b.told(b.admin), []string{StaffOverdue})
		same(t, "li", b.told(b.li), []string{StaffAssigned, StaffWarning, StaffOverdue})
		same(t, "story", b.story(c.ID), []string{"contact:>new", "system:new>assigned", "system:assigned>assigned", "system:assigned>assigned"})

		// Accepted, the clock of the answer warns and escalates anew.
		must(t, b.Accept(context.Background(), b.zhao, c.ID, b.version(c.ID)))
		b.until(25, 14, 47) // 4.2 hours before Thursday 10:00 is 14:48
		same(t, "before the answer is due", b.told(b.zhao), []string{StaffOverdue, StaffOverdue})
		b.until(25, 14, 48)
		same(t, "the answer is nearly due", b.told(b.zhao), []string{StaffOverdue, StaffOverdue, StaffWarning})
		b.until(26, 10, 0) // the lead holds it: the administrators hear of it
		same(t, "administrators", b.told(b.admin), []string{StaffOverdue, StaffOverdue})
		same(t, "state", b.current(c.ID).State, StateAnswering)
		for _, n := range b.notices(b.admin) {
			if strings.Contains(n.Body, "活性炭") {
				t.Errorf("administrators read no consultation: %s", n.Body)
			}
		}
	})
}

func (b bureau) notices(a staff.Actor) []StaffNotice {
	b.t.Helper()
	list, err := b.StaffNotices(context.Background(), a, 100)
	must(b.t, err)
	return list
}

func TestOfSeveralWhoTickAtOnceOneActs(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		c := b.asks("o-a", "e1", "活性炭箱压差大了怎么调")
		b.clock.move(24 * time.Hour)
		var wg sync.WaitGroup
		for range 6 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if err := b.Tick(context.Background()); err != nil {
					t.Error(err)
				}
			}()
		}
		wg.Wait()
		same(t, "story", b.story(c.ID), []string{"contact:>new", "system:new>assigned", "system:assigned>assigned"})
		same(t, "the lead is told", b.told(b.zhao), []string{StaffOverdue})
	})
}

func TestTheClockRestsWhileTheEnterpriseIsAsked(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		c := b.asks("o-a", "e1", "活性炭箱压差大了怎么调")
		b.accepted(c.ID, "li")
		b.until(25, 15, 30) // three hours are left: 2 today, 1 tomorrow morning … and 0.5
		must(t, b.AskBack(ctx, b.li, c.ID, b.version(c.ID), "请拍铭牌"))
		b.until(30, 11, 0) // over a weekend
		same(t, "nothing is said", len(b.told(b.zhao)), 0)
		_, err := b.Word(ctx, "o-a", c.ID, b.message("o-a", "m:2"), "这是铭牌", nil)
		must(t, err)
		// 3.5 hours were left on Wednesday 15:30 (2 + 1.5): Monday 11:00 to 12:00 and 14:00 to 16:30.
		same(t, "answer", b.when(b.current(c.ID).AnswerDue), "11月30日 16:30")
	})
}

func TestUrgencyMovesDeadlines(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		c := b.asks("o-a", "e1", "活性炭箱压差大了怎么调")
		b.until(23, 10, 30)
		must(t, b.SetUrgency(ctx, b.zhao, c.ID, b.version(c.ID), UrgencyUrgent, "明天有检查"))
		now := b.current(c.ID)
		same(t, "accept", b.when(now.AcceptDue), "11月23日 11:00") // an hour after it was asked
		same(t, "answer", b.when(now.AnswerDue), "11月24日 10:00") // seven
		must(t, b.SetUrgency(ctx, b.zhao, c.ID, b.version(c.ID), UrgencyNormal, "弄错了"))
		now = b.current(c.ID)
		same(t, "back", b.when(now.AcceptDue)+" "+b.when(now.AnswerDue), "11月23日 16:00 11月26日 10:00")
	})
}

// A notice that we have made up, with the weekdays of 2027.
const notice2027 = `国务院办公厅关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月6日至12日放假，共7天。
三、清明节：4月5日放假。
四、劳动节：5月1日至3日放假。
五、端午节：6月9日放假。
六、中秋节：9月15日放假。
七、国庆节：10月1日至7日放假，共7天。`

func TestDeadlinesInAYearWithoutNoticeAreSetWhenItIsThere(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		b.clock.move(time.Date(2026, 12, 31, 10, 0, 0, 0, b.zone).Sub(b.clock.now()))
		c := b.asks("o-a", "e1", "活性炭箱压差大了怎么调")
		same(t, "deadlines", b.when(c.AcceptDue)+", "+b.when(c.AnswerDue), "12月31日 16:00, never")
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := b.MissingYear(ended); err == nil {
			t.Error("a calendar that could not be read misses no year")
		}
		year, err := b.MissingYear(ctx)
		must(t, err)
		same(t, "missing year", year, 2027)
		must(t, b.alarmCalendar(ctx))
		must(t, b.alarmCalendar(ctx))
		same(t, "administrators", b.told(b.admin), []string{StaffCalendar})
		must(t, b.Tick(ctx))
		same(t, "still", b.when(b.current(c.ID).AnswerDue), "never")
		for _, wrong := range []string{"明年照旧", strings.ReplaceAll(notice2027, "（周五）", "（周四）"), "一、元旦：1月1日放假。"} {
			if err := b.SetDeskSetting(ctx, b.admin, SettingHolidays, wrong); apperr.CodeOf(err) != apperr.Invalid {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		must(t, b.SetDeskSetting(ctx, b.admin, SettingHolidays, notice2027))
		must(t, b.Tick(ctx))
		// 5.5 hours on the last day of 2026, then Monday 4 January and Tuesday, and 1.5.
		same(t, "answer", b.when(b.current(c.ID).AnswerDue), "1月6日 10:00")
		year, err = b.MissingYear(ctx)
		must(t, err)
		same(t, "missing year", year, 0)
	})
}

func TestTheBureausHoursAreSet(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		if err := b.SetDeskSetting(ctx, b.admin, SettingWorkHours, "全天"); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("%v", err)
		}
		must(t, b.SetDeskSetting(ctx, b.admin, SettingWorkHours, "周一至周五 09:00-11:00"))
		must(t, b.SetDeskSetting(ctx, b.admin, SettingAcceptNormal, "1.5"))
		c := b.asks("o-a", "e1", "活性炭箱压差大了怎么调")
		same(t, "accept", b.when(c.AcceptDue), "11月24日 09:30")
	})
}

func TestLeaveKeepsAnExpertOut(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		must(t, b.AddLeave(ctx, b.li, "li", worktime.Days{From: "2026-11-23", To: "2026-11-24"}, "出差"))
		same(t, "holder", b.asks("o-a", "e1", "活性炭箱压差大了怎么调").Expert, "wang")
		list, err := b.Experts(ctx, b.admin)
		must(t, err)
		e := *expertOf(list, "li")
		same(t, "leave", e.Leaves[0].Days, worktime.Days{From: "2026-11-23", To: "2026-11-24"})
		must(t, b.DropLeave(ctx, b.zhao, "li", e.Leaves[0].ID))
		b.clock.move(3 * time.Minute)
		same(t, "holder", b.asks("o-b", "e1", "活性炭箱压差大了怎么调").Expert, "li")
		if err := b.DropLeave(ctx, b.zhao, "li", e.Leaves[0].ID); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("dropped twice: %v", err)
		}
	})
}

func TestWhoMayChangeGroupsAndExperts(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		ctx := context.Background()
		days := worktime.Days{From: "2026-12-01", To: "2026-12-02"}
		lead := []Member{{Account: "zhao", Leads: true}}
		code := "91411104MA00000001"
		for name, c := range map[string]struct {
			err  error
			want apperr.Code
		}{
			"a group by a lead":                {second(b.SaveGroup(ctx, b.zhao, Group{Name: "新组", Topics: []string{"碳"}, Members: lead})), apperr.Forbidden},
			"a profile by its expert":          {b.SaveExpert(ctx, b.li, Expert{Account: "li"}), apperr.Forbidden},
			"leave by a colleague":             {b.AddLeave(ctx, b.wang, "li", days, "事假"), apperr.Forbidden},
			"leave by another group's lead":    {b.AddLeave(ctx, b.qian, "li", days, "事假"), apperr.Forbidden},
			"leave by the lead":                {b.AddLeave(ctx, b.zhao, "li", days, "事假"), ""},
			"leave backwards":                  {b.AddLeave(ctx, b.li, "li", worktime.Days{From: "2026-12-02", To: "2026-12-01"}, "事假"), apperr.Invalid},
			"leave on no day":                  {b.AddLeave(ctx, b.li, "li", worktime.Days{From: "2026-12-32", To: "2027-01-01"}, "事假"), apperr.Invalid},
			"leave without a reason":           {b.AddLeave(ctx, b.li, "li", days, " "), apperr.Invalid},
			"recusal by a colleague":           {second(b.Recuse(ctx, b.wang, "li", Recusal{Code: code, Reason: "亲属"})), apperr.Forbidden},
			"recusal of a wrong code":          {second(b.Recuse(ctx, b.li, "li", Recusal{Code: "123", Reason: "亲属"})), apperr.Invalid},
			"recusal ended by the expert":      {b.DropRecusal(ctx, b.li, "li", code), apperr.Forbidden},
			"recusal that is not there":        {b.DropRecusal(ctx, b.admin, "li", code), apperr.NotFound},
			"a group without a name":           {second(b.SaveGroup(ctx, b.admin, Group{Topics: []string{"碳"}, Members: lead})), apperr.Invalid},
			"a group without topics":           {second(b.SaveGroup(ctx, b.admin, Group{Name: "新组", Members: lead})), apperr.Invalid},
			"a group of an unknown topic":      {second(b.SaveGroup(ctx, b.admin, Group{Name: "新组", Topics: []string{"炼丹"}, Members: lead})), apperr.Invalid},
			"a group without a lead":           {second(b.SaveGroup(ctx, b.admin, Group{Name: "新组", Topics: []string{"碳"}, Members: []Member{{Account: "li"}}})), apperr.Invalid},
			"a lead without the role":          {second(b.SaveGroup(ctx, b.admin, Group{Name: "新组", Topics: []string{"碳"}, Members: []Member{{Account: "li", Leads: true}}})), apperr.Invalid},
			"an enforcement officer in it":     {second(b.SaveGroup(ctx, b.admin, Group{Name: "新组", Topics: []string{"碳"}, Members: append(lead, Member{Account: "sun"})})), apperr.Invalid},
			"an unknown member":                {second(b.SaveGroup(ctx, b.admin, Group{Name: "新组", Topics: []string{"碳"}, Members: append(lead, Member{Account: "x"})})), apperr.Invalid},
			"a name that is taken":             {second(b.SaveGroup(ctx, b.admin, Group{Name: " 水组 ", Topics: []string{"碳"}, Members: lead})), apperr.Conflict},
			"a group that is not there":        {second(b.SaveGroup(ctx, b.admin, Group{ID: "x", Name: "新组", Topics: []string{"碳"}, Members: lead})), apperr.NotFound},
			"a profile of wrong hours":         {b.SaveExpert(ctx, b.admin, Expert{Account: "li", Hours: "早上"}), apperr.Invalid},
			"a profile of a wrong industry":    {b.SaveExpert(ctx, b.admin, Expert{Account: "li", Industries: []string{"C"}}), apperr.Invalid},
			"a profile without end":            {b.SaveExpert(ctx, b.admin, Expert{Account: "li", Limit: 1000}), apperr.Invalid},
			"a profile of an enforcer":         {b.SaveExpert(ctx, b.admin, Expert{Account: "sun", Limit: 3}), apperr.Invalid},
			"a profile, changed":               {b.SaveExpert(ctx, b.admin, Expert{Account: "li", Topics: []string{"VOCs"}, Industries: []string{"2110", "13"}, Hours: "周一至周五 08:30-12:00", Limit: 3}), ""},
			"somebody else's notice":           {b.SeeStaffNotice(ctx, b.li, "x"), apperr.NotFound},
			"nobody asks for groups":           {second(b.Groups(ctx, staff.Actor{})), apperr.Forbidden},
			"the administrator's general list": {second(b.SaveGroup(ctx, b.admin, Group{Name: "综合组", Topics: []string{route.General}, Members: lead})), ""},
		} {
			if got := apperr.CodeOf(c.err); got != c.want {
				t.Errorf("%s: %v, want %q", name, c.err, c.want)
			}
		}
		mine, err := b.Experts(ctx, b.li)
		must(t, err)
		same(t, "what li sees", len(mine), 1)
		same(t, "profile", fmt.Sprintf("%v %v %v %s %d", mine[0].Topics, mine[0].Industries, mine[0].Counties, mine[0].Hours, mine[0].Limit), "[VOCs] [13 2110] [] 周一至周五 08:30-12:00 3")
		list, err := b.Groups(ctx, b.li)
		must(t, err)
		same(t, "groups", fmt.Sprint(len(list), list[slices.IndexFunc(list, func(g Group) bool { return g.ID == b.water })]), fmt.Sprint(3, Group{ID: b.water, Name: "水组", Topics: []string{"废水"}, Members: []Member{{Account: "qian", Name: "钱工", Leads: true}}}))
		if n := b.count(`SELECT count(*) FROM audit WHERE actor = 'admin' AND action = 'save'`); n != 6 {
			t.Errorf("%d entries in the audit log", n)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestManyAtOnceAreSpreadByLoadAndNobodyGetsTooMany(t *testing.T) {
	bureaus(t, func(t *testing.T, b bureau) {
		const questions = 20
		var ids [questions]string
		for i := range questions {
			openid := fmt.Sprintf("o-%d", i)
			ids[i] = b.message(openid, "m:"+openid)
		}
		var wg sync.WaitGroup
		for i := range questions {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, err := b.Escalate(context.Background(), Escalation{OpenID: fmt.Sprintf("o-%d", i), Inbound: ids[i], Question: "活性炭多久换", Reason: ReasonAbstained})
				if err != nil {
					t.Error(err)
				}
			}()
		}
		wg.Wait()
		for account, want := range map[string]int{"li": 3, "wang": 3, "zhao": questions - 6} { // limits, and the lead the rest
			same(t, account, b.count(`SELECT count(*) FROM consultations WHERE expert_id = $1`, account), want)
		}
	})
}

// TestADayHasSoManyConsultationsOfOneContact: what comes after them is not
// lost but added to the newest; an emergency, another contact and the next day
// have their own.
func TestADayHasSoManyConsultationsOfOneContact(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		var newest Consultation
		for i := range daily {
			newest = o.asked("o-a", fmt.Sprintf("第%d个问题", i+1))
			o.clock.move(5 * time.Minute)
		}
		ask := func(openid, key string, urgent bool) Consultation {
			t.Helper()
			k, err := o.Escalate(context.Background(), Escalation{OpenID: openid, Inbound: o.message(openid, key), Question: "再问：" + key, Reason: ReasonRequested, Urgent: urgent})
			must(t, err)
			return k
		}
		if k := ask("o-a", "more", false); k.ID != newest.ID || !k.Full || !k.Joined {
			t.Errorf("one more than a day holds: %s, not the newest %s; full %v", k.Number, newest.Number, k.Full)
		}
		if n := o.count(`SELECT COUNT(*) FROM posts WHERE consultation_id = $1 AND body = $2`, newest.ID, "再问：more"); n != 1 {
			t.Errorf("its words stand %d times in the newest", n)
		}
		for what, k := range map[string]Consultation{"an emergency": ask("o-a", "fire", true), "another contact": ask("o-b", "other", false)} {
			if k.Full || k.Joined {
				t.Errorf("%s was added to %s", what, k.Number)
			}
		}
		o.clock.move(25 * time.Hour)
		if k := ask("o-a", "tomorrow", false); k.Full {
			t.Errorf("the next day is full, too")
		}
	})
}
