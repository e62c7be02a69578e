package parse

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"greendesk/knowledge/layout"
)

// Tables of paged files, spreadsheets and Word documents: every row is a clause with the
// names of its columns.

// minClauses is how many rows a table behind an article has that are clauses of their
// own. A smaller one is part of the article.
const minClauses = 4

// tableRow is what a rowBlock holds of such a table.
type tableRow struct {
	label string // names the row in its table
	text  string // its cells with the names of their columns, one a line
	group string // the row over all columns that it stands under
	table int    // which table, from 1
	rows  int    // of the table
}

// tableToBlocks turns a table into blocks. One without a head is a way to print: its
// rows are paragraphs.
func tableToBlocks(t layout.Table, number int) []block {
	for i := range t.Rows {
		for j, c := range t.Rows[i].Cells {
			t.Rows[i].Cells[j] = unspread(squeeze(c))
		}
	}
	for i, h := range t.Head {
		names := strings.Split(h, "\n")
		for n := range names {
			names[n] = tight(names[n])
		}
		t.Head[i] = strings.Join(names, " ")
	}
	var out []block
	if title := tight(t.Title); title != "" {
		out = append(out, block{kind: paraBlock, text: title, bold: true})
	}
	if !names(t.Head) {
		for _, r := range t.Rows {
			if line := strings.TrimSpace(strings.Join(slices.DeleteFunc(slices.Clone(r.Cells), func(c string) bool { return c == "" }), " ")); line != "" {
				out = append(out, block{kind: paraBlock, text: line})
			}
		}
		return out
	}
	group := ""
	labels := rowLabels(t)
	for i, r := range t.Rows {
		switch name, whole := wholeRow(r); {
		case name == "":
			continue
		case whole && runes(name) <= maxHeading && !endsSentence(name) && !strings.HasPrefix(name, "注"):
			group = name
		case whole:
			out = append(out, block{kind: paraBlock, text: name})
		default:
			out = append(out, block{kind: rowBlock, row: &tableRow{labels[i], headedText(t.Head, r), group, number, len(t.Rows)}})
		}
	}
	return out
}

// names reports a head that names the columns: two at least, and half of them.
func names(head []string) bool {
	n := len(slices.DeleteFunc(slices.Clone(head), func(h string) bool { return h == "" }))
	return n >= 2 && n*2 >= len(head)
}

