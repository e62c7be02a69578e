package desk

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// desks runs a test on both databases. The queue is not started: what is
// enqueued stays to be counted.
func desks(t *testing.T, fn func(t *testing.T, d *Desk, c *clock)) {
	t.Helper()
	testenv.EachDatabase(t, func(t *testing.T, database *db.DB) {
		q, err := jobs.New(database, testenv.Log(t), jobs.Options{})
		must(t, err)
		for _, kind := range []string{KindDeliver, KindFetch, KindShred} {
			q.Handle(kind, func(context.Context, jobs.Job) error { return nil })
		}
		c := &clock{t: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
		fn(t, New(database, q, testenv.Log(t), c.now), c)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *clock) message(openid, key string) Inbound {
	return Inbound{Key: key, OpenID: openid, Kind: "text", Content: `{"text":"问"}`, SentAt: c.now()}
}

func TestOneOfManyDeliveriesIsNew(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		const deliveries = 12
		var wg sync.WaitGroup
		got := make([]Receipt, deliveries)
		for i := range deliveries {
			wg.Add(1)
			go func() {
				defer wg.Done()
				var err error
				if got[i], err = d.Receive(context.Background(), c.message("o-one", "m:1")); err != nil {
					t.Error(err)
				}
			}()
		}
		wg.Wait()
		fresh := 0
		for _, r := range got {
			if r.New {
				fresh++
			}
			if r.ID != got[0].ID {
				t.Errorf("ids differ: %s and %s", r.ID, got[0].ID)
			}
		}
		if fresh != 1 {
			t.Errorf("%d deliveries are new", fresh)
		}
	})
}

func TestTheFirstRecordedReplyStands(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		r, err := d.Receive(ctx, c.message("o-a", "m:1"))
		must(t, err)
		first, err := d.Answered(ctx, r.ID, "一")
		must(t, err)
		second, err := d.Owe(ctx, r.ID, "o-a", "二")
		must(t, err)
		if !first || second {
			t.Errorf("first %v, second %v", first, second)
		}
		again, err := d.Receive(ctx, c.message("o-a", "m:1"))
		must(t, err)
		if again.New || again.State != StateAnswered || again.Reply != "一" {
			t.Errorf("the redelivery finds %+v", again)
		}
		if n := queued(t, d); n != 0 {
			t.Errorf("%d jobs are queued", n)
		}
	})
}

func TestAnOwedReplyIsQueuedInTheSameTransaction(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		r, err := d.Receive(ctx, c.message("o-a", "m:1"))
		must(t, err)
		first, err := d.Owe(ctx, r.ID, "o-a", "答")
		must(t, err)
		if !first || queued(t, d) != 1 {
			t.Errorf("first %v, jobs %d", first, queued(t, d))
		}
		if _, err := d.Answered(ctx, r.ID, "晚了"); err != nil {
			t.Fatal(err)
		}
		var body, state string
		must(t, d.db.QueryRow(ctx, `SELECT body, state FROM deliveries`).Scan(&body, &state))
		if body != "答" || state != DeliveryQueued {
			t.Errorf("delivery %q is %s", body, state)
		}
	})
}

func queued(t *testing.T, d *Desk) int64 {
	t.Helper()
	stats, err := d.jobs.Stats(context.Background())
	must(t, err)
	var n int64
	for _, v := range stats {
		n += v
	}
	return n
}

func TestAMessageLeftBehindIsClaimedOnceAfterItsLease(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		_, err := d.Receive(ctx, c.message("o-a", "m:1"))
		must(t, err)
		early, err := d.ClaimStale(ctx, 10)
		must(t, err)
		c.move(lease + time.Second)
		var wg sync.WaitGroup
		var mu sync.Mutex
		claimed := 0
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				in, err := d.ClaimStale(ctx, 10)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				claimed += len(in)
				mu.Unlock()
			}()
		}
		wg.Wait()
		if len(early) != 0 || claimed != 1 {
			t.Errorf("claimed %d early, %d after the lease", len(early), claimed)
		}
	})
}

func TestTheSameMessageMakesOneConsultation(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		r, err := d.Receive(ctx, c.message("o-a", "m:1"))
		must(t, err)
		e := Escalation{OpenID: "o-a", Inbound: r.ID, Question: "转轮怎么选", Reason: ReasonAbstained}
		var wg sync.WaitGroup
		numbers := make([]string, 6)
		for i := range numbers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				k, err := d.Escalate(ctx, e)
				if err != nil {
					t.Error(err)
				}
				numbers[i] = k.Number
			}()
		}
		wg.Wait()
		for _, n := range numbers {
			if n != "261123001" {
				t.Errorf("number %q", n)
			}
		}
		list, err := d.Consultations(ctx, "o-a", 10)
		must(t, err)
		if len(list) != 1 {
			t.Errorf("%d consultations", len(list))
		}
		others, err := d.Consultations(ctx, "o-b", 10)
		must(t, err)
		if len(others) != 0 {
			t.Errorf("somebody else sees %d", len(others))
		}
	})
}

