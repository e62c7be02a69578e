package lang

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func newFolder(t testing.TB) *Folder {
	t.Helper()
	f, err := NewFolder()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWaysOfWritingTheSameFoldToOneForm(t *testing.T) {
	f := newFolder(t)
	for name, ways := range map[string][]string{
		"traditional":           {"大气污染防治法", "大氣污染防治法", "大氣汙染防治法"},
		"width and case":        {"vocs", "VOCs", "ＶＯＣｓ", "ｖｏｃｓ"},
		"article":               {"第三十条", "第30条", "第３０条", "第 30 条", "第　30　條", "第 30条", "第30 条"},
		"article with a nought": {"第一百零五条", "第105条", "第一百〇五条", "第一百○五条"},
		"money":                 {"五千元", "5000元", "５０００元"},
		"more money":            {"十万元", "10万元", "10 万元", "１０萬元"},
		"days":                  {"三十日内", "30日内", "30 日内"},
		"blanks":                {"危废 台账", "危废  台账", " 危废\t台账 ", "危废　台账", "危废，台账", "危废、“台账”"},
		"sentences":             {"停产\n罚款", "停产。罚款", "停产。 罚款", "停产）。罚款", "停产；\n\n罚款", "停产，\n罚款！"},
		"decimal":               {"pm2.5", "PM2.5", "ＰＭ２．５"},
		"radicals of PDF files": {"生态", "⽣态"},
	} {
		want := f.Fold(ways[0])
		if want != ways[0] {
			t.Errorf("%s: %q is not a folded form: %q", name, ways[0], want)
		}
		for _, w := range ways[1:] {
			if got := f.Fold(w); got != want {
				t.Errorf("%s: %q folds to %q, want %q", name, w, got, want)
			}
		}
	}
}

func TestNamesAndYearsKeepTheirDigits(t *testing.T) {
	f := newFolder(t)
	for in, want := range map[string]string{
		"DA001排放口":       "da001排放口",
		"2021年修订":        "2021年修订",
		"漯环办〔2021〕52号":   "漯环办 2021 五十二号",
		"GB13271-2014":   "gb13271 2014",
		"0.5毫克":          "0.5毫克",
		"1.2.3版":         "1.2.3版",
		"1.建设项目":         "一 建设项目",
		"2、有组织":          "二 有组织",
		"007号":           "007号",
		"50mg":           "50mg",
		"50 mg/m3":       "五十 mg m3",
		"超标0倍":           "超标0倍",
		"3号炉 5 吨":        "三号炉五吨",
		"甲 2021 年":       "甲 2021 年",
		"处1234567元":      "处1234567元",
		"二○二一年○甲":        "二零二一年 甲",
		"是5.":            "是五",
		"5..6":           "五 六",
		"，。":             "",
		"😀😂":             "",
		"\x00\x01\u200b": "",
	} {
		if got := f.Fold(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
}

// anyText are strings of what people and files send: Han of both scripts,
// digits of both widths, punctuation, blanks, Latin, emoji, broken bytes.
func anyText() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.StringOf(rapid.RuneFrom([]rune("第条三十百千零〇○一二两0123456789０１９.．/，。；：？！ \t\n　年月日元万号法罚國氣薴苧苎⽣\uf900aAzＺé"))),
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
	return rapid.Map(rapid.SliceOfN(piece, 0, 4), func(s []string) string { return strings.Join(s, "") })
}

// folded checks what is promised of every folded text.
func folded(t rapid.TB, f *Folder, in string) {
	out := f.Fold(in)
	if !utf8.ValidString(out) {
		t.Errorf("%q folds to invalid UTF-8 %q", in, out)
	}
	if again := f.Fold(out); again != out {
		t.Errorf("%q folds to %q and that to %q", in, out, again)
	}
	if strings.TrimSpace(out) != out {
		t.Errorf("%q folds to %q with blanks around", in, out)
	}
	for _, bad := range []string{"  ", " \n", "\n ", "\n\n"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q folds to %q with a run of blanks", in, out)
		}
	}
	for _, r := range out {
		if !isWord(r) && !blank(r) && r != '.' {
			t.Errorf("%q folds to %q, which has %q", in, out, r)
		}
	}
}

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	f := newFolder(t)
	rapid.Check(t, func(t *rapid.T) { folded(t, f, anyText().Draw(t, "text")) })
}

func TestEveryCharacterFoldsToASettledForm(t *testing.T) {
	f := newFolder(t)
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if once := f.rune(r); f.rune(once) != once {
			t.Errorf("%q folds to %q and that to %q", r, once, f.rune(once))
		}
	}
}

func TestASentenceKeepsItsPlaceAmongThePunctuation(t *testing.T) {
	f := newFolder(t)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("污染防治企业")), 1, 5, -1)
		before := rapid.StringOfN(rapid.RuneFrom([]rune(" ，）”》")), 0, 3, -1).Draw(t, "before")
		after := rapid.StringOfN(rapid.RuneFrom([]rune(" 　“（\n")), 0, 3, -1).Draw(t, "after")
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if got := f.Fold(a + before + "。" + after + b); got != a+"\n"+b {
			t.Errorf("%q", got)
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"第30条", "大氣汙染 第 99 條", "ＰＭ２．５超标0.5倍", "5..6", "\xff第\xfe", "薴", "二○○一", "，。；", "a1.b2.", "1.2.3.", "　5000 元"} {
		f.Add(s)
	}
	folder := newFolder(f)
	f.Fuzz(func(t *testing.T, s string) { folded(t, folder, s) })
}
