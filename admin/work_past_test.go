package admin

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/knowledge"
)

// edition takes in an edition of a rule, in force from a day.
func (w *world) edition(day, who string) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "rule.jsonl")
	must(w.t, os.WriteFile(file, []byte(`{"title":"青溪市河道保洁条例","article":"第一条","text":"为了河道清洁，制定本条例。","effective":"`+day+`"}
{"title":"青溪市河道保洁条例","article":"第二条","text":"河道保洁由`+who+`负责，每月检查三次。","effective":"`+day+`"}
`), 0o600))
	_, err := w.knowledge.Import(w.t.Context(), knowledge.ImportOptions{Paths: []string{file}})
	must(w.t, err)
	must(w.t, w.engine.Sync(w.t.Context()))
}

// TestAClauseThatWasReplacedMeanwhileLeavesWithNoAnswer: between quoting and
// submitting, and between submitting and the second signature. Whoever means
// the old words quotes them again; then they go out with what they are.
func TestAClauseThatWasReplacedMeanwhileLeavesWithNoAnswer(t *testing.T) {
	w := newWorld(t)
	w.learn()
	w.edition("2019-01-01", "水务部门")
	w.group("固废", w.hire("li", staff.RoleExpert), w.hire("wang", staff.RoleExpert))
	k, li := w.ask("固废", "河道保洁由谁负责"), w.as("li")
	li.press(k.ID, "accept", nil).must303(t, "accept")
	found, err := w.console.find(t.Context(), k.ID, "青溪市河道保洁条例第二条")
	must(t, err)
	old := url.Values{"draft": {"见条文，不会处罚。"}, "pick": {found.Clauses[0].Pick()}}
	li.press(k.ID, "cite", old).must303(t, "cite")
	li.press(k.ID, "submit", url.Values{"draft": {"见条文，不会处罚。"}}).must303(t, "submit")
	if w.state(k.ID) != desk.StateReview {
		t.Fatalf("it needs a signature: %s", w.state(k.ID))
	}
	w.edition("2024-01-01", "城管部门")
	wang := w.as("wang")
	wang.press(k.ID, "sign", nil).holds(t, "已修订，2024-01-01起不再适用", "请移除它")
	li.press(k.ID, "withdraw", nil).must303(t, "withdraw")
	li.press(k.ID, "submit", url.Values{"draft": {"见条文，不会处罚。"}}).holds(t, "已修订，2024-01-01起不再适用")
	if w.state(k.ID) != desk.StateAnswering {
		t.Fatalf("it left: %s", w.state(k.ID))
	}
	li.press(k.ID, "uncite", old).must303(t, "uncite")
	li.press(k.ID, "cite", old).must303(t, "cite again")
	li.press(k.ID, "submit", url.Values{"draft": {"见条文，不会处罚。"}}).must303(t, "submit again")
	wang.press(k.ID, "sign", nil).must303(t, "sign")
	wang.get("/admin/work/"+k.ID).holds(t, "《青溪市河道保洁条例》第二条（已修订，2024-01-01起不再适用）")
	var body string
	must(t, w.db.QueryRow(t.Context(), `SELECT body FROM deliveries WHERE consultation_id = $1`, k.ID).Scan(&body))
	if !strings.Contains(body, "2024-01-01起不再适用") {
		t.Errorf("the enterprise is not told: %s", body)
	}
}

func TestAnAnswerIsReleasedAndTakenBack(t *testing.T) {
	w := newWorld(t)
	w.group("固废", w.hire("li", staff.RoleExpert))
	k, li := w.ask("固废", "河道保洁由谁负责"), w.as("li")
	li.press(k.ID, "accept", nil).must303(t, "accept")
	li.press(k.ID, "share", url.Values{"shared": {"由水务部门负责。"}}).holds(t, "还没有答复")
	li.press(k.ID, "submit", url.Values{"draft": {"鑫鑫印刷厂：由水务部门负责。"}}).must303(t, "submit")
	li.get("/admin/work/"+k.ID).holds(t, "公开答复：给问类似问题的企业参考", "鑫鑫印刷厂")
	li.press(k.ID, "share", url.Values{"shared": {" "}}).holds(t, "请写下要给别的企业看的答复")
	li.press(k.ID, "share", url.Values{"shared": {"由水务部门负责。"}}).must303(t, "share")
	li.get("/admin/work/"+k.ID).holds(t, "已公开：问类似问题的企业能看到")
	earlier, err := w.desk.Similar(t.Context(), "河道保洁由谁来负责", 1)
	must(t, err)
	if len(earlier) != 1 || earlier[0].Answer != "由水务部门负责。" {
		t.Errorf("%+v", earlier)
	}
	li.press(k.ID, "share", url.Values{"shared": {"由水务部门负责。"}, "take": {"back"}}).must303(t, "take back")
	if earlier, err = w.desk.Similar(t.Context(), "河道保洁由谁来负责", 1); err != nil || len(earlier) != 0 {
		t.Errorf("%+v, %v", earlier, err)
	}
}
