package admin

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greendesk/desk"
	"greendesk/desk/staff"
)

// setting is what holds for a name.
func (w *world) setting(name string) string {
	w.t.Helper()
	v, err := w.desk.DeskSetting(w.t.Context(), name)
	must(w.t, err)
	return v
}

func TestFewerSecondSignaturesAreConfirmedWithOldAndNewText(t *testing.T) {
	w := newWorld(t)
	w.hire("boss", staff.RoleAdministrator)
	b, before := w.as("boss"), w.setting(desk.SettingSignWords)
	for _, value := range []string{"", "乱写", "罚"} {
		got := b.post("/admin/settings/sign_words", url.Values{"value": {value}})
		if got.status != http.StatusOK || w.setting(desk.SettingSignWords) != before {
			t.Fatalf("%q was saved at once: %d", value, got.status)
		}
		got.holds(t, "不再等另一位专家复核签名", before, "停产", "确认修改", `name="instead" value="`+before+`"`)
	}
	if got := b.post("/admin/settings/sign_words", url.Values{"value": {"乱写"}, "instead": {"另一份"}}); got.status != http.StatusOK || w.setting(desk.SettingSignWords) != before {
		t.Errorf("what was agreed to was another change: %d", got.status)
	}
	if got := b.post("/admin/settings/sign_words", url.Values{"value": {"罚 查封"}, "instead": {before}}); got.status != http.StatusSeeOther || w.setting(desk.SettingSignWords) != "罚 查封" {
		t.Errorf("confirmed, not saved: %d %s", got.status, w.setting(desk.SettingSignWords))
	}
	if got := b.post("/admin/settings/sign_words", url.Values{"value": {"罚 查封\r\n停产"}}); got.status != http.StatusSeeOther {
		t.Errorf("one more word: %d", got.status)
	}
	if got := b.post("/admin/settings/sign_topics", url.Values{"value": {""}}); got.status != http.StatusOK || w.setting(desk.SettingSignTopics) != "处罚信用" {
		t.Errorf("the topics were emptied at once: %d", got.status)
	}
	// What stands there in several lines is confirmed, too.
	now := w.setting(desk.SettingSignWords)
	if got := b.post("/admin/settings/sign_words", url.Values{"value": {"罚"}, "instead": {strings.ReplaceAll(writes(now), "\n", "\r\n")}}); got.status != http.StatusSeeOther {
		t.Errorf("several lines: %d", got.status)
	}
}

func TestANoticeThatSaysNothingIsRefusedAndKeptAsTyped(t *testing.T) {
	w := newWorld(t)
	w.hire("boss", staff.RoleAdministrator)
	b, before := w.as("boss"), w.setting(desk.SettingNotice)
	got := b.post("/admin/settings/notice", url.Values{"value": {"乱写"}})
	if got.status != http.StatusBadRequest || w.setting(desk.SettingNotice) != before {
		t.Errorf("%d, now %q", got.status, w.setting(desk.SettingNotice))
	}
	got.holds(t, "怎么删除", "乱写</textarea>")
}

func TestARecusalSaysWhatCameOfIt(t *testing.T) {
	w := newWorld(t)
	li, wang := w.hire("li", staff.RoleExpert), w.hire("wang", staff.RoleExpert)
	w.group("固废", wang, li)
	const code = "9144030071526726XG"
	b, page := w.as("li"), "/admin/experts/"+li.ID
	form := func(code string) url.Values { return url.Values{"code": {code}, "reason": {"亲属"}} }
	if got := b.post(page+"/recusal", form("9144030071526726X0")); got.status != http.StatusBadRequest || !strings.Contains(got.body, "校验位") {
		t.Errorf("a mistyped code: %d", got.status)
	}
	b.post(page+"/recusal", form(code)).must303(t, "recuse")
	b.get(page).holds(t, "还没有人绑定过这家企业", code, "手上没有这家企业的咨询")
	w.run(`DELETE FROM recusals`)
	w.run(`INSERT INTO enterprises (id, code, name, industry, county, permit, created_at, updated_at) VALUES ('e', $1, '漯河某厂', '', '', '', 0, 0)`, code)
	k := w.ask("固废", "危废台账怎么记")
	w.run(`UPDATE consultations SET enterprise_id = 'e', expert_id = $2, state = 'assigned' WHERE id = $1`, k.ID, li.ID)
	b.post(page+"/recusal", form(code)).must303(t, "recuse")
	b.get(page).holds(t, "已登记回避漯河某厂", "1 件咨询已转给别人")
}

func TestALeaveWithoutDaysAsksForThem(t *testing.T) {
	w := newWorld(t)
	li := w.hire("li", staff.RoleExpert)
	got := w.as("li").post("/admin/experts/"+li.ID+"/leave", url.Values{"reason": {"出差"}})
	if got.status != http.StatusBadRequest {
		t.Errorf("%d", got.status)
	}
	got.holds(t, "请填写请假的第一天和最后一天")
}
