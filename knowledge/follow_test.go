package knowledge

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
	"greendesk/internal/testenv/meilistub"
	"greendesk/knowledge/meili"
)

// queued has the engine's job worked by a real queue.
func queued(t *testing.T, s served, d *db.DB) *jobs.Queue {
	t.Helper()
	q, err := jobs.New(d, testenv.Log(t), jobs.Options{PollInterval: 10 * time.Millisecond, Backoff: func(int) time.Duration { return 10 * time.Millisecond }})
	if err != nil {
		t.Fatal(err)
	}
	q.Handle(KindIndex, s.FollowServer)
	s.store.Announce(q)
	return q
}

func start(t *testing.T, q *jobs.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

func TestAnImportEnqueuesItsJobInItsTransaction(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := withServer(t, d)
		q := queued(t, s, d)
		waiting := func() int64 {
			t.Helper()
			counts, err := q.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return counts["available"]
		}
		undo := errors.New("undo")
		if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(s.store.changed(ctx, tx), undo)
		}); !errors.Is(err, undo) || waiting() != 0 {
			t.Fatalf("%v, %d jobs of a change that was undone", err, waiting())
		}
		file := write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river)
		mustImport(t, s.store, file)
		if n := waiting(); n != 1 {
			t.Fatalf("%d jobs wait", n)
		}
		mustImport(t, s.store, write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
		if n := waiting(); n != 1 {
			t.Errorf("%d jobs wait after a second change", n)
		}
		start(t, q)
		waitFor(t, "the server never has the clauses", func() bool { s.lookAtServer(t.Context()); return s.SearchState() == "ok" })
		if synced(t, s.Engine); first(t, s.Engine, riverQuestion).Version != "2024-03-15" {
			t.Error("not the version in force")
		}
		waitFor(t, "the job never ends", func() bool {
			c, err := q.Stats(t.Context())
			return err == nil && c["running"] == 0 && c["available"] == 0
		})
		if mustImport(t, s.store, file); waiting() != 0 {
			t.Error("an import that changes nothing has a job")
		}
	})
}

func TestTheServerIsLookedAtWhenTheDeskStartsAndWhenItComesBack(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	s := filled(t, d)
	q := queued(t, s, d)
	s.stub.SetSetting(liveIndex, "stopWords", `["河道"]`)
	s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Busy, Times: 4}) // as often as one run tries
	if err := s.CheckServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	start(t, q)
	waitFor(t, "the drift is never mended", func() bool {
		drift, err := s.drift(t)
		return err == nil && drift == ""
	})
}

