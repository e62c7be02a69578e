package desk

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"greendesk/internal/apperr"
)

// answered makes a consultation of openid that li has answered.
func (o office) answered(openid, question, answer string) Consultation {
	o.t.Helper()
	ctx := context.Background()
	k := o.asked(openid, question)
	must(o.t, o.Accept(ctx, o.li, k.ID, o.version(k.ID)))
	got, err := o.Submit(ctx, o.li, k.ID, o.version(k.ID), answer, nil)
	must(o.t, err)
	if got.NeedsSignature {
		o.t.Fatal(got.Why)
	}
	return o.current(k.ID)
}

func TestAPoorRatingComesBeforeTheLeadUntilItIsAttendedTo(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		open := o.asked("o-b", "转轮怎么选")
		if err := o.RateAnswer(ctx, "o-b", open.ID, 1, ""); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("rated without an answer: %v", err)
		}
		id := o.answered("o-a", "活性炭多久换", "三个月。").ID
		for stars, want := range map[int]apperr.Code{0: apperr.Invalid, 6: apperr.Invalid, -1: apperr.Invalid} {
			if err := o.RateAnswer(ctx, "o-a", id, stars, ""); apperr.CodeOf(err) != want {
				t.Errorf("%d stars: %v", stars, err)
			}
		}
		if err := o.RateAnswer(ctx, "o-b", id, 5, ""); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("rated by another: %v", err)
		}
		poor := func() int {
			t.Helper()
			counts, err := o.Counts(ctx, o.zhao)
			must(t, err)
			list, err := o.Queue(ctx, o.zhao, Filter{Scope: ScopePoor})
			must(t, err)
			if counts[ScopePoor] != len(list) {
				t.Errorf("%d counted, %d listed", counts[ScopePoor], len(list))
			}
			return len(list)
		}
		must(t, o.RateAnswer(ctx, "o-a", id, 2, "没说清楚"))
		if n := poor(); n != 1 {
			t.Errorf("%d poor ones", n)
		}
		must(t, o.Attend(ctx, o.zhao, id, o.version(id), "已电话回访"))
		if n := poor(); n != 0 {
			t.Errorf("%d after it was attended to", n)
		}
		if err := o.Attend(ctx, o.zhao, id, o.version(id), "又一次"); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("attended twice: %v", err)
		}
		must(t, o.RateAnswer(ctx, "o-a", id, 1, "还是没说清楚"))
		if n := poor(); n != 1 {
			t.Errorf("%d after a new rating", n)
		}
		must(t, o.RateAnswer(ctx, "o-a", id, 4, ""))
		if c := o.current(id); poor() != 0 || c.Rating != 4 || c.RatingWord != "" {
			t.Errorf("%+v", c)
		}
	})
}

func TestAnAnswerIsReopenedWithinItsWorkingDaysOnly(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.answered("o-a", "活性炭多久换", "三个月。").ID // Monday, 23 November
		if err := o.Reopen(ctx, "o-b", id, "没懂"); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("reopened by another: %v", err)
		}
		if err := o.Reopen(ctx, "o-a", id, " "); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		seen, err := o.Thread(ctx, "o-a", id)
		must(t, err)
		if !seen.MayReopen || !seen.MayRate || seen.MayWrite || seen.ReopenUntil.Format("01-02 15:04") != "12-03 00:00" {
			t.Errorf("%+v", seen)
		}
		o.clock.t = seen.ReopenUntil.Add(-time.Second)
		for range 2 { // a repetition changes nothing
			must(t, o.Reopen(ctx, "o-a", id, "按产量算呢？"))
		}
		o.run(`UPDATE consultations SET group_id = 'air' WHERE id = $1`, id) // no group of this office has the topic
		c, err := o.Open(ctx, o.li, id)
		must(t, err)
		if last := c.Posts[len(c.Posts)-1]; !c.State.Open() || last.Body != "按产量算呢？" || last.Kind != PostWord || len(c.Posts) != 2 {
			t.Fatalf("%+v", c)
		}
		if err := o.Reopen(ctx, "o-a", id, "快一点"); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("reopened while it is open: %v", err)
		}
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		_, err = o.Submit(ctx, o.li, id, o.version(id), "按产量算。", nil)
		must(t, err)
		must(t, o.Close(ctx, o.li, id, o.version(id), ""))
		if n := o.count(`SELECT count(*) FROM deliveries`); n != 2 {
			t.Errorf("%d deliveries", n)
		}
		o.clock.move(14 * 24 * time.Hour)
		if err := o.Reopen(ctx, "o-a", id, "再问"); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("reopened too late: %v", err)
		}
	})
}

