package knowledge

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
	"greendesk/internal/testenv/meilistub"
	"greendesk/knowledge/meili"
)

const liveIndex = "test-clauses"

// served is an engine with a search server beside it.
type served struct {
	*Engine
	stub  *meilistub.Stub
	store *Store
}

func withServer(t *testing.T, d *db.DB) served {
	t.Helper()
	s := served{stub: meilistub.New(t), store: testStore(t, d)}
	s.Engine = testEngine(t, s.store)
	s.UseServer(meili.New(meili.Config{URL: s.stub.URL, SearchKey: meilistub.SearchKey, IndexKey: meilistub.IndexKey, Prefix: "test-"}))
	s.remote.budget = time.Minute // of a server that answers at once, on a loaded machine
	return s
}

// filled has the river law, in the embedded index and on the server.
func filled(t *testing.T, d *db.DB) served {
	t.Helper()
	s := withServer(t, d)
	mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
	synced(t, s.Engine)
	s.follow(t)
	if s.SearchState() != "ok" {
		t.Fatalf("state %s", s.SearchState())
	}
	return s
}

func (s served) follow(t *testing.T) {
	t.Helper()
	if err := s.FollowServer(t.Context(), jobs.Job{}); err != nil {
		t.Fatal(err)
	}
}

// drift is what the server has otherwise than it is wanted.
func (s served) drift(t *testing.T) (string, error) {
	t.Helper()
	want, err := s.wanted(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.remote.server.Drift(t.Context(), want)
}

// counted is the sum of a metric's values over those of its labels that are
// given.
func counted(t *testing.T, e *Engine, name, label string) float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(e.Collectors()...)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || len(m.GetLabel()) > 0 && m.GetLabel()[0].GetValue() == label) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

const riverQuestion = "河道保洁由谁负责"

func TestTheServersCandidatesAreRankedAsTheEmbeddedIndexs(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := filled(t, d)
		alone := synced(t, testEngine(t, s.store))
		for _, q := range []string{riverQuestion, "保洁", "在河道里倾倒垃圾罚多少钱", "第二条说了什么"} {
			got, want := ask(t, s.Engine, Ask{Text: q}), ask(t, alone, Ask{Text: q})
			if len(got.Citations) == 0 || len(want.Citations) == 0 || got.Citations[0].Clause != want.Citations[0].Clause || got.Citations[0].Score != want.Citations[0].Score {
				t.Errorf("%s: %+v, want %+v", q, got.Citations, want.Citations)
			}
		}
		if n := counted(t, s.Engine, "greendesk_search_seconds", fromServer); n != 4 {
			t.Errorf("%v searches by the server, want 4", n)
		}
		if n := counted(t, s.Engine, "greendesk_search_degraded_total", ""); n != 0 {
			t.Errorf("%v degraded", n)
		}
		// Nothing to be found is no fault of the server's.
		if res := ask(t, s.Engine, Ask{Text: "zzz"}); len(res.Citations) != 0 || s.SearchState() != "ok" {
			t.Errorf("%+v, state %s", res.Citations, s.SearchState())
		}
	})
}

// Whatever happens to the server, the answer is there and in time, and the
// metrics and the state say why it came from elsewhere.
func TestTheEmbeddedIndexAnswersWhenTheServerDoesNot(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(s served)
		want string
	}{
		"down": {func(s served) { s.stub.Close() }, meili.Down},
		"slow": {func(s served) { s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Hang, Path: "POST /multi-search"}) }, meili.Slow},
		"busy": {func(s served) { s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Busy, Path: "POST /multi-search"}) }, meili.Busy},
		"truncated": {func(s served) {
			s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Truncated, Path: "POST /multi-search"})
		}, meili.Broken},
		"nothing": {func(s served) { s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Empty}) }, whyEmpty},
		"wiped":   {func(s served) { s.stub.Wipe() }, meili.Broken},
	} {
		t.Run(name, func(t *testing.T) {
			s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
			c.harm(s)
			if name == "slow" {
				s.remote.budget = searchBudget
			}
			began := time.Now()
			if got := first(t, s.Engine, riverQuestion); got.Ref != "第二条" {
				t.Errorf("%+v", got)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if n := counted(t, s.Engine, "greendesk_search_degraded_total", c.want); n != 1 || s.SearchState() != c.want {
				t.Errorf("%v counted as %s, state %s", n, c.want, s.SearchState())
			}
		})
	}
}

