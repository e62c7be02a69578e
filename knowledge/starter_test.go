package knowledge

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"greendesk/internal/db"
	"greendesk/internal/testenv"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/parse"
)

// starterEngine is an engine on the starter knowledge.
func starterEngine(t *testing.T) *Engine {
	t.Helper()
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	if err := s.ImportStarter(t.Context()); err != nil {
		t.Fatal(err)
	}
	return synced(t, testEngine(t, s))
}

func TestTheStarterKnowledgeIsThereOnceHoweverOftenItIsLoaded(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := testStore(t, d)
		var n, generation int64
		for range 3 {
			if err := s.ImportStarter(t.Context()); err != nil {
				t.Fatal(err)
			}
			now, err := s.CountClauses(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			g, err := s.Generation(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n > 0 && (now != n || g != generation) {
				t.Errorf("from %d clauses to %d, generation %d to %d", n, now, generation, g)
			}
			n, generation = now, g
		}
	})
}

var sourceLine = regexp.MustCompile(`(?m)^来源：.*(《[^》]+》|〔\d{4}〕).*$`)

func TestEveryStarterEntryNamesItsSourceAndIsFoundByItsQuestion(t *testing.T) {
	e := starterEngine(t)
	entries := 0
	err := e.store.EachClause(t.Context(), 0, func(c Entry) error {
		if c.Kind != parse.Question {
			return nil
		}
		entries++
		if !sourceLine.MatchString(c.Text) {
			t.Errorf("%s: no source: %s", c.Ref, c.Text)
		}
		if len([]rune(c.Text)) < 20 {
			t.Errorf("%s: %s", c.Ref, c.Text)
		}
		for _, got := range ask(t, e, Ask{Text: c.Ref, Want: 3}).Citations {
			if got.Clause == c.ID {
				return nil
			}
		}
		t.Errorf("%s is not found by its own question", c.Ref)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if entries < 60 {
		t.Errorf("%d entries, want at least 60", entries)
	}
}

func standardOf(t *testing.T) (standardQuestions, *lang.Folder) {
	t.Helper()
	f, err := lang.NewFolder()
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := loadStandard(f)
	if err != nil {
		t.Fatal(err)
	}
	return s, f
}

func TestTheStandardQuestionsOfTheProgramAreRead(t *testing.T) {
	s, _ := standardOf(t)
	if len(s) < 100 {
		t.Errorf("%d clauses have standard questions", len(s))
	}
	for key, questions := range s {
		title, ref, _ := strings.Cut(key, "\x00")
		if title == "" || ref == "" || strings.TrimSpace(questions) == "" {
			t.Errorf("%q: %q", key, questions)
		}
	}
	if s.fingerprint() == (standardQuestions{"a": "b"}).fingerprint() {
		t.Error("one fingerprint for two sets")
	}
}

// Of the real corpus: no line of the standard questions misses its clause.
func TestEveryStandardQuestionHasItsClauseInTheCorpus(t *testing.T) {
	dir := corpusDir(t)
	if dir == "" {
		return
	}
	st := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	mustImport(t, st, filepath.Join(dir, "laws"), filepath.Join(dir, "rules"), filepath.Join(dir, "files", "漯环办〔2021〕52号.txt"))
	s, f := standardOf(t)
	left := map[string]bool{}
	for key := range s {
		left[key] = true
	}
	err := st.EachClause(t.Context(), 0, func(c Entry) error {
		for _, document := range []string{f.Fold(titleCore(c.Title)), f.Fold(c.Number)} {
			for _, ref := range []string{f.Fold(c.Ref), f.Fold(c.Heading)} {
				delete(left, standardKey(document, ref))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range left {
		t.Errorf("no clause: %q", key)
	}
}

func TestAStandardQuestionIsFoundByTitleNumberRefOrHeading(t *testing.T) {
	s := standardQuestions{standardKey("甲法", "第一条"): "一", standardKey("甲办 二〇二一 五号", "二 工作"): "二", standardKey("", ""): "none"}
	for _, c := range []struct{ title, number, ref, heading, want string }{
		{"甲法", "", "第一条", "", "一"},
		{"甲法", "", "第二条", "", ""},
		{"甲办通知", "甲办 二〇二一 五号", "一 总则 二 工作", "二 工作", "二"},
		{"甲办通知", "甲办 二〇二一 五号", "二 工作", "", "二"},
		{"乙法", "", "第一条", "", ""},
		{"", "", "", "", ""},
	} {
		if got := s.of(c.title, c.number, c.ref, c.heading); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
