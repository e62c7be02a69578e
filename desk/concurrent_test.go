package desk

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
)

// replicas runs a test with two desks on one database: on PostgreSQL they are
// two processes as far as the database can tell.
func replicas(t *testing.T, fn func(t *testing.T, o office, both [2]*Desk)) {
	t.Helper()
	open := func(t *testing.T, o office, handle *db.DB) *Desk {
		q, err := jobs.New(handle, testenv.Log(t), jobs.Options{})
		must(t, err)
		q.Handle(KindDeliver, func(context.Context, jobs.Job) error { return nil })
		return New(handle, q, testenv.Log(t), o.clock.now)
	}
	for name, url := range map[string]func(testing.TB) string{"sqlite": testenv.SQLite, "postgres": testenv.PostgreSQL} {
		t.Run(name, func(t *testing.T) {
			at := url(t)
			first := testenv.OpenMigrated(t, at)
			second := first
			if name == "postgres" {
				second = testenv.OpenMigrated(t, at)
			}
			o := office{t: t, clock: &clock{t: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}}
			both := [2]*Desk{open(t, o, first), open(t, o, second)}
			o.Desk = both[0]
			fn(t, o.staff(), both)
		})
	}
}

// atOnce runs fn n times at the same moment.
func atOnce(n int, fn func(i int)) {
	var wg sync.WaitGroup
	start := make(chan bool)
	for i := range n {
		wg.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	wg.Wait()
}

func TestTheSameMessageAtTwoReplicasAtOnceGivesOneNumber(t *testing.T) {
	replicas(t, func(t *testing.T, o office, both [2]*Desk) {
		for round := range 6 {
			in := o.message("o-a", fmt.Sprintf("m:%d", round))
			numbers := make([]string, 8)
			atOnce(len(numbers), func(i int) {
				k, err := both[i%2].Escalate(context.Background(), Escalation{OpenID: "o-a", Inbound: in, Question: "转轮怎么选", Reason: ReasonAbstained, Join: round%2 == 1})
				if err != nil {
					t.Error(err)
				}
				numbers[i] = k.Number
			})
			for _, n := range numbers {
				if n != numbers[0] || n == "" {
					t.Errorf("round %d: numbers %v", round, numbers)
					break
				}
			}
			o.clock.move(3 * time.Minute)
		}
	})
}

func TestTenRapidMessagesOfANewContactAreOneConsultationWithTenMessages(t *testing.T) {
	replicas(t, func(t *testing.T, o office, both [2]*Desk) {
		ctx := context.Background()
		const messages, deliveries = 10, 2
		ids := make([]string, messages*deliveries)
		atOnce(messages*deliveries, func(i int) {
			d, key := both[i%2], fmt.Sprintf("m:%d", i/deliveries)
			r, err := d.Receive(ctx, o.clock.message("o-new", key))
			if err != nil {
				t.Error(err)
				return
			}
			k, err := d.Escalate(ctx, Escalation{OpenID: "o-new", Inbound: r.ID, Question: "第" + key + "句", Reason: ReasonAbstained, Join: true})
			if err != nil {
				t.Error(err)
			}
			ids[i] = k.ID
		})
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("consultations %v", ids)
				break
			}
		}
		contacts, made, said := o.count(`SELECT count(*) FROM contacts`), o.count(`SELECT count(*) FROM consultations`), o.count(`SELECT count(*) FROM posts`)
		if contacts != 1 || made != 1 || said != messages-1 {
			t.Errorf("%d contacts, %d consultations, %d words", contacts, made, said)
		}
	})
}

func TestTheSameWordAtTwoReplicasIsSaidOnce(t *testing.T) {
	replicas(t, func(t *testing.T, o office, both [2]*Desk) {
		ctx := context.Background()
		k := o.asked("o-a", "喷漆房活性炭多久换一次")
		must(t, o.Accept(ctx, o.li, k.ID, o.version(k.ID)))
		must(t, o.AskBack(ctx, o.li, k.ID, o.version(k.ID), "多大的风量？"))
		in := o.message("o-a", "m:reply")
		fresh := make([]bool, 8)
		atOnce(len(fresh), func(i int) {
			c, err := both[i%2].Word(ctx, "o-a", k.ID, in, "两万立方", nil)
			if err != nil {
				t.Error(err)
			}
			fresh[i] = !c.Existed
		})
		n := 0
		for _, f := range fresh {
			if f {
				n++
			}
		}
		if said := o.count(`SELECT count(*) FROM posts WHERE kind = 'word'`); n != 1 || said != 1 {
			t.Errorf("%d calls were the first, %d words", n, said)
		}
		if c := o.current(k.ID); c.State != StateAnswering {
			t.Errorf("state %s", c.State)
		}
	})
}

func TestOfManyWhoAcceptOneHasItAndOfManyAnswersOneIsSent(t *testing.T) {
	replicas(t, func(t *testing.T, o office, both [2]*Desk) {
		ctx := context.Background()
		id := o.asked("o-a", "喷漆房活性炭多久换一次").ID
		count := func(fn func(i int) error) int {
			var mu sync.Mutex
			n := 0
			atOnce(6, func(i int) {
				err := fn(i)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					n++
				} else if apperr.CodeOf(err) != apperr.Conflict {
					t.Error(err)
				}
			})
			return n
		}
		v := o.version(id)
		colleagues := []staff.Actor{o.li, o.wang, o.zhao}
		if n := count(func(i int) error { return both[i%2].Accept(ctx, colleagues[i%3], id, v) }); n != 1 {
			t.Errorf("%d have it", n)
		}
		holder := colleagues[slices.IndexFunc(colleagues, func(a staff.Actor) bool { return a.Account == o.current(id).Expert })]
		v = o.version(id)
		if n := count(func(i int) error {
			_, err := both[i%2].Submit(ctx, holder, id, v, fmt.Sprint("答复", i), nil)
			return err
		}); n != 1 {
			t.Errorf("%d answers", n)
		}
		if n := o.count(`SELECT count(*) FROM deliveries`); n != 1 {
			t.Errorf("%d deliveries", n)
		}
	})
}

func TestTheAuditLogIsUnbrokenWhenManyReadAtOnce(t *testing.T) {
	replicas(t, func(t *testing.T, o office, both [2]*Desk) {
		ctx := context.Background()
		var ids []string
		for i := range 4 {
			ids = append(ids, o.asked(fmt.Sprint("o-", i), "喷漆房活性炭多久换一次").ID)
		}
		atOnce(24, func(i int) {
			if _, err := both[i%2].Open(ctx, o.li, ids[i%4]); err != nil {
				t.Error(err)
			}
		})
		if n, top := o.count(`SELECT count(*) FROM audit`), o.count(`SELECT max(seq) FROM audit`); n != 24 || top != 24 {
			t.Errorf("%d entries up to %d", n, top)
		}
		if n := o.count(`SELECT count(*) FROM audit a WHERE a.seq > 1 AND a.prev <> (SELECT b.hash FROM audit b WHERE b.seq = a.seq - 1)`); n != 0 {
			t.Errorf("%d entries do not follow the one before", n)
		}
	})
}