func TestAServerThatFailsIsLeftAloneForAWhile(t *testing.T) {
	s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Hang, Path: "POST /multi-search"})
	s.remote.budget = searchBudget
	for range failuresToPause {
		first(t, s.Engine, riverQuestion)
	}
	calls := s.stub.Calls("/multi-search")
	began := time.Now()
	for range 20 {
		first(t, s.Engine, riverQuestion)
	}
	if took := time.Since(began); took > 20*searchBudget || s.stub.Calls("/multi-search") != calls || s.SearchState() != whyPaused {
		t.Errorf("20 questions took %v, %d calls, state %s", took, s.stub.Calls("/multi-search")-calls, s.SearchState())
	}
	if n := counted(t, s.Engine, "greendesk_search_degraded_total", whyPaused); n != 20 {
		t.Errorf("%v counted as paused", n)
	}
}

// Callers that hang up say nothing about the server.
func TestQuestionsThatAreCalledOffDoNotPauseTheServer(t *testing.T) {
	s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Hang, Path: "POST /multi-search"})
	for range 2 * failuresToPause {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		go func() { time.Sleep(10 * time.Millisecond); cancel() }()
		if _, err := s.Ask(ctx, Ask{Text: riverQuestion}); err == nil {
			t.Error("answered")
		}
	}
	s.stub.Behave(meilistub.Hang)
	first(t, s.Engine, riverQuestion)
	if s.SearchState() != "ok" {
		t.Errorf("state %s", s.SearchState())
	}
}

func TestAServerThatIsBehindIsNotAsked(t *testing.T) {
	s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
	synced(t, s.Engine)
	s.lookAtServer(t.Context())
	if c := first(t, s.Engine, riverQuestion); c.Version != "2024-03-15" {
		t.Errorf("%+v", c)
	}
	if n := counted(t, s.Engine, "greendesk_index_behind", ""); n == 0 || s.SearchState() != whyBehind {
		t.Errorf("behind by %v, state %s", n, s.SearchState())
	}
	s.follow(t)
	if c := first(t, s.Engine, riverQuestion); c.Version != "2024-03-15" || s.SearchState() != "ok" {
		t.Errorf("%+v, state %s", c, s.SearchState())
	}
	if n := counted(t, s.Engine, "greendesk_index_behind", ""); n != 0 {
		t.Errorf("still behind by %v", n)
	}
	if c := first(t, s.Engine, "2020年的时候"+riverQuestion); c.Version != "2019-03-20" {
		t.Errorf("the law of 2020: %+v", c)
	}
}

func TestDriftOfAnyKindIsMendedByAFreshIndex(t *testing.T) {
	for name, harm := range map[string]func(s served){
		"stop words":     func(s served) { s.stub.SetSetting(liveIndex, "stopWords", `["河道"]`) },
		"synonyms":       func(s served) { s.stub.SetSetting(liveIndex, "synonyms", `{"河道":["水渠"]}`) },
		"typos":          func(s served) { s.stub.SetSetting(liveIndex, "typoTolerance", `{"enabled":true}`) },
		"locales":        func(s served) { s.stub.SetSetting(liveIndex, "localizedAttributes", `null`) },
		"granular rules": func(s served) { s.stub.SetSetting(liveIndex, "filterableAttributes", `[{"attributePatterns":["*"]}]`) },
		"prefixes":       func(s served) { s.stub.SetSetting(liveIndex, "prefixSearch", `"indexingTime"`) },
		"cut-off":        func(s served) { s.stub.SetSetting(liveIndex, "searchCutoffMs", `null`) },
		"distinct":       func(s served) { s.stub.SetSetting(liveIndex, "distinctAttribute", `"version"`) },
		"lost":           func(s served) { s.stub.Wipe() },
		"other program":  func(s served) { s.fingerprint = "later" },
	} {
		t.Run(name, func(t *testing.T) {
			s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
			harm(s)
			swaps := s.stub.Calls("/swap-indexes")
			s.follow(t)
			if n := s.stub.Calls("/swap-indexes") - swaps; n != 1 {
				t.Errorf("%d swaps", n)
			}
			if drift, err := s.drift(t); drift != "" || err != nil {
				t.Errorf("drift %q, %v", drift, err)
			}
			if got := s.stub.Indexes(); len(got) != 1 || got[liveIndex] != s.Clauses()+1 {
				t.Errorf("indexes %v, want %d clauses and the state", got, s.Clauses())
			}
			if first(t, s.Engine, riverQuestion); s.SearchState() != "ok" {
				t.Errorf("state %s", s.SearchState())
			}
			s.follow(t)
			if n := s.stub.Calls("/swap-indexes") - swaps; n != 1 {
				t.Errorf("%d swaps after another look", n)
			}
		})
	}
}

