package lang

import (
	"strings"
	"testing"
)

func newChatter(t testing.TB) *Chatter {
	t.Helper()
	f, err := NewFolder()
	if err != nil {
		t.Fatal(err)
	}
	c, err := EmbeddedChatter(f)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Chatter goes from both ends, whatever its order and however often it is said;
// who asks is kept apart.
func TestChatterIsStripped(t *testing.T) {
	c := newChatter(t)
	for _, s := range []struct{ message, left, who string }{
		{"你好，锅炉冒黑烟罚多少", "锅炉冒黑烟罚多少", ""},
		{"老师您好，打扰一下，我想咨询一下，排污证多久换？谢谢！", "排污证多久换", ""},
		{"您好\n您好\n请问排污证多久换\n谢谢老师\n🙏", "排污证多久换", ""},
		{"謝謝，請問排汙許可證多久換", "排汙許可證多久換", ""},
		{"在吗？有个事想请教您一下，排污证多久换", "排污证多久换", ""},
		{"能不能告诉我危废放多久", "危废放多久", ""},
		{"麻烦您帮我查一下危废放多久，急，在线等", "危废放多久", ""},
		{"危废放多久啊[抱拳]", "危废放多久", ""},
		{"你好《大气法》管不管油烟", "《大气法》管不管油烟", ""},
		{"早上好，我叫李红，是舞阳县一家纸箱厂的环保专员，危废放多久", "危废放多久", "我叫李红，是舞阳县一家纸箱厂的环保专员，"},
		{"我是召陵区一家印刷厂的，要办什么证", "要办什么证", "我是召陵区一家印刷厂的，"},
		{"你好呀", "", ""},
	} {
		got := c.Strip(s.message)
		if got.Text != s.left || strings.Join(got.Who, "") != s.who {
			t.Errorf("%q: %q of %q, want %q of %q", s.message, got.Text, got.Who, s.left, s.who)
		}
	}
}

// What says something stays, though it begins or ends like chatter.
func TestWhatBearsTheQuestionStays(t *testing.T) {
	c := newChatter(t)
	for _, s := range []string{
		"咨询公司弄虚作假罚多少",
		"我想咨询公司出的假报告谁负责",
		"问题污泥往哪送",
		"叫限产，最长多久",
		"我是新建的印刷厂，要办什么手续",
		"我们厂在饮用水水源保护区，能排污吗",
		"我们没办环评，会怎么罚",
		"《漯河市散煤污染防治条例》管不管工业用煤",
		"好氧池的泥算危废吗",
		"麻烦制造者要不要赔",
	} {
		if got := c.Strip(s); got.Text != s {
			t.Errorf("%q: left %q of %q", s, got.Text, got.Who)
		}
	}
}

func TestABrokenChatterGrammarIsRefused(t *testing.T) {
	f, err := NewFolder()
	if err != nil {
		t.Fatal(err)
	}
	for grammar, want := range map[string]string{
		"open {谁}":        "line 1",
		"# 1\nopne 你好":    "line 2",
		"open 你好(":        "open",
		"甲 = 乙\nopen {乙}": "line 2",
	} {
		if _, err := ReadChatter(grammar, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", grammar, err)
		}
	}
}

// Nothing breaks the stripping, and it never adds a word.
func FuzzStrip(f *testing.F) {
	c := newChatter(f)
	f.Add("你好，我叫，谢谢")
	f.Add("\xff你好\x00谢谢")
	f.Fuzz(func(t *testing.T, s string) {
		if got := c.Strip(s); !strings.Contains(string([]rune(s)), got.Text) {
			t.Errorf("%q: %q", s, got.Text)
		}
	})
}
