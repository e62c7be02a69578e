package desk

import (
	"context"
	"testing"
	"time"

	"greendesk/internal/apperr"
)

// unseen counts what an account was told of a consultation and has not seen.
func (o office) unseen(account, consultation string) int {
	o.t.Helper()
	return o.count(`SELECT count(*) FROM staff_notices WHERE account_id = $1 AND consultation_id = $2 AND seen_at = 0`, account, consultation)
}

// TestNoticesGoWhenTheConsultationWasOpenedOrTheWorkDone: nobody has to put
// away what they have seen to.
func TestNoticesGoWhenTheConsultationWasOpenedOrTheWorkDone(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "喷漆房没开风机会罚多少").ID
		o.run(`UPDATE consultations SET expert_id = 'li', state = 'assigned' WHERE id = $1`, id)
		o.run(`UPDATE staff_notices SET seen_at = 1`)
		tell := func(kind, account string) {
			t.Helper()
			o.run(`INSERT INTO staff_notices (id, account_id, consultation_id, kind, cause, body, at) VALUES ($1, $2, $3, $4, $1, '提醒', $5)`,
				kind+account, account, id, kind, o.millis())
		}
		tell(StaffAssigned, "li")
		tell(StaffWarning, "li")
		tell(StaffOverdue, "zhao")
		if _, err := o.Open(ctx, o.qian, id); apperr.CodeOf(err) != apperr.NotFound {
			t.Fatal(err)
		}
		_, err := o.Open(ctx, o.li, id)
		must(t, err)
		if li, zhao := o.unseen("li", id), o.unseen("zhao", id); li != 0 || zhao != 1 {
			t.Errorf("after li opened it: li %d, the lead %d", li, zhao)
		}
		tell(StaffAssigned, "wang")
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		if n := o.unseen("wang", id); n != 0 {
			t.Errorf("it is accepted, and wang is still asked to: %d", n)
		}
		_, err = o.Submit(ctx, o.li, id, o.version(id), "会被罚款。", nil)
		must(t, err)
		if n := o.unseen("zhao", id); n != 2 {
			t.Fatalf("the lead is told of %d, not that it is overdue and to be signed", n)
		}
		must(t, o.Sign(ctx, o.wang, id, o.version(id)))
		if n := o.unseen("zhao", id); n != 0 {
			t.Errorf("it is answered, and %d notices are left", n)
		}
		if n := o.unseen("li", id); n != 1 {
			t.Errorf("that it was signed is told %d times", n)
		}
	})
}

// TestOneTapPutsAwayALineOrAllThatWasShown: what came later stays.
func TestOneTapPutsAwayALineOrAllThatWasShown(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		a, b := o.asked("o-a", "活性炭多久换").ID, o.asked("o-b", "台账怎么记").ID
		o.run(`DELETE FROM staff_notices`)
		start := o.now()
		for i, n := range []struct{ id, on string }{{"n1", a}, {"n2", a}, {"n3", b}, {"n4", a}} {
			o.run(`INSERT INTO staff_notices (id, account_id, consultation_id, kind, cause, body, at) VALUES ($1, 'li', $2, 'word', $1, '提醒', $3)`,
				n.id, n.on, start.Add(time.Duration(i)*time.Minute).UnixMilli())
		}
		must(t, o.SeeStaffNotice(ctx, o.li, "n2"))
		if onA, onB := o.unseen("li", a), o.unseen("li", b); onA != 1 || onB != 1 {
			t.Errorf("left: %d and %d", onA, onB)
		}
		must(t, o.SeeStaffNotices(ctx, o.wang, start.Add(time.Hour)))
		must(t, o.SeeStaffNotices(ctx, o.li, start.Add(2*time.Minute)))
		if onA, onB := o.unseen("li", a), o.unseen("li", b); onA != 1 || onB != 0 {
			t.Errorf("left after all: %d and %d", onA, onB)
		}
	})
}

// TestAPageThatFollowsIsOneReadForAWhileAndEveryOpeningIsOne.
func TestAPageThatFollowsIsOneReadForAWhileAndEveryOpeningIsOne(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "活性炭多久换").ID
		reads := func() int {
			return o.count(`SELECT count(*) FROM audit WHERE action = 'read' AND object = $1`, "consultation:"+id)
		}
		open := func(of func() error, want int, what string) {
			t.Helper()
			must(t, of())
			if got := reads(); got != want {
				t.Errorf("%s: %d reads, want %d", what, got, want)
			}
		}
		opens := func() error { return second(o.Open(ctx, o.li, id)) }
		follows := func() error { return second(o.Follow(ctx, o.li, id)) }
		open(follows, 1, "a page that nobody was told of")
		open(opens, 2, "opened")
		open(opens, 3, "opened again")
		open(follows, 3, "followed")
		o.clock.move(followedFor - time.Second)
		open(follows, 3, "followed for long")
		o.clock.move(time.Second)
		open(follows, 4, "followed for longer")
		open(func() error { return second(o.Follow(ctx, o.wang, id)) }, 5, "followed by somebody else")
		elsewhere := o.li
		elsewhere.IP = "10.0.0.9"
		open(func() error { return second(o.Follow(ctx, elsewhere, id)) }, 6, "followed from elsewhere")
		if err := second(o.Follow(ctx, o.qian, id)); apperr.CodeOf(err) != apperr.NotFound || reads() != 6 {
			t.Errorf("a stranger follows: %v", err)
		}
	})
}

// TestAListThatFollowsIsReadAgainWhenItShowsAnother.
func TestAListThatFollowsIsReadAgainWhenItShowsAnother(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		o.asked("o-a", "活性炭多久换")
		lists := func(follows bool, want int) {
			t.Helper()
			_, err := o.Queue(ctx, o.li, Filter{Scope: ScopeGroup, Follows: follows})
			must(t, err)
			if n := o.count(`SELECT count(*) FROM audit WHERE action = 'list'`); n != want {
				t.Errorf("%d lines, want %d", n, want)
			}
		}
		lists(false, 1)
		lists(true, 1)
		lists(false, 2)
		o.asked("o-b", "台账怎么记")
		lists(true, 3)
		lists(true, 3)
	})
}
