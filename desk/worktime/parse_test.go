package worktime

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWeeksAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]string{
		"":           "",
		DefaultHours: DefaultHours,
		"周一到周五：8:30-12:00，14:00—17:30":   DefaultHours,
		"星期二、星期四 09:00-11:30":            "周二 09:00-11:30；周四 09:00-11:30",
		"周日 10:00-24:00\n周一至二 8:00-9:00": "周一至周二 08:00-09:00；周日 10:00-24:00",
	} {
		w, err := ParseWeek(text)
		if err != nil || w.String() != want {
			t.Errorf("%q is read as %q (%v), want %q", text, w, err, want)
		}
	}
}

func TestWrongHoursAreRefusedWithAdvice(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "请写上平时的工作时间",
		"08:30-12:00":                "没有写是周几",
		"周一至周五":                      "写上时间",
		"周五至周一 08:30-12:00":          "看不懂",
		"周一 早上":                      "看不懂“早上”",
		"周一 12:00-08:30":             "不是一段时间",
		"周一 08:70-12:00":             "不是一段时间",
		"周一 08:00-25:00":             "不是一段时间",
		"周一 08:30-12:00 11:00-17:30": "重叠",
		"周一至周三 08:30-12:00；周二 14:00-15:00":         "周二写了两次",
		DefaultHours + "\n6月31日至9月1日 周一 8:00-9:00": "没有6月31日",
		DefaultHours + "\n13月1日至9月1日 周一 8:00-9:00": "没有13月1日",
		DefaultHours + "\n6月1日至9月1日":               "后面写上",
		"6月1日至9月1日 周一 8:00-9:00":                   "平时的工作时间",
	} {
		if _, err := ParseHours(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something with %q", text, err, want)
		}
	}
}

func TestAnyWeekIsReadBackAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Week
		for d := range w {
			ends := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*60), 4, 4, rapid.ID).Draw(t, "ends")
			slices.Sort(ends)
			for i := 0; i < 2*rapid.IntRange(0, 2).Draw(t, "spans"); i += 2 {
				w[d] = append(w[d], Span{ends[i], ends[i+1]})
			}
		}
		got, err := ParseWeek(w.String())
		if err != nil || got.String() != w.String() {
			t.Fatalf("%q is read as %q, %v", w, got, err)
		}
		for d := range w {
			if !slices.Equal(got[d], w[d]) {
				t.Fatalf("%q: day %d is %v, was %v", w, d, got[d], w[d])
			}
		}
	})
}

// The notices of earlier years, for the ways in which they are written.
const (
	notice2023 = `国务院办公厅关于2023年部分节假日安排的通知
一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。
二、春节：1月21日至27日放假调休，共7天。1月28日（星期六）、1月29日（星期日）上班。
三、清明节：4月5日放假，共1天。
四、劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。
五、端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。
六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。
`
	notice2025 = `国务院办公厅关于2025年部分节假日安排的通知

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
  经国务院批准，现将2025年元旦、春节、清明节、劳动节、端午节、国庆节和中秋节放假调休日期的具体安排通知如下。
  一、元旦：1月1日（周三）放假1天，不调休。
  二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
  三、清明节：4月4日（周五）至6日（周日）放假，共3天。
  四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
  五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
  六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
  节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
`
)

func TestNoticesAreReadAsTheyArePublished(t *testing.T) {
	h, err := ParseNotices(notice2023 + notice2025 + Bundled())
	if err != nil {
		t.Fatal(err)
	}
	for year, want := range map[int][2]int{2022: {1, 0}, 2023: {2 + 7 + 1 + 5 + 3 + 8, 7}, 2025: {1 + 8 + 3 + 5 + 3 + 8, 5}, 2026: {3 + 9 + 3 + 5 + 3 + 3 + 7, 6}} {
		var got [2]int // days off, weekends worked
		for d, off := range h.off {
			if int(d)/10000 != year {
				continue
			}
			if off {
				got[0]++
			} else {
				got[1]++
				if w := d.date(time.UTC).Weekday(); w != time.Saturday && w != time.Sunday {
					t.Errorf("%d is no weekend", d)
				}
			}
		}
		if got != want {
			t.Errorf("%d has %v days off and weekends worked, want %v", year, got, want)
		}
	}
	if h.years[2022] || !h.years[2023] || h.years[2024] || !h.years[2025] || !h.years[2026] {
		t.Errorf("known years %v", h.years)
	}
}

func TestOfTwoNoticesForAYearTheLaterCounts(t *testing.T) {
	later := strings.ReplaceAll(Bundled(), "2月14日（周六）、2月28日（周六）上班", "2月7日（周六）、2月28日（周六）上班")
	h, err := ParseNotices(Bundled() + later)
	if err != nil {
		t.Fatal(err)
	}
	if _, named := h.off[20260214]; named {
		t.Error("the earlier notice still counts")
	}
	if off, named := h.off[20260207]; !named || off {
		t.Error("the later notice does not count")
	}
}

func TestAWrongNoticeIsRefused(t *testing.T) {
	lines := strings.SplitAfter(Bundled(), "\n")
	for name, c := range map[string]struct{ text, want string }{
		"without title":       {strings.Join(lines[1:], ""), "连同标题"},
		"a festival is gone":  {strings.Join(append(slices.Clone(lines[:3]), lines[4:]...), ""), "清明"},
		"cut off":             {strings.Join(lines[:6], ""), "不完整"},
		"a wrong year":        {strings.ReplaceAll(Bundled(), "2026", "2027"), "周四"},
		"a wrong weekday":     {strings.ReplaceAll(Bundled(), "4日（周日）上班", "4日（周六）上班"), "应是周日"},
		"a wrong count":       {strings.ReplaceAll(Bundled(), "共9天", "共8天"), "按日期却是9天"},
		"no such day":         {strings.ReplaceAll(Bundled(), "5月9日（周六）", "5月39日"), "没有“5月39日”这一天"},
		"no dates":            {strings.ReplaceAll(Bundled(), "4月4日（周六）至6日（周一）放假，共3天", "放假"), "没有日期"},
		"nothing said of off": {strings.ReplaceAll(Bundled(), "4月4日（周六）至6日（周一）放假，共3天", "另行通知"), "没有找到放假"},
		"too long":            {strings.ReplaceAll(Bundled(), "4月4日（周六）至6日（周一）放假，共3天", "4月4日至6月6日放假"), "看不懂"},
	} {
		if _, err := ParseNotices(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something with %q", name, err, c.want)
		}
	}
}

func TestTextOfNoNoticeKnowsNoYear(t *testing.T) {
	h, err := ParseNotices("今天天气不错")
	if err != nil || len(h.years) != 0 {
		t.Errorf("%v, %v", h, err)
	}
}

func FuzzParseNotices(f *testing.F) {
	f.Add(Bundled())
	f.Add(notice2023 + notice2025)
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = ParseNotices(text) // must not panic or hang
	})
}
