package bot

import (
	"strings"
	"testing"

	"greendesk/knowledge"
)

func TestAnAnswerToATimePastWithoutADateSaysWhichDaysLawItQuotes(t *testing.T) {
	r := answered(&knowledge.Result{Vague: "前几年", Since: "2022-06-05", Citations: []knowledge.Citation{{Document: "噪声污染防治法", Ref: "第七十七条", Quote: knowledge.Quote{"处一万元以上十万元以下的罚款"}}}})
	if !strings.HasPrefix(r.Text, "您说的“前几年”没说是哪一年，下面按今天有效的规定（2022年6月5日起施行）；要那时的，请说年份，如“2021年……”。\n《噪声污染防治法》") {
		t.Error(r.Text)
	}
}
