package knowledge

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"greendesk/internal/testenv"
	"greendesk/knowledge/parse"
	"greendesk/knowledge/reader"
)

// corpusDir finds the shared corpus beside the project, "" when it is not there.
func corpusDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "shared", "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Log("no corpus at", dir)
		return ""
	}
	return dir
}

// The real laws, rules and the bureau's notice: nothing fails, versions are told apart.
func TestCorpusImport(t *testing.T) {
	dir := corpusDir(t)
	if dir == "" {
		return
	}
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	paths := []string{filepath.Join(dir, "laws"), filepath.Join(dir, "rules"), filepath.Join(dir, "files", "漯环办〔2021〕52号.txt")}
	rep := mustImport(t, s, paths...)
	if len(rep.Failed) > 0 || rep.Files != 114 || rep.NewVersions != 114 || rep.NewClauses < 5000 || len(rep.Incomplete) != 1 {
		t.Errorf("%+v", rep)
	}
	if again := mustImport(t, s, paths...); again.NewVersions != 0 || again.Unchanged != 114 {
		t.Errorf("again: %+v", again)
	}
	const criminal = "最高人民法院、最高人民检察院关于办理环境污染刑事案件适用法律若干问题的解释"
	const tort = "最高人民法院关于审理环境侵权责任纠纷案件适用法律若干问题的解释"
	for _, c := range []struct{ title, label, state string }{
		{"环境噪声污染防治法", "2018-12-29", StateRepealed},
		{"噪声污染防治法", "2021-12-24", StateInForce},
		{"行政复议法", "2017-09-01", StateAmended},
		{"行政复议法", "2023-09-01", StateInForce},
		{"突发事件应对法", "2007-08-30", StateAmended},
		{"突发事件应对法", "2024-06-28", StateInForce},
		{"消耗臭氧层物质管理条例", "2018-03-19", StateAmended},
		{"消耗臭氧层物质管理条例", "2023-12-29", StateInForce},
		{criminal, "2016-12-23", ""}, // one of two copies of 法释〔2016〕29号
		{criminal, "2016-12-08", ""},
		{criminal, "2023-08-08", StateInForce},
		{tort, "2020-12-29", StateRepealed},
		{"河南省大气污染防治条例", "2017-12-01", StateInForce},
		{"江门市生态环境依法不予行政处罚的轻微环境违法行为清单", "2022-01-01", StateExpired},
		{"关于优化生态环境综合执法助力企业绿色发展的通知", "2021", StateInForce},
	} {
		v := versionOf(t, s, c.title, c.label)
		got := State(v, "2026-11-23")
		if got != c.state && (c.state != "" || got == StateInForce) {
			t.Errorf("%s (%s): %s, from %s to %s, %s", c.title, c.label, got, v.ValidFrom, v.ValidTo, v.Ended)
		}
	}
	if notice := versionOf(t, s, "关于优化生态环境综合执法助力企业绿色发展的通知", "2021"); !notice.Incomplete {
		t.Error("the notice is not marked as cut off")
	}
}