func TestAClosedQuestionSaysWhyAndTakesNoMoreWords(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "你们招人吗").ID
		if err := o.Close(ctx, o.zhao, id, o.version(id), ""); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("closed without a reason: %v", err)
		}
		must(t, o.Close(ctx, o.zhao, id, o.version(id), "这不属于生态环境业务，请咨询人社部门。"))
		var body string
		must(t, o.db.QueryRow(ctx, `SELECT body FROM deliveries`).Scan(&body))
		n, ok := NoticeOf(body)
		if !ok || n.Notice != NoticeClosed || !strings.Contains(n.Text, "人社部门") {
			t.Errorf("notice %s", body)
		}
		if _, err := o.Word(ctx, "o-a", id, "", "谢谢", nil); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("a word to a closed one: %v", err)
		}
	})
}

func TestAContactSeesItsOwnAndNothingInternal(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "活性炭多久换").ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		must(t, o.Note(ctx, o.wang, id, "他家上次也这样"))
		must(t, o.Invite(ctx, o.li, id, "qian"))
		must(t, o.AskBack(ctx, o.li, id, o.version(id), "风量多大？"))
		o.run(`UPDATE consultations SET routed = '手上 2 件最少'`)
		list, err := o.Mine(ctx, "o-a")
		must(t, err)
		seen, err := o.Thread(ctx, "o-a", id)
		must(t, err)
		for _, hidden := range []string{"他家上次", "王工", "钱工", "手上", "wang", "qian", "li "} {
			if strings.Contains(fmt.Sprintf("%+v %+v", list, seen), hidden) {
				t.Errorf("%q is shown", hidden)
			}
		}
		if len(list) != 1 || list[0].ExpertName != "李工" || list[0].GroupName != "大气组" || len(seen.Posts) != 1 || seen.Posts[0].AuthorName != "李工" {
			t.Errorf("%+v", seen)
		}
		if _, err := o.Thread(ctx, "o-b", id); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("another reads it: %v", err)
		}
		if _, err := o.Word(ctx, "o-b", id, "", "嗯", nil); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("another writes: %v", err)
		}
	})
}

// TestWhatCameAfterThePageIsNotRead: within the same millisecond, too.
func TestWhatCameAfterThePageIsNotRead(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "活性炭多久换").ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		must(t, o.AskBack(ctx, o.li, id, o.version(id), "风量多大？"))
		shown, err := o.Unread(ctx, "o-a", id)
		must(t, err)
		if other, err := o.Unread(ctx, "o-b", id); err != nil || len(other) != 0 {
			t.Errorf("another's: %+v, %v", other, err)
		}
		_, err = o.Submit(ctx, o.li, id, o.version(id), "三个月换一次。", nil)
		must(t, err)
		must(t, o.ReadOnPage(ctx, shown))
		must(t, o.ReadOnPage(ctx, nil))
		states := map[string]int{}
		all, err := o.DeliveriesOf(ctx, id)
		must(t, err)
		for _, v := range all {
			states[v.State+" "+v.Way]++
		}
		if len(shown) != 1 || states[DeliveryRead+" "+WayPage] != 1 || states[DeliveryQueued+" "] != 1 || len(all) != 2 {
			t.Errorf("shown %+v, then %v", shown, states)
		}
		if rest, err := o.Unread(ctx, "o-a", id); err != nil || len(rest) != 1 || !strings.Contains(rest[0].Body, "三个月") {
			t.Errorf("still to read: %+v, %v", rest, err)
		}
	})
}