func TestATaskThatFailsIsNotTakenForDone(t *testing.T) {
	for _, kind := range []string{"indexCreation", "settingsUpdate", "documentAdditionOrUpdate", "indexSwap", "indexDeletion"} {
		t.Run(kind, func(t *testing.T) {
			s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
			s.stub.SetSetting(liveIndex, "stopWords", `["河道"]`) // makes a rebuild necessary
			s.stub.Misbehave(meilistub.Fault{Kind: meilistub.FailTask, Path: kind, Times: 1})
			if err := s.FollowServer(t.Context(), jobs.Job{}); !errors.Is(err, meili.ErrTask) {
				t.Fatalf("error %v", err)
			}
			if n := counted(t, s.Engine, "greendesk_index_tasks_failed_total", ""); n != 1 {
				t.Errorf("%v failed tasks counted", n)
			}
			first(t, s.Engine, riverQuestion)
			s.follow(t)
			if drift, err := s.drift(t); drift != "" || err != nil || s.SearchState() != "ok" {
				t.Errorf("drift %q, %v, state %s", drift, err, s.SearchState())
			}
		})
	}
}

func TestABusyServerIsAskedToWriteAgain(t *testing.T) {
	s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
	s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Busy, Path: "POST /indexes/" + liveIndex + "/documents", Times: 1})
	began := time.Now()
	s.follow(t)
	if took := time.Since(began); took < time.Second || s.SearchState() != "ok" {
		t.Errorf("came back after %v, Retry-After was a second; state %s", took, s.SearchState())
	}
	// With its body: the library's own retry sends an empty one.
	if synced(t, s.Engine); first(t, s.Engine, riverQuestion).Version != "2024-03-15" || s.SearchState() != "ok" {
		t.Errorf("state %s", s.SearchState())
	}
}

func TestFinishedTasksArePruned(t *testing.T) {
	s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	kept := s.stub.Tasks("documentAdditionOrUpdate")
	s.stub.Age(25 * time.Hour)
	mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
	s.follow(t)
	if n, swaps := s.stub.Tasks("documentAdditionOrUpdate"), s.stub.Tasks("indexSwap"); kept < 2 || n >= kept || n == 0 || swaps != 0 {
		t.Errorf("%d tasks kept of yesterday's %d and today's, %d swaps", n, kept, swaps)
	}
}

func TestAVersionThatAnotherImportReplacedLeavesTheServer(t *testing.T) {
	s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	before := s.stub.Indexes()[liveIndex]
	mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", strings.Replace(river, "市水务部门", "市水务局", 1)))
	synced(t, s.Engine)
	s.follow(t)
	if after := s.stub.Indexes()[liveIndex]; after != before {
		t.Errorf("%d documents, had %d", after, before)
	}
	if c := first(t, s.Engine, riverQuestion); c.Quote.String() != "河道保洁由市水务局负责。" || s.SearchState() != "ok" {
		t.Errorf("%+v, state %s", c, s.SearchState())
	}
}
