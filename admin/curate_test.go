package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/knowledge"
)

// logged are the audit lines of an object, newest first.
func (w *world) logged(object string) []staff.Entry {
	w.t.Helper()
	log, err := w.staff.Audit(w.t.Context(), staff.CommandLine(), staff.AuditFilter{Object: object, Limit: 50})
	must(w.t, err)
	return log
}

// wantLine fails unless the newest line about an object is of this action, and
// there are so many.
func (w *world) wantLine(object, action string, n int) {
	w.t.Helper()
	log := w.logged(object)
	if len(log) != n || n > 0 && (log[0].Action != action || log[0].Actor == "" || log[0].Actor == "system") {
		w.t.Errorf("the log has %+v of %s, want %d, the last %s", log, object, n, action)
	}
}

// gap leaves a question that was not answered well.
func (w *world) gap(i int, question string, clauses ...string) {
	w.t.Helper()
	ctx, openid := w.t.Context(), fmt.Sprint("o-gap", i)
	in, err := w.desk.Receive(ctx, desk.Inbound{Key: "m:" + openid, OpenID: openid, Kind: "text", Content: `{"text":"问"}`, SentAt: time.Now()})
	must(w.t, err)
	g := desk.Grounds{Question: question, Previous: "我们是喷漆的", Action: "expert", Probabilities: map[string]float64{"expert": 0.7}}
	for _, c := range clauses {
		g.Candidates = append(g.Candidates, desk.Candidate{Clause: c, Score: 1})
	}
	_, err = w.desk.Escalate(ctx, desk.Escalation{OpenID: openid, Inbound: in.ID, Question: question, Reason: desk.ReasonAbstained, Grounds: g})
	must(w.t, err)
	w.run(`UPDATE gaps SET at = $1 WHERE question = $2`, int64(1_000_000+i/2), question) // two at a time
}

func TestACuratorKeepsTheLexicon(t *testing.T) {
	w := newWorld(t)
	w.learn()
	w.hire("cao", staff.RoleCurator)
	b := w.as("cao")
	b.get("/admin/lexicon").holds(t, "还没有改过的词条")
	for what, form := range map[string]url.Values{
		"一处也没有":  {"term": {"捞浮萍"}, "means": {"打捞漂浮物喵"}, "kind": {"colloq"}},
		"没有对应的":  {"term": {"捞浮萍"}, "kind": {"colloq"}},
		"不能作词条":  {"term": {"捞"}, "means": {"危险废物"}, "kind": {"colloq"}},
		"的类别是":   {"term": {"捞浮萍"}, "means": {"危险废物"}, "kind": {"喵"}},
		"最多 4 个": {"term": {"捞浮萍"}, "means": {"危险废物\r\n废气\n废水\n噪声|扬尘"}, "kind": {"colloq"}},
	} {
		got := b.post("/admin/lexicon", form)
		got.holds(t, what, "捞")
		if got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", what, got.status)
		}
	}
	w.wantLine("term:", "", 0)
	b.post("/admin/lexicon", url.Values{"term": {"毒渣渣"}, "means": {"危险废物\r\n贮存"}, "kind": {"colloq"}}).must303(t, "add")
	w.wantLine("term:毒渣渣", "set", 1)
	b.get("/admin/lexicon").holds(t, "已记下“毒渣渣”", "危险废物、贮存", "俗称", "cao 改于")
	must(t, w.engine.Sync(t.Context()))
	if words, err := w.engine.Terms(t.Context(), "毒渣渣"); err != nil || len(words) != 1 {
		t.Errorf("%v %v", words, err)
	}
	b.get("/admin/lexicon?term="+url.QueryEscape("毒渣渣")).holds(t, "危险废物\n贮存</textarea>")
	b.post("/admin/lexicon", url.Values{"term": {"罚款"}, "means": {"噪声"}, "kind": {"colloq"}}).must303(t, "a doubtful one")
	b.get("/admin/lexicon").holds(t, "请核对：", "本身就是法规里的说法")
	b.post("/admin/lexicon/remove", url.Values{"term": {"毒渣渣"}}).must303(t, "remove")
	w.wantLine("term:毒渣渣", "remove", 2)
	b.post("/admin/lexicon/remove", url.Values{"term": {"毒渣渣"}}).holds(t, "词库里没有“毒渣渣”")
	w.wantLine("term:毒渣渣", "remove", 2)

	b.get("/admin/lexicon?q="+url.QueryEscape("危废")).holds(t, "程序自带", "停用：危废")
	b.post("/admin/lexicon/remove", url.Values{"term": {"危废"}}).must303(t, "switch off")
	b.get("/admin/lexicon?q="+url.QueryEscape("危废")).holds(t, "已停用", "恢复：危废")
	b.post("/admin/lexicon/remove", url.Values{"term": {"危废"}}).must303(t, "switch on")
	if got := b.get("/admin/lexicon?q=" + url.QueryEscape("危废")); strings.Contains(got.body, ">恢复<") {
		t.Error("it is still off")
	}
	w.wantLine("term:危废", "remove", 2)
	w.hire("auditor", staff.RoleAuditor)
	w.as("auditor").get("/admin/audit?object=term:").holds(t, "词条：毒渣渣", "移除", "王cao")
}

