package knowledge

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

func testEngine(t *testing.T, s *Store) *Engine {
	t.Helper()
	e, err := NewEngine(s, testenv.Log(t), func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func synced(t *testing.T, e *Engine) *Engine {
	t.Helper()
	if err := e.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

func ask(t *testing.T, e *Engine, a Ask) *Result {
	t.Helper()
	res, err := e.Ask(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func first(t *testing.T, e *Engine, question string) Citation {
	t.Helper()
	res := ask(t, e, Ask{Text: question})
	if len(res.Citations) == 0 {
		t.Fatalf("%s: nothing is found", question)
	}
	return res.Citations[0]
}

func TestAnImportByAnotherProcessShowsAfterSync(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		e := synced(t, testEngine(t, testStore(t, d)))
		if res := ask(t, e, Ask{Text: "河道保洁由谁负责"}); len(res.Citations) != 0 || res.Confidence.Missing != 1 || e.Clauses() != 0 {
			t.Errorf("an empty knowledge base answers %+v", res.Citations)
		}
		mustImport(t, testStore(t, d), write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
		if e.Clauses() != 0 {
			t.Error("found before Sync")
		}
		c := first(t, synced(t, e), "河道保洁由谁负责")
		if c.Ref != "第二条" || c.Document != "青溪市河道保洁条例" || c.Version != "2019-03-20" || c.Quote.String() != "河道保洁由市水务部门负责。" {
			t.Errorf("%+v", c)
		}
		n := e.Clauses()
		if synced(t, e); e.Clauses() != n {
			t.Errorf("a second Sync goes from %d to %d clauses", n, e.Clauses())
		}
	})
}

func TestOnlyTheVersionInForceOnTheDayIsCited(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s, dir := testStore(t, d), t.TempDir()
		mustImport(t, s, write(t, dir, "青溪市河道保洁条例(2019-03-20).md", river))
		e := synced(t, testEngine(t, s))
		mustImport(t, s, write(t, dir, "青溪市河道保洁条例(2024-03-15).md", riverNew))
		synced(t, e)
		for question, want := range map[string]string{
			"河道保洁由谁负责":            "2024-03-15",
			"2020年的时候河道保洁由谁负责":    "2019-03-20",
			"2024年5月31日那时河道保洁谁负责": "2019-03-20",
			"2024年6月1日那时河道保洁谁负责":  "2024-03-15",
		} {
			res := ask(t, e, Ask{Text: question, Want: 10})
			if len(res.Citations) == 0 || res.Citations[0].Ref != "第二条" {
				t.Errorf("%s: %+v", question, res.Citations)
			}
			for _, c := range res.Citations {
				if c.Version != want {
					t.Errorf("%s: cites the version %s, want %s", question, c.Version, want)
				}
			}
		}
		if res := ask(t, e, Ask{Text: "2010年的时候河道保洁由谁负责"}); len(res.Citations) != 0 || res.Day != "2010-07-01" {
			t.Errorf("before any version: %+v", res.Citations)
		}
	})
}

func TestACitationIsVerifiedAgainstTheStoreAsItIsNow(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := testStore(t, d)
		mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
		e := synced(t, testEngine(t, s))
		c := first(t, e, "河道保洁由谁负责")
		if err := e.Verify(t.Context(), c); err != nil {
			t.Errorf("as it is stored: %v", err)
		}
		exec := func(sql string, args ...any) {
			t.Helper()
			if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, sql, args...); return err }); err != nil {
				t.Fatal(err)
			}
		}
		exec(`UPDATE clauses SET text = $1 WHERE id = $2`, "河道保洁由市水利部门负责。", c.Clause)
		if e.Verify(t.Context(), c) == nil {
			t.Error("a quote of a changed clause passes")
		}
		exec(`DELETE FROM clauses WHERE id = $1`, c.Clause)
		if err := e.Verify(t.Context(), c); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("of a clause that is gone: %v", err)
		}
		for _, left := range ask(t, e, Ask{Text: "河道保洁由谁负责", Want: 10}).Citations {
			if left.Clause == c.Clause {
				t.Error("a clause that is gone is cited")
			}
		}
	})
}

