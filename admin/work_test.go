package admin

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/knowledge"
)

// must303 fails unless a form was accepted.
func (a answer) must303(t *testing.T, what string) {
	t.Helper()
	if a.status != http.StatusSeeOther {
		t.Fatalf("%s: %d %s", what, a.status, a.body)
	}
}

// holds fails unless a page has all these texts.
func (a answer) holds(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(a.body, s) {
			t.Errorf("the page (%d) lacks %q:\n%s", a.status, s, a.body)
		}
	}
}

func (a answer) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(a.body, s) {
			t.Errorf("the page has %q", s)
		}
	}
}

// press sends a form of a consultation's page, as it would be opened now.
func (b *browser) press(id, action string, form url.Values) answer {
	b.w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	form.Set("version", b.w.version(id))
	return b.post("/admin/work/"+id+"/"+action, form)
}

func TestAnExpertAnswersWithACheckedClauseAndAColleagueSigns(t *testing.T) {
	w := newWorld(t)
	w.learn()
	li, wang := w.hire("li", staff.RoleExpert), w.hire("wang", staff.RoleExpert)
	w.group("固废", li, wang)
	k := w.ask("固废", "危险废物不贴标签会怎么处罚")
	expert, colleague := w.as("li"), w.as("wang")
	expert.get("/admin/work?scope=group").holds(t, k.Number, "危险废物不贴标签会怎么处罚", "待分派", "还没有人受理")
	expert.press(k.ID, "accept", nil).must303(t, "accept")
	expert.get("/admin/work/"+k.ID).holds(t, "知识库里没有可以引用的条文", "王li", "办理中", "写答复", "找依据", "你好")

	found, err := w.console.find(t.Context(), k.ID, "危险废物标签")
	must(t, err)
	if len(found.Clauses) == 0 {
		t.Fatal("nothing found")
	}
	clause := found.Clauses[0]
	expert.press(k.ID, "cite", url.Values{"draft": {"要贴标签。\r\n第二行"}, "pick": {clause.Pick()}}).must303(t, "cite")
	page := expert.get("/admin/work/" + k.ID)
	page.holds(t, "要贴标签。\n第二行", clause.Document, "移除")

	expert.press(k.ID, "submit", url.Values{"draft": {"不贴标签会被处罚，请尽快补上。"}}).must303(t, "submit")
	if got := w.state(k.ID); got != desk.StateReview {
		t.Fatalf("after submitting: %s", got)
	}
	if got := expert.press(k.ID, "sign", nil); got.status != http.StatusForbidden {
		t.Errorf("the author signed: %d", got.status)
	}
	colleague.get("/admin/work?scope=review").holds(t, k.Number)
	colleague.get("/admin/work/"+k.ID).holds(t, "同意并签名", "不贴标签会被处罚")
	colleague.press(k.ID, "return", url.Values{"remark": {"请写明整改办法"}}).must303(t, "return")
	expert.get("/admin/work/"+k.ID).holds(t, "复核退回：请写明整改办法", "不贴标签会被处罚")
	expert.press(k.ID, "submit", url.Values{"draft": {"不贴标签会被处罚，请按国标补贴。"}}).must303(t, "submit again")
	colleague.press(k.ID, "sign", nil).must303(t, "sign")
	if got := w.state(k.ID); got != desk.StateReplied {
		t.Fatalf("after signing: %s", got)
	}
	expert.get("/admin/work/"+k.ID).holds(t, "送达情况", "正在发送", "复核：王wang", clause.Quote.String(), "变成知识")
}

func TestAQuoteThatIsNotVerbatimNeverLeaves(t *testing.T) {
	w := newWorld(t)
	w.learn()
	li := w.hire("li", staff.RoleExpert)
	w.group("固废", li)
	k := w.ask("固废", "台账保存几年")
	b := w.as("li")
	b.press(k.ID, "accept", nil).must303(t, "accept")
	found, err := w.console.find(t.Context(), k.ID, "危险废物台账")
	must(t, err)
	clause := found.Clauses[0]

	got := b.press(k.ID, "cite", url.Values{"draft": {"写到一半"}, "pick": {clause.Clause + "|编造的话"}})
	if got.status != http.StatusBadRequest {
		t.Errorf("an invented quote: %d", got.status)
	}
	got.holds(t, "不一致，没有插入", "写到一半")
	b.press(k.ID, "cite", url.Values{"draft": {"写到一半"}, "pick": {clause.Pick()}}).must303(t, "cite")

	var text string
	must(t, w.db.QueryRow(t.Context(), `SELECT text FROM clauses WHERE id = $1`, clause.Clause).Scan(&text))
	w.run(`UPDATE clauses SET text = '改过的条文' WHERE id = $1`, clause.Clause)
	got = b.press(k.ID, "submit", url.Values{"draft": {"保存五年以上。"}})
	got.holds(t, "第 1 条依据", "与知识库现在的原文不一致", "保存五年以上。")
	if w.state(k.ID) != desk.StateAnswering {
		t.Error("an answer left with a quote that no longer stands")
	}
	w.run(`UPDATE clauses SET text = $2 WHERE id = $1`, clause.Clause, text)
	b.press(k.ID, "uncite", url.Values{"draft": {"保存五年以上。"}, "pick": {clause.Pick()}}).must303(t, "uncite")
	b.get("/admin/work/"+k.ID).lacks(t, "移除依据")
}

