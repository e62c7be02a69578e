package knowledge

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"greendesk/internal/db"
	"greendesk/internal/testenv"
	"greendesk/internal/testenv/meilistub"
	"greendesk/knowledge/meili"
)

// meantServer is an engine with a search server and a model of meaning, both of which
// know the river law.
func meantServer(t *testing.T, d *db.DB, v *vectorServer) served {
	t.Helper()
	s := withServer(t, d)
	s.UseMeaning(v.client("m"), time.Minute, nil)
	mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
	embedded(t, synced(t, s.Engine))
	s.follow(t)
	if s.SearchState() != "ok" {
		t.Fatalf("state %s", s.SearchState())
	}
	return s
}

func byMeaning(t *testing.T, s served, from string) float64 {
	t.Helper()
	return counted(t, s.Engine, "greendesk_search_by_meaning_total", from)
}

func TestTheSearchServerFindsByMeaningWhatTheEmbeddedIndexFinds(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		v := newVectorServer(t)
		s := meantServer(t, d, v)
		alone := meaningEngine(t, s.store, v, "m", nil)
		alone.meaning.patience = time.Minute
		for _, q := range []string{wordless, riverQuestion, "保洁"} {
			got, want := ask(t, s.Engine, Ask{Text: q}), ask(t, alone, Ask{Text: q})
			if len(got.Citations) == 0 || len(want.Citations) == 0 || got.Citations[0].Clause != want.Citations[0].Clause || got.Citations[0].Score != want.Citations[0].Score {
				t.Errorf("%s: %+v, want %+v", q, got.Citations, want.Citations)
			}
		}
		if n := byMeaning(t, s, fromServer); n != 3 {
			t.Errorf("%v searches by meaning on the server, want 3", n)
		}
	})
}

// An endpoint that is slow or down is missed by no answer, and seen in the
// metrics.
func TestASlowModelIsDroppedFromTheServersAnswerNotFromTheMetrics(t *testing.T) {
	v := newVectorServer(t)
	s := meantServer(t, testenv.OpenMigrated(t, testenv.SQLite(t)), v)
	s.meaning.patience = 50 * time.Millisecond
	v.set(func(v *vectorServer) { v.slow = time.Minute })
	if c := first(t, s.Engine, riverQuestion); c.Ref != "第二条" {
		t.Errorf("%+v", c)
	}
	if got := s.MeaningStats(); got.Slow != 1 || byMeaning(t, s, "") != 0 || s.SearchState() != "ok" {
		t.Errorf("%+v, state %s", got, s.SearchState())
	}
	s.meaning.patience = time.Minute
	v.set(func(v *vectorServer) { v.slow, v.status = 0, http.StatusBadGateway })
	first(t, s.Engine, riverQuestion)
	if got := s.MeaningStats(); got.Failed != 1 {
		t.Errorf("%+v", got)
	}
}

func TestVectorsInMemoryAnswerWhenTheServersCannot(t *testing.T) {
	v := newVectorServer(t)
	s := meantServer(t, testenv.OpenMigrated(t, testenv.SQLite(t)), v)
	s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Truncated, Path: "POST /multi-search"})
	if res := ask(t, s.Engine, Ask{Text: wordless}); len(res.Citations) == 0 || res.Citations[0].Ref != "第二条" {
		t.Errorf("%+v", res.Citations)
	}
	if n := byMeaning(t, s, fromEmbedded); n != 1 || s.SearchState() != meili.Broken {
		t.Errorf("%v in memory, state %s", n, s.SearchState())
	}
}

// An index that was made before there were vectors is made anew with them; those
// of clauses that come later follow, many in one task.
func TestVectorsReachTheServerWhenTheyAreThere(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		v := newVectorServer(t)
		s := withServer(t, d)
		s.UseMeaning(v.client("m"), time.Minute, nil)
		mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
		synced(t, s.Engine)
		s.follow(t)
		if x, err := s.remote.server.Current(t.Context()); err != nil || x.State.Dimensions != 0 {
			t.Fatalf("%+v, %v", x.State, err)
		}
		embedded(t, s.Engine)
		s.follow(t)
		if x, err := s.remote.server.Current(t.Context()); err != nil || x.State.Dimensions != 3 {
			t.Fatalf("%+v, %v", x.State, err)
		}
		if n := s.bare(t); n != 0 {
			t.Errorf("%d clauses lack vectors", n)
		}
		mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
		synced(t, s.Engine)
		swaps := s.stub.Calls("/swap-indexes")
		s.follow(t) // words at once
		if n := s.bare(t); n != 2 || s.SearchState() != "ok" {
			t.Errorf("%d clauses lack vectors, state %s", n, s.SearchState())
		}
		embedded(t, s.Engine)
		tasks := s.stub.Tasks("documentAdditionOrUpdate")
		s.follow(t)
		if n := s.stub.Tasks("documentAdditionOrUpdate") - tasks; n != 1 || s.bare(t) != 0 {
			t.Errorf("%d tasks for the vectors, %d clauses lack some", n, s.bare(t))
		}
		s.follow(t) // nothing is left to do
		if n := s.stub.Tasks("documentAdditionOrUpdate") - tasks; n != 1 || s.stub.Calls("/swap-indexes") != swaps {
			t.Errorf("%d tasks", n)
		}
		for question, version := range map[string]string{wordless: "2024-03-15", "2020年的时候" + wordless: "2019-03-20"} {
			res := ask(t, s.Engine, Ask{Text: question})
			if len(res.Citations) == 0 || res.Citations[0].Version != version {
				t.Errorf("%s: %+v", question, res.Citations)
			}
		}
		if byMeaning(t, s, fromEmbedded) != 0 || byMeaning(t, s, fromServer) < 2 {
			t.Error("not found by the server")
		}
	})
}

