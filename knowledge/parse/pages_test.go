package parse

import (
	"errors"
	"strings"
	"testing"

	"greendesk/knowledge/layout"
)

// printed makes pages of lines, parted by \f. Blanks indent, a line between bars is the
// row of a table.
func printed(text string) []layout.Page {
	const size, left, step = 10.0, 60.0, 16.0
	var out []layout.Page
	for _, lines := range strings.Split(text, "\f") {
		p := layout.Page{Width: 600, Height: 800}
		y, columns := 100.0, 0
		rule := func(at float64) {
			p.Rules = append(p.Rules, layout.Rule{X0: left, Y0: at, X1: left + 120*float64(columns), Y1: at})
		}
		for _, l := range strings.Split(strings.Trim(lines, "\n"), "\n") {
			x := left
			cells, row := strings.CutPrefix(l, "|")
			if row {
				columns = strings.Count(cells, "|") + 1
				rule(y - 13)
				rule(y + 3)
				for i := range columns + 1 {
					at := left + 120*float64(i)
					p.Rules = append(p.Rules, layout.Rule{X0: at, Y0: y - 13, X1: at, Y1: y + 3})
				}
			}
			for i, part := range strings.Split(cells, "|") {
				if row {
					x = left + 120*float64(i) + 3
				}
				for _, r := range part {
					width := size
					if r < 0x2E80 {
						width = size / 2
					}
					if r != ' ' {
						p.Chars = append(p.Chars, layout.Char{R: r, X0: x, X1: x + width, Y0: y - size, Y1: y})
					}
					x += width
				}
			}
			y += step
		}
		out = append(out, p)
	}
	return out
}

const printedStandard = `
                 中华人民共和国国家标准
                                                GB 99999-2020
                                                代替 GB 99999-2001
                     河道保洁污染物
                       排放标准
2020-11-26 发布                              2021-07-01 实施
      生 态 环 境 部 发 布
` + "\f" + `
                          目 次
前言 ............................................... I
1 适用范围 ......................................... 1
` + "\f" + `
                          前 言
    为保护河道，制定本标准。
` + "\f" + `
                  河道保洁污染物排放标准
1 适用范围
    本标准规定了河道保洁污染物的排放限值。
2 术语和定义
2.1
    保洁 cleaning
    指清理河道。
3 排放控制要求
3.1 自2021年7月1日起，保洁船只的废水执行表1规定的限值，在岸上处理的，每次收集的水量不超过
1.5 t，并做好记录。
             表1 排放限值
                                             单位：mg/L
|项目|限值
|悬浮物|70
|氨氮|8
注：测定方法见附录。
3.2 监测要求
3.2.1 每月监测一次。
                        附录 A
                    （规范性附录）
                      测定方法
A.1 采样
    在排口采样。
`

func TestAPrintedStandard(t *testing.T) {
	d, err := Pages("GB 99999-2020.pdf", printed(printedStandard))
	if err != nil {
		t.Fatal(err)
	}
	if d.Title != "河道保洁污染物排放标准" || d.Number != "GB 99999-2020" || d.Issuer != "生态环境部" || d.Level != Standard ||
		d.Published != "2020-11-26" || d.Effective != "2021-07-01" {
		t.Errorf("%s", show(d))
	}
	want := []struct{ ref, text string }{
		{"前言", "为保护河道，制定本标准。"},
		{"1 适用范围", "本标准规定了河道保洁污染物的排放限值。"},
		{"2.1 保洁 cleaning", "指清理河道。"},
		{"3.1", "自2021年7月1日起，保洁船只的废水执行表1规定的限值，在岸上处理的，每次收集的水量不超过1.5 t，并做好记录。"},
		{"表1 悬浮物", "表1 排放限值（单位：mg/L）\n项目：悬浮物\n限值：70"},
		{"表1 氨氮", "表1 排放限值（单位：mg/L）\n项目：氨氮\n限值：8"},
		{"表1 注", "注：测定方法见附录。"},
		{"3.2.1", "每月监测一次。"},
		{"A.1 采样", "在排口采样。"},
	}
	if len(d.Clauses) != len(want) {
		t.Fatalf("%s", show(d))
	}
	for i, w := range want {
		if c := d.Clauses[i]; c.Ref != w.ref || c.Text != w.text {
			t.Errorf("got %q: %q, want %q: %q", c.Ref, c.Text, w.ref, w.text)
		}
	}
	if path := strings.Join(d.Clauses[8].Path, "/"); path != "附录 A （规范性附录） 测定方法" {
		t.Error(path)
	}
}

func TestPagesThatArePictures(t *testing.T) {
	picture := layout.Page{Width: 600, Height: 800, Picture: true}
	text := printed("              青溪市河道保洁通知\n    各街道要在每月底前清理河道，并把结果报市水务局。")
	if _, err := Pages("扫描.pdf", []layout.Page{picture, picture}); !errors.Is(err, ErrScan) {
		t.Error(err)
	}
	d, err := Pages("通知.pdf", append(text, picture, layout.Page{Width: 600, Height: 800}))
	if err != nil || !strings.Contains(strings.Join(d.Warnings, ""), "第2页没有文字") || strings.Contains(strings.Join(d.Warnings, ""), "3") {
		t.Errorf("%v %q", err, d.Warnings)
	}
	garbled := text[0]
	for i := range garbled.Chars {
		garbled.Chars[i].R = '\ue123'
	}
	if _, err := Pages("乱码.pdf", []layout.Page{garbled}); !errors.Is(err, ErrScan) {
		t.Error(err)
	}
	if _, err := Pages("空.pdf", []layout.Page{{Width: 600, Height: 800}}); !errors.Is(err, ErrEmpty) {
		t.Error(err)
	}
}