func TestCitationsAreDifferentPlacesWithVerbatimQuotes(t *testing.T) {
	e := starterEngine(t)
	for want, most := range map[int]int{0: 3, 1: 1, 2: 2, 10: 10} {
		res := ask(t, e, Ask{Text: "危险废物在厂里能存放多久", Want: want})
		if len(res.Citations) == 0 || len(res.Citations) > most {
			t.Errorf("want %d: %d citations", want, len(res.Citations))
		}
		seen := map[string]bool{}
		for i, c := range res.Citations {
			if seen[c.Document+c.Ref] {
				t.Errorf("%s %s stands twice", c.Document, c.Ref)
			}
			seen[c.Document+c.Ref] = true
			if err := e.Verify(t.Context(), c); err != nil {
				t.Error(err)
			}
			if i > 0 && c.Score > res.Citations[i-1].Score {
				t.Error("not best first")
			}
		}
	}
	if got := len(ask(t, e, Ask{Text: "危险废物"}).Explain(3)); got != 3 {
		t.Errorf("%d explanations", got)
	}
	if got := ask(t, e, Ask{Text: "😀"}); len(got.Citations) != 0 || len(got.Explain(3)) != 0 {
		t.Errorf("nothing is asked: %+v", got.Citations)
	}
}

func TestWhatWasJustShownStepsBackForAFollowUpOnly(t *testing.T) {
	e := starterEngine(t)
	const question = "锅炉冒黑烟会被罚多少钱"
	before := ask(t, e, Ask{Text: "那依据呢", Prev: question})
	shown := before.Citations[0].Clause
	after := ask(t, e, Ask{Text: "那依据呢", Prev: question, Shown: []string{shown}})
	place := func(r *Result) int {
		for i, x := range r.Ranked {
			if x.Entry.ID == shown {
				return i
			}
		}
		return len(r.Ranked)
	}
	if !before.Question.FollowUp || place(before) != 0 || before.Ranked[0].Score-shownStep != after.Ranked[place(after)].Score {
		t.Errorf("shown stands at %d, then at %d", place(before), place(after))
	}
	if again := ask(t, e, Ask{Text: "那第二次呢", Prev: question, Shown: []string{shown}}); again.Citations[0].Clause == shown {
		t.Error("the next time is answered with what was just shown")
	}
	alone := ask(t, e, Ask{Text: question, Shown: []string{shown}})
	plain := ask(t, e, Ask{Text: question})
	if place(alone) != place(plain) {
		t.Error("a question of its own is answered otherwise because of what was shown")
	}
}

func TestAQuestionThatIsCalledOffSaysSoToPeople(t *testing.T) {
	e := starterEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.Ask(ctx, Ask{Text: "危险废物"})
	if apperr.CodeOf(err) != apperr.Unavailable || !strings.Contains(apperr.MessageOf(err), "再问一次") {
		t.Errorf("%v", err)
	}
}