func TestAQuoteIsComparedAgainWhenItIsSigned(t *testing.T) {
	w := newWorld(t)
	w.learn()
	w.group("固废", w.hire("li", staff.RoleExpert), w.hire("wang", staff.RoleExpert))
	k := w.ask("固废", "危险废物不贴标签会怎么处罚")
	expert, colleague := w.as("li"), w.as("wang")
	expert.press(k.ID, "accept", nil).must303(t, "accept")
	found, err := w.console.find(t.Context(), k.ID, "危险废物标签")
	must(t, err)
	expert.press(k.ID, "cite", url.Values{"draft": {"会处罚。"}, "pick": {found.Clauses[0].Pick()}}).must303(t, "cite")
	expert.press(k.ID, "submit", url.Values{"draft": {"会处罚。"}}).must303(t, "submit")
	w.run(`UPDATE clauses SET text = '改过的条文' WHERE id = $1`, found.Clauses[0].Clause)
	colleague.press(k.ID, "sign", nil).holds(t, "第 1 条依据")
	if got := w.state(k.ID); got != desk.StateReview {
		t.Errorf("signed all the same: %s", got)
	}
}

func TestADraftSurvivesAndAStalePageLosesNothing(t *testing.T) {
	w := newWorld(t)
	w.group("气", w.hire("lead", staff.RoleExpert, staff.RoleLead), w.hire("li", staff.RoleExpert))
	k := w.ask("气", "活性炭多久换一次")
	b := w.as("li")
	b.press(k.ID, "accept", nil).must303(t, "accept")
	got := b.do(http.MethodPost, "/admin/work/"+k.ID+"/draft", url.Values{"draft": {"写了<一半>"}}, func(r *http.Request) { r.Header.Set("Accept", fragment) })
	if got.status != http.StatusOK {
		t.Fatalf("autosave: %d %s", got.status, got.body)
	}
	got.holds(t, "草稿已保存")
	got.lacks(t, "<html")
	w.as("li").get("/admin/work/"+k.ID).holds(t, "写了&lt;一半&gt;") // another browser

	old := w.version(k.ID)
	w.as("lead").press(k.ID, "urgency", url.Values{"urgency": {"urgent"}, "urgency_reason": {"要停产了"}}).must303(t, "urgency")
	got = b.post("/admin/work/"+k.ID+"/submit", url.Values{"version": {old}, "draft": {"三个月一次。"}})
	if got.status != http.StatusConflict {
		t.Errorf("a stale page: %d", got.status)
	}
	got.holds(t, "三个月一次。", "紧急")
	got = b.post("/admin/work/"+k.ID+"/ask", url.Values{"version": {old}, "ask": {"箱子多大？"}})
	got.holds(t, "箱子多大？", "刚刚有了变化")
	b.press(k.ID, "ask", url.Values{"ask": {"箱子多大？"}}).must303(t, "ask")
	b.get("/admin/work/"+k.ID).holds(t, "等企业补充，暂不计时", "箱子多大？")
}

func TestCannedRepliesAreKeptAndInserted(t *testing.T) {
	w := newWorld(t)
	w.group("气", w.hire("li", staff.RoleExpert))
	k := w.ask("气", "活性炭多久换一次")
	b := w.as("li")
	b.post("/admin/phrases", url.Values{"title": {"问候"}, "body": {"您好，感谢咨询。"}}).must303(t, "phrase")
	got := b.post("/admin/phrases", url.Values{"title": {""}, "body": {"没有标题的话"}})
	got.holds(t, "请填写标题", "没有标题的话")
	b.press(k.ID, "accept", nil).must303(t, "accept")
	var id string
	must(t, w.db.QueryRow(t.Context(), `SELECT id FROM canned_replies`).Scan(&id))
	b.press(k.ID, "phrase", url.Values{"draft": {"第一行"}, "phrase": {id}}).must303(t, "insert")
	b.get("/admin/work/"+k.ID).holds(t, "第一行\n您好，感谢咨询。")
	b.post("/admin/phrases/"+id+"/drop", nil).must303(t, "drop")
	b.get("/admin/phrases").lacks(t, "您好，感谢咨询。")
}

