package desk

import (
	"context"
	"testing"
	"time"
)

func TestThePulseChangesWithAllThatAPageShows(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		k := o.asked("o-a", "喷漆房活性炭多久换一次")
		pulse := func() string {
			word, err := o.Pulse(ctx, o.li, k.ID)
			must(t, err)
			return word
		}
		queue := func() string {
			word, err := o.QueuePulse(ctx, o.li)
			must(t, err)
			return word
		}
		last, lastQueue := pulse(), queue()
		if pulse() != last || queue() != lastQueue {
			t.Error("it changes by itself")
		}
		must(t, o.SaveDraft(ctx, o.li, k.ID, "稿", nil))
		if pulse() != last {
			t.Error("a draft is its author's alone")
		}
		for _, c := range []struct {
			what string
			do   func()
		}{
			{"accepting", func() { must(t, o.Accept(ctx, o.li, k.ID, o.version(k.ID))) }},
			{"a note", func() { must(t, o.Note(ctx, o.wang, k.ID, "看过")) }},
			{"an invitation", func() { must(t, o.Invite(ctx, o.li, k.ID, "qian")) }},
			{"asking back", func() { must(t, o.AskBack(ctx, o.li, k.ID, o.version(k.ID), "多大？")) }},
			{"a delivery", func() {
				o.clock.move(time.Second)
				list, err := o.DeliveriesOf(ctx, k.ID)
				must(t, err)
				must(t, o.Progressed(ctx, list[0].ID, Progress{State: DeliverySent, Way: WayCustom}))
			}},
			{"a photo that is there", func() {
				o.run(`INSERT INTO attachments (id, contact_id, consultation_id, kind, media_id, name, type, size, sha256, state, problem, at)
					VALUES ('photo', $1, $2, 'image', 'M', '', '', 0, '', 'kept', '', 0)`, k.Contact, k.ID)
			}},
		} {
			c.do()
			if now := pulse(); now == last {
				t.Errorf("%s does not show", c.what)
			} else {
				last = now
			}
		}
		if queue() == lastQueue {
			t.Error("the queue's does not change")
		}
	})
}
