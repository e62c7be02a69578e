package parse

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth bounds the nesting of elements that is followed; deeper ones are left out.
const maxDepth = 400

// furniture are elements that hold no text of the document.
var furniture = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Nav: true, atom.Footer: true, atom.Aside: true, atom.Form: true,
	atom.Button: true, atom.Select: true, atom.Iframe: true, atom.Noscript: true, atom.Template: true,
	atom.Svg: true, atom.Textarea: true, atom.Head: true,
}

// contentIDs are the ids and classes that content systems of Chinese authorities give
// to the text of a page (TRS, UCAP, 开普, 大汉 and plain habit).
var contentIDs = []string{"trs_editor", "ucap-content", "zoom", "article-content", "article_content", "news_content",
	"pages_content", "content-text", "view-content", "mainText", "articlecontent"}

// htmlBlocks reads a web page: the element that holds its text, and in it headings,
// paragraphs and tables.
func htmlBlocks(text string) (blocks []block, title string) {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil { // only a broken reader fails
		return nil, ""
	}
	w := &htmlWalker{}
	if t := find(root, 0, func(n *html.Node) bool { return n.DataAtom == atom.Title }); t != nil {
		title = squeeze(textOf(t, 0))
	}
	w.walk(mainNode(root), 0)
	w.flush()
	return w.blocks, title
}

// mainNode finds the element with the text: a known id or class, <article>, <main>, or
// the body.
func mainNode(root *html.Node) *html.Node {
	for _, id := range contentIDs {
		known := func(n *html.Node) bool {
			for _, a := range n.Attr {
				if (a.Key == "id" || a.Key == "class") && strings.Contains(strings.ToLower(a.Val), strings.ToLower(id)) {
					return true
				}
			}
			return false
		}
		if n := find(root, 0, known); n != nil && runes(textOf(n, 0)) > 80 {
			return n
		}
	}
	for _, a := range []atom.Atom{atom.Article, atom.Main, atom.Body} {
		if n := find(root, 0, func(n *html.Node) bool { return n.DataAtom == a }); n != nil && squeeze(textOf(n, 0)) != "" {
			return n
		}
	}
	return root
}

func find(n *html.Node, depth int, ok func(*html.Node) bool) *html.Node {
	if depth > maxDepth {
		return nil
	}
	if n.Type == html.ElementNode && ok(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if f := find(c, depth+1, ok); f != nil {
			return f
		}
	}
	return nil
}

func textOf(n *html.Node, depth int) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if depth > maxDepth || (n.Type == html.ElementNode && furniture[n.DataAtom]) {
		return ""
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textOf(c, depth+1))
	}
	return b.String()
}

// htmlWalker gathers the text of inline elements into lines.
type htmlWalker struct {
	blocks []block
	line   strings.Builder
	level  int // of the heading that is open, 0 outside
}

func (w *htmlWalker) walk(n *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	switch n.Type {
	case html.TextNode:
		w.text(n.Data)
		return
	case html.ElementNode:
		if furniture[n.DataAtom] {
			return
		}
	}
	switch n.DataAtom {
	case atom.Br:
		w.flush()
	case atom.Hr:
		w.flush()
		w.blocks = append(w.blocks, block{kind: ruleBlock})
	case atom.Table:
		w.flush()
		w.blocks = append(w.blocks, tableBlocks(n)...)
	case atom.B, atom.Strong:
		w.line.WriteString(boldOn)
		w.children(n, depth)
		w.line.WriteString(boldOff)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.flush()
		w.level = int(n.Data[1] - '0')
		w.children(n, depth)
		w.flush()
		w.level = 0
	case atom.P, atom.Div, atom.Li, atom.Section, atom.Article, atom.Main, atom.Ul, atom.Ol, atom.Blockquote,
		atom.Dd, atom.Dt, atom.Dl, atom.Header, atom.Body, atom.Html, atom.Center, atom.Pre:
		w.flush()
		w.children(n, depth)
		w.flush()
	default:
		w.children(n, depth)
	}
}

