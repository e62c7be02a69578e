package reader

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// Small files that the tests make themselves.

// pdfPage is a page of a PDF that a test draws: text and lines.
type pdfPage struct {
	width, height int
	rotate        int
	picture       bool // a grey picture over the whole page
	content       strings.Builder
}

func newPage() *pdfPage { return &pdfPage{width: 595, height: 842} }

// text writes a line at x, y from the lower left corner.
func (p *pdfPage) text(x, y, size float64, s string) *pdfPage {
	var hex strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&hex, "%04X", u)
	}
	fmt.Fprintf(&p.content, "BT /F1 %g Tf 1 0 0 1 %g %g Tm <%s> Tj ET\n", size, x, y, hex.String())
	return p
}

func (p *pdfPage) line(x0, y0, x1, y1 float64) *pdfPage {
	fmt.Fprintf(&p.content, "%g %g m %g %g l S\n", x0, y0, x1, y1)
	return p
}

// grid draws the lines of a table, from its upper left corner.
func (p *pdfPage) grid(xs, ys []float64) *pdfPage {
	for _, x := range xs {
		p.line(x, ys[0], x, ys[len(ys)-1])
	}
	for _, y := range ys {
		p.line(xs[0], y, xs[len(xs)-1], y)
	}
	return p
}

// cells writes a row into a table.
func (p *pdfPage) cells(xs []float64, y float64, texts ...string) *pdfPage {
	for i, t := range texts {
		p.text(xs[i]+2, y, 10, t)
	}
	return p
}

// makePDF writes a PDF with a Chinese font that every reader knows by name.
func makePDF(pages ...*pdfPage) []byte {
	var buf bytes.Buffer
	var offsets []int
	object := func(body string) {
		offsets = append(offsets, buf.Len())
		fmt.Fprintf(&buf, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	stream := func(dict, data string) string {
		return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data)
	}
	buf.WriteString("%PDF-1.4\n")
	const fixed = 6 // objects before the pages
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", fixed+1+2*i))
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(pages)))
	object("<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>")
	object("<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 /FontDescriptor 5 0 R >>")
	object("<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -120 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 90 >>")
	object(stream("/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8", "\x10\xf0\xf0\x10"))
	for i, p := range pages {
		content := p.content.String()
		if p.picture {
			content += fmt.Sprintf("q %d 0 0 %d 0 0 cm /P Do Q\n", p.width, p.height)
		}
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Rotate %d /Resources << /Font << /F1 3 0 R >> /XObject << /P 6 0 R >> >> /Contents %d 0 R >>",
			p.width, p.height, p.rotate, fixed+2+2*i))
		object(stream("", content))
	}
	xref := buf.Len()
	fmt.Fprintf(&buf, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&buf, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&buf, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, xref)
	return buf.Bytes()
}

// rulePDF is a small regulation with running heads, page numbers and a paragraph over
// two pages.
func rulePDF() []byte {
	var pages []*pdfPage
	for i, lines := range [][]string{
		{"　　第一条　为了保持河道清洁，保护和改善水环境，保障公众健康，制定本办法，", "河道两岸的单位和个人都要遵守。", "　　第二条　河道保洁由市水务部门负责，沿岸各街道办事处按照职责分工，协助"},
		{"做好河道保洁工作。", "　　第三条　向河道倾倒垃圾的，由市水务部门责令改正，处５００元以上５０００", "元以下罚款。"},
		{"　　第四条　本办法自２０２４年３月１日起施行。"},
	} {
		p := newPage().text(200, 800, 9, "青溪市人民政府公报")
		y := 700.0
		if i == 0 {
			p.text(180, 740, 18, "青溪市河道保洁办法")
		}
		for _, l := range lines {
			p.text(72, y, 12, l)
			y -= 20
		}
		pages = append(pages, p.text(280, 30, 9, fmt.Sprintf("— %d —", i+1)))
	}
	return makePDF(pages...)
}

// tablePDF is a catalogue whose table goes on over pages: a row and a class of rows are
// broken between them.
func tablePDF() []byte {
	xs := []float64{72, 150, 300, 520}
	first := newPage().text(200, 770, 16, "青溪市废物名录").grid(xs, []float64{740, 720, 700, 680})
	first.cells(xs, 725, "类别", "代码", "名称").cells(xs, 705, "废油", "100-001-08", "机械维修产生的废机油").cells(xs, 685, "", "100-002-08", "含油抹布和")
	second := newPage().grid(xs, []float64{780, 760, 740, 720, 700})
	second.cells(xs, 765, "类别", "代码", "名称").cells(xs, 745, "", "", "含油手套").cells(xs, 725, "", "100-003-08", "废油桶").cells(xs, 705, "废酸", "200-001-34", "酸洗产生的废酸液")
	return makePDF(first, second)
}

func scanPDF() []byte {
	p := newPage()
	p.picture = true
	return makePDF(p)
}

// pictureOnly is a PDF of one page that holds a grey picture and nothing else.
func pictureOnly(t testing.TB, img image.Image) []byte {
	t.Helper()
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, img, nil); err != nil {
		t.Fatal(err)
	}
	small := "/Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 4 >>\nstream\n\x10\xf0\xf0\x10"
	big := fmt.Sprintf("/Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>\nstream\n%s",
		img.Bounds().Dx(), img.Bounds().Dy(), jpg.Len(), jpg.String())
	out := bytes.Replace(scanPDF(), []byte(small), []byte(big), 1) // readers mend the table of offsets
	if len(out) < jpg.Len() {
		t.Fatal("the picture is not in")
	}
	return out
}

// zipOf packs parts into an archive, by their names in pairs.
func zipOf(t testing.TB, parts ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
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

// unzip lists the parts of an archive by their names, in pairs.
func unzip(t testing.TB, data []byte) []string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f.Name, string(text))
	}
	return out
}

const (
	contentTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
	packageRels = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" ` +
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`
	wordHead = `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`
	wordTail = `</w:body></w:document>`
)

// ruleDOCX is a small regulation in Word's format.
func ruleDOCX(t testing.TB) []byte {
	var body strings.Builder
	for _, p := range []string{"青溪市河道保洁办法", "第一条 为了保持河道清洁，制定本办法。", "第二条 河道保洁由市水务部门负责。", "第三条 本办法自2024年3月1日起施行。"} {
		body.WriteString("<w:p><w:r><w:t>" + p + "</w:t></w:r></w:p>")
	}
	return zipOf(t, "[Content_Types].xml", contentTypes, "_rels/.rels", packageRels, "word/document.xml", wordHead+body.String()+wordTail)
}

// catalogueXLSX is a small catalogue with a merged cell.
func catalogueXLSX(t testing.TB) []byte {
	f := excelize.NewFile()
	rows := [][]any{{"青溪市行业管理名录"}, {"序号", "行业类别", "重点管理", "登记管理"}, {1, "屠宰及肉类加工", "年屠宰10万头以上的", "其他"},
		{2, "制糖业", "日加工1000吨以上的", "其他"}, {3, "水产品加工", "/", "全部"}}
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.MergeCell("Sheet1", "D3", "D4"); err != nil {
		t.Fatal(err)
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
