package bot

import (
	"strings"
	"testing"
	"time"

	"greendesk/desk"
)

func TestTheDesksOwnExplanationDoesNotLookLikeALaw(t *testing.T) {
	n := desk.Notice{Notice: desk.NoticeAnswer, Number: "261126001", Question: "问", Text: "答", Citations: []desk.Cited{
		{Document: "大气污染防治法", Ref: "第九十九条", Quote: "处十万元以上罚款。"}, {Document: "绿企服务台问答：废气", Ref: "冒黑烟怎么罚？", Quote: "要看是否超标。", Own: true}}}
	text := Noticed(n, time.Now()).Text
	for _, want := range []string{"\n《大气污染防治法》第九十九条\n“处十万元以上罚款。”", "\n服务台问答：冒黑烟怎么罚？\n要看是否超标。\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	if strings.Contains(text, "《绿企") {
		t.Errorf("an explanation stands like a law: %q", text)
	}
}
