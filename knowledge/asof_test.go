package knowledge

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTheDayWhoseLawIsAskedForIsReadFromTheQuestion(t *testing.T) {
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC) // the 24th in China
	for in, want := range map[string]string{
		"2020年的时候噪声扰民罚多少":     "2020-07-01",
		"2019年8月那会儿危废能放多久":    "2019-08-01",
		"2019年8月15日的时候":       "2019-08-15",
		"2019年8月15号那时":        "2019-08-15",
		"按2017年的规定怎么罚":        "2017-07-01",
		"２０２０年９月的时候":          "2020-09-01",
		"2020年底倒的垃圾":          "2020-12-31",
		"2020年初":              "2020-01-01",
		"2020年9月底":            "2020-09-30",
		"2020年2月底":            "2020-02-29",
		"2020年以前建的厂":          "2019-12-31",
		"2020年9月1日之前":         "2020-08-31",
		"2021年12月份的时候":        "2021-12-01",
		"2026年11月23日那时":       "2026-11-23",
		"2026年11月24日那时":       "",
		"2030年的时候":            "",
		"2021年版名录":            "",
		"国家危险废物名录（2021年版）怎么查": "",
		"漯环办〔2021〕52号":        "",
		"2020年13月的时候":         "",
		"2021年2月29日的时候":       "",
		"2020年0月的时候":          "",
		"2020年5月0日的时候":        "",
		"20年的时候":              "2020-07-01",
		"18年那会儿散煤罚多少":         "2018-07-01",
		"我们18年3月被查的":          "2018-03-01",
		"98年底的规定":             "1998-12-31",
		"40年的时候":              "",
		"干了20年的时候":            "",
		"厂子开了15年前后":           "",
		"15年前建的厂":             "",
		"保存10年的规定在哪":          "",
		"去年的时候怎么罚":            "2025-07-01",
		"去年危废能放多久":            "2025-07-01",
		"去年底倒的垃圾":             "2025-12-31",
		"前年3月被查了怎么罚":          "2024-03-01",
		"前年3月开工没报":            "2024-03-01",
		"大前年12月15日那会":         "2023-12-15",
		"我是去年才接手环保的":          "",
		"去年刚办的证要不要换":          "",
		"我们去年建的厂":             "",
		"二〇二〇年的时候":            "2020-07-01",
		"一八年那会儿":              "2018-07-01",
		"2026年的规定":            "",
		"2026年的时候怎么罚":         "",
		"2026年3月被查了":          "2026-03-01",
		"2026年初":              "2026-01-01",
		"二三年级":                "",
		"3020年的时候":            "",
		"":                    "",
	} {
		if got := AsOf(in, now); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestTheDateIsNoPartOfWhatIsLookedFor(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for in, want := range map[string]string{
		"２０２０年９月１日的时候危废放多久": "危废放多久",
		"我们厂2019年被罚过":       "我们厂被罚过",
		"2021年版名录":          "2021年版名录",
		"2030年的时候":          "2030年的时候",
		"":                  "",
	} {
		if _, got := asOf(in, now); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestAnAskedDayIsAnExistingDayThatIsPast(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		q := fmt.Sprintf("%d年", rapid.IntRange(1890, 2110).Draw(t, "year"))
		if rapid.Bool().Draw(t, "with month") {
			q += fmt.Sprintf("%d月", rapid.IntRange(0, 14).Draw(t, "month"))
			if rapid.Bool().Draw(t, "with day") {
				q += fmt.Sprintf("%d日", rapid.IntRange(0, 33).Draw(t, "day"))
			}
		}
		q += rapid.SampledFrom([]string{"", "的时候", "底", "末", "初", "前", "以前", "那会儿", "被罚"}).Draw(t, "tail") + rapid.String().Draw(t, "rest")
		got := AsOf(q, now)
		if got == "" {
			return
		}
		day, err := time.Parse(time.DateOnly, got)
		if err != nil || !day.Before(now) {
			t.Errorf("%s: %q, %v", q, got, err)
		}
	})
}

func FuzzAsOf(f *testing.F) {
	for _, s := range []string{"2020年的时候", "1999年2月30日前", "２０２０年底", "\xff2020年初", "2020年99月99日就"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := AsOf(s, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)); got != "" {
			if _, err := time.Parse(time.DateOnly, got); err != nil {
				t.Errorf("%s: %v", s, err)
			}
		}
	})
}