func TestAWordHasATextOrAnAttachmentOfItsOwn(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		a, b := o.asked("o-a", "活性炭多久换"), o.asked("o-b", "转轮怎么选")
		upload := func(id, contact string) {
			o.run(`INSERT INTO attachments (id, contact_id, kind, media_id, name, type, size, sha256, state, problem, at)
				VALUES ($1, $2, 'image', '', 'a.jpg', 'image/jpeg', 5, '', 'kept', '', 0)`, id, contact)
		}
		upload("pa", a.Contact)
		upload("pb", b.Contact)
		if _, err := o.Word(ctx, "o-a", a.ID, "", " ", nil); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("an empty word: %v", err)
		}
		if _, err := o.Word(ctx, "o-a", a.ID, "", "看图", []string{"pb"}); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("another's photo: %v", err)
		}
		if n := o.count(`SELECT count(*) FROM posts`); n != 0 {
			t.Errorf("%d posts are left", n)
		}
		_, err := o.Word(ctx, "o-a", a.ID, "form:1", "", []string{"pa"})
		must(t, err)
		again, err := o.Word(ctx, "o-a", a.ID, "form:1", "", []string{"pa"})
		must(t, err)
		if !again.Existed || o.count(`SELECT count(*) FROM posts`) != 1 {
			t.Errorf("the form sent twice: %+v", again)
		}
		if got, err := o.Word(ctx, "o-b", b.ID, "form:1", "看图", nil); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("another's token: %+v, %v", got, err)
		}
	})
}

func TestNothingOfAPersonIsLeftAfterItLeaves(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		k := o.asked("o-a", "张三的活性炭罚吗")
		o.run(`UPDATE contacts SET name = '张三', phone = '13800000000', position = '张三厂长', agreed_at = 5 WHERE openid = 'o-a'`)
		o.run(`INSERT INTO attachments (id, contact_id, consultation_id, kind, media_id, name, type, size, sha256, state, problem, at)
			VALUES ('p', $1, $2, 'image', 'M张三', '张三.jpg', 'image/jpeg', 5, '', 'kept', '张三', 0)`, k.Contact, k.ID)
		must(t, o.Accept(ctx, o.li, k.ID, o.version(k.ID)))
		must(t, o.Note(ctx, o.li, k.ID, "张三来过"))
		must(t, o.AskBack(ctx, o.li, k.ID, o.version(k.ID), "张三您好"))
		_, err := o.Word(ctx, "o-a", k.ID, "", "我是张三", nil)
		must(t, err)
		must(t, o.SaveDraft(ctx, o.wang, k.ID, "张三", nil))
		must(t, o.SetUrgency(ctx, o.li, k.ID, o.version(k.ID), UrgencyUrgent, "张三急"))
		_, err = o.Submit(ctx, o.li, k.ID, o.version(k.ID), "张三先生，见条文", cited("罚款"))
		must(t, err)
		must(t, o.Erase(ctx, "o-a", o.clock.now()))
		for table, columns := range map[string]string{
			"contacts": "openid || name || position || phone", "consultations": "question || context || rating_word || routed", "posts": "body",
			"consultation_events": "reason", "drafts": "body", "reviews": "body || remark", "attachments": "name || media_id || problem",
			"deliveries": "body", "inbound": "content || reply", "audit": "detail",
		} {
			if n := o.count(`SELECT count(*) FROM ` + table + ` WHERE ` + columns + ` LIKE '%张三%' OR ` + columns + ` LIKE '%13800000000%' OR ` + columns + ` LIKE '%o-a%'`); n != 0 {
				t.Errorf("%d rows of %s name the person", n, table)
			}
		}
		if c := o.current(k.ID); c.State != StateClosed || !c.AnswerDue.IsZero() || c.Paused {
			t.Errorf("%+v", c)
		}
		if err := o.Sign(ctx, o.wang, k.ID, o.version(k.ID)); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("an erased answer is signed: %v", err)
		}
	})
}
