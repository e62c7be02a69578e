package desk

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"greendesk/internal/apperr"
)

func TestANoticeSaysWhoKeepsWhatAndHowToEraseIt(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		for value, says := range map[string]string{
			"":   "谁保存",
			"乱写": "怎么删除",
			"我们保存您的姓名和电话，用来把答复送到您手里，只由承办咨询的专家查看，不用于执法检查，也不提供给其他单位，请您放心填写。": "怎么删除",
			"我们保存姓名，可以删除。": "太短",
			"这里保存您的姓名和电话，用来把答复送到您手里，只由承办咨询的专家查看，不提供给其他单位。您可以随时要求删除，也可以随时更正。": "谁保存",
			strings.Repeat("我们保存姓名，可以删除。", 400): "最多",
		} {
			err := o.SetDeskSetting(ctx, o.admin, SettingNotice, value)
			if err == nil || !strings.Contains(apperr.MessageOf(err), says) {
				t.Errorf("%.30q: %v, want %q", value, err, says)
			}
		}
		for _, good := range []string{noticeText, "生态环境局保存您的姓名、电话和企业名称，只用来把专家的答复送到您手里，不用于执法检查。您可以随时在“我的资料”里查看、更正和删除，取消关注后我们也会删除。"} {
			must(t, o.SetDeskSetting(ctx, o.admin, SettingNotice, good))
		}
	})
}

func TestWhatNoLongerNeedsASignatureIsListed(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		must(t, o.SetDeskSetting(ctx, o.admin, SettingSignWords, "罚款 免罚 从轻"))
		for _, c := range []struct{ name, value, lost string }{
			{SettingSignWords, "罚款 免罚 从轻 停产", "[]"},
			{SettingSignWords, "罚、从轻", "[]"}, // 罚 finds more than 罚款 and 免罚
			{SettingSignWords, "罚款", "[免罚 从轻]"},
			{SettingSignWords, "", "[罚款 免罚 从轻]"},
			{SettingSignWords, "罚款二字 免罚 从轻", "[罚款]"},
			{SettingSignTopics, "", "[处罚信用]"},
			{SettingSignTopics, "处罚", "[处罚信用]"}, // topics are names
			{SettingSignTopics, "噪声 处罚信用", "[]"},
			{SettingReopenDays, "3", "[]"},
		} {
			_, lost, err := o.Unsigned(ctx, c.name, c.value)
			must(t, err)
			if got := fmt.Sprint(lost); got != c.lost {
				t.Errorf("%s = %q loses %s, want %s", c.name, c.value, got, c.lost)
			}
		}
	})
}