func TestTheLexiconIsShownPageByPage(t *testing.T) {
	w := newWorld(t)
	w.hire("cao", staff.RoleCurator)
	b := w.as("cao")
	for i := range curatedPage + 1 {
		w.run(`INSERT INTO lexicon (term_key, term, means, kind, off, changed_by, changed_at) VALUES ($1, $1, '', 'stop', 0, 'cao', 0)`, fmt.Sprintf("客套%03d", i))
	}
	first := b.get("/admin/lexicon")
	first.holds(t, "客套000", "客套049", "下一页")
	last := b.get("/admin/lexicon?page=1")
	last.holds(t, "客套050", "上一页")
	if strings.Contains(first.body, "客套050") || strings.Contains(last.body, "客套049") || strings.Contains(last.body, "下一页") {
		t.Error("the pages overlap")
	}
	for _, page := range []string{"-1", "x", "99999999999999999999", "9999"} {
		if got := b.get("/admin/lexicon?page=" + page); got.status != http.StatusOK {
			t.Errorf("page %s: %d", page, got.status)
		}
	}
}

func TestACuratorWritesQuestionsForAClause(t *testing.T) {
	w := newWorld(t)
	w.learn()
	w.hire("cao", staff.RoleCurator)
	b := w.as("cao")
	b.get("/admin/questions").holds(t, "还没有采纳过问法")
	b.get("/admin/questions?q="+url.QueryEscape("危险废物台账")).holds(t, "写问法")
	found, err := w.console.find(t.Context(), "", "危险废物台账")
	must(t, err)
	clause := found.Clauses[0].Clause
	place := found.Clauses[0].Document + found.Clauses[0].Ref
	const asked = "渣渣本本要记几年才算数"
	page := "/admin/questions?clause=" + clause
	b.get(page).holds(t, found.Clauses[0].Document, "写一种问法")
	for what, question := range map[string]string{"太短": "啊啊", "长串数字": "打电话 13800000000 问台账", "太长": strings.Repeat("台账", 50)} {
		b.post("/admin/questions", url.Values{"clause": {clause}, "question": {question}}).holds(t, what, question)
	}
	w.wantLine("question:", "", 0)
	b.post("/admin/questions", url.Values{"clause": {clause}, "question": {asked}, "decision": {"accept"}}).must303(t, "write")
	w.wantLine("question:"+place, "accept-proposal", 1)
	b.get(page).holds(t, asked, "知识管理员", "cao 采纳于")
	b.get("/admin/questions?q="+url.QueryEscape("渣渣本本")).holds(t, asked, "去掉："+asked)
	answers := func() bool {
		must(t, w.engine.Sync(t.Context()))
		res, err := w.engine.Ask(t.Context(), knowledge.Ask{Text: asked})
		must(t, err)
		return len(res.Citations) > 0 && res.Citations[0].Clause == clause
	}
	if !answers() {
		t.Error("the clause does not answer its question")
	}
	list, err := w.knowledge.Questions(t.Context(), knowledge.Accepted)
	must(t, err)
	id := list[0].ID
	b.post("/admin/questions/"+id[:4], url.Values{"decision": {"reject"}}).holds(t, "没有这个问法")
	b.post("/admin/questions/"+id, url.Values{"clause": {clause}, "decision": {"reject"}}).must303(t, "take back")
	w.wantLine("question:"+id, "reject-proposal", 1)
	if got := b.get(page); strings.Contains(got.body, asked) {
		t.Error("it is still there")
	}
	b.get("/admin/questions?state=rejected").holds(t, "采纳："+asked)
	b.post("/admin/questions/"+id, url.Values{"decision": {"accept"}}).must303(t, "accept again")
	b.get(page).holds(t, asked)
	b.get("/admin/questions?clause=none").holds(t, "没有找到这一条款")
	if reads := w.logged("questions"); len(reads) < 5 || reads[0].Action != "read" {
		t.Errorf("%d reads in the log", len(reads))
	}
}