func TestWhoMayNotSeeAConsultationFindsNothingAtAnyAddress(t *testing.T) {
	w := newWorld(t)
	w.group("气", w.hire("li", staff.RoleExpert))
	w.group("水", w.hire("other", staff.RoleExpert, staff.RoleLead))
	k := w.ask("气", "独特的问题文字")
	b := w.as("other")
	before := w.version(k.ID)
	b.get("/admin/work?scope=all").lacks(t, "独特的问题文字", k.Number)
	for _, r := range workRoutes() {
		if !strings.Contains(r.path, "/work/:id") || strings.HasSuffix(r.path, "/clauses") { // these are the law
			continue
		}
		got := b.do(r.method, strings.Replace(r.path, ":id", k.ID, 1), url.Values{"version": {"0"}, "note": {"x"}, "draft": {"x"}, "question": {"可以吗可以吗"}},
			func(q *http.Request) {
				if strings.HasSuffix(r.path, "/events") {
					q.Header.Set("Accept", "text/event-stream")
				}
			})
		if got.status != http.StatusNotFound || strings.Contains(got.body, "独特的问题文字") {
			t.Errorf("%s %s: %d", r.method, r.path, got.status)
		}
	}
	if w.version(k.ID) != before {
		t.Error("it was changed")
	}
}

func TestWhatPeopleTypeIsEscapedEverywhere(t *testing.T) {
	w := newWorld(t)
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	w.group("气", w.hire("li", staff.RoleExpert, staff.RoleLead))
	k := w.ask("气", "问题"+evil)
	w.run(`INSERT INTO enterprises (id, code, name, industry, county, permit, created_at, updated_at) VALUES ('e', 'C', $1, $1, $1, '', 0, 0)`, evil)
	w.run(`UPDATE consultations SET enterprise_id = 'e', routed = $2, topic = $2 WHERE id = $1`, k.ID, evil)
	w.run(`UPDATE contacts SET name = $1, position = $1, phone = $1`, evil)
	w.run(`INSERT INTO attachments (id, contact_id, inbound_id, consultation_id, kind, media_id, name, type, size, sha256, state, problem, at)
		VALUES ('f', $1, '', $2, 'file', '', $3, '', 0, '', 'kept', '', 0)`, k.Contact, k.ID, evil)
	b := w.as("li")
	b.press(k.ID, "accept", nil).must303(t, "accept")
	b.press(k.ID, "note", url.Values{"note": {evil}}).must303(t, "note")
	b.post("/admin/phrases", url.Values{"title": {evil[:40]}, "body": {evil}}).must303(t, "phrase")
	b.press(k.ID, "draft", url.Values{"draft": {evil}}).must303(t, "draft")
	pages := []answer{b.get("/admin/work"), b.get("/admin/work?q=" + url.QueryEscape(evil)), b.get("/admin/work/" + k.ID), b.get("/admin/phrases"),
		b.press(k.ID, "transfer", url.Values{"to": {evil}, "transfer_reason": {evil}}), b.press(k.ID, "invite", url.Values{"colleague": {evil}}),
		b.get("/admin/work/" + k.ID + "/clauses?q=" + url.QueryEscape(evil))}
	for i, p := range pages {
		if strings.Contains(p.body, "<script>alert") || strings.Contains(p.body, "<img src=x") {
			t.Errorf("page %d lets it through", i)
		}
	}
	pages[2].holds(t, "问题&#34;&gt;&lt;script&gt;")
}

