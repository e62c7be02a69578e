package desk

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"greendesk/internal/apperr"
)

func cited(quote string) []Cited {
	return []Cited{{Clause: "c1", Document: "大气污染防治法", Ref: "第九十九条", Quote: quote, Path: "/c/c1"}}
}

func TestAnAnswerAboutPenaltiesNeedsASecondSignature(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		k := o.asked("o-a", "喷漆房没开风机会怎么处理")
		id := k.ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		cites := cited("处十万元以上一百万元以下的罚款")
		got, err := o.Submit(ctx, o.li, id, o.version(id), "请看条文。", cites)
		must(t, err)
		if !got.NeedsSignature || got.Why != "答复涉及“罚”，需要另一位专家复核签名" {
			t.Fatalf("%+v", got)
		}
		if c := o.current(id); c.State != StateReview || o.count(`SELECT count(*) FROM deliveries`) != 0 {
			t.Fatalf("%s, or it was sent", c.State)
		}
		if err := o.Sign(ctx, o.li, id, o.version(id)); apperr.CodeOf(err) != apperr.Forbidden {
			t.Errorf("the author signs: %v", err)
		}
		for a, want := range map[string]int{"wang": 1, "li": 0, "qian": 0} {
			list, err := o.Queue(ctx, o.by(a), Filter{Scope: ScopeReview})
			if len(list) != want {
				t.Errorf("%s has %d to sign, %v", a, len(list), err)
			}
		}
		must(t, o.ReturnReview(ctx, o.wang, id, o.version(id), "请写明依据的款项"))
		c, err := o.Open(ctx, o.li, id)
		must(t, err)
		if c.State != StateAnswering || c.Draft == nil || c.Draft.Body != "请看条文。" || c.Draft.Citations[0] != cites[0] ||
			c.Review.State != "returned" || c.Review.Remark != "请写明依据的款项" || c.MaySign {
			t.Fatalf("returned: %+v %+v", c.Draft, c.Review)
		}
		_, err = o.Submit(ctx, o.li, id, o.version(id), "请看第九十九条第一款。", cites)
		must(t, err)
		if c, err = o.Open(ctx, o.wang, id); err != nil || !c.MaySign || c.Draft != nil {
			t.Fatalf("%v, may sign %v, draft %+v", err, c.MaySign, c.Draft)
		}
		must(t, o.SetDeskSetting(ctx, o.admin, SettingAnswerFoot, "以上供您参考。"))
		must(t, o.Sign(ctx, o.wang, id, o.version(id)))
		c, err = o.Open(ctx, o.li, id)
		must(t, err)
		last := c.Posts[len(c.Posts)-1]
		if c.State != StateReplied || last.Author != "li" || last.SignedByName != "王工" || last.Body != "请看第九十九条第一款。\n\n以上供您参考。" || c.Draft != nil || len(c.Deliveries) != 1 {
			t.Errorf("%+v", c)
		}
		if err := o.Sign(ctx, o.zhao, id, o.version(id)); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("signed twice: %v", err)
		}
		seen, err := o.Thread(ctx, "o-a", id)
		must(t, err)
		if all := fmt.Sprintf("%+v", seen.Posts); strings.Contains(all, "王工") || strings.Contains(all, "请写明") {
			t.Errorf("the enterprise sees %s", all)
		}
	})
}

