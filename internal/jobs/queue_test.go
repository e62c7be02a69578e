package jobs_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
)

// fast makes a queue that looks for work often and retries at once.
func fast(t *testing.T, d *db.DB) *jobs.Queue {
	t.Helper()
	q, err := jobs.New(d, testenv.Log(t), jobs.Options{
		PollInterval: 10 * time.Millisecond,
		Backoff:      func(int) time.Duration { return time.Millisecond },
	})
	if err != nil {
		t.Fatal(err)
	}
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

func enqueue(t *testing.T, d *db.DB, q *jobs.Queue, kind string, payload any, opt jobs.EnqueueOptions) {
	t.Helper()
	err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return q.Enqueue(ctx, tx, kind, payload, opt)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// next waits for a value.
func next[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// wait polls until the counts by state are as given.
func wait(t *testing.T, q *jobs.Queue, want map[string]int64) {
	t.Helper()
	var got map[string]int64
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var err error
		if got, err = q.Stats(t.Context()); err != nil {
			t.Fatal(err)
		}
		same := len(got) == len(want)
		for state, n := range want {
			same = same && got[state] == n
		}
		if same {
			return
		}
	}
	t.Fatalf("states %v, want %v", got, want)
}

func TestAJobRunsIfAndOnlyIfItsTransactionCommits(t *testing.T) {
	type visit struct{ ID, Note string }
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q, ran := fast(t, d), make(chan jobs.Job, 10)
		q.Handle("visit.remind", func(_ context.Context, j jobs.Job) error { ran <- j; return nil })
		start(t, q)
		undo := errors.New("undo")
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(q.Enqueue(ctx, tx, "visit.remind", visit{"no", ""}, jobs.EnqueueOptions{}), undo)
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		enqueue(t, d, q, "visit.remind", visit{"1", "零\x00<字>"}, jobs.EnqueueOptions{})
		j := next(t, ran)
		var v visit
		if err := j.Decode(&v); err != nil || v != (visit{"1", "零\x00<字>"}) {
			t.Fatal(v, err)
		}
		if j.Kind != "visit.remind" || j.Attempt != 1 || j.MaxAttempts != 25 || j.ID == 0 || j.Last() {
			t.Fatalf("%+v", j)
		}
		wait(t, q, map[string]int64{"completed": 1})
	})
}

func TestAnUnknownKindAndABadPayloadAreErrors(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q := fast(t, d)
		q.Handle("known", func(context.Context, jobs.Job) error { return nil })
		for kind, payload := range map[string]any{"unknown": 1, "known": func() {}} {
			err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return q.Enqueue(ctx, tx, kind, payload, jobs.EnqueueOptions{})
			})
			if err == nil || !strings.Contains(err.Error(), kind) {
				t.Error(kind, err)
			}
		}
		wait(t, q, map[string]int64{})
	})
}

func TestAFailingAndAPanickingJobIsTriedAgain(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q, ran := fast(t, d), make(chan int, 10)
		q.Handle("flaky", func(_ context.Context, j jobs.Job) error {
			ran <- j.Attempt
			switch j.Attempt {
			case 1:
				return errors.New("first")
			case 2:
				panic("second")
			}
			return nil
		})
		start(t, q)
		enqueue(t, d, q, "flaky", nil, jobs.EnqueueOptions{})
		for want := 1; want <= 3; want++ {
			if got := next(t, ran); got != want {
				t.Fatalf("attempt %d, want %d", got, want)
			}
		}
		wait(t, q, map[string]int64{"completed": 1})
	})
}

func TestAJobThatUsesUpItsAttemptsIsKeptAsDead(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q, last := fast(t, d), make(chan bool, 10)
		q.Handle("hopeless", func(_ context.Context, j jobs.Job) error {
			last <- j.Last()
			return errors.New("never")
		})
		start(t, q)
		enqueue(t, d, q, "hopeless", nil, jobs.EnqueueOptions{MaxAttempts: 2})
		if next(t, last) || !next(t, last) {
			t.Fatal("the second attempt of two is the last")
		}
		wait(t, q, map[string]int64{"discarded": 1})
	})
}

func TestCancelGivesUpAndAnUnreadablePayloadCancels(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q := fast(t, d)
		q.Handle("cancel", func(context.Context, jobs.Job) error { return jobs.Cancel(nil) })
		q.Handle("decode", func(_ context.Context, j jobs.Job) error { return j.Decode(new(int)) })
		start(t, q)
		enqueue(t, d, q, "cancel", nil, jobs.EnqueueOptions{})
		enqueue(t, d, q, "decode", "text", jobs.EnqueueOptions{})
		wait(t, q, map[string]int64{"cancelled": 2})
	})
}

func TestASnoozedRunIsNoAttempt(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q, ran := fast(t, d), make(chan jobs.Job, 10)
		runs := 0
		q.Handle("later", func(_ context.Context, j jobs.Job) error {
			ran <- j
			if runs++; runs < 4 {
				return jobs.Snooze(20 * time.Millisecond)
			}
			return nil
		})
		start(t, q)
		enqueue(t, d, q, "later", nil, jobs.EnqueueOptions{MaxAttempts: 1})
		for range 4 {
			if j := next(t, ran); j.Attempt != 1 {
				t.Fatalf("attempt %d", j.Attempt)
			}
		}
		wait(t, q, map[string]int64{"completed": 1})
	})
}

