package knowledge

import (
	"strings"
	"testing"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

func TestAnAcceptedEntryAnswersAndARefusedOneIsNotProposedAgain(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := riverStore(t, d)
		e := synced(t, testEngine(t, s))
		const asked = "河边的垂钓平台归谁打扫"
		good := ProposedEntry{Question: asked, Answer: "归平台的经营者。\r\n## 每天一次", Sources: "《青溪市河道保洁条例》第二条"}
		bad := ProposedEntry{Question: asked, Answer: "不知道。"}
		for range 2 {
			must(t, s.ProposeEntry(t.Context(), good, "甲"))
			must(t, s.ProposeEntry(t.Context(), bad, "甲"))
		}
		list, err := s.ProposedEntries(t.Context())
		must(t, err)
		if len(list) != 2 {
			t.Fatalf("%+v", list)
		}
		for _, p := range list {
			if p.Answer == bad.Answer {
				must(t, s.RejectEntry(t.Context(), p.ID, "乙"))
				continue
			}
			must(t, s.AcceptEntry(t.Context(), p, "乙"))
			if err := s.RejectEntry(t.Context(), p.ID, "丙"); apperr.CodeOf(err) != apperr.Conflict {
				t.Errorf("decided twice: %v", err)
			}
		}
		must(t, s.ProposeEntry(t.Context(), bad, "甲"))
		if list, err = s.ProposedEntries(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("%v %+v", err, list)
		}
		synced(t, e)
		res := ask(t, e, Ask{Text: asked})
		if len(res.Citations) == 0 || !strings.Contains(res.Citations[0].Quote.String(), "归平台的经营者。\n## 每天一次\n来源：《青溪市河道保洁条例》第二条") {
			t.Errorf("%+v", res.Citations)
		}
	})
}

func TestAnEntryIsCheckedAndGoesWithWhoAsked(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := riverStore(t, d)
		for _, e := range []ProposedEntry{
			{Question: "短", Answer: "答"},
			{Question: "这一条没有答复可以吗", Answer: " \r\n "},
			{Question: "这一条有电话可以吗", Answer: "请打 13800000000"},
			{Question: "这一条太长了可以吗", Answer: strings.Repeat("长", longestEntry+1)},
		} {
			if code := apperr.CodeOf(s.ProposeEntry(t.Context(), e, "甲")); code != apperr.Invalid && code != apperr.TooLarge {
				t.Errorf("%q is taken: %s", e.Question, code)
			}
		}
		for _, q := range []string{"第一个问题怎么办", "第二个问题怎么办"} {
			must(t, s.ProposeEntry(t.Context(), ProposedEntry{Question: q, Answer: "这样办。"}, "某人"))
		}
		list, err := s.ProposedEntries(t.Context())
		must(t, err)
		must(t, s.AcceptEntry(t.Context(), list[0], "乙"))
		must(t, s.Forget(t.Context(), "某人"))
		var left, named int
		must(t, d.QueryRow(t.Context(), `SELECT count(*), COALESCE(sum(CASE proposed_by WHEN '' THEN 0 ELSE 1 END), 0) FROM entries`).Scan(&left, &named))
		if left != 1 || named != 0 {
			t.Errorf("%d left, %d with a name", left, named)
		}
	})
}
