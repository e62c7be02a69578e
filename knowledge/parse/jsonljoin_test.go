package parse

import (
	"fmt"
	"strings"
	"testing"
)

// collection are lines of a title and the articles that follow one another.
func collection(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		title, articles, _ := strings.Cut(p, " ")
		for _, a := range strings.Fields(articles) {
			fmt.Fprintf(&b, `{"title":%q,"article":"第%s条","text":"%s之文"}`+"\n", title, a, a)
		}
	}
	return b.String()
}

func readCollection(t *testing.T, lines string) (out []string, err error) {
	t.Helper()
	err = JSONL(strings.NewReader(lines), func(d Document) error {
		s := d.Title
		for _, c := range d.Clauses {
			s += " " + strings.TrimSuffix(c.Text, "之文")
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

func TestALawWhosePartsStandApartIsOneDocument(t *testing.T) {
	for name, c := range map[string]struct{ lines, want string }{
		"the rest later":          {collection("公司法 一 二", "刑法 一", "公司法 三 四"), "公司法 一 二 三 四|刑法 一"},
		"the rest before":         {collection("公司法 三 四", "刑法 一", "公司法 一 二"), "公司法 一 二 三 四|刑法 一"},
		"three parts":             {collection("公司法 一", "刑法 一", "公司法 三", "刑法 二", "公司法 二"), "公司法 一 二 三|刑法 一 二"},
		"two editions":            {collection("公司法 一 二", "公司法 一 二 三"), "公司法 一 二|公司法 一 二 三"},
		"one title, two writings": {collection("关于适用中华人民共和国仲裁法的解释 一", "刑法 一", "关于适用仲裁法的解释 二"), "关于适用中华人民共和国仲裁法的解释 一 二|刑法 一"},
	} {
		got, err := readCollection(t, c.lines)
		if err != nil || strings.Join(got, "|") != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestDocumentsBeforeABrokenLineAreHandedOut(t *testing.T) {
	got, err := readCollection(t, collection("公司法 一", "刑法 一", "公司法 二", "民法典 一")+"{\n")
	if err == nil || strings.Join(got, "|") != "公司法 一 二|刑法 一" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestACodeIsALaw(t *testing.T) {
	for title, want := range map[string]Level{"中华人民共和国民法典": Law, "生态环境法典": Law, "宪法修正案": Law, "民事诉讼办法": ""} {
		if got := levelOf(&Document{Title: title}); got != want {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
}
