package route

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func topics(t testing.TB) *Topics {
	t.Helper()
	v, err := LoadTopics()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWordsTellTheTopic(t *testing.T) {
	v := topics(t)
	for question, want := range map[string]string{
		"活性炭箱压差大了怎么调":         "VOCs",
		"ＶＯＣｓ治理用转轮还是rto":      "VOCs",
		"喷漆房废气用光氧行不行":         "VOCs",
		"锅炉冒黑烟会被罚多少钱":         "废气",
		"饭店油烟扰民被投诉了":          "废气",
		"重污染天气停产，绩效B级怎么升A级":   "废气",
		"搅拌站料场没盖网被查了":         "扬尘",
		"污水站好氧池COD降不下来":       "废水",
		"雨水口能不能排冷却水":          "废水",
		"废机油桶算不算危废":           "固废危废",
		"联单填错了怎么改":            "固废危废",
		"隔壁冲压厂晚上太吵":           "噪声",
		"牙科x光机要办辐射安全许可证吗":     "辐射",
		"老厂搬迁要做场地调查吗":         "土壤",
		"猪场粪污还田有什么要求":         "养殖",
		"扩建一条线要不要重新做环评":       "环评",
		"自主验收专家意见怎么写":         "环评",
		"排污许可证快到期了怎么延续":       "排污许可",
		"执行报告季报什么时候交":         "排污许可",
		"在线数据异常怎么标记":          "在线监测",
		"应急预案几年修订一次":          "应急",
		"碳配额不够怎么办":            "碳",
		"环保税怎么申报":             "环保税",
		"处罚以后怎么做信用修复":         "处罚信用",
		"第一次被查能不能从轻":          "处罚信用",
		"怎么进正面清单":             "帮扶政策",
		"你好，在吗":               General,
		"":                    General,
		"我想问一下我们这个事该找谁，电话打不通": General,
	} {
		if got := v.Of(question); got != want {
			t.Errorf("%s: topic %s, want %s", question, got, want)
		}
	}
}

func TestOfWordsInEachOtherTheLongestCountsAndEachOnce(t *testing.T) {
	v, err := parseTopics("甲\t1\t水|水泥\n乙\t1\t废水|泥\n")
	if err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]string{"废水": "乙", "水泥": "甲", "水水水泥泥": "甲", "泥水": "甲", "火": General} {
		if got := v.Of(question); got != want {
			t.Errorf("%s: %s, want %s", question, got, want)
		}
	}
}

func TestWrongTopicFilesAreRefused(t *testing.T) {
	for _, text := range []string{"甲\t1\n", "甲\tx\t水\n", "甲\t0\t水\n", "甲\t1\t水|\n", "甲\t1\t水\n乙\t1\t水\n", "甲\t1\t水\n甲\t1\t火\n"} {
		if _, err := parseTopics(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

func TestTheStarterQuestionsFindTheirTopics(t *testing.T) {
	v := topics(t)
	right, all := 0, 0
	for file, want := range map[string][]string{
		"噪声": {"噪声"}, "固废危废": {"固废危废"}, "处罚与权利": {"处罚信用"}, "应急": {"应急"}, "废气": {"废气", "VOCs"}, "废水": {"废水"},
		"扬尘散煤车辆": {"扬尘", "废气"}, "排污许可": {"排污许可"}, "正面清单与帮扶": {"帮扶政策"}, "环保税": {"环保税"}, "环评与验收": {"环评"},
		"监测与信息公开": {"在线监测", "信息公开"},
	} {
		text, err := os.ReadFile(filepath.Join("../../knowledge/starter", file+".md"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			question, ok := strings.CutPrefix(line, "## ")
			if !ok {
				continue
			}
			all++
			if got := v.Of(question); slices.Contains(want, got) {
				right++
			} else {
				t.Logf("%s: %s, filed under %s", strings.TrimSpace(question), got, file)
			}
		}
	}
	t.Logf("%d of %d", right, all)
	if right*10 < all*9 {
		t.Errorf("%d of %d starter questions find the topic of their file", right, all)
	}
}
