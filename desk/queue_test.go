package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

func TestAQueueListsWhatIsDueFirst(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		ids := map[string]string{}
		for _, q := range []string{"无期", "早", "晚", "急", "等"} {
			o.clock.move(time.Minute)
			ids[q] = o.asked("o-"+q, q+"%问").ID
		}
		due := func(q string, in time.Duration) {
			o.run(`UPDATE consultations SET answer_due = $2 WHERE id = $1`, ids[q], o.clock.now().Add(in).UnixMilli())
		}
		due("早", -time.Hour)
		due("晚", time.Hour)
		due("急", 2*time.Hour)
		due("等", -2*time.Hour)
		o.run(`UPDATE consultations SET urgency = 'urgent' WHERE id = $1`, ids["急"])
		must(t, o.Accept(ctx, o.li, ids["等"], o.version(ids["等"])))
		must(t, o.AskBack(ctx, o.li, ids["等"], o.version(ids["等"]), "问"))
		must(t, o.Accept(ctx, o.li, ids["晚"], o.version(ids["晚"])))
		must(t, o.Invite(ctx, o.li, ids["晚"], "qian"))
		o.answered("o-答", "已答", "好")
		for _, c := range []struct {
			who    staff.Actor
			filter Filter
			want   string
		}{
			{o.li, Filter{}, "等 晚"},
			{o.qian, Filter{Scope: ScopeMine}, "晚"},
			{o.wang, Filter{Scope: ScopeMine}, ""},
			{o.wang, Filter{Scope: ScopeGroup}, "急 等 早 晚 无期"},
			{o.wang, Filter{Scope: ScopeOverdue}, "早"},
			{o.wang, Filter{Scope: ScopeAnswered}, "已答"},
			{o.wang, Filter{Scope: ScopeAll, Limit: 2, Skip: 1}, "等 早"},
			{o.wang, Filter{Scope: ScopeAll, Text: "晚%"}, "晚"},
			{o.wang, Filter{Scope: ScopeAll, Text: "%_"}, ""},
			{o.wang, Filter{Scope: ScopeAll, Text: " 李工 ", Limit: 1000}, "等 晚 已答"},
		} {
			list, err := o.Queue(ctx, c.who, c.filter)
			must(t, err)
			var got []string
			for _, k := range list {
				got = append(got, strings.TrimSuffix(k.Question, "%问"))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s, %+v: %s, want %s", c.who.Account, c.filter, s, c.want)
			}
		}
		if _, err := o.Queue(ctx, o.li, Filter{Scope: "x"}); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("an unknown scope: %v", err)
		}
		counts, err := o.Counts(ctx, o.wang)
		must(t, err)
		if fmt.Sprint(counts) != "map[all:6 answered:1 group:5 mine:0 overdue:1 poor:0 review:0]" {
			t.Errorf("counts %v", counts)
		}
	})
}

func TestCannedRepliesAreOnesOwnOrEverybodys(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		mine, err := o.SaveCanned(ctx, o.li, Canned{Title: "催照片", Body: "请补一张照片。"})
		must(t, err)
		shared, err := o.SaveCanned(ctx, o.zhao, Canned{Title: "结语", Body: "以上供参考。", Shared: true})
		must(t, err)
		if _, err := o.SaveCanned(ctx, o.li, Canned{Title: "结语", Body: "无", Shared: true}); apperr.CodeOf(err) != apperr.Forbidden {
			t.Errorf("an expert keeps everybody's: %v", err)
		}
		if _, err := o.SaveCanned(ctx, o.wang, Canned{ID: mine, Title: "催", Body: "无"}); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("another's is changed: %v", err)
		}
		titles := func(a staff.Actor) []string {
			list, err := o.Canned(ctx, a)
			must(t, err)
			var out []string
			for _, c := range list {
				out = append(out, c.Title)
			}
			return out
		}
		if !slices.Equal(titles(o.li), []string{"结语", "催照片"}) || !slices.Equal(titles(o.wang), []string{"结语"}) {
			t.Errorf("%v, %v", titles(o.li), titles(o.wang))
		}
		_, err = o.SaveCanned(ctx, o.li, Canned{ID: mine, Title: "催铭牌", Body: "请补一张铭牌的照片。"})
		must(t, err)
		for id, a := range map[string]staff.Actor{mine: o.zhao, shared: o.li} {
			if err := o.DropCanned(ctx, a, id); apperr.CodeOf(err) != apperr.NotFound {
				t.Errorf("%s drops another's: %v", a.Account, err)
			}
		}
		must(t, o.DropCanned(ctx, o.li, mine))
		must(t, o.DropCanned(ctx, o.zhao, shared))
		if len(titles(o.li)) != 0 {
			t.Errorf("%v is left", titles(o.li))
		}
		if _, err := o.Canned(ctx, o.sun); apperr.CodeOf(err) != apperr.Forbidden {
			t.Errorf("enforcement reads them: %v", err)
		}
	})
}

func TestDraftsAreOnesOwnAndMakeNoPageStale(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "活性炭多久换").ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		v := o.version(id)
		for _, body := range []string{"三", "三个", "三个月"} {
			must(t, o.SaveDraft(ctx, o.li, id, body, cited("原文")))
		}
		must(t, o.SaveDraft(ctx, o.wang, id, "我看是半年", nil))
		for account, want := range map[string]string{"li": "三个月", "wang": "我看是半年"} {
			c, err := o.Open(ctx, o.by(account), id)
			must(t, err)
			if c.Draft == nil || c.Draft.Body != want || c.Version != v {
				t.Errorf("%s has %+v", account, c.Draft)
			}
		}
		must(t, o.SaveDraft(ctx, o.wang, id, "", nil))
		if c, err := o.Open(ctx, o.wang, id); err != nil || c.Draft != nil {
			t.Errorf("an emptied draft is %+v, %v", c.Draft, err)
		}
		if err := o.SaveDraft(ctx, o.li, id, strings.Repeat("长", maxPost+1), nil); apperr.CodeOf(err) != apperr.TooLarge {
			t.Errorf("a long one: %v", err)
		}
	})
}

func TestWatchersAreToldAfterAChangeUntilTheyStop(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		var told []string
		stop := o.Watch(func(id string) {
			c, err := scanConsultation(o.db.QueryRow(ctx, selectConsultation+` WHERE k.id = $1`, id)) // it is on disk
			if err != nil {
				t.Error(err)
			}
			told = append(told, string(c.State))
		})
		id := o.asked("o-a", "活性炭多久换").ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		if err := o.Accept(ctx, o.li, id, 0); err == nil {
			t.Error("a stale page accepts")
		}
		must(t, o.Note(ctx, o.li, id, "记"))
		stop()
		must(t, o.Note(ctx, o.li, id, "记"))
		if !slices.Equal(told, []string{"new", "answering", "answering"}) {
			t.Errorf("told %v", told)
		}
	})
}
