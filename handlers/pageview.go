package handlers

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"greendesk/knowledge"
	"greendesk/knowledge/parse"
)

type clauseView struct {
	Head   documentHead
	Ref    string
	Long   bool // the title is a sentence rather than a name
	Path   []string
	Quoted bool
	Table  bool // a row of a table: one cell a line
	Marked bool
	Lines  []line
	Prev   *neighbourView
	Next   *neighbourView
	Others []otherVersion
	Full   string
}

type neighbourView struct{ Way, Ref, Start, Path string }

type documentView struct {
	Head     documentHead
	Contents []heading
	Clauses  []documentRow
	Others   []otherVersion
}

// heading is a chapter, a section, or in the contents also a clause.
type heading struct {
	ID, Text string
	Level    int // of the HTML heading, from 2
}

type documentRow struct {
	ID       string
	Ref      string
	Kind     parse.ClauseKind
	Level    int // of its HTML heading: one below the headings it stands under
	Headings []heading
	Lines    []string
}

// Preamble reports whether the row stands before the text proper.
func (r documentRow) Preamble() bool { return r.Kind == parse.Preamble }

// line is a paragraph of a clause: pieces, some of them marked.
type line struct{ Pieces []piece }

type piece struct {
	Text string
	Mark bool
}

// longTitle is how many characters make a title a sentence.
const longTitle = 24

// neighbourStart is how much of a neighbour is shown, in characters.
const neighbourStart = 60

func neighbour(c *knowledge.Clause, way string) *neighbourView {
	if c == nil {
		return nil
	}
	text := strings.ReplaceAll(c.Text, "\n", " ")
	if rs := []rune(text); len(rs) > neighbourStart {
		text = string(rs[:neighbourStart]) + "…"
	}
	return &neighbourView{Way: way + unit(c.Kind), Ref: lastPart(*c), Start: text, Path: "/clauses/" + c.ID}
}

// unit is what people call a clause of a kind.
func unit(kind parse.ClauseKind) string {
	switch kind {
	case parse.Article:
		return "条"
	case parse.Question:
		return "问"
	case parse.Row:
		return "行"
	}
	return "段"
}

// marked cuts a clause into lines and marks what the address asks for: each
// mark is the first characters of a stretch and its length, parted by ~. They
// only choose what is marked, and are never shown. Stretches come in the
// clause's order, so each is looked for behind the one before.
func marked(c knowledge.Clause, stretches []string) []line {
	text := c.Text
	marks := make([]bool, len(text)+1)
	from := 0
	for _, s := range stretches {
		start, length, _ := strings.Cut(s, "~")
		n, err := strconv.Atoi(length)
		if err != nil || start == "" {
			continue
		}
		at := strings.Index(text[from:], start)
		if at < 0 {
			continue
		}
		from = mark(marks, text, from+at, n)
	}
	var out []line
	at := 0
	for _, raw := range paragraphs(c) {
		out = append(out, cut(raw, marks[at:at+len(raw)]))
		at += len(raw)
		if at < len(text) && text[at] == '\n' {
			at++
		}
	}
	return out
}

// mark marks n characters of text from byte at, and returns the byte behind.
func mark(marks []bool, text string, at, n int) int {
	for n > 0 && at < len(text) {
		_, size := utf8.DecodeRuneInString(text[at:])
		for i := range size {
			marks[at+i] = true
		}
		at, n = at+size, n-1
	}
	return at
}

// paragraphs are a clause's lines; of a table's row, its cells.
func paragraphs(c knowledge.Clause) []string {
	lines := strings.Split(c.Text, "\n")
	if c.Kind != parse.Row {
		return lines
	}
	var out []string
	for _, l := range lines {
		out = append(out, strings.SplitAfter(l, "；")...)
	}
	return out
}

func anyMark(lines []line) bool {
	for _, l := range lines {
		for _, p := range l.Pieces {
			if p.Mark {
				return true
			}
		}
	}
	return false
}

// cut makes pieces of a line where its marking changes.
func cut(raw string, marks []bool) line {
	var l line
	from := 0
	for i := 1; i <= len(raw); i++ {
		if i == len(raw) || marks[i] != marks[from] {
			l.Pieces = append(l.Pieces, piece{Text: raw[from:i], Mark: marks[from]})
			from = i
		}
	}
	return l
}

// documentRows are the clauses of a text with the headings that begin at them.
func documentRows(clauses []knowledge.Clause) []documentRow {
	var out []documentRow
	var before []string
	n := 0
	for _, c := range clauses {
		path := c.Headings()
		row := documentRow{ID: c.ID, Ref: lastPart(c), Kind: c.Kind, Level: 2 + len(path), Lines: paragraphs(c)}
		for i := shared(before, path); i < len(path); i++ {
			n++
			row.Headings = append(row.Headings, heading{ID: "h" + strconv.Itoa(n), Text: path[i], Level: 2 + i})
		}
		before = path
		out = append(out, row)
	}
	return out
}

// shared counts the headings that two paths begin with alike.
func shared(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// fewContents is how many entries a table of contents must have to be shown.
const fewContents = 3

// contents are a text's chapters, or its questions and sections when it has
// no chapters; none for a short text.
func contents(rows []documentRow) []heading {
	var chapters, pieces []heading
	for _, r := range rows {
		chapters = append(chapters, r.Headings...)
		if r.Kind == parse.Question || r.Kind == parse.Section {
			pieces = append(pieces, heading{ID: r.ID, Text: r.Ref, Level: 2})
		}
	}
	for _, list := range [][]heading{chapters, pieces} {
		if len(list) >= fewContents {
			return list
		}
	}
	return nil
}

// lastPart names a clause inside its document: headings that stand above are
// not repeated.
func lastPart(c knowledge.Clause) string {
	if c.Article > 0 || c.Heading == "" {
		return c.Ref
	}
	return c.Heading
}