// unspread removes the blanks between single Chinese characters: 每 月 → 每月.
func unspread(s string) string {
	words := strings.Split(s, " ")
	var b strings.Builder
	for i, w := range words {
		if i > 0 && !(oneHan(w) && oneHan(words[i-1])) {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

func oneHan(w string) bool {
	r, n := utf8.DecodeRuneInString(w)
	return n > 0 && n == len(w) && unicode.Is(unicode.Han, r)
}

// wholeRow returns what stands in a row over all columns, or in one whose other cells
// are empty; otherwise the row's first cell and false.
func wholeRow(r layout.Row) (string, bool) {
	filled := slices.DeleteFunc(slices.Clone(r.Cells), func(c string) bool { return c == "" })
	switch {
	case len(filled) == 0:
		return "", false
	case r.Whole, len(filled) == 1 && r.Cells[0] != "" && len(r.Cells) > 2:
		return filled[0], true
	}
	return filled[0], false
}

// headedText writes a row: the name of each column before its cell. Cells under one
// name, and a cell under several, are written once.
func headedText(head []string, r layout.Row) string {
	var lines []string
	before := ""
	for j, c := range r.Cells {
		if c == "" || j >= len(head) {
			continue
		}
		name := head[j]
		if n := across(r, j); n > 1 {
			name = joinHeads(head[j:min(j+n, len(head))])
		}
		switch {
		case name == "":
			lines = append(lines, c)
		case name == before && len(lines) > 0:
			lines[len(lines)-1] += " " + c
		default:
			lines = append(lines, name+"："+c)
		}
		before = name
	}
	return strings.Join(lines, "\n")
}

func across(r layout.Row, j int) int {
	if j < len(r.Across) {
		return r.Across[j]
	}
	return 1
}

// joinHeads names several columns: 限值 甲, 限值 乙 → 限值 甲、乙.
func joinHeads(heads []string) string {
	heads = slices.Compact(slices.Clone(heads))
	out := heads[0]
	first, _, _ := strings.Cut(heads[0], " ")
	for _, h := range heads[1:] {
		if rest, ok := strings.CutPrefix(h, first+" "); ok {
			h = rest
		}
		out += "、" + h
	}
	return out
}

var (
	codeHead = regexp.MustCompile(`(?:代码|编码)$`)
	codeRE   = regexp.MustCompile(`^[A-Z]{1,4}[0-9]{1,4}`)
	countRE  = regexp.MustCompile(`^[（(]?[0-9]{1,5}(?:[-.—][0-9]{1,4})*[）)]?[、.]?$`)
)

// maxLabel is the longest piece, in characters, that a row is named by.
const maxLabel = 20

// rowLabels names the rows of a table, each in its own way: by its code, or by its first
// cells.
func rowLabels(t layout.Table) []string {
	labels := make([]string, len(t.Rows))
	code := slices.IndexFunc(t.Head, codeHead.MatchString)
	if code >= 0 && !distinct(t, code) {
		code = -1
	}
	for i, r := range t.Rows {
		if code >= 0 && r.Cells[code] != "" {
			labels[i] = shortName(r.Cells[code])
			if class := codeRE.FindString(r.Cells[0]); class != "" && code > 0 {
				labels[i] = class + " " + labels[i]
			}
			continue
		}
		labels[i] = firstCells(t, r)
	}
	for range 2 {
		addDifference(t, labels)
	}
	return labels
}

// distinct reports whether nearly every row has a value of its own in column j.
func distinct(t layout.Table, j int) bool {
	return len(values(t, j))*10 >= len(t.Rows)*8
}

// values are the different cells of a column.
func values(t layout.Table, j int) map[string]bool {
	seen := map[string]bool{}
	for _, r := range t.Rows {
		if r.Cells[j] != "" && !r.Whole {
			seen[r.Cells[j]] = true
		}
	}
	return seen
}

// firstCells names a row by its first cell. Behind a number stands the cell that tells
// most: of the first column that has as many values as there are numbers.
func firstCells(t layout.Table, r layout.Row) string {
	first := slices.IndexFunc(r.Cells, func(c string) bool { return c != "" })
	if first < 0 {
		return ""
	}
	if !countRE.MatchString(r.Cells[first]) {
		return shortName(r.Cells[first])
	}
	label, next := counted(t, first, r.Cells[first]), ""
	want := len(values(t, first)) * 7 / 10
	for j := first + 1; j < len(r.Cells); j++ {
		c := r.Cells[j]
		if c == "" || countRE.MatchString(c) {
			continue
		}
		if next == "" {
			next = c
		}
		if len(values(t, j)) >= want {
			next = c
			break
		}
	}
	return strings.TrimSpace(label + " " + shortName(next))
}

// counted writes a number with the name of its column: 序号 3.
func counted(t layout.Table, j int, c string) string {
	h := t.Head[j]
	if h == "" || runes(h) > 12 || j+1 < len(t.Head) && t.Head[j+1] == h {
		return c
	}
	return h + " " + c
}

// shortName shortens a cell to a name, at a comma when there is one.
func shortName(c string) string {
	c, _, _ = strings.Cut(c, "\n")
	if runes(c) <= maxLabel {
		return c
	}
	c = cut(c, maxLabel)
	if i := strings.LastIndexAny(c, "，；、。"); i > len(c)/3 {
		c = c[:i]
	}
	return c
}

// addDifference adds to labels that several rows share the first cell in which they
// differ.
func addDifference(t layout.Table, labels []string) {
	byLabel := map[string][]int{}
	for i, l := range labels {
		byLabel[l] = append(byLabel[l], i)
	}
	for label, rows := range byLabel {
		if len(rows) < 2 || label == "" {
			continue
		}
		j := differs(t, rows)
		for _, i := range rows {
			if j < 0 {
				break
			}
			switch c := t.Rows[i].Cells[j]; {
			case c == "":
			case countRE.MatchString(c):
				labels[i] += " " + counted(t, j, c)
			default:
				labels[i] += " " + shortName(c)
			}
		}
	}
}

// differs is the first column in which the rows differ, one with short cells before one
// with long ones; -1 when they are alike.
func differs(t layout.Table, rows []int) int {
	long := -1
	for j := range t.Head {
		first, same, length := t.Rows[rows[0]].Cells[j], true, 0
		for _, i := range rows {
			c := t.Rows[i].Cells[j]
			same, length = same && c == first, length+runes(c)
		}
		switch {
		case same:
		case length <= maxLabel*len(rows):
			return j
		case long < 0:
			long = j
		}
	}
	return long
}

// tableRow makes a clause of a row. It is named in its table; the table too is named
// where the document has several.
func (b *builder) tableRow(bl block) {
	r := bl.row
	if b.cur != nil && b.cur.Kind == Article && r.rows < minClauses {
		b.lines = append(b.lines, strings.ReplaceAll(r.text, "\n", "；"))
		return
	}
	b.close()
	if b.last > 0 && len(b.stack) > 0 && b.stack[len(b.stack)-1].rank != rankNone && b.stack[len(b.stack)-1].rank <= rankPart {
		b.stack = nil // a list behind the articles stands under none of their chapters
	}
	for i := range b.stack {
		b.stack[i].used = true
	}
	path := b.path(len(b.stack))
	if r.group != "" {
		path = append(path, r.group)
	}
	ref, text := r.label, r.text
	n := len(b.stack)
	captioned := n > 0 && b.stack[n-1].level == captionLevel
	if captioned {
		text = b.stack[n-1].text + "\n" + text // it says what the numbers are, and their unit
	}
	if captioned || n > 0 && b.tables > 1 && !strings.Contains(r.label, "-") {
		ref = tableName(b.stack[n-1].text) + " " + r.label
	}
	b.clauses = append(b.clauses, Clause{Kind: Row, Ref: b.unique(ref), Path: path, Heading: r.label, Text: text})
	b.began = true
}

var captionRE = regexp.MustCompile(`^(?:附?表|附图)\s?[A-Z]?\s?[0-9一二三四五六七八九十]+(?:[.．-][0-9]+)*(?:\s|$)`)

// tableName is the short name of a table: 表1 of its caption, else what its heading says.
func tableName(heading string) string {
	if m := captionRE.FindString(heading); m != "" {
		return strings.ReplaceAll(strings.TrimSpace(m), " ", "")
	}
	if rest, ok := strings.CutPrefix(heading, "附"); ok {
		if _, name, ok := strings.Cut(rest, " "); ok {
			heading = name
		}
	}
	return cut(heading, maxLabel)
}

// unique counts what would be the second clause of one name.
func (b *builder) unique(ref string) string {
	if b.names == nil {
		b.names = map[string]int{}
	}
	b.names[ref]++
	if n := b.names[ref]; n > 1 {
		return ref + "（" + itoa(n) + "）"
	}
	return ref
}

// endTable closes the caption of a table: what follows stands under the heading above.
func (b *builder) endTable() {
	b.close()
	if n := len(b.stack); n > 0 && b.stack[n-1].level == captionLevel {
		b.stack = b.stack[:n-1]
	}
}