func TestGapsAreReadByCuratorsPageByPage(t *testing.T) {
	w := newWorld(t)
	w.learn()
	w.hire("cao", staff.RoleCurator)
	b := w.as("cao")
	b.get("/admin/gaps").holds(t, "没有没答好的问题")
	found, err := w.console.find(t.Context(), "", "危险废物台账")
	must(t, err)
	clause := found.Clauses[0]
	const n = 2*gapsPage + 3
	for i := range n {
		w.gap(i, fmt.Sprintf("活性炭第%03d问", i), clause.Clause, "gone")
	}
	seen, path := map[string]bool{}, "/admin/gaps"
	for pages := 0; path != ""; pages++ {
		got := b.get(path)
		got.holds(t, "没找到条款，转了专家", "《"+clause.Document+"》"+clause.Ref, "上一句：我们是喷漆的", "已经不在知识库里的条款")
		for i := range n {
			if q := fmt.Sprintf("活性炭第%03d问", i); strings.Contains(got.body, "<b>"+q) {
				if seen[q] {
					t.Errorf("%s stands on two pages", q)
				}
				seen[q] = true
			}
		}
		_, rest, more := strings.Cut(got.body, `href="/admin/gaps?older=`)
		if path = ""; more {
			path = "/admin/gaps?older=" + rest[:strings.Index(rest, `"`)]
		}
		if pages > 3 {
			t.Fatal("the pages do not end")
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d gaps", len(seen), n)
	}
	w.wantLine("gaps", "read", 4)
	for _, mark := range []string{"x", "1", "1-", "-1", "99999999999999999999-a"} {
		b.get("/admin/gaps?older="+mark).holds(t, "没找到条款")
	}

	gaps, err := w.desk.Gaps(t.Context(), time.Time{})
	must(t, err)
	g := gaps[0]
	b.get("/admin/questions?gap="+g.ID).holds(t, "企业问过：", g.Question, "gap="+g.ID, "写问法")
	b.get("/admin/questions?clause="+clause.Clause+"&gap="+g.ID).holds(t, `name="question" required value="`+g.Question+`"`)
	b.get("/admin/lexicon?gap="+g.ID).holds(t, "企业问过：", g.Question)
	w.wantLine("gap:"+g.ID, "read", 3)
	b.get("/admin/lexicon?gap=none").holds(t, "没有找到这个问题")

	for _, roles := range [][]staff.Role{{staff.RoleAdministrator}, {staff.RoleCurator, staff.RoleEnforcement}, {staff.RoleExpert}} {
		by := staff.Actor{Account: "x", Roles: roles}
		if list, err := w.desk.ReadGaps(t.Context(), by, desk.Gap{}, 5); err == nil || list != nil {
			t.Errorf("%v reads %d gaps", roles, len(list))
		}
		if _, err := w.desk.ReadGap(t.Context(), by, g.ID); err == nil {
			t.Errorf("%v reads a gap", roles)
		}
	}
}

func TestCuratorsSeeWhatEnterprisesFoundUselessAndRunNoneOfIt(t *testing.T) {
	w := newWorld(t)
	w.hire("cao", staff.RoleCurator)
	ctx, evil := t.Context(), `"><script>alert(1)</script><img src=x onerror=alert(2)>怎么办`
	in, err := w.desk.Receive(ctx, desk.Inbound{Key: "m:1", OpenID: "o-1", Kind: "text", Content: `{"text":"问"}`, SentAt: time.Now()})
	must(t, err)
	must(t, w.desk.Rate(ctx, desk.Feedback{OpenID: "o-1", Inbound: in.ID, Verdict: desk.VerdictUseless, Grounds: desk.Grounds{Question: evil, Previous: evil, Action: "answer", LawDay: "2020-07-01"}}))
	gaps, err := w.desk.Gaps(ctx, time.Time{})
	must(t, err)
	b := w.as("cao")
	b.get("/admin/gaps").holds(t, "企业点了没用", "问的是 2020-07-01 的规定", "当时一条相关的条款也没有")
	w.run(`INSERT INTO lexicon (term_key, term, means, kind, off, changed_by, changed_at) VALUES ('x', $1, $1, $1, 0, $1, 0)`, evil)
	for _, path := range []string{"/admin/gaps", "/admin/questions?gap=" + gaps[0].ID, "/admin/lexicon?gap=" + gaps[0].ID, "/admin/lexicon?term=" + url.QueryEscape(evil),
		"/admin/questions?q=" + url.QueryEscape(evil), "/admin/lexicon?q=" + url.QueryEscape(evil)} {
		got := b.get(path)
		if got.status != http.StatusOK || strings.Contains(got.body, "<script>alert") || strings.Contains(got.body, "<img src=x") || !strings.Contains(got.body, "怎么办") {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestTheStateOfTheSearchIsSaidInChinese(t *testing.T) {
	for _, state := range []string{"unseen", "behind", "foreign", "paused", "empty", "slow", "busy", "down", "broken", "another"} {
		text, bad := searchWords(state)
		if !bad || !strings.HasSuffix(text, "现在用内置索引，照常答复") || strings.Contains(text, state) != (state == "another") {
			t.Errorf("%s: %s", state, text)
		}
	}
	for _, c := range []struct {
		h    knowledge.Health
		want string
		bad  bool
	}{
		{knowledge.Health{}, "没有配置向量", false},
		{knowledge.Health{Meaning: knowledge.MeaningStats{Model: "m"}}, "向量正常", false},
		{knowledge.Health{Meaning: knowledge.MeaningStats{Model: "m", Missing: 7}}, "向量还差 7 条，正在计算", false},
		{knowledge.Health{Meaning: knowledge.MeaningStats{Model: "m", Refused: 2}}, "向量正常，有 2 条算不出来", false},
		{knowledge.Health{Meaning: knowledge.MeaningStats{Model: "m", Missing: 7}, Resting: true}, "向量服务没有应答，现在只按词语检索", true},
	} {
		if text, bad := meaningWords(c.h); text != c.want || bad != c.bad {
			t.Errorf("%+v: %s", c.h, text)
		}
	}
}
