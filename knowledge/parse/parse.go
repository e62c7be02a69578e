package parse

import (
	"path"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Supported reports whether Parse reads files with this name: .md, .markdown, .txt,
// .html, .htm, .docx, .xlsx, .csv.
func Supported(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".txt", ".html", ".htm", ".docx", ".xlsx", ".csv":
		return true
	}
	return false
}

// Parse reads one document. name is its file name: the ending chooses the format, and
// a title or a date in it counts when the text has none. The errors are those of this
// package; a document that is understood only in part comes with Warnings instead.
func Parse(name string, data []byte) (Document, error) {
	switch ext := strings.ToLower(path.Ext(name)); {
	case !Supported(name):
		return Document{}, ErrFormat
	case ext == ".docx":
		blocks, err := docxBlocks(data)
		if err != nil {
			return Document{}, err
		}
		return office(name, blocks)
	case ext == ".xlsx":
		blocks, err := xlsxBlocks(data)
		if err != nil {
			return Document{}, err
		}
		return office(name, blocks)
	}
	text, err := Decode(data)
	if err != nil {
		return Document{}, err
	}
	var (
		d      Document
		front  map[string]any
		blocks []block
		title  string
	)
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		if blocks, err = csvBlocks(text); err != nil {
			return Document{}, err
		}
		return office(name, blocks)
	case ".txt":
		blocks = plainBlocks(text)
	case ".html", ".htm":
		blocks, title = htmlBlocks(text)
	default:
		front, text = frontMatter(text)
		blocks, d.Source = markdownBlocks(text)
	}
	d.fromFront(front)
	d.checkFront(front, text)
	blocks = d.fromTop(blocks, name, title)
	return d.finish(blocks, name)
}

// office reads the blocks of a document of an office program.
func office(name string, blocks []block) (Document, error) {
	d := &Document{}
	blocks, standard := d.standard(blocks)
	if !standard {
		blocks = d.pageTitle(blocks, name)
	}
	if !hasArticles(blocks) || standard {
		blocks = decimalHeads(blocks, standard)
	}
	blocks = d.fromTop(blocks, name, "")
	d.yearOfName(name)
	if d.Region == "" && RegionOf(d.Title) == "" && RegionOf(d.Issuer) == "" {
		d.Region = regionOfHeads(blocks)
	}
	out, err := d.finish(blocks, name)
	if err == nil && out.Issuer == "" && out.Number == "" && out.Label == "" {
		out.Warnings = append(out.Warnings, "没有读到发文机关、文号和日期，地区按“"+out.Region+"”处理。")
	}
	return out, err
}

// regionOfHeads is the place whose rules a document's headings name, as a list of
// penalties by law does: the city before the province.
func regionOfHeads(blocks []block) string {
	region := ""
	for _, bl := range blocks {
		_, law, ok := strings.Cut(bl.text, "《")
		if bl.kind != headBlock || !ok {
			continue
		}
		if r := RegionOf(law); r != "" && (region == "" || provinceOf(region) == region) {
			region = r
		}
	}
	return region
}

// structure fills Clauses and the warnings about them.
func (d *Document) structure(blocks []block) {
	b := &builder{title: d.Title, sections: map[string]int{}, added: map[int][]string{}}
	for _, bl := range blocks {
		if bl.row != nil {
			b.tables = max(b.tables, bl.row.table)
		}
	}
	blocks, b.qa = questions(blocks, d.Kind)
	first, ok := ownArticles(blocks)
	if b.articles = ok && !b.qa; b.articles {
		b.last = first - 1
	}
	b.build(blocks)
	bodyOnly(b.clauses)
	markQuoted(b.clauses)
	d.Clauses, d.Warnings = b.clauses, append(d.Warnings, b.warn...)
	if d.Kind == "" {
		d.Kind = kindOf(b)
	}
}

// bodyOnly: in a short reply without headings the 引言 is the text itself.
func bodyOnly(clauses []Clause) {
	body := -1
	for i, c := range clauses {
		switch {
		case c.Kind != Preamble:
			return
		case c.Ref == "引言":
			body = i
		}
	}
	if body >= 0 {
		clauses[body].Kind, clauses[body].Ref = Section, "正文"
	}
}

func kindOf(b *builder) string {
	count := map[ClauseKind]int{}
	for _, c := range b.clauses {
		count[c.Kind]++
	}
	switch {
	case count[Article] > 0:
		return "法规"
	case count[Question] > 0:
		return "问答"
	case count[Row] > count[Section]:
		return "名录"
	}
	return "文件"
}

// complete derives what is still unknown from the clauses and the file name.
func (d *Document) complete(name string) {
	for _, c := range d.Clauses {
		if c.Kind == Preamble && c.Ref != "引言" {
			continue
		}
		if c.Quoted || c.Kind == Row || c.Kind == Question {
			continue
		}
		d.effectFromText(c.Text)
		d.Repeals = append(d.Repeals, repealsIn(c.Text)...)
	}
	d.dates(name)
	d.identity(name)
	d.checkEnd()
	d.checkNumbers()
}
