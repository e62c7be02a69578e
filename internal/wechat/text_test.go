package wechat

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSplitTextCutsWhereAReaderWould(t *testing.T) {
	for name, x := range map[string]struct {
		in    string
		limit int
		want  []string
	}{
		"it fits":              {"一句话。", 100, []string{"一句话。"}},
		"nothing":              {" \n ", 100, nil},
		"paragraphs first":     {"甲乙丙丁。戊己\n\n庚辛。壬癸", 36, []string{"甲乙丙丁。戊己", "庚辛。壬癸"}},
		"then lines":           {"甲乙丙。丁\n戊己庚。辛壬", 24, []string{"甲乙丙。丁", "戊己庚。辛壬"}},
		"then sentences":       {"甲乙丙，丁。戊己庚，辛壬。", 24, []string{"甲乙丙，丁。", "戊己庚，辛壬。"}},
		"quotes stay closed":   {"他说“甲乙丙。”丁戊己庚", 27, []string{"他说“甲乙丙。”", "丁戊己庚"}},
		"then clauses":         {"甲乙丙，丁戊己庚辛壬癸", 18, []string{"甲乙丙，", "丁戊己庚辛壬", "癸"}},
		"then words":           {"alpha beta gamma", 12, []string{"alpha beta", "gamma"}},
		"then characters":      {"甲乙丙丁", 7, []string{"甲乙", "丙丁"}},
		"a decimal point":      {"at 3.14 m and more", 9, []string{"at 3.14", "m and", "more"}},
		"a link stays whole":   {"请点 " + MenuLink(1, "是", "是。是") + "完", 77, []string{"请点", MenuLink(1, "是", "是。是") + "完"}},
		"no cut in a label":    {MenuLink(1, "是", "是。是") + "完完完完", 80, []string{MenuLink(1, "是", "是。是") + "完完", "完完"}},
		"a tiny limit":         {"😀😀", 1, []string{"😀", "😀"}},
		"bad UTF-8 is mended":  {"a\xffb", 100, []string{"a\ufffdb"}},
		"no limit: the budget": {strings.Repeat("字", 683), 0, []string{strings.Repeat("字", 682), "字"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := SplitText(x.in, x.limit); !reflect.DeepEqual(got, x.want) {
				t.Fatalf("got %q\nwant %q", got, x.want)
			}
		})
	}
}

func FuzzSplitTextLosesNothing(f *testing.F) {
	f.Add("甲乙丙，丁。戊己庚，辛壬。", 24)
	f.Add("a "+MenuLink(1, "x", "y")+"\n\n“甲。”", 40)
	f.Add(strings.Repeat("<a ", 30), 10)
	f.Add("\xff\xfe\x00。", 4)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = min(limit, 1<<16)
		parts := SplitText(s, limit)
		budget := max(limit, utf8.UTFMax)
		if limit <= 0 {
			budget = MaxTextBytes
		}
		for _, p := range parts {
			if len(p) > budget || !utf8.ValidString(p) || strings.TrimSpace(p) == "" {
				t.Fatalf("part %q of %d bytes, limit %d", p, len(p), budget)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\ufffd")), "") }
		if got, want := squeeze(strings.Join(parts, "")), squeeze(s); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestMenuLinkIsOneLinkWhateverItSays(t *testing.T) {
	if got, want := MenuLink(101, "转专家", "转专家"), `<a href="weixin://bizmsgmenu?msgmenucontent=转专家&msgmenuid=101">转专家</a>`; got != want {
		t.Fatalf("got %s", got)
	}
	got := MenuLink(7, `a"b'<c>&msgmenuid=9#%41=?+`+"\n\x00", `</a><a href="evil">&`)
	want := `<a href="weixin://bizmsgmenu?msgmenucontent=a＂b＇＜c＞＆msgmenuid＝9＃％41＝？＋ &msgmenuid=7">＜/a＞＜a href="evil"＞＆</a>`
	if got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
}
