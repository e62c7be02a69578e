package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"greendesk/internal/apperr"
)

func TestAQuestionGoesToAnExpertAndTheAnswerComesBack(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		k := o.asked("o-a", "喷漆房活性炭多久换一次")
		id := k.ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		o.clock.move(time.Hour)
		must(t, o.AskBack(ctx, o.li, id, o.version(id), "请拍一张活性炭箱铭牌的照片。"))
		if c := o.current(id); c.State != StateWaiting || !c.Paused {
			t.Fatalf("%+v", c)
		}
		in := o.message("o-a", "m:photo")
		o.run(`INSERT INTO attachments (id, contact_id, inbound_id, kind, media_id, name, type, size, sha256, state, problem, at)
			VALUES ('photo', $1, $2, 'image', 'M', '铭牌.jpg', 'image/jpeg', 5, '', 'kept', '', 0)`, k.Contact, in)
		o.clock.move(time.Hour)
		said, err := o.Word(ctx, "o-a", id, in, "", nil)
		must(t, err)
		if said.State != StateAnswering || said.Paused || said.Existed {
			t.Fatalf("%+v", said)
		}
		cites := []Cited{{Clause: "c1", Document: "办法", Ref: "第三条", Quote: "活性炭应当按期更换。", Path: "/c/c1"}}
		must(t, o.SaveDraft(ctx, o.li, id, "活性炭", cites))
		got, err := o.Submit(ctx, o.li, id, o.version(id), "活性炭每三个月换一次。", cites)
		must(t, err)
		if got.NeedsSignature {
			t.Fatal(got.Why)
		}
		must(t, o.RateAnswer(ctx, "o-a", id, 5, "很清楚"))
		want := "[contact:>new system:new>new li:new>answering li:answering>waiting contact:waiting>answering li:answering>answered contact:answered>answered]"
		if s := fmt.Sprint(o.story(id)); s != want {
			t.Errorf("story\n%s, want\n%s", s, want)
		}
		c, err := o.Open(ctx, o.li, id)
		must(t, err)
		if len(c.Posts) != 3 || len(c.Posts[1].Attachments) != 1 || c.Posts[2].AuthorName != "李工" || c.Draft != nil || c.Rating != 5 ||
			len(c.Context) != 1 || c.Posts[2].Citations[0] != cites[0] || len(c.Deliveries) != 2 {
			t.Errorf("case %+v", c)
		}
		if !strings.Contains(c.Deliveries[1].Body, `"notice":"answer"`) || !strings.Contains(c.Deliveries[1].Body, "活性炭应当按期更换。") {
			t.Errorf("notice %s", c.Deliveries[1].Body)
		}
		if n := o.count(`SELECT count(*) FROM audit WHERE object = $1`, "consultation:"+id); n != 4 {
			t.Errorf("%d entries in the audit log", n)
		}
	})
}

func TestAStalePageChangesNothing(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "喷漆房活性炭多久换一次").ID
		v := o.version(id)
		must(t, o.Accept(ctx, o.li, id, v))
		for name, err := range map[string]error{
			"accept":   o.Accept(ctx, o.wang, id, v),
			"ask":      o.AskBack(ctx, o.li, id, v, "问"),
			"transfer": o.Transfer(ctx, o.zhao, id, v, "wang", "忙"),
			"close":    o.Close(ctx, o.li, id, v, "重复"),
		} {
			if apperr.CodeOf(err) != apperr.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		if c := o.current(id); c.Expert != "li" || c.State != StateAnswering {
			t.Errorf("%+v", c)
		}
	})
}

func TestStaffAreToldWhatWaitsForThem(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "超标会罚多少").ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		must(t, o.Invite(ctx, o.li, id, "qian"))
		must(t, o.AskBack(ctx, o.li, id, o.version(id), "什么时候测的？"))
		for _, word := range []string{"上个月", "20 号", "下午"} { // rapid words are told once
			_, err := o.Word(ctx, "o-a", id, "", word, nil)
			must(t, err)
		}
		_, err := o.Submit(ctx, o.li, id, o.version(id), "见条文", nil)
		must(t, err)
		must(t, o.ReturnReview(ctx, o.zhao, id, o.version(id), "写细些"))
		_, err = o.Submit(ctx, o.li, id, o.version(id), "见第九十九条", nil)
		must(t, err)
		must(t, o.Sign(ctx, o.qian, id, o.version(id)))
		must(t, o.RateAnswer(ctx, "o-a", id, 1, "没用"))
		for account, want := range map[string]string{"li": "decided decided poor word", "zhao": "poor review review", "qian": "invited review review", "wang": ""} {
			list, err := o.StaffNotices(ctx, o.by(account), 20)
			must(t, err)
			var kinds []string
			for _, n := range list {
				kinds = append(kinds, n.Kind)
				if n.Consultation != id || strings.Contains(n.Body, "罚") {
					t.Errorf("%+v", n)
				}
			}
			slices.Sort(kinds)
			if got := strings.Join(kinds, " "); got != want {
				t.Errorf("%s was told %q, want %q", account, got, want)
			}
		}
	})
}