func TestQuestionsRunBesideAnImport(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	s, dir := testStore(t, d), t.TempDir()
	mustImport(t, s, write(t, dir, "青溪市河道保洁条例(2019-03-20).md", river))
	e := synced(t, testEngine(t, s))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 50 {
				if _, err := e.Ask(context.Background(), Ask{Text: "河道保洁由谁负责"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 5 {
		name := fmt.Sprintf("青溪市第%d号河道办法(2020-01-0%d).md", i+1, i+1)
		mustImport(t, s, write(t, dir, name, strings.ReplaceAll(river, "青溪市河道保洁条例", fmt.Sprintf("青溪市第%d号河道办法", i+1))))
		synced(t, e)
	}
	wg.Wait()
	if e.Clauses() < 15 {
		t.Errorf("%d clauses", e.Clauses())
	}
}

func TestASnapshotStartsTheEngineOfItsOwnDatabaseOnly(t *testing.T) {
	snapshot := filepath.Join(t.TempDir(), "index.snapshot")
	open := func(s *Store) *Engine {
		t.Helper()
		e := testEngine(t, s)
		e.saveFrom = 1
		if err := e.Open(t.Context(), snapshot); err != nil {
			t.Fatal(err)
		}
		return e
	}
	const question = "河道保洁由谁负责"
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	if open(s); fileExists(snapshot) {
		t.Error("an empty index is saved")
	}
	mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
	want := first(t, open(s), question)
	if !fileExists(snapshot) {
		t.Fatal("no snapshot")
	}
	again := open(s)
	if got := first(t, again, question); got.Clause != want.Clause || again.changed {
		t.Errorf("from the snapshot: %+v, built anew %v", got, again.changed)
	}
	mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
	if got := first(t, open(s), question); got.Version != "2024-03-15" {
		t.Errorf("what came after the snapshot is not found: %+v", got)
	}
	other := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	mustImport(t, other, write(t, t.TempDir(), "白沙市河道保洁条例(2019-03-20).md", strings.ReplaceAll(river, "青溪", "白沙")))
	if got := ask(t, open(other), Ask{Text: question, Want: 10}).Citations; len(got) == 0 || got[0].Document != "白沙市河道保洁条例" {
		t.Errorf("beside a snapshot of another database: %+v", got)
	}
	if err := os.WriteFile(snapshot, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := first(t, open(s), question); got.Version != "2024-03-15" {
		t.Errorf("beside a broken snapshot: %+v", got)
	}
}

// A database restored to an earlier state than the snapshot's is followed.
func TestASnapshotOfALaterStateIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	snapshot, path := filepath.Join(dir, "index.snapshot"), filepath.Join(dir, "greendesk.db")
	d := testenv.OpenMigrated(t, "sqlite:"+path)
	s := testStore(t, d)
	mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
	e := testEngine(t, s)
	e.saveFrom = 1
	if err := e.Open(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	for i, sql := range []string{`UPDATE knowledge_state SET generation = 0`, `UPDATE versions SET seq = 0`} {
		if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, sql); return err }); err != nil {
			t.Fatal(i, err)
		}
	}
	restored := testEngine(t, s)
	if err := restored.Open(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	if n := restored.Clauses(); n != 0 {
		t.Errorf("%d clauses of a later state", n)
	}
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestANoteSaysNumberAndValidity(t *testing.T) {
	for want, c := range map[string]Citation{
		"":              {},
		"漯环办〔2021〕52号":  {Number: "漯环办〔2021〕52号"},
		"2019-06-01起施行": {Effective: "2019-06-01", Level: "法律"},
		"第一号，2019-06-01起施行，2024-06-01起不再适用": {Number: "第一号", Effective: "2019-06-01", ValidTo: "2024-06-01"},
		"第二号": {Number: "第二号", Effective: "2026-11-01", Level: "问答"},
	} {
		if got := c.Note(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestThePageOfACitationMarksItsQuote(t *testing.T) {
	for _, c := range []struct {
		quote Quote
		marks string
	}{
		{nil, ""},
		{Quote{strings.Repeat("长", 99)}, strings.Repeat("长", markLength) + "~99"},
		{Quote{"甲。"}, "甲。~2"},
		{Quote{"甲", "乙", "丙", "丁"}, "甲~1|乙~1|丙~1"},
		{Quote{"表：|a|b|", "|c|"}, "表：~7"},
		{Quote{"~~"}, ""},
		{Quote{"甲&乙=?#\n丁"}, "甲&乙=?#\n丁~8"},
	} {
		path := Citation{Clause: "abc", Quote: c.quote}.PagePath()
		u, err := url.Parse(path)
		if err != nil || u.Path != "/clauses/abc" || u.Query().Get("m") != c.marks || (c.marks == "") != (u.RawQuery == "") {
			t.Errorf("%q: %s, %v", c.quote, path, err)
		}
	}
}
