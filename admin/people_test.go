package admin

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"greendesk/desk"
	"greendesk/desk/staff"
)

var shownOnce = regexp.MustCompile(`<p class="once">([^<]+)</p>`)

// TestAnAdministratorHiresAndResetsPeople: the temporary password shows once,
// and works.
func TestAnAdministratorHiresAndResetsPeople(t *testing.T) {
	w := newWorld(t)
	w.hire("boss", staff.RoleAdministrator)
	b := w.as("boss")
	bad := b.post("/admin/people", url.Values{"login": {"zhang"}, "name": {"张<b>三"}})
	if bad.status != http.StatusBadRequest || !strings.Contains(bad.body, html.EscapeString("张<b>三")) || strings.Contains(bad.body, "张<b>三") {
		t.Errorf("without a role: %d; what was typed must stay, escaped", bad.status)
	}
	made := b.post("/admin/people", url.Values{"login": {"zhang"}, "name": {"张三"}, "phone": {"0395-1234567"}, "role": {"expert", "lead"}})
	if !strings.HasPrefix(made.location, "/admin/people/") {
		t.Fatalf("%d %s", made.status, made.body)
	}
	if again := b.post("/admin/people", url.Values{"login": {"zhang"}, "name": {"张三"}, "role": {"expert"}}); again.status != http.StatusConflict {
		t.Errorf("the same login again: %d", again.status)
	}
	word := shownOnce.FindStringSubmatch(b.get(made.location).body)
	if word == nil || shownOnce.MatchString(b.get(made.location).body) {
		t.Fatal("the temporary password does not show once")
	}
	if got := w.browser().try("zhang", word[1], ""); got.location != "/admin/" {
		t.Errorf("the temporary password does not work: %d", got.status)
	}
	reset := b.post(made.location+"/reset", nil)
	next := shownOnce.FindStringSubmatch(b.get(reset.location).body)
	if next == nil || next[1] == word[1] {
		t.Fatal("no new password")
	}
	if got := w.browser().try("zhang", word[1], ""); got.status != http.StatusBadRequest {
		t.Errorf("the old password works after the reset: %d", got.status)
	}
	b.post(made.location+"/active", url.Values{"active": {"no"}})
	if got := w.browser().try("zhang", next[1], ""); got.status != http.StatusBadRequest {
		t.Errorf("a disabled account signs in: %d", got.status)
	}
	if got := b.post(made.location, url.Values{"name": {"张三丰"}, "role": {"curator"}}); got.location != "/admin/people" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if page := b.get("/admin/people").body; !strings.Contains(page, "张三丰") || !strings.Contains(page, "知识管理员") || !strings.Contains(page, "已停用") {
		t.Error(page)
	}
}

func TestSettingsAreSavedAndABadOneLosesNothing(t *testing.T) {
	w := newWorld(t)
	w.hire("boss", staff.RoleAdministrator)
	b := w.as("boss")
	if got := b.post("/admin/settings/"+desk.SettingAnswerUrgent, url.Values{"value": {"bald"}}); got.status != http.StatusBadRequest || !strings.Contains(got.body, `value="bald"`) {
		t.Errorf("%d", got.status)
	}
	set := func(form url.Values, want string) {
		t.Helper()
		if got := b.post("/admin/settings/"+desk.SettingAnswerUrgent, form); got.status != http.StatusSeeOther {
			t.Fatalf("%d %s", got.status, got.body)
		}
		if got, err := w.desk.DeskSetting(t.Context(), desk.SettingAnswerUrgent); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	set(url.Values{"value": {"3"}}, "3")
	set(url.Values{"value": {"3"}, "default": {"yes"}}, "7")
	if got := b.post("/admin/settings/none", url.Values{"value": {"3"}}); got.status != http.StatusNotFound {
		t.Errorf("an unknown setting: %d", got.status)
	}
}

func TestAnAuditorFiltersExportsAndVerifies(t *testing.T) {
	w := newWorld(t)
	w.hire("boss", staff.RoleAdministrator)
	w.hire("audrey", staff.RoleAuditor)
	w.as("boss")
	b := w.as("audrey")
	if page := b.get("/admin/audit?action=sign-in").body; strings.Count(page, "<td data-name=\"做了什么\">登录</td>") != 2 {
		t.Error(page)
	}
	if got := b.get("/admin/audit?from=gestern"); got.status != http.StatusBadRequest || !strings.Contains(got.body, `value="gestern"`) {
		t.Errorf("%d", got.status)
	}
	export := b.post("/admin/audit/export", url.Values{"action": {"sign-in"}})
	if !strings.HasPrefix(export.header.Get("Content-Disposition"), "attachment") || strings.Count(export.body, ",sign-in,") != 2 {
		t.Error(export)
	}
	checked := b.post("/admin/audit/verify", nil)
	mark := shownOnce.FindStringSubmatch(checked.body)
	if mark == nil {
		t.Fatal(checked.body)
	}
	if got := b.post("/admin/audit/verify", url.Values{"mark": {mark[1]}}); !strings.Contains(got.body, "没有被改过") {
		t.Error(got.body)
	}
	if got := b.post("/admin/audit/verify", url.Values{"mark": {mark[1][:strings.Index(mark[1], ":")+1] + strings.Repeat("0", 64)}}); !strings.Contains(got.body, "记录不完整") {
		t.Error(got.body)
	}
	if got := b.post("/admin/audit/verify", url.Values{"mark": {"x"}}); got.status != http.StatusBadRequest {
		t.Errorf("%d", got.status)
	}
}
