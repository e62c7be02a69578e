package lang

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumeralsAreWrittenAsArticlesAre(t *testing.T) {
	for n, want := range map[int]string{0: "零", 2: "二", 10: "十", 12: "十二", 20: "二十", 99: "九十九", 100: "一百", 101: "一百零一", 110: "一百一十",
		111: "一百一十一", 1000: "一千", 1001: "一千零一", 1010: "一千零一十", 1100: "一千一百", 9999: "九千九百九十九", -1: "", 10000: ""} {
		if got := Numeral(n); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
}

func TestEveryNumeralReadsBack(t *testing.T) {
	for n := range 10000 {
		for _, s := range []string{Numeral(n), strconv.Itoa(n), strings.ReplaceAll(Numeral(n), "零", "〇")} {
			if got, ok := ParseNumeral(s); !ok || got != n {
				t.Errorf("%q reads %d, %v, want %d", s, got, ok, n)
			}
		}
	}
}

func TestOtherWaysOfWritingNumbersAreRead(t *testing.T) {
	for in, want := range map[string]int{"两": 2, "两百": 200, "二〇二一": 2021, "二○二一": 2021, "３０": 30, "007": 7, "十": 10, "百": 100, "一百〇五": 105, "999999999": 999999999} {
		if got, ok := ParseNumeral(in); !ok || got != want {
			t.Errorf("%q reads %d, %v, want %d", in, got, ok, want)
		}
	}
}

func TestWhatIsNoNumberIsNotReadAsOne(t *testing.T) {
	for _, in := range []string{"", "条", "三条", "三五十", "十百", "十十", "三 十", "-1", "1.5", "30十", "9999999999", strings.Repeat("9", 100), "\xff"} {
		if n, ok := ParseNumeral(in); ok {
			t.Errorf("%q reads %d", in, n)
		}
	}
}

func TestArticlesOfATextAreFoundInItsOrder(t *testing.T) {
	for in, want := range map[string][]Article{
		"大气法第九十九条和第108条怎么说": {{99, 0}, {108, 0}},
		"刑法第三百三十八条、第十条之一":   {{338, 0}, {10, 1}},
		"依照第三十三条第一款":        {{33, 0}},
		"有三条建议":             nil,
		"第零条":               nil,
		"第三五十条":             nil,
		"":                  nil,
	} {
		if got := Articles(in); !slices.Equal(got, want) {
			t.Errorf("%q has %v, want %v", in, got, want)
		}
	}
}

func TestAnArticleReadsBackFromItsName(t *testing.T) {
	f := newFolder(t)
	rapid.Check(t, func(t *rapid.T) {
		a := Article{rapid.IntRange(1, 9999).Draw(t, "number"), rapid.IntRange(0, 20).Draw(t, "sub")}
		for _, s := range []string{a.String(), f.Fold(a.String())} {
			if got := Articles("按" + s + "办"); len(got) != 1 || got[0] != a {
				t.Errorf("%q reads %v", s, got)
			}
		}
		arabic := f.Fold("第" + strconv.Itoa(a.Number%1000+1) + "条")
		if got := Articles(arabic); len(got) != 1 || got[0].Number != a.Number%1000+1 {
			t.Errorf("%q reads %v", arabic, got)
		}
	})
}

func FuzzNumeral(f *testing.F) {
	for _, s := range []string{"三十", "一百零八", "二〇二一", "30", "９", "第十条之一", "十百千", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := ParseNumeral(s); n < 0 || !ok && n != 0 {
			t.Errorf("%q reads %d, %v", s, n, ok)
		}
		for _, a := range Articles(s) {
			if a.Number <= 0 || a.Sub < 0 {
				t.Errorf("%q has the article %v", s, a)
			}
		}
	})
}
