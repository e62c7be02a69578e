package admin

import (
	"net/http"
	"net/url"
	"testing"

	"greendesk/desk"
	"greendesk/desk/staff"
)

func TestAnAnswerIsWithdrawnAndAConsultationEnded(t *testing.T) {
	w := newWorld(t)
	li, wang := w.hire("li", staff.RoleExpert), w.hire("wang", staff.RoleExpert)
	w.group("固废", li, wang)
	k := w.ask("固废", "危险废物不贴标签会怎么处罚")
	b := w.as("li")
	b.press(k.ID, "accept", nil).must303(t, "accept")
	b.press(k.ID, "submit", url.Values{"draft": {"不贴标签会被处罚。"}}).must303(t, "submit")
	if got := w.as("wang").press(k.ID, "withdraw", nil); got.status != http.StatusForbidden {
		t.Errorf("a colleague takes it back: %d", got.status)
	}
	b.get("/admin/work/"+k.ID).holds(t, "撤回修改")
	b.press(k.ID, "withdraw", nil).must303(t, "withdraw")
	b.get("/admin/work/"+k.ID).holds(t, "已撤回，可以继续修改。", "不贴标签会被处罚。")
	if got := w.state(k.ID); got != desk.StateAnswering {
		t.Errorf("after taking it back: %s", got)
	}
	if got := b.press(k.ID, "close", url.Values{"close_reason": {" "}}); got.status != http.StatusBadRequest {
		t.Errorf("ended without a reason: %d", got.status)
	}
	b.press(k.ID, "close", url.Values{"close_reason": {"企业电话里说已经解决"}}).must303(t, "close")
	b.get("/admin/work/"+k.ID).holds(t, "已办结。", "企业电话里说已经解决")
	if got := w.state(k.ID); got != desk.StateClosed {
		t.Errorf("after ending it: %s", got)
	}
}

func TestALeadAttendsToAPoorRating(t *testing.T) {
	w := newWorld(t)
	zhao, li := w.hire("zhao", staff.RoleExpert, staff.RoleLead), w.hire("li", staff.RoleExpert)
	w.group("固废", zhao, li)
	k := w.ask("固废", "台账保存几年")
	expert, lead := w.as("li"), w.as("zhao")
	expert.press(k.ID, "accept", nil).must303(t, "accept")
	expert.press(k.ID, "submit", url.Values{"draft": {"五年。"}}).must303(t, "submit")
	must(t, w.desk.RateAnswer(t.Context(), k.OpenID, k.ID, 1, "没说清"))
	expert.get("/admin/work/"+k.ID).lacks(t, "处理情况")
	lead.get("/admin/work/"+k.ID).holds(t, "没说清", "处理情况")
	lead.press(k.ID, "attend", url.Values{"attended": {"已打电话解释"}}).must303(t, "attend")
	page := lead.get("/admin/work/" + k.ID)
	page.holds(t, "已记下处理情况。", "已打电话解释")
	page.lacks(t, "联系企业了解后")
}

func TestWhoStudiesItTogetherLeaves(t *testing.T) {
	w := newWorld(t)
	li, qian := w.hire("li", staff.RoleExpert), w.hire("qian", staff.RoleExpert)
	w.group("固废", li)
	w.group("水", qian)
	k := w.ask("固废", "台账保存几年")
	expert, guest := w.as("li"), w.as("qian")
	expert.press(k.ID, "accept", nil).must303(t, "accept")
	expert.press(k.ID, "invite", url.Values{"colleague": {qian.ID}}).must303(t, "invite")
	guest.get("/admin/work/"+k.ID).holds(t, "退出一起研究", k.Number)
	guest.press(k.ID, "leave", nil).must303(t, "leave")
	if got := guest.get("/admin/work/" + k.ID); got.status != http.StatusNotFound {
		t.Errorf("who left still reads it: %d", got.status)
	}
	page := expert.get("/admin/work/" + k.ID)
	page.holds(t, "退出一起研究") // in its history
	page.lacks(t, "/admin/work/"+k.ID+"/leave")
}

// TestTheKnowledgeBaseIsSearchedWithoutAScript: what is written in the draft is
// kept.
func TestTheKnowledgeBaseIsSearchedWithoutAScript(t *testing.T) {
	w := newWorld(t)
	w.learn()
	li := w.hire("li", staff.RoleExpert)
	w.group("固废", li)
	k := w.ask("固废", "台账保存几年")
	b := w.as("li")
	b.press(k.ID, "accept", nil).must303(t, "accept")
	got := b.press(k.ID, "search", url.Values{"draft": {"写到一半"}, "q": {"危险废物标签"}})
	got.must303(t, "search")
	found, err := w.console.find(t.Context(), k.ID, "危险废物标签")
	must(t, err)
	if len(found.Clauses) == 0 {
		t.Fatal("nothing found")
	}
	page, err := url.Parse(got.location)
	must(t, err)
	b.get(page.RequestURI()).holds(t, "写到一半", "引用这段", found.Clauses[0].Document)
}
