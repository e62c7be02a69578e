package admin

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greendesk/desk/staff"
)

func TestAnAdministratorMakesGroupsAndSaysWhatExpertsGet(t *testing.T) {
	w := newWorld(t)
	w.hire("boss", staff.RoleAdministrator)
	lead, expert := w.hire("lead", staff.RoleLead, staff.RoleExpert), w.hire("expert", staff.RoleExpert)
	b := w.as("boss")
	form := url.Values{"name": {"大气组"}, "topic": {"VOCs", "废气"}, "member": {expert.ID}}
	if got := b.post("/admin/groups", form); got.status != http.StatusBadRequest || !strings.Contains(got.body, `value="大气组"`) || !strings.Contains(got.body, `value="VOCs" checked`) {
		t.Errorf("a group without a lead: %d; what was typed must stay", got.status)
	}
	form.Set("lead", lead.ID)
	if got := b.post("/admin/groups", form); got.location != "/admin/groups" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	groups, err := w.desk.Groups(t.Context(), staff.CommandLine())
	must(t, err)
	if len(groups) != 1 || len(groups[0].Members) != 2 || !groups[0].Members[0].Leads || groups[0].Members[0].Account != lead.ID {
		t.Fatalf("%+v", groups)
	}
	form.Set("off", "yes")
	if got := b.post("/admin/groups/"+groups[0].ID, form); got.location != "/admin/groups" || !strings.Contains(b.get("/admin/groups").body, "停用") {
		t.Errorf("not turned off: %d", got.status)
	}
	if got := b.get("/admin/groups/none"); got.status != http.StatusNotFound {
		t.Errorf("no such group: %d", got.status)
	}
	page := "/admin/experts/" + expert.ID
	for _, bad := range []url.Values{{"limit": {"viele"}, "industries": {"1353"}}, {"limit": {"3"}, "industries": {"<1353>"}}, {"limit": {"3"}, "hours": {"immer"}}} {
		if got := b.post(page, bad); got.status != http.StatusBadRequest || !strings.Contains(got.body, `value="`+bad.Get("limit")+`"`) {
			t.Errorf("%v: %d", bad, got.status)
		}
	}
	if got := b.post(page, url.Values{"topic": {"VOCs"}, "county": {"召陵区"}, "industries": {"26 1353"}, "hours": {"周一至周五 09:00-12:00"}, "limit": {"3"}}); got.location != "/admin/experts" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if list := b.get("/admin/experts").body; !strings.Contains(list, "召陵区") || !strings.Contains(list, "最多 3 件") {
		t.Error(list)
	}
}

// TestExpertsKeepTheirOwnLeaveAndSeeNobodyElse: others' pages are not there
// for them.
func TestExpertsKeepTheirOwnLeaveAndSeeNobodyElse(t *testing.T) {
	w := newWorld(t)
	w.hire("boss", staff.RoleAdministrator)
	own, other := w.hire("expert", staff.RoleExpert), w.hire("other", staff.RoleExpert)
	b, page := w.as("expert"), "/admin/experts/"+own.ID
	foreign(t, b, http.MethodGet, "/admin/experts/"+other.ID, nil)
	foreign(t, b, http.MethodPost, "/admin/experts/"+other.ID+"/leave", url.Values{"from": {"2099-01-01"}, "to": {"2099-01-02"}, "reason": {"病"}})
	foreign(t, b, http.MethodPost, "/admin/experts/"+other.ID+"/recusal", url.Values{"code": {"9144030071526726XG"}, "reason": {"x"}})
	if list := b.get("/admin/experts").body; strings.Contains(list, "王other") {
		t.Error("another expert is listed")
	}
	if got := b.post(page+"/leave", url.Values{"from": {"2099-01-05"}, "to": {"2099-01-02"}, "reason": {"出差"}}); got.status != http.StatusBadRequest || !strings.Contains(got.body, `value="出差"`) {
		t.Errorf("days in the wrong order: %d", got.status)
	}
	if got := b.post(page+"/leave", url.Values{"from": {"2099-01-02"}, "to": {"2099-01-05"}, "reason": {"出差"}}); got.location != page {
		t.Fatalf("%d %s", got.status, got.body)
	}
	_, rest, _ := strings.Cut(b.get(page).body, `name="leave" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	foreign(t, w.as("other"), http.MethodPost, page+"/leave/drop", url.Values{"leave": {id}})
	if got := b.post(page+"/leave/drop", url.Values{"leave": {id}}); got.location != page || strings.Contains(b.get(page).body, "2099-01-02") {
		t.Errorf("not dropped: %d", got.status)
	}
	if got := b.post(page+"/recusal", url.Values{"code": {"9144030071526726xg"}, "reason": {"亲属企业"}}); got.location != page || !strings.Contains(b.get(page).body, "9144030071526726XG") {
		t.Errorf("not recused: %d %s", got.status, got.body)
	}
	if got := w.as("boss").post(page+"/recusal/drop", url.Values{"code": {"9144030071526726XG"}}); got.location != page {
		t.Errorf("%d", got.status)
	}
}

// foreign asks for something that is not the browser's to see or change, and
// fails unless it is refused.
func foreign(t *testing.T, b *browser, method, path string, form url.Values) {
	t.Helper()
	if got := b.do(method, path, form); got.status != http.StatusNotFound && got.status != http.StatusForbidden {
		t.Errorf("%s %s: %d", method, path, got.status)
	}
}