// bare is how many clauses on the server lack vectors.
func (s served) bare(t *testing.T) int {
	t.Helper()
	x, err := s.remote.server.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, err := x.Bare(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func TestVectorsThatNeverComeDoNotHoldUpTheOthers(t *testing.T) {
	v := newVectorServer(t)
	v.refuse = "保持河道清洁"
	s := meantServer(t, testenv.OpenMigrated(t, testenv.SQLite(t)), v)
	if n := s.bare(t); n != 1 {
		t.Errorf("%d clauses lack vectors", n)
	}
	calls := s.stub.Tasks("documentAdditionOrUpdate")
	s.follow(t)
	if n := s.stub.Tasks("documentAdditionOrUpdate") - calls; n != 0 {
		t.Errorf("%d tasks for a vector that does not come", n)
	}
}

func TestWithAnotherModelTheServersVectorsAreMadeAnew(t *testing.T) {
	for places := range 2 {
		t.Run(fmt.Sprint(3+places, " dimensions"), func(t *testing.T) {
			d := testenv.OpenMigrated(t, testenv.SQLite(t))
			v := newVectorServer(t)
			s := meantServer(t, d, v)
			v.set(func(v *vectorServer) { v.places = 3 + places })
			s.Engine = testEngine(t, s.store)
			s.UseServer(meili.New(meili.Config{URL: s.stub.URL, SearchKey: meilistub.SearchKey, IndexKey: meilistub.IndexKey, Prefix: "test-"}))
			s.remote.budget = time.Minute
			s.UseMeaning(v.client("large"), time.Minute, nil)
			synced(t, s.Engine)
			s.lookAtServer(t.Context())
			if s.SearchState() != whyForeign {
				t.Errorf("another model's vectors are asked: state %s", s.SearchState())
			}
			swaps := s.stub.Calls("/swap-indexes")
			embedded(t, s.Engine)
			s.follow(t)
			if n := s.stub.Calls("/swap-indexes") - swaps; n != 1 || s.SearchState() != "ok" || s.bare(t) != 0 {
				t.Errorf("%d swaps, state %s, %d clauses lack vectors", n, s.SearchState(), s.bare(t))
			}
			if res := ask(t, s.Engine, Ask{Text: wordless}); len(res.Citations) == 0 || byMeaning(t, s, fromServer) != 1 {
				t.Errorf("%+v", res.Citations)
			}
		})
	}
}

func TestReindexCarriesVectors(t *testing.T) {
	v := newVectorServer(t)
	s := meantServer(t, testenv.OpenMigrated(t, testenv.SQLite(t)), v)
	s.stub.Wipe()
	v.given()
	if err := s.Reindex(t.Context(), t.TempDir()+"/index", func(int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	if got := v.given(); len(got) != 0 || s.bare(t) != 0 || s.SearchState() != "ok" {
		t.Errorf("asked for %q, %d clauses lack vectors, state %s", got, s.bare(t), s.SearchState())
	}
	if res := ask(t, s.Engine, Ask{Text: wordless}); len(res.Citations) == 0 || byMeaning(t, s, fromServer) != 1 {
		t.Errorf("%+v", res.Citations)
	}
}

func TestDriftOfTheEmbeddersIsMended(t *testing.T) {
	for name, value := range map[string]string{
		"gone": `{}`, "one of them": `{"text":{"source":"userProvided","dimensions":3}}`,
		"another size":  `{"text":{"source":"userProvided","dimensions":4},"asked":{"source":"userProvided","dimensions":3}}`,
		"of the server": `{"text":{"source":"huggingFace","model":"m"},"asked":{"source":"userProvided","dimensions":3}}`,
		"one more":      `{"text":{"source":"userProvided","dimensions":3},"asked":{"source":"userProvided","dimensions":3},"x":{"source":"userProvided","dimensions":3}}`,
		"coarse":        `{"text":{"source":"userProvided","dimensions":3,"binaryQuantized":true},"asked":{"source":"userProvided","dimensions":3}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := meantServer(t, testenv.OpenMigrated(t, testenv.SQLite(t)), newVectorServer(t))
			s.stub.SetSetting(liveIndex, "embedders", value)
			s.follow(t)
			if drift, err := s.drift(t); drift != "" || err != nil || s.SearchState() != "ok" || s.bare(t) != 0 {
				t.Errorf("drift %q, %v, state %s", drift, err, s.SearchState())
			}
		})
	}
}

// Imported beside a running desk: the words come by one job, the vectors are
// computed by another, and a third takes them to the server.
func TestJobsTakeVectorsToTheServer(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		v := newVectorServer(t)
		s := withServer(t, d)
		q := queued(t, s, d)
		s.UseMeaning(v.client("m"), time.Minute, q)
		start(t, q)
		ctx, stop := context.WithCancel(t.Context())
		following := make(chan struct{})
		go func() { s.Follow(ctx, 10*time.Millisecond); close(following) }()
		t.Cleanup(func() { stop(); <-following })
		mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
		waitFor(t, "the vectors never reach the server", func() bool {
			x, err := s.remote.server.Current(t.Context())
			return err == nil && x.State.Dimensions == 3 && s.bare(t) == 0
		})
	})
}
