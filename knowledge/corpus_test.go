package knowledge

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"greendesk/internal/testenv"
	"greendesk/knowledge/parse"
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
	if rep.Clauses != 147283 || len(rep.Failed) > 0 || took > time.Minute {
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