func TestAnAnswerBecomesKnowledge(t *testing.T) {
	w := newWorld(t)
	w.learn()
	w.group("固废", w.hire("li", staff.RoleExpert))
	w.hire("cao", staff.RoleCurator)
	k := w.ask("固废", "我厂的危废仓库要不要装摄像头13800000000")
	b, curator := w.as("li"), w.as("cao")
	b.press(k.ID, "accept", nil).must303(t, "accept")
	found, err := w.console.find(t.Context(), k.ID, "危险废物台账")
	must(t, err)
	cited := found.Clauses[0]
	b.press(k.ID, "cite", url.Values{"draft": {"建议装。"}, "pick": {cited.Pick()}}).must303(t, "cite")
	b.press(k.ID, "submit", url.Values{"draft": {"建议装。"}}).must303(t, "submit")
	if w.state(k.ID) == desk.StateReview {
		t.Fatal("this answer should need no signature")
	}
	got := b.press(k.ID, "propose", url.Values{"question": {"危废仓库装摄像头 13800000000"}, "clause": {cited.Clause}})
	got.holds(t, "长串数字")
	b.press(k.ID, "propose", url.Values{"question": {"危废仓库有没有监控要求"}, "clause": {cited.Clause}}).must303(t, "as a question")
	b.press(k.ID, "propose", url.Values{"question": {"危废仓库要装监控摄像头吗"}, "entry": {"建议安装。\r\n留存三个月。"}}).must303(t, "as an entry")
	if got := b.get("/admin/proposals"); got.status != http.StatusForbidden {
		t.Errorf("an expert decides: %d", got.status)
	}
	page := curator.get("/admin/proposals")
	reads, err := w.staff.Audit(t.Context(), staff.CommandLine(), staff.AuditFilter{Object: "proposals", Limit: 2})
	must(t, err)
	if len(reads) != 1 || reads[0].Action != "read" {
		t.Errorf("reading the proposals left %+v", reads)
	}
	page.holds(t, "危废仓库有没有监控要求", "专家用它答复过", "危废仓库要装监控摄像头吗", "建议安装。\n留存三个月。", cited.Document)
	list, err := w.knowledge.Questions(t.Context(), knowledge.Proposed)
	must(t, err)
	entries, err := w.knowledge.ProposedEntries(t.Context())
	must(t, err)
	curator.post("/admin/proposals", url.Values{"id": {list[0].ID}, "decision": {"accept"}}).must303(t, "accept a question")
	form := url.Values{"entry": {entries[0].ID}, "question": {"危废仓库要装监控摄像头吗"}, "answer": {"建议安装，留存三个月。"}, "sources": {entries[0].Sources}, "decision": {"accept"}}
	curator.post("/admin/proposals", form).must303(t, "accept an entry")
	curator.post("/admin/proposals", form).holds(t, "已经有人处理过了")
	w.hire("auditor", staff.RoleAuditor)
	for object, n := range map[string]int{"question:" + list[0].ID: 1, "entry:" + entries[0].ID: 1} { // and what was refused is not there
		log, err := w.staff.Audit(t.Context(), staff.CommandLine(), staff.AuditFilter{Object: object, Limit: 10})
		must(t, err)
		if len(log) != n || log[0].Action != "accept-proposal" || log[0].Actor == "" {
			t.Errorf("the log has %+v of %s", log, object)
		}
	}
	w.as("auditor").get("/admin/audit?action=accept-proposal").holds(t, "采纳知识建议", "王cao", "建议的条目")
	must(t, w.engine.Sync(t.Context()))
	res, err := w.engine.Ask(t.Context(), knowledge.Ask{Text: "危废仓库要装监控摄像头吗"})
	must(t, err)
	if len(res.Citations) == 0 || !strings.Contains(res.Citations[0].Quote.String(), "建议安装，留存三个月。") {
		t.Errorf("the entry does not answer: %+v", res.Citations)
	}
}

func TestDeadlinesAreSaidKindly(t *testing.T) {
	now := time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC) // 14:00 in China
	for _, c := range []struct {
		c    desk.Consultation
		want due
	}{
		{desk.Consultation{State: desk.StateAssigned, AcceptDue: now.Add(150 * time.Minute)}, due{"今天 16:30前受理", ""}},
		{desk.Consultation{State: desk.StateAssigned, AcceptDue: now.Add(20 * time.Minute)}, due{"今天 14:20前受理，还有 20 分钟", "hot"}},
		{desk.Consultation{State: desk.StateAnswering, AnswerDue: now.Add(26 * time.Hour)}, due{"明天 16:00前答复", ""}},
		{desk.Consultation{State: desk.StateAnswering, AnswerDue: now.Add(-49 * time.Hour)}, due{"答复已超时 2 天", "bad"}},
		{desk.Consultation{State: desk.StateWaiting, Paused: true, AnswerDue: now.Add(-time.Hour)}, due{"等企业补充，暂不计时", ""}},
		{desk.Consultation{State: desk.StateReplied, AnsweredAt: now.Add(-24 * time.Hour)}, due{"昨天 14:00答复", ""}},
		{desk.Consultation{State: desk.StateNew}, due{}},
	} {
		if got := dueOf(c.c, now); got != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}