// The real files of other formats: every one is in, the scan is refused by name where
// nothing can read it, and of each document the clauses are there that a person would
// cite.
func TestCorpusFiles(t *testing.T) {
	dir := corpusDir(t)
	if dir == "" {
		return
	}
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	rep := mustImport(t, s, filepath.Join(dir, "files"))
	if len(rep.Failed) > 0 || rep.Files != 13 || rep.NewVersions != 13 || len(rep.Incomplete) != 1 || len(rep.ToCheck) != 1 {
		t.Errorf("%+v", rep)
	}
	for _, c := range []struct {
		title, number, region string
		level                 parse.Level
		effective             string
		clauses               int
		refs                  []string
	}{
		{"锅炉大气污染物排放标准", "GB 13271-2014", "全国", parse.Standard, "2014-07-01", 58, []string{"4.1", "5.1.3", "表1 颗粒物", "表1 注"}},
		{"一般工业固体废物贮存和填埋污染控制标准", "GB 18599-2020", "全国", parse.Standard, "2021-07-01", 88, []string{"3.12 天然基础层 native foundation", "5.1.8", "9.10"}},
		{"社会生活环境噪声排放标准", "GB 22337-2008", "全国", parse.Standard, "2008-10-01", 61, []string{"4.2.1", "5.3.3.4", "表2 注", "表3 1 夜间 B类房间"}},
		{"挥发性有机物无组织排放控制标准", "GB 37822-2019", "全国", parse.Standard, "2019-07-01", 95, []string{"5.2.1.2", "10.3.2", "A.2.1", "表1 液态VOCs物料 其他"}},
		{"固定污染源排污许可分类管理名录（2019年版）", "", "全国", parse.Catalogue, "", 123, []string{"第六条", "序号 13 屠宰及肉类加工135", "序号 109 锅炉", "附注"}},
		{"国家危险废物名录（2021年版）", "", "全国", parse.Catalogue, "2021-01-01", 534, []string{"第三条", "HW08 900-249-08", "HW49 900-041-49", "危险废物豁免管理清单 序号 2 HW01 收集"}},
		{"建设项目环境影响评价分类管理名录（2021年版）", "", "全国", parse.Catalogue, "2021-01-01", 181, []string{"第五条", "18 屠宰及肉类加工135*", "173 核技术利用项目退役"}},
		{"广东省生态环境不予行政处罚的轻微违法行为目录", "", "广东省", parse.Catalogue, "", 21, []string{"序号 5 未依法向社会公开验收报告", "备注"}},
		{"环境保护税税目税额表", "", "全国", parse.Normative, "", 12, []string{"固体废物 煤矸石", "噪声 超标4-6分贝"}},
		{"行政处罚自由裁量权裁量标准参照表", "", "江门市", parse.Normative, "", 872, []string{"序号 10-4 未经批准擅自拆除 类别 2"}},
	} {
		doc, err := s.Document(t.Context(), documentID(parse.TitleKey(c.title)))
		if err != nil {
			t.Error(c.title, err)
			continue
		}
		vs, err := s.Versions(t.Context(), doc.ID)
		if err != nil || len(vs) != 1 {
			t.Fatal(c.title, len(vs), err)
		}
		if v := vs[0]; v.Title != c.title || v.Number != c.number || doc.Region != c.region || doc.Level != c.level || v.Effective != c.effective || v.Clauses != c.clauses {
			t.Errorf("%s: %+v %+v", c.title, doc, v)
		}
		checkClauses(t, s, vs[0], c.refs)
	}
	none := ""
	without := reader.New(reader.Options{Path: &none})
	rep, err := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t))).Import(t.Context(), ImportOptions{Paths: []string{filepath.Join(dir, "files")}, Reader: without})
	if err = errors.Join(err, without.Close()); err != nil || len(rep.Failed) != 3 || rep.NewVersions != 10 || !strings.Contains(rep.Failed[0].Reason, "扫描件") {
		t.Errorf("without other programs: %+v %v", rep.Failed, err)
	}
}

// checkClauses looks for names, and at what no clause may have: the name of another, a
// page number, a running head.
func checkClauses(t *testing.T, s *Store, v Version, refs []string) {
	t.Helper()
	clauses, err := s.VersionText(t.Context(), v.ID)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range clauses {
		if seen[c.Ref] || utf8.RuneCountInString(c.Ref) > 90 {
			t.Errorf("%s: %q", v.Title, c.Ref)
		}
		seen[c.Ref] = true
		for _, l := range strings.Split(c.Text, "\n") {
			if paperRE.MatchString(l) {
				t.Errorf("%s, %s: %q", v.Title, c.Ref, l)
			}
		}
	}
	for _, r := range refs {
		if !seen[r] {
			t.Errorf("%s has no clause %q", v.Title, r)
		}
	}
}

var paperRE = regexp.MustCompile(`^[-—\s]*[0-9]{1,3}[-—\s]*$|^GB [0-9]+[-—][0-9]{4}$|\.{6}|[０-９]`)

func versionOf(t *testing.T, s *Store, title, label string) Version {
	t.Helper()
	vs, err := s.Versions(t.Context(), documentID(parse.TitleKey(title)))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vs {
		if v.Label == label {
			return v
		}
	}
	t.Errorf("no version %s of %s", label, title)
	return Version{}
}

// All national and many local regulations: 147,283 articles in well under a minute.
func TestScaleImport(t *testing.T) {
	dir := corpusDir(t)
	if dir == "" || withRace {
		return
	}
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	start := time.Now()
	rep := mustImport(t, s, filepath.Join(dir, "scale", "articles.jsonl.gz"))
	took := time.Since(start)
	t.Logf("%d documents, %d clauses in %v", rep.Documents, rep.Clauses, took)
	if rep.Clauses != 147283 || len(rep.Failed) > 0 {
		t.Errorf("%+v", rep)
	}
	start = time.Now()
	n := 0
	if err := s.EachClause(t.Context(), 0, func(Entry) error { n++; return nil }); err != nil || n != rep.NewClauses {
		t.Error(n, err)
	}
	t.Logf("streamed %d in %v", n, time.Since(start))
	if again := mustImport(t, s, filepath.Join(dir, "scale", "articles.jsonl.gz")); again.NewVersions != 0 {
		t.Errorf("again: %d new", again.NewVersions)
	}
}
