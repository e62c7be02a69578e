package admin

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greendesk/desk"
	"greendesk/desk/staff"
)

func TestACodeThatWasUsedOpensNothingAgain(t *testing.T) {
	w := newWorld(t)
	w.hire("li", staff.RoleExpert)
	code := w.code("li")
	first, second := w.browser(), w.browser()
	if got := first.try("li", w.words["li"], code); got.status != http.StatusSeeOther {
		t.Fatalf("the first sign-in: %d", got.status)
	}
	got := second.try("li", w.words["li"], code)
	if got.status != http.StatusBadRequest || second.get("/admin/me").status == http.StatusOK {
		t.Errorf("the same code again: %d", got.status)
	}
	if wrong := w.browser().try("li", w.words["li"]+"!", "000000"); wrong.status != got.status || problem(wrong) != problem(got) {
		t.Errorf("a used code is told from a wrong password: %q, %q", problem(got), problem(wrong))
	}
	prove := url.Values{"password": {w.words["li"]}, "code": {code}}
	if got := first.post("/admin/me/prove", prove); got.status == http.StatusSeeOther {
		t.Error("the code of the sign-in changes how one signs in")
	}
	prove.Set("code", w.code("li"))
	first.post("/admin/me/prove", prove).must303(t, "a fresh code")
	if got := w.browser().try("li", w.words["li"], prove.Get("code")); got.status != http.StatusBadRequest {
		t.Errorf("a code of proving signs in: %d", got.status)
	}
}

// problem is what a page says was wrong.
func problem(a answer) string {
	_, rest, _ := strings.Cut(a.body, `class="problem"`)
	said, _, _ := strings.Cut(rest, "</p>")
	return said
}

// TestForeignIdsOfWhatBelongsToOthersFindNothing: of another group, of whoever
// is recused, and of a colleague: files, notices, canned replies and drafts.
func TestForeignIdsOfWhatBelongsToOthersFindNothing(t *testing.T) {
	w := newWorld(t)
	li, lead, recused := w.hire("li", staff.RoleExpert), w.hire("lead", staff.RoleExpert, staff.RoleLead), w.hire("recused", staff.RoleExpert)
	w.group("气", lead, li, recused)
	w.group("水", w.hire("other", staff.RoleExpert, staff.RoleLead))
	k := w.ask("气", "独特的问题文字")
	w.run(`INSERT INTO enterprises (id, code, name, industry, county, permit, created_at, updated_at) VALUES ('e', '9144030071526726XG', '某厂', '', '', '', 0, 0)`)
	w.run(`INSERT INTO recusals (account_id, code, reason, created_at) VALUES ($1, '9144030071526726XG', '亲属', 0)`, recused.ID)
	w.run(`UPDATE consultations SET enterprise_id = 'e' WHERE id = $1`, k.ID)
	w.desk.KeepFilesIn(t.TempDir())
	file, err := w.desk.Attach(t.Context(), "o-1", "台账.txt", strings.NewReader("独特的文件内容"))
	must(t, err)
	loose, err := w.desk.Attach(t.Context(), "o-1", "没交给专家.txt", strings.NewReader("独特的文件内容"))
	must(t, err)
	_, err = w.desk.Word(t.Context(), "o-1", k.ID, "", "补充", []string{file.ID})
	must(t, err)
	w.run(`INSERT INTO staff_notices (id, account_id, consultation_id, kind, cause, body, at) VALUES ('n', $1, $2, 'word', 'n', '提醒', 1)`, li.ID, k.ID)
	phrase, err := w.desk.SaveCanned(t.Context(), li.Actor(""), desk.Canned{Title: "李的", Body: "独特的常用语"})
	must(t, err)
	shared, err := w.desk.SaveCanned(t.Context(), lead.Actor(""), desk.Canned{Title: "公用", Body: "公用的话", Shared: true})
	must(t, err)
	own := w.as("li")
	own.press(k.ID, "accept", nil).must303(t, "accept")
	own.press(k.ID, "draft", url.Values{"draft": {"独特的草稿"}}).must303(t, "draft")
	if got := own.get("/admin/files/" + file.ID); got.status != http.StatusOK || got.body != "独特的文件内容" {
		t.Fatalf("the file is not there for who holds it: %d", got.status)
	}
	for _, login := range []string{"other", "recused"} {
		b := w.as(login)
		for _, r := range []struct {
			method, path string
			form         url.Values
		}{
			{http.MethodGet, "/admin/files/" + file.ID, nil},
			{http.MethodGet, "/admin/files/" + loose.ID, nil},
			{http.MethodPost, "/admin/notices/n/seen", nil},
			{http.MethodPost, "/admin/phrases", url.Values{"id": {phrase}, "title": {"改"}, "body": {"改"}}},
			{http.MethodPost, "/admin/phrases/" + phrase + "/drop", nil},
			{http.MethodPost, "/admin/work/" + k.ID + "/draft", url.Values{"draft": {"改"}, "version": {"0"}}},
			{http.MethodPost, "/admin/work/" + k.ID + "/phrase", url.Values{"phrase": {phrase}, "draft": {"改"}, "version": {"0"}}},
			{http.MethodPost, "/admin/work/" + k.ID + "/search", url.Values{"q": {"台账"}, "draft": {"改"}, "version": {"0"}}},
		} {
			got := b.do(r.method, r.path, r.form)
			if got.status != http.StatusNotFound || strings.Contains(got.body, "独特的") {
				t.Errorf("%s: %s %s: %d", login, r.method, r.path, got.status)
			}
		}
		b.get("/admin/phrases?edit="+phrase).lacks(t, "独特的常用语")
		b.post("/admin/notices/seen", url.Values{"until": {"99999999999999"}}).must303(t, "all one's own notices")
	}
	if got := own.get("/admin/files/" + loose.ID); got.status != http.StatusNotFound {
		t.Errorf("a file that nobody handed over: %d", got.status)
	}
	foreign(t, own, http.MethodPost, "/admin/phrases/"+shared+"/drop", nil)
	foreign(t, own, http.MethodPost, "/admin/phrases", url.Values{"id": {shared}, "title": {"改"}, "body": {"改"}, "shared": {"yes"}})
	// A colleague of the group reads the consultation, but not the draft and not what is canned.
	colleague := w.as("lead")
	colleague.get("/admin/work/"+k.ID).lacks(t, "独特的草稿", "独特的常用语")
	foreign(t, colleague, http.MethodPost, "/admin/phrases/"+phrase+"/drop", nil)
	foreign(t, colleague, http.MethodPost, "/admin/notices/n/seen", nil)
	own.get("/admin/work").holds(t, "提醒")
	own.get("/admin/work/"+k.ID).holds(t, "独特的草稿", "李的")
}
