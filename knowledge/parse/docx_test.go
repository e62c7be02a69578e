package parse

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
)

// wordFile packs a body, a numbering and styles as Word does.
func wordFile(t testing.TB, body, numbering, styles string) []byte {
	t.Helper()
	const ns = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"`
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, part := range [][2]string{
		{"word/document.xml", "<w:document" + ns + "><w:body>" + body + "</w:body></w:document>"},
		{"word/numbering.xml", "<w:numbering" + ns + ">" + numbering + "</w:numbering>"},
		{"word/styles.xml", "<w:styles" + ns + ">" + styles + "</w:styles>"},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = w.Write([]byte(part[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func para(text string) string { return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>" }

func numbered1(id, level, text string) string {
	return `<w:p><w:pPr><w:numPr><w:ilvl w:val="` + level + `"/><w:numId w:val="` + id + `"/></w:numPr></w:pPr><w:r><w:t>` + text + "</w:t></w:r></w:p>"
}

const articleNumbering = `<w:abstractNum w:abstractNumId="7">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/><w:lvlText w:val="（%2）"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1章"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>`

func parseWord(t *testing.T, body, styles string) Document {
	t.Helper()
	d, err := Parse("文件.docx", wordFile(t, body, articleNumbering, styles))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWordPrintsTheNumbersOfArticles(t *testing.T) {
	d := parseWord(t, para("青溪市河道保洁办法")+
		numbered1("2", "0", "总则")+numbered1("1", "0", "为了保持河道清洁，制定本办法。")+numbered1("1", "0", "禁止下列行为：")+
		numbered1("1", "1", "倾倒垃圾；")+numbered1("1", "1", "排放污水。")+numbered1("2", "0", "附则")+numbered1("1", "0", "违反本办法的，责令改正。")+
		numbered1("1", "1", "情节轻微的，不予处罚。")+para("本款没有自己的编号。")+numbered1("3", "0", "从这一条起另外编号。"), "")
	want := []struct{ ref, path, text string }{
		{"第一条", "第一章 总则", "为了保持河道清洁，制定本办法。"},
		{"第二条", "第一章 总则", "禁止下列行为：\n（一）倾倒垃圾；\n（二）排放污水。"},
		{"第三条", "第二章 附则", "违反本办法的，责令改正。\n（一）情节轻微的，不予处罚。\n本款没有自己的编号。"},
		{"第五条", "第二章 附则", "从这一条起另外编号。"},
	}
	if d.Title != "青溪市河道保洁办法" || len(d.Clauses) != len(want) {
		t.Fatalf("%s", show(d))
	}
	for i, w := range want {
		if c := d.Clauses[i]; c.Ref != w.ref || strings.Join(c.Path, "/") != w.path || c.Text != w.text {
			t.Errorf("%d: %+v", i, c)
		}
	}
}

func TestTrackedInsertionsStayAndDeletionsGo(t *testing.T) {
	d := parseWord(t, para("青溪市河道保洁办法")+
		`<w:p><w:r><w:t>第一条 罚款</w:t></w:r><w:del><w:r><w:delText>五百</w:delText></w:r></w:del><w:ins><w:r><w:t>一千</w:t></w:r></w:ins>`+
		`<w:moveFrom><w:r><w:t>旧处</w:t></w:r></w:moveFrom><w:r><w:t>元。</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r></w:p>`+
		`<w:ins>`+para("第二条 新增的条文。")+`</w:ins><w:sdt><w:sdtContent>`+para("第三条 在控件里的条文。")+`</w:sdtContent></w:sdt>`, "")
	for i, text := range []string{"罚款一千元。", "新增的条文。", "在控件里的条文。"} {
		if d.Clauses[i].Text != text {
			t.Errorf("%s", show(d))
		}
	}
}

func TestHeadingsContentsAndRaisedText(t *testing.T) {
	styles := `<w:style w:styleId="2"><w:name w:val="heading 2"/></w:style><w:style w:styleId="mine"><w:name w:val="我的标题"/><w:basedOn w:val="2"/></w:style>` +
		`<w:style w:styleId="TOC1"><w:name w:val="toc 1"/></w:style><w:style w:styleId="loop"><w:basedOn w:val="loop"/></w:style>`
	styled := func(style, text string) string {
		return `<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr><w:r><w:t>` + text + "</w:t></w:r></w:p>"
	}
	d := parseWord(t, para("青溪市河道保洁通知")+styled("TOC1", "工作要求 1")+styled("mine", "工作要求")+
		`<w:p><w:r><w:t>氨氮不超过8mg/m</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>3</w:t></w:r><w:r><w:t>。</w:t></w:r></w:p>`+styled("loop", "另一段。"), styles)
	if len(d.Clauses) != 1 || d.Clauses[0].Ref != "工作要求" || d.Clauses[0].Text != "氨氮不超过8mg/m³。\n另一段。" {
		t.Errorf("%s", show(d))
	}
}

func TestRowsOfAWordTableCarryTheirHeads(t *testing.T) {
	cell := func(props, text string) string {
		return "<w:tc><w:tcPr>" + props + "</w:tcPr>" + para(text) + "</w:tc>"
	}
	row := func(cells ...string) string { return "<w:tr>" + strings.Join(cells, "") + "</w:tr>" }
	const top, below = `<w:vMerge w:val="restart"/>`, `<w:vMerge/>`
	d := parseWord(t, para("青溪市限值名录")+"<w:tbl>"+
		row(cell(top, "类别"), cell(top, "项目"), cell(`<w:gridSpan w:val="2"/>`, "限值"))+row(cell(below, ""), cell(below, ""), cell("", "燃煤"), cell("", "燃气"))+
		row(cell(top, "锅炉"), cell("", "颗粒物"), cell("", "80"), cell("", "30"))+
		row(cell(below, ""), cell("", "烟气黑度"), cell(`<w:gridSpan w:val="2"/>`, "≤1"))+
		`<w:tr><w:trPr><w:del/></w:trPr>`+cell("", "删去的")+cell("", "一行")+cell("", "1")+cell("", "2")+"</w:tr></w:tbl>", "")
	want := map[string]string{"锅炉 颗粒物": "类别：锅炉\n项目：颗粒物\n限值 燃煤：80\n限值 燃气：30", "锅炉 烟气黑度": "类别：锅炉\n项目：烟气黑度\n限值 燃煤、燃气：≤1"}
	if len(d.Clauses) != len(want) {
		t.Fatalf("%s", show(d))
	}
	for _, c := range d.Clauses {
		if want[c.Ref] != c.Text || c.Kind != Row {
			t.Errorf("%s: %q", c.Ref, c.Text)
		}
	}
}

func TestPackedFilesThatAreNone(t *testing.T) {
	huge := wordFile(t, strings.Repeat(" ", maxPart+10), "", "")
	deep := wordFile(t, strings.Repeat("<w:p>", 1000)+strings.Repeat("</w:p>", 1000), "", "")
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"空.docx": {nil, ErrBroken}, "乱.docx": {[]byte("PK\x03\x04 and no more"), ErrBroken}, "大.docx": {huge, ErrHuge}, "深.docx": {deep, ErrHuge},
		"无.docx": {zipped(t, "other.xml", "<a/>"), ErrBroken}, "断.docx": {zipped(t, "word/document.xml", "<w:document><w:body>"), ErrBroken},
		"空.xlsx": {nil, ErrBroken}, "无.xlsx": {zipped(t, "other.xml", "<a/>"), ErrBroken}, "空.csv": {[]byte("\n\n"), ErrEmpty}, "乱.csv": {[]byte("a\x00b"), ErrBinary},
	} {
		if _, err := Parse(name, c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func zipped(t *testing.T, name, text string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestNumberFormats(t *testing.T) {
	for _, c := range []struct {
		n      int
		format string
		want   string
	}{
		{12, "decimal", "12"}, {12, "chineseCountingThousand", "十二"}, {3, "ideographTraditional", "丙"}, {2, "decimalEnclosedCircle", "②"},
		{27, "lowerLetter", "aa"}, {4, "upperRoman", "IV"}, {9, "lowerRoman", "ix"}, {5, "decimalZero", "05"}, {99, "decimalEnclosedCircle", "99"},
	} {
		if got := formatNumber(c.n, c.format); got != c.want {
			t.Errorf("%d as %s: %s", c.n, c.format, got)
		}
	}
}

// Whatever an office file holds, reading it ends without a panic.
func FuzzOffice(f *testing.F) {
	body := para("青溪市河道保洁办法") + numbered1("1", "0", "甲。") + "<w:tbl><w:tr><w:tc>" + para("甲") + "</w:tc><w:tc>" + para("乙") + "</w:tc></w:tr></w:tbl>"
	f.Add(".docx", body)
	f.Add(".csv", "序号,名称\n1,甲\n2,\"乙\n丙\"\n")
	f.Fuzz(func(t *testing.T, ext, text string) {
		data := []byte(text)
		if ext == ".docx" {
			data = wordFile(t, text, articleNumbering, "")
		} else {
			ext = ".csv"
		}
		d, err := Parse("x"+ext, data)
		if err != nil {
			return
		}
		for _, c := range d.Clauses {
			if c.Ref == "" || strings.TrimSpace(c.Text) == "" {
				t.Errorf("empty clause %+v", c)
			}
		}
	})
}
