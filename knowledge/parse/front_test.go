package parse

import (
	"strings"
	"testing"
)

func TestWrongFrontMatterIsMarkedByKeyAndValue(t *testing.T) {
	for front, want := range map[string]string{
		"title: 坏日期办法\neffective: 2026-13-45": "effective: 2026-13-45 不是日期",
		"title: 坏日期办法\n施行日期: 待定":              "施行日期: 待定 不是日期",
		"title: 未知键办法\nefective: 2026-01-01":  "efective: 2026-01-01 没有采用，是不是要写 effective",
		"title: [unclosed": "不是正确的 YAML",
		"title: 倒日期办法\neffective: 2026-05-01\nexpires: 2020-01-01":                  "失效日期 2020-01-01 不晚于施行日期 2026-05-01",
		"title: 好办法\nlevel: 法侓":                                                     "level: 法侓 不是已知的级别",
		"title: 好办法\neffective: 2026-05-01\nlevel: 部门规章\nicon: file\nshortTitle: 好": "",
	} {
		d, err := Parse("办法.md", []byte("---\n"+front+"\n---\n第一条 内容内容。\n\n第二条 内容。\n"))
		if err != nil {
			t.Fatal(err)
		}
		if want == "" && d.ToCheck != "" || !strings.Contains(d.ToCheck, want) {
			t.Errorf("%s: %q", front, d.ToCheck)
		}
	}
}