func TestAConsultationNeedsAQuestion(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, _ *clock) {
		_, err := d.Escalate(context.Background(), Escalation{OpenID: "o-a", Inbound: "x", Question: " \n"})
		if apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("error %v", err)
		}
	})
}

func TestNumbersCountTheDayOfTheBureau(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		number := func(key string) string {
			r, err := d.Receive(ctx, c.message("o-"+key, key))
			must(t, err)
			k, err := d.Escalate(ctx, Escalation{OpenID: "o-" + key, Inbound: r.ID, Question: key, Reason: ReasonRequested})
			must(t, err)
			return k.Number
		}
		got := []string{number("m:1"), number("m:2")}
		c.move(14*time.Hour - time.Second) // 23:59:59 in China
		got = append(got, number("m:3"))
		c.move(time.Second)
		got = append(got, number("m:4"))
		if want := "[261123001 261123002 261123003 261124001]"; fmt.Sprint(got) != want {
			t.Errorf("numbers %v, want %s", got, want)
		}
	})
}

func TestAMessageSentBeforeALeaveDoesNotBringItsSenderBack(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		_, err := d.Receive(ctx, c.message("o-a", "m:1"))
		must(t, err)
		earlier := c.message("o-a", "m:2")
		c.move(5 * time.Second)
		must(t, d.Erase(ctx, "o-a", c.now()))
		r, err := d.Receive(ctx, earlier)
		must(t, err)
		if !r.Ignored {
			t.Errorf("the earlier message is %+v", r)
		}
		var n int
		must(t, d.db.QueryRow(ctx, `SELECT count(*) FROM contacts WHERE openid = 'o-a'`).Scan(&n))
		if n != 0 {
			t.Error("the contact is back")
		}
		c.move(time.Minute)
		back, err := d.Receive(ctx, c.message("o-a", "m:3"))
		must(t, err)
		if !back.New || back.Ignored {
			t.Errorf("a message after the leave is %+v", back)
		}
	})
}

func TestWaitingDeliveriesAreSentWithTheReplyThatSaysThem(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		r, err := d.Receive(ctx, c.message("o-a", "m:1"))
		must(t, err)
		_, err = d.Owe(ctx, r.ID, "o-a", "欠的")
		must(t, err)
		var id string
		must(t, d.db.QueryRow(ctx, `SELECT id FROM deliveries`).Scan(&id))
		must(t, d.Progressed(ctx, id, Progress{State: DeliveryWaiting, Problem: "48001"}))
		next, err := d.Receive(ctx, c.message("o-a", "m:2"))
		must(t, err)
		waiting, err := d.Waiting(ctx, "o-a", 5)
		must(t, err)
		if len(waiting) != 1 || waiting[0].Body != "欠的" {
			t.Fatalf("waiting %+v", waiting)
		}
		first, err := d.AnsweredWith(ctx, next.ID, "连同欠的", []Saying{{Delivery: waiting[0], Upto: 6}})
		must(t, err)
		left, err := d.Waiting(ctx, "o-a", 5)
		must(t, err)
		if !first || len(left) != 0 {
			t.Errorf("first %v, left %d", first, len(left))
		}
	})
}

func TestALateCallbackTurnsItsReplyIntoOneDelivery(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		r, err := d.Receive(ctx, c.message("o-a", "m:1"))
		must(t, err)
		_, err = d.Answered(ctx, r.ID, "答")
		must(t, err)
		must(t, d.Requeue(ctx, r.ID, "o-a", "答"))
		must(t, d.Requeue(ctx, r.ID, "o-a", "答"))
		if n := queued(t, d); n != 1 {
			t.Errorf("%d jobs", n)
		}
		again, err := d.Find(ctx, "m:1")
		must(t, err)
		if again.State != StateOwed {
			t.Errorf("state %s", again.State)
		}
	})
}

func TestFeedbackOfOneMessageCountsOnce(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		r, err := d.Receive(ctx, c.message("o-a", "m:1"))
		must(t, err)
		for range 3 {
			must(t, d.Rate(ctx, Feedback{OpenID: "o-a", Inbound: r.ID, Verdict: VerdictUseless, Question: "问", Clauses: []string{"c1"}}))
		}
		var n int
		must(t, d.db.QueryRow(ctx, `SELECT count(*) FROM feedback`).Scan(&n))
		if n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestOpenidsAreMaskedInLogs(t *testing.T) {
	if got := MaskOpenID("oABCDEFGHIJKLMNOP"); got != "oABC****MNOP" {
		t.Errorf("masked %q", got)
	}
	if got := MaskOpenID("short"); got != "****" {
		t.Errorf("masked %q", got)
	}
}
