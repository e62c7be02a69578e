package knowledge

import (
	"testing"

	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

func TestATimePastWithoutADateIsHeard(t *testing.T) {
	for in, want := range map[string]struct {
		past
		rest string
	}{
		"前几年夜间施工怎么罚":      {past{"前几年", false}, "夜间施工怎么罚"},
		"工地前些年的夜间施工":      {past{"前些年的", false}, "工地夜间施工"},
		"疫情期间，夜间施工怎么罚":    {past{"疫情期间", false}, "夜间施工怎么罚"},
		"几年前噪声超标怎么罚":      {past{"几年前", false}, "噪声超标怎么罚"},
		"新法实施前夜间施工怎么罚":    {past{"新法实施前", true}, "夜间施工怎么罚"},
		"新噪声法施行之前夜间施工怎么罚": {past{"新噪声法施行之前", true}, "噪声法夜间施工怎么罚"},
		"修法前夜间施工怎么罚":      {past{"修法前", true}, "夜间施工怎么罚"},
		"前几年建的厂要补环评吗":     {past{}, "前几年建的厂要补环评吗"},
		"前几年我们厂投产的，没环评":   {past{}, "前几年我们厂投产的，没环评"},
		"前几年的证现在还能用吗":     {past{}, "前几年的证现在还能用吗"},
		"《前几年》是什么":        {past{}, "《前几年》是什么"},
		"夜间施工怎么罚":         {past{}, "夜间施工怎么罚"},
		"排污前要申报吗":         {past{}, "排污前要申报吗"},
		"":                {past{}, ""},
	} {
		if got, rest := pastOf(in); got != want.past || rest != want.rest {
			t.Errorf("%s: %+v, %q", in, got, rest)
		}
	}
}

// 新法实施前 is answered by the law before today's; 前几年 by today's, which says
// so when it is not older than those years.
func TestATimePastWithoutADateIsPlacedByWhatAnswersToday(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := riverStore(t, d)
		e := synced(t, testEngine(t, s))
		if res := ask(t, e, Ask{Text: "前几年" + riverQuestion}); res.Vague != "" || res.Day != "" || res.Citations[0].Version != "2019-03-20" {
			t.Errorf("the same law then and now: %q, %q, %+v", res.Vague, res.Day, res.Citations)
		}
		if res := ask(t, e, Ask{Text: "新条例施行前" + riverQuestion}); res.Absent == "" {
			t.Errorf("the law before, which is not there: %+v", res.Citations)
		}
		mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
		synced(t, e)
		res := ask(t, e, Ask{Text: "前几年" + riverQuestion})
		if res.Vague != "前几年" || res.Day != "" || res.Citations[0].Version != "2024-03-15" || res.Since != res.Citations[0].Effective {
			t.Errorf("another law then: %q since %q, %q, %+v", res.Vague, res.Since, res.Day, res.Citations)
		}
		res = ask(t, e, Ask{Text: "新条例施行前" + riverQuestion})
		if res.Vague != "" || res.Day != dayBefore(first(t, e, riverQuestion).Effective) || res.Citations[0].Version != "2019-03-20" || res.Absent != "" {
			t.Errorf("the law before: %q, %q, absent %q, %+v", res.Vague, res.Day, res.Absent, res.Citations)
		}
		if res = ask(t, e, Ask{Text: riverQuestion}); res.Vague != "" || res.Day != "" {
			t.Errorf("no time past: %q, %q", res.Vague, res.Day)
		}
	})
}