func (w *htmlWalker) children(n *html.Node, depth int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.walk(c, depth+1)
	}
}

// text: a line break in the source of a page is a blank, and between two Chinese
// characters nothing.
func (w *htmlWalker) text(s string) {
	s = withoutBold.Replace(s)
	if strings.TrimSpace(s) == "" && strings.ContainsAny(s, "\n") {
		return
	}
	for i, part := range strings.Split(s, "\n") {
		if i > 0 {
			part = strings.TrimLeft(part, " \t")
			if before := w.line.String(); before != "" && part != "" && before[len(before)-1] < 0x80 && part[0] < 0x80 {
				w.line.WriteByte(' ')
			}
		}
		w.line.WriteString(part)
	}
}

func (w *htmlWalker) flush() {
	s := makeSpan(w.line.String())
	w.line.Reset()
	if s.text == "" {
		return
	}
	if w.level > 0 {
		w.blocks = append(w.blocks, block{kind: headBlock, level: w.level, text: s.text})
		return
	}
	w.blocks = append(w.blocks, block{kind: paraBlock, text: s.text, bold: s.bold, lead: s.lead})
}

// maxSpan bounds rowspan and colspan: a page may ask for a million.
const (
	maxSpan    = 200
	maxColumns = 500
)

// tableBlocks reads a table into rows; a cell that spans rows or columns is repeated
// in each of them. A table of one column is layout: its cells are paragraphs.
func tableBlocks(table *html.Node) []block {
	var rows [][]string
	type span struct {
		left int
		text string
	}
	pending := map[int]span{}
	eachRow(table, 0, func(tr *html.Node) {
		var cells []string
		fill := func() {
			for p, ok := pending[len(cells)]; ok && p.left > 0; p, ok = pending[len(cells)] {
				pending[len(cells)] = span{p.left - 1, p.text}
				cells = append(cells, p.text)
			}
		}
		for td := tr.FirstChild; td != nil; td = td.NextSibling {
			if td.DataAtom != atom.Td && td.DataAtom != atom.Th {
				continue
			}
			fill()
			text := squeeze(textOf(td, 0))
			across, down := spanOf(td, "colspan"), spanOf(td, "rowspan")
			for i := range across {
				if len(cells) >= maxColumns {
					break
				}
				if down > 1 {
					pending[len(cells)] = span{down - 1, text}
				}
				cells = append(cells, text)
				if i == 0 && len(rows) > 0 {
					text = "" // a head stands above all its columns, another cell in its first
				}
			}
		}
		fill()
		rows = append(rows, cells)
	})
	return rowsToBlocks(rows)
}

func rowsToBlocks(rows [][]string) []block {
	widest := 0
	for _, r := range rows {
		widest = max(widest, len(r))
	}
	var out []block
	var head []string
	for _, r := range rows {
		switch {
		case strings.Join(r, "") == "":
		case widest <= 1:
			out = append(out, block{kind: paraBlock, text: r[0]})
		case head == nil && isHead(r):
			head = r
		default:
			if head == nil {
				head = []string{}
			}
			out = append(out, block{kind: rowBlock, head: head, cells: r})
		}
	}
	return out
}

// maxHead is the longest cell, in characters, of a table's head: its words are repeated
// in every row.
const maxHead = 200

func isHead(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return runes(c) > maxHead })
}

func eachRow(n *html.Node, depth int, fn func(*html.Node)) {
	if depth > maxDepth {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Tr {
			fn(c)
			continue
		}
		eachRow(c, depth+1, fn)
	}
}

func spanOf(td *html.Node, key string) int {
	for _, a := range td.Attr {
		if a.Key == key {
			if v, err := strconv.Atoi(strings.TrimSpace(a.Val)); err == nil && v > 1 {
				return min(v, maxSpan)
			}
		}
	}
	return 1
}
