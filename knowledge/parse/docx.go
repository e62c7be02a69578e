package parse

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrBroken is a file that is not what its name says, or of which a part is missing.
var ErrBroken = errors.New("文件已损坏或不是这种格式，请用 Word 或 WPS 打开后另存，再导入")

// ErrHuge is a file that would fill the memory after unpacking.
var ErrHuge = errors.New("文件解压后太大，不像正常的文件，没有导入")

// Limits of what a packed file may grow to, in bytes.
const (
	maxPart     = 32 << 20
	maxPackages = 4096 // parts
)

// node is an element of a part's XML. Only what is read of it is kept.
type node struct {
	name  string // without the namespace
	attr  []xml.Attr
	text  string // of w:t and the like
	nodes []*node
}

func (n *node) child(name string) *node {
	if n != nil {
		for _, c := range n.nodes {
			if c.name == name {
				return c
			}
		}
	}
	return nil
}

// at follows the names of elements down; nil when one is missing.
func (n *node) at(names ...string) *node {
	for _, name := range names {
		n = n.child(name)
	}
	return n
}

func (n *node) get(attr string) string {
	if n != nil {
		for _, a := range n.attr {
			if a.Name.Local == attr {
				return a.Value
			}
		}
	}
	return ""
}

// openPackage opens a zip of parts.
func openPackage(data []byte) (*zip.Reader, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, ErrBroken
	}
	if len(z.File) > maxPackages {
		return nil, ErrHuge
	}
	return z, nil
}

// part reads the XML of one part; nil without an error when there is none.
func part(z *zip.Reader, name string) (*node, error) {
	for _, f := range z.File {
		if !strings.EqualFold(strings.TrimPrefix(f.Name, "/"), name) {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, ErrBroken
		}
		defer r.Close()
		limited := &io.LimitedReader{R: r, N: maxPart}
		n, err := readXML(limited)
		if limited.N <= 0 {
			return nil, ErrHuge
		}
		return n, err
	}
	return nil, nil
}

// What a part may hold.
const (
	maxNesting = 256
	maxNodes   = 1_000_000
)

// readXML reads a tree of elements.
func readXML(r io.Reader) (*node, error) {
	d := xml.NewDecoder(r)
	root := &node{}
	open := []*node{root}
	count := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && len(open) == 1 {
			return root, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w (%w)", ErrBroken, err)
		}
		top := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if count++; len(open) > maxNesting || count > maxNodes {
				return nil, ErrHuge
			}
			n := &node{name: t.Name.Local, attr: t.Copy().Attr}
			top.nodes = append(top.nodes, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if top.name == "t" {
				top.text += string(t)
			}
		}
	}
}

// docxBlocks reads a Word document: paragraphs with the numbers that Word would print,
// insertions that are tracked, without what is deleted, and tables.
func docxBlocks(data []byte) ([]block, error) {
	z, err := openPackage(data)
	if err != nil {
		return nil, err
	}
	root, err := part(z, "word/document.xml")
	if err != nil {
		return nil, err
	}
	body := root.at("document", "body")
	if body == nil {
		return nil, ErrBroken
	}
	numbering, err := part(z, "word/numbering.xml")
	if err != nil {
		return nil, err
	}
	styles, err := part(z, "word/styles.xml")
	if err != nil {
		return nil, err
	}
	w := &wordReader{styles: readStyles(styles.child("styles")), numbers: readNumbering(numbering.child("numbering"))}
	w.container(body, 0)
	return tableNotes(w.blocks), nil
}

// wordReader turns the elements of a body into blocks.
type wordReader struct {
	styles  map[string]wordStyle
	numbers *numbering
	blocks  []block
	tables  int
}

// container reads what may hold paragraphs and tables: the body, content controls,
// insertions.
func (w *wordReader) container(n *node, depth int) {
	if depth > maxNesting {
		return
	}
	for _, c := range n.nodes {
		switch c.name {
		case "p":
			w.paragraph(c)
		case "tbl":
			w.table(c)
		case "sdt":
			if in := c.child("sdtContent"); in != nil {
				w.container(in, depth+1)
			}
		case "ins", "moveTo", "customXml", "smartTag":
			w.container(c, depth+1)
		}
	}
}

// paragraph reads one paragraph with its number.
func (w *wordReader) paragraph(p *node) {
	props := p.child("pPr")
	style := w.styles[props.at("pStyle").get("val")]
	if style.contents {
		return
	}
	label := w.numbers.next(props.child("numPr"), style)
	level := style.outline
	if o := props.child("outlineLvl"); o != nil {
		level = outline(o.get("val"))
	}
	for i, line := range strings.Split(label+runsText(p, 0), "\n") {
		s := makeSpan(line)
		if s.text == "" {
			continue
		}
		if level > 0 && i == 0 && runes(s.text) <= maxMarked {
			w.blocks = append(w.blocks, block{kind: headBlock, level: level, text: s.text})
			continue
		}
		w.blocks = append(w.blocks, block{kind: paraBlock, text: s.text, bold: s.bold, lead: s.lead})
	}
}

// runsText is the text of the runs below an element; bold text stands between marks, a
// line break is a line end.
func runsText(n *node, depth int) string {
	if depth > maxNesting {
		return ""
	}
	var b strings.Builder
	for _, c := range n.nodes {
		switch c.name {
		case "r":
			b.WriteString(runText(c, depth))
		case "ins", "moveTo", "hyperlink", "smartTag", "fldSimple", "customXml", "sdtContent", "dir", "bdo":
			b.WriteString(runsText(c, depth+1))
		case "sdt":
			b.WriteString(runsText(c, depth+1))
		}
	}
	return b.String()
}

func runText(r *node, depth int) string {
	var b strings.Builder
	for _, c := range r.nodes {
		switch c.name {
		case "t":
			b.WriteString(withoutBold.Replace(c.text))
		case "tab", "ptab":
			b.WriteByte(' ')
		case "br", "cr":
			b.WriteByte('\n')
		case "noBreakHyphen":
			b.WriteByte('-')
		case "AlternateContent":
			if in := c.child("Choice"); in != nil && depth < maxNesting {
				b.WriteString(boxText(in, depth+1))
			}
		}
	}
	props := r.child("rPr")
	if props.child("vanish") != nil {
		return ""
	}
	text := b.String()
	if up := props.at("vertAlign").get("val"); up == "superscript" {
		text = superscript(text)
	}
	if bold := props.child("b"); bold != nil && bold.get("val") != "0" && bold.get("val") != "false" && strings.TrimSpace(text) != "" {
		return boldOn + text + boldOff
	}
	return text
}

// boxText is the text in a drawn box, as letterheads have it.
func boxText(n *node, depth int) string {
	if depth > maxNesting {
		return ""
	}
	var lines []string
	for _, c := range n.nodes {
		if c.name == "p" {
			lines = append(lines, runsText(c, depth+1))
			continue
		}
		if in := boxText(c, depth+1); in != "" {
			lines = append(lines, in)
		}
	}
	return strings.Join(lines, "\n")
}

var superscripts = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹",
	"-", "⁻", "−", "⁻", "+", "⁺", "(", "⁽", ")", "⁾", "（", "⁽", "）", "⁾")

func superscript(s string) string { return superscripts.Replace(s) }