func TestColleaguesAreOfferedWithWhatSpeaksForThem(t *testing.T) {
	w := newWorld(t)
	li, wang, zhao, recused := w.hire("li", staff.RoleExpert, staff.RoleLead), w.hire("wang", staff.RoleExpert), w.hire("zhao", staff.RoleExpert), w.hire("recused", staff.RoleExpert)
	officer := w.hire("officer", staff.RoleExpert, staff.RoleEnforcement)
	w.group("固废", li, wang, zhao, recused)
	k, other := w.ask("固废", "台账保存几年"), w.ask("固废", "标签怎么贴")
	w.run(`UPDATE consultations SET expert_id = $2, state = 'answering' WHERE id = $1`, other.ID, wang.ID)
	w.run(`INSERT INTO experts (account_id, topics, industries, counties, hours, load_limit, updated_at) VALUES ($1, '固废危废', '', '', '', 1, 0)`, wang.ID)
	w.run(`INSERT INTO leaves (id, account_id, day_from, day_to, reason, created_at) VALUES ('l', $1, '2000-01-01', '2999-01-01', '病', 0)`, zhao.ID)
	w.run(`INSERT INTO enterprises (id, code, name, industry, county, permit, created_at, updated_at) VALUES ('e', '9144030071526726XG', '某厂', '', '', '', 0, 0)`)
	w.run(`INSERT INTO recusals (account_id, code, reason, created_at) VALUES ($1, '9144030071526726XG', '亲属', 0)`, recused.ID)
	w.run(`UPDATE consultations SET enterprise_id = 'e' WHERE id = $1`, k.ID)
	b := w.as("li")
	b.press(k.ID, "accept", nil).must303(t, "accept")
	page := b.get("/admin/work/" + k.ID)
	page.holds(t, "王wang（固废组，固废危废，手上 1 件，已满）", "王zhao（固废组，手上 0 件，今天请假）")
	page.lacks(t, `value="`+recused.ID+`"`, `value="`+officer.ID+`"`, `value="`+li.ID+`"`)
	if n := strings.Count(page.body, `value="`+wang.ID+`"`); n != 2 {
		t.Errorf("王wang is offered %d times, not to be given it and to be invited", n)
	}
	b.press(k.ID, "invite", url.Values{"colleague": {wang.ID}}).must303(t, "invite")
	if n := strings.Count(b.get("/admin/work/"+k.ID).body, `value="`+wang.ID+`"`); n != 1 {
		t.Errorf("who takes part is offered %d times", n)
	}
}

func TestNoticesStandInOneLineAndGoAtOnce(t *testing.T) {
	w := newWorld(t)
	li := w.hire("li", staff.RoleExpert)
	w.group("固废", li)
	k, other := w.ask("固废", "台账保存几年"), w.ask("固废", "标签怎么贴")
	for i, n := range []struct{ id, on, body string }{{"n1", k.ID, "分派给您"}, {"n2", k.ID, "企业有新的补充"}, {"n3", other.ID, "快到时限"}} {
		w.run(`INSERT INTO staff_notices (id, account_id, consultation_id, kind, cause, body, at) VALUES ($1, $2, $3, 'word', $1, $4, $5)`, n.id, li.ID, n.on, n.body, int64(i+1))
	}
	b := w.as("li")
	page := b.get("/admin/work")
	page.holds(t, "企业有新的补充", "之前还有 1 条", "快到时限", "全部知道了", `name="until" value="3"`, `<span class="count">2</span>`)
	page.lacks(t, "分派给您")
	if got := b.post("/admin/notices/seen", url.Values{"until": {"x"}}); got.status != http.StatusBadRequest {
		t.Errorf("%d", got.status)
	}
	b.post("/admin/notices/seen", url.Values{"until": {"3"}}).must303(t, "all")
	b.get("/admin/work").lacks(t, "企业有新的补充", "快到时限", "全部知道了")
}

func TestOnlyWhoHasADraftIsToldItIsKept(t *testing.T) {
	w := newWorld(t)
	li := w.hire("li", staff.RoleExpert)
	w.group("固废", li)
	k := w.ask("固废", "台账保存几年")
	b := w.as("li")
	stale := url.Values{"version": {"99"}}
	got := b.post("/admin/work/"+k.ID+"/accept", stale)
	got.holds(t, "请刷新页面看过之后再操作。")
	got.lacks(t, "草稿还在")
	b.press(k.ID, "accept", nil).must303(t, "accept")
	b.press(k.ID, "draft", url.Values{"draft": {"写到一半"}}).must303(t, "draft")
	b.post("/admin/work/"+k.ID+"/ask", url.Values{"version": {"99"}, "ask": {"哪一台"}}).holds(t, "您写的草稿还在")
}