// Nobody enqueued a job: the server's disk was lost, or an import did not know
// of it.
func TestAServerThatLacksSomethingIsFilledWithoutAJobToTellOfIt(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	s := filled(t, d)
	start(t, queued(t, s, d))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go s.Follow(ctx, 20*time.Millisecond)
	s.stub.Wipe()
	waitFor(t, "the lost index is never made anew", func() bool { return s.stub.Indexes()[liveIndex] == s.Clauses()+1 })
	mustImport(t, testStore(t, d), write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
	waitFor(t, "the import of a stranger never arrives", func() bool {
		return s.SearchState() == "ok" && s.Clauses() == s.stub.Indexes()[liveIndex]-1 && first(t, s.Engine, riverQuestion).Version == "2024-03-15"
	})
}

// What a rebuild left behind is gone on with only when it can become what is
// wanted.
func TestALeftoverThatDoesNotFitIsThrownAway(t *testing.T) {
	for name, leave := range map[string]func(s served){
		"of a later state": func(s served) { leftover(t, s, func(w *meili.State) { w.Generation += 100 }, "") },
		"of other entries": func(s served) { leftover(t, s, func(w *meili.State) { w.Stamp = "other" }, "") },
		"with a setting":   func(s served) { leftover(t, s, func(*meili.State) {}, `["河道"]`) },
	} {
		t.Run(name, func(t *testing.T) {
			s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
			leave(s)
			s.stub.SetSetting(liveIndex, "stopWords", `["河道"]`)
			s.follow(t)
			if drift, err := s.drift(t); drift != "" || err != nil || s.SearchState() != "ok" {
				t.Errorf("drift %q, %v, state %s", drift, err, s.SearchState())
			}
			if got := s.stub.Indexes(); len(got) != 1 || got[liveIndex] != s.Clauses()+1 {
				t.Errorf("indexes %v, want %d clauses and the state", got, s.Clauses())
			}
		})
	}
}

// leftover begins a rebuild to a state and leaves it, with a setting.
func leftover(t *testing.T, s served, change func(*meili.State), stopWords string) {
	t.Helper()
	want, err := s.wanted(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	change(&want)
	x, err := s.remote.server.Fresh(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Reached(t.Context(), want.Generation); err != nil {
		t.Fatal(err)
	}
	if stopWords != "" {
		s.stub.SetSetting(liveIndex+"-next", "stopWords", stopWords)
	}
}

// A swap that takes longer than we wait is not asked for again: the second
// would undo the first.
func TestASwapThatTakesLongIsNotUndone(t *testing.T) {
	s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	s.stub.SetSetting(liveIndex, "stopWords", `["河道"]`)
	s.stub.Misbehave(meilistub.Fault{Kind: meilistub.Stall, Path: "indexSwap"})
	swaps := s.stub.Calls("/swap-indexes")
	for _, wait := range []time.Duration{5 * time.Second, 2 * time.Second} { // the first is for the whole rebuild, on a loaded machine
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		if err := s.FollowServer(ctx, jobs.Job{}); err == nil || !strings.Contains(err.Error(), "Snooze") {
			t.Errorf("error %v", err)
		}
		cancel()
	}
	if n := s.stub.Calls("/swap-indexes") - swaps; n != 1 {
		t.Errorf("%d swaps asked for", n)
	}
	s.stub.Behave(meilistub.Stall)
	waitFor(t, "the swap never happens", func() bool { drift, err := s.drift(t); return err == nil && drift == "" })
	s.follow(t)
	if drift, err := s.drift(t); drift != "" || err != nil || s.SearchState() != "ok" {
		t.Errorf("drift %q, %v, state %s", drift, err, s.SearchState())
	}
}

// many writes a law of so many articles.
func many(name string, articles int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n（2020年1月1日发布）\n\n", name)
	for i := range articles {
		fmt.Fprintf(&b, "第%s条 河道第%d段由第%d保洁队负责。\n\n", numerals[i], i, i)
	}
	return b.String()
}

var numerals = []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"}

// A run that has no time left stops between two parts, and the next goes on
// where it stopped.
func TestALongRebuildGoesOnInTheNextRun(t *testing.T) {
	s := withServer(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	s.batch = 1
	dir := t.TempDir()
	for i := range 3 {
		mustImport(t, s.store, write(t, dir, fmt.Sprintf("青溪市第%d保洁规定.md", i), many(fmt.Sprintf("青溪市第%d保洁规定", i), 12)))
	}
	synced(t, s.Engine)
	runs := 0
	for ; s.SearchState() != "ok"; runs++ {
		if runs > 10 {
			t.Fatalf("%d runs, state %s", runs, s.SearchState())
		}
		ctx, cancel := context.WithTimeout(t.Context(), stopBefore-time.Second)
		err := s.FollowServer(ctx, jobs.Job{})
		cancel()
		if err != nil && !strings.Contains(err.Error(), "Snooze") {
			t.Fatal(err)
		}
	}
	if runs != 3 || s.stub.Indexes()[liveIndex] != s.Clauses()+1 || s.stub.Calls("/swap-indexes") != 1 {
		t.Errorf("%d runs, indexes %v, %d swaps", runs, s.stub.Indexes(), s.stub.Calls("/swap-indexes"))
	}
}

func TestOneProcessAtATimeChangesTheServer(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		now := testNow
		s := New(d, testenv.Log(t), func() time.Time { return now })
		lease := func(holder string) bool {
			t.Helper()
			got, err := s.lease(t.Context(), holder)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if !lease("a") || lease("b") || !lease("a") {
			t.Error("the lease is not one process's")
		}
		if err := s.release(t.Context(), "b"); err != nil || lease("b") {
			t.Error("somebody else can give the lease back", err)
		}
		if err := s.release(t.Context(), "a"); err != nil || !lease("b") || lease("a") {
			t.Error("a lease that was given back is not free", err)
		}
		now = now.Add(leaseTime + time.Second)
		if !lease("a") || lease("b") {
			t.Error("a dead process's lease does not run out")
		}
	})
}

func TestReindexMakesEverythingAnewFromTheStore(t *testing.T) {
	s := filled(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	s.saveFrom = 1
	snapshot := filepath.Join(t.TempDir(), "index.snapshot")
	var last, all int64
	progress := func(done, total int64) {
		if done < last {
			t.Errorf("progress goes back from %d to %d", last, done)
		}
		last, all = done, total
	}
	swaps := s.stub.Calls("/swap-indexes")
	if err := s.Reindex(t.Context(), snapshot, progress); err != nil {
		t.Fatal(err)
	}
	if last != all || all == 0 || s.stub.Calls("/swap-indexes") != swaps+1 || s.SearchState() != "ok" {
		t.Errorf("progress %d of %d, %d swaps, state %s", last, all, s.stub.Calls("/swap-indexes")-swaps, s.SearchState())
	}
	again := testEngine(t, s.store)
	if err := again.Open(t.Context(), snapshot); err != nil || again.changed || again.Clauses() != s.Clauses() {
		t.Errorf("the snapshot is not up to date: %v", err)
	}
}
