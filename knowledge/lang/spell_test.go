package lang

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func newSpeller(t testing.TB) *Speller {
	t.Helper()
	f, err := NewFolder()
	if err != nil {
		t.Fatal(err)
	}
	l, err := EmbeddedLexicon(f)
	if err != nil {
		t.Fatal(err)
	}
	return NewSpeller(l)
}

// words are pairs that stand in laws.
func words(pair string) bool {
	return strings.Contains("检测 线检 公司 处理 提前 电话 建设 管理 以后 需要 填写 企业 电子", pair)
}

func TestWhatSoundsLikeATermIsReadAsTheTerm(t *testing.T) {
	s := newSpeller(t)
	for typed, want := range map[string]string{
		"在线检测要联网吗":     "在线监测要联网吗", // 线检 and 检测 are usual
		"危费能放多久":       "危废能放多久",
		"登计表怎么填":       "登记表怎么填",
		"排污许可正到期":      "排污许可证到期",
		"清结生产审核":       "清洁生产审核",
		"环平没批就开工":      "环评没批就开工",
		"危废能放多久":       "危废能放多久",  // right as it stands
		"企业端电子联单":      "企业端电子联单", // 端电 is no word, 电子 is
		"威飞环保公司被罚了":    "威飞环保公司被罚了",
		"我叫危费":         "我叫危费",
		"你们电话多少":       "你们电话多少",
		"会一直罚吗":        "会一直罚吗",
		"VOCs danwei?": "VOCs danwei?",
		"":             "",
	} {
		got, repairs := s.Mend(typed, words)
		if got != want || (len(repairs) > 0) != (typed != want) {
			t.Errorf("%s: read as %s, want %s (%v)", typed, got, want, repairs)
		}
	}
}

func TestMendingChangesCharactersOnlyAndSaysWhich(t *testing.T) {
	s := newSpeller(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("危费废在线检监测登计记表排务污许可正证，发罚多少")))).Draw(t, "text")
		text = strings.ToValidUTF8(text, "")
		got, repairs := s.Mend(text, func(string) bool { return false })
		if len([]rune(got)) != len([]rune(text)) || (got != text) != (len(repairs) > 0) {
			t.Fatalf("%q became %q by %v", text, got, repairs)
		}
		for _, r := range repairs {
			if len([]rune(r.From)) != len([]rune(r.To)) || !strings.Contains(got, r.To) {
				t.Fatalf("%q: %+v", got, r)
			}
		}
	})
}