func TestAJobForLaterWaitsForItsTime(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q, ran := fast(t, d), make(chan time.Time, 1)
		q.Handle("reminder", func(context.Context, jobs.Job) error { ran <- time.Now(); return nil })
		at := time.Now().Add(1500 * time.Millisecond)
		enqueue(t, d, q, "reminder", nil, jobs.EnqueueOptions{At: at})
		enqueue(t, d, q, "reminder", nil, jobs.EnqueueOptions{At: at.Add(time.Hour)})
		start(t, q)
		if early := at.Sub(next(t, ran)); early > 5*time.Millisecond {
			t.Fatalf("%v too early", early)
		}
		wait(t, q, map[string]int64{"completed": 1, "scheduled": 1})
	})
}

func TestUniqueKeyKeepsOneWaitingJobAndOneMoreBehindARunningOne(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q, ran, release := fast(t, d), make(chan string, 10), make(chan struct{})
		q.Handle("reindex", func(_ context.Context, j jobs.Job) error {
			ran <- string(j.Payload)
			<-release
			return nil
		})
		q.Handle("other", func(context.Context, jobs.Job) error { return nil })
		key := jobs.EnqueueOptions{UniqueKey: "文件-1"}
		enqueue(t, d, q, "reindex", 1, key)
		enqueue(t, d, q, "reindex", 2, key) // waits already
		wait(t, q, map[string]int64{"available": 1})
		start(t, q)
		if got := next(t, ran); got != "1" {
			t.Fatal(got)
		}
		wait(t, q, map[string]int64{"running": 1})
		// Far off, so that it stays waiting while the first is running.
		key.At = time.Now().Add(time.Hour)
		enqueue(t, d, q, "reindex", 3, key)
		enqueue(t, d, q, "reindex", 4, key)
		wait(t, q, map[string]int64{"running": 1, "scheduled": 1})
		enqueue(t, d, q, "other", 5, key)
		enqueue(t, d, q, "reindex", 6, jobs.EnqueueOptions{UniqueKey: "文件-2", At: key.At})
		wait(t, q, map[string]int64{"running": 1, "scheduled": 3})
		close(release)
		wait(t, q, map[string]int64{"completed": 1, "scheduled": 3})
		enqueue(t, d, q, "reindex", 7, jobs.EnqueueOptions{UniqueKey: "文件-1"}) // the first is done
		if got := next(t, ran); got != "7" {
			t.Fatal(got)
		}
	})
}

func TestStopDrainsRunningJobs(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q, began, finished := fast(t, d), make(chan bool), false
		q.Handle("slow", func(ctx context.Context, _ jobs.Job) error {
			close(began)
			time.Sleep(300 * time.Millisecond)
			finished = ctx.Err() == nil
			return ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		if err := q.Start(ctx); err != nil {
			t.Fatal(err)
		}
		enqueue(t, d, q, "slow", nil, jobs.EnqueueOptions{})
		next(t, began)
		cancel() // the end of Start's context cancels no handler
		if err := q.Stop(t.Context()); err != nil || !finished {
			t.Fatal(err, finished)
		}
		wait(t, q, map[string]int64{"completed": 1})
	})
}

func TestStopOutOfPatienceCancelsHandlersAndTheirJobsAreTriedAgain(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q, began := fast(t, d), make(chan bool)
		q.Handle("stubborn", func(ctx context.Context, _ jobs.Job) error {
			close(began)
			<-ctx.Done()
			return ctx.Err()
		})
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		enqueue(t, d, q, "stubborn", nil, jobs.EnqueueOptions{})
		next(t, began)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := q.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		wait(t, q, map[string]int64{"available": 1})
	})
}

func TestAManyTimesEnqueuedJobRunsOncePerEnqueue(t *testing.T) {
	const writers, each = 16, 20
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		q := fast(t, d)
		var mu sync.Mutex
		seen := map[string]int{}
		q.Handle("count", func(ctx context.Context, j jobs.Job) error {
			mu.Lock()
			defer mu.Unlock()
			seen[string(j.Payload)]++
			return nil
		})
		start(t, q) // workers and writers compete for the one SQLite writer
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
						return q.Enqueue(ctx, tx, "count", w*each+i, jobs.EnqueueOptions{})
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		wait(t, q, map[string]int64{"completed": writers * each})
		if len(seen) != writers*each {
			t.Fatalf("%d of %d jobs ran", len(seen), writers*each)
		}
	})
}

func TestWrongOptionsAreRefused(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	for name, o := range map[string]jobs.Options{
		"Workers": {Workers: 51}, "MaxAttempts": {MaxAttempts: -1}, "PollInterval": {PollInterval: 1},
		"Timeout": {Timeout: time.Hour},
	} {
		if _, err := jobs.New(d, testenv.Log(t), o); err == nil || !strings.Contains(err.Error(), name) {
			t.Error(name, err)
		}
	}
}