func TestWhichAnswersNeedASignatureIsSet(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		why := func(question, topic, body string) string {
			t.Helper()
			s, err := o.needsSignature(ctx, o.db, &Consultation{Question: question, Topic: topic}, body, nil)
			must(t, err)
			return s
		}
		for _, c := range []struct {
			question, topic, body string
			want                  bool
		}{
			{"活性炭多久换", "废气", "三个月", false},
			{"超标会罚多少", "废气", "见下", true},
			{"活性炭多久换", "废气", "符合条件的可以从轻或者减轻处理", true},
			{"信用怎么修复", "处罚信用", "网上申请", true},
		} {
			if got := why(c.question, c.topic, c.body); (got != "") != c.want {
				t.Errorf("%+v: %q", c, got)
			}
		}
		must(t, o.SetDeskSetting(ctx, o.admin, SettingSignWords, "活性炭、转轮"))
		must(t, o.SetDeskSetting(ctx, o.admin, SettingSignTopics, "噪声"))
		if why("活性炭多久换", "废气", "三个月") == "" || why("超标会罚多少", "处罚信用", "见下") != "" || why("夜间施工", "噪声", "不行") == "" {
			t.Error("the settings do not hold")
		}
		for _, bad := range []struct{ name, value string }{{SettingReopenDays, "0"}, {SettingReopenDays, "七"}, {SettingAcceptNormal, "-1"},
			{SettingAcceptNormal, "NaN"}, {SettingAnswerFoot, strings.Repeat("长", 201)}} {
			if err := o.SetDeskSetting(ctx, o.admin, bad.name, bad.value); err == nil || apperr.CodeOf(err) == apperr.Internal {
				t.Errorf("%s = %q: %v", bad.name, bad.value, err)
			}
		}
		if err := o.SetDeskSetting(ctx, o.zhao, SettingSignWords, ""); apperr.CodeOf(err) != apperr.Forbidden {
			t.Errorf("a lead sets it: %v", err)
		}
		if err := o.SetDeskSetting(ctx, o.admin, "nothing", ""); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("an unknown one: %v", err)
		}
		list, err := o.DeskSettings(ctx)
		must(t, err)
		for _, s := range list {
			if s.Name == SettingSignWords && (s.Value != "活性炭、转轮" || s.ChangedBy != "管理员" || s.ChangedAt.IsZero()) {
				t.Errorf("%+v", s)
			}
			if s.Name == SettingReopenDays && (s.Value != "7" || !s.ChangedAt.IsZero()) {
				t.Errorf("%+v", s)
			}
			if err := s.check(s.Default); err != nil {
				t.Errorf("default of %s: %v", s.Name, err)
			}
		}
	})
}

func TestATransferOrAWithdrawalTakesAnAnswerOutOfReview(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "会罚多少").ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		submit := func() {
			t.Helper()
			_, err := o.Submit(ctx, o.li, id, o.version(id), "见第九十九条", cited("罚款"))
			must(t, err)
		}
		submit()
		must(t, o.WithdrawReview(ctx, o.li, id, o.version(id)))
		if err := o.Sign(ctx, o.wang, id, o.version(id)); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("a withdrawn answer is signed: %v", err)
		}
		submit()
		must(t, o.Transfer(ctx, o.zhao, id, o.version(id), "wang", "李工休假"))
		if err := o.Sign(ctx, o.zhao, id, o.version(id)); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("an answer is signed after the transfer: %v", err)
		}
		if n := o.count(`SELECT count(*) FROM reviews WHERE state = 'withdrawn'`); n != 2 {
			t.Errorf("%d withdrawn", n)
		}
		c, err := o.Open(ctx, o.li, id)
		must(t, err)
		if c.Draft == nil || c.Draft.Body != "见第九十九条" {
			t.Error("the author's text is lost")
		}
	})
}

func TestAnAnswerIsComplete(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		id := o.asked("o-a", "活性炭多久换").ID
		must(t, o.Accept(ctx, o.li, id, o.version(id)))
		for name, c := range map[string]struct {
			body  string
			cites []Cited
			want  apperr.Code
		}{
			"empty":      {" \n", nil, apperr.Invalid},
			"long":       {strings.Repeat("长", maxPost+1), nil, apperr.TooLarge},
			"no quote":   {"答", []Cited{{Clause: "c1", Quote: " "}}, apperr.Invalid},
			"many cited": {"答", make([]Cited, maxCited+1), apperr.TooLarge},
		} {
			if _, err := o.Submit(ctx, o.li, id, o.version(id), c.body, c.cites); apperr.CodeOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
