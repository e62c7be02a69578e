package parse

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func refsOf(d Document) string {
	var out []string
	for _, c := range d.Clauses {
		out = append(out, c.Ref)
	}
	return strings.Join(out, "|")
}

func TestRowsOfASheetAreClauses(t *testing.T) {
	f := excelize.NewFile()
	set := func(sheet, at string, row ...any) {
		t.Helper()
		if err := f.SetSheetRow(sheet, at, &row); err != nil {
			t.Fatal(err)
		}
	}
	set("Sheet1", "A1", "一、《中华人民共和国水污染防治法》")
	set("Sheet1", "A2", "序号", "违法行为", "类别", "裁量标准")
	set("Sheet1", "A3", "1-1", "超过水污染物排放标准排放水污染物的", "1", "处十万元以上二十万元以下罚款")
	set("Sheet1", "A4", "", "", "2", "处二十万元以上五十万元以下罚款")
	set("Sheet1", "A5", "1-2", "私设暗管的", "1", "处五十万元罚款")
	for _, m := range [][2]string{{"A1", "D1"}, {"A3", "A4"}, {"B3", "B4"}} {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.NewSheet("隐藏"); err != nil {
		t.Fatal(err)
	}
	set("隐藏", "A1", "不要的", "内容")
	if err := f.SetSheetVisible("隐藏", false); err != nil {
		t.Fatal(err)
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse("青溪市行政处罚裁量标准.xlsx", buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := refsOf(d), "序号 1-1 超过水污染物排放标准排放水污染物的 类别 1|序号 1-1 超过水污染物排放标准排放水污染物的 类别 2|序号 1-2 私设暗管的"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	c := d.Clauses[1]
	if c.Text != "序号：1-1\n违法行为：超过水污染物排放标准排放水污染物的\n类别：2\n裁量标准：处二十万元以上五十万元以下罚款" ||
		strings.Join(c.Path, "/") != "一、《中华人民共和国水污染防治法》" || d.Region != "青溪市" || d.Kind != "名录" {
		t.Errorf("%+v %+v", d, c)
	}
}

func TestCSVInBothEncodingsAndWithAnySeparator(t *testing.T) {
	const text = "青溪市废物名录\n废物类别,废物代码,危险废物\nHW08废矿物油,900-249-08,\"废油桶\n和废机油\"\n,900-250-08,油泥\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"utf8": text, "gbk": gbk, "bom": "\ufeff" + text, "tabs": strings.NewReplacer(",", "\t").Replace(text)} {
		d, err := Parse("名录.csv", []byte(data))
		if err != nil {
			t.Fatal(name, err)
		}
		if refsOf(d) != "HW08 900-249-08|900-250-08" || d.Clauses[0].Text != "废物类别：HW08废矿物油\n废物代码：900-249-08\n危险废物：废油桶 和废机油" {
			t.Errorf("%s: %s", name, show(d))
		}
	}
}
