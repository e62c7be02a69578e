package handlers

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"greendesk/knowledge"
)

// fact is one line of what is known of a version.
type fact struct{ Name, Value string }

// documentHead is the top of both pages.
type documentHead struct {
	Title      string
	State      string
	Good       bool // in force
	FAQ        bool
	Incomplete string
	Original   string
	Facts      []fact
}

type clauseView struct {
	Head   documentHead
	Ref    string
	Path   []string
	Quoted bool
	Lines  []line
	Prev   *neighbourView
	Next   *neighbourView
	Others []otherVersion
	Full   string
}

type otherVersion struct{ Label, State, Path string }

type neighbourView struct{ Ref, Start, Path string }

type documentView struct {
	Head    documentHead
	Clauses []documentRow
}

type documentRow struct {
	ID       string
	Ref      string
	Headings []string
	Lines    []string
}

// line is a paragraph of a clause: pieces, some of them marked.
type line struct {
	Pieces []piece
	Item   bool // （一）… or 1.: indented
}

type piece struct {
	Text string
	Mark bool
}

// neighbourStart is how much of a neighbour is shown, in characters.
const neighbourStart = 40

func neighbour(c *knowledge.Clause) *neighbourView {
	if c == nil {
		return nil
	}
	text := strings.ReplaceAll(c.Text, "\n", " ")
	if rs := []rune(text); len(rs) > neighbourStart {
		text = string(rs[:neighbourStart]) + "…"
	}
	return &neighbourView{Ref: c.Ref, Start: text, Path: "/clauses/" + c.ID}
}

// marked cuts a clause into lines and marks what the address asks for: each
// mark is the first characters of a stretch and its length, parted by ~. They
// only choose what is marked, and are never shown.
func marked(text string, stretches []string) []line {
	marks := make([]bool, len(text)+1)
	for _, s := range stretches {
		start, length, _ := strings.Cut(s, "~")
		n, err := strconv.Atoi(length)
		at := strings.Index(text, start)
		if err != nil || at < 0 || start == "" {
			continue
		}
		for i := range text[at:] {
			if n == 0 {
				break
			}
			n--
			for j := at + i; j < len(text) && (j == at+i || !utf8.RuneStart(text[j])); j++ {
				marks[j] = true
			}
		}
	}
	var out []line
	from := 0
	for _, raw := range strings.Split(text, "\n") {
		out = append(out, cut(raw, marks[from:from+len(raw)]))
		from += len(raw) + 1
	}
	return out
}

// cut makes pieces of a line where its marking changes.
func cut(raw string, marks []bool) line {
	l := line{Item: isItem(raw)}
	from := 0
	for i := 1; i <= len(raw); i++ {
		if i == len(raw) || marks[i] != marks[from] {
			l.Pieces = append(l.Pieces, piece{Text: raw[from:i], Mark: marks[from]})
			from = i
		}
	}
	return l
}

// newHeadings are the parts of a path that the path before did not have.
func newHeadings(before, path string) []string {
	old := strings.Split(before, " › ")
	var out []string
	same := true
	for i, h := range strings.Split(path, " › ") {
		same = same && i < len(old) && old[i] == h
		if !same && h != "" {
			out = append(out, h)
		}
	}
	return out
}

// lastPart names a clause inside its document: headings that stand above are
// not repeated.
func lastPart(c knowledge.Clause) string {
	if c.Article > 0 {
		return c.Ref
	}
	if c.Heading != "" {
		return c.Heading
	}
	return c.Ref
}

// isItem reports whether a line is an item of a list: （一）…
func isItem(raw string) bool {
	return strings.HasPrefix(raw, "（") || strings.HasPrefix(raw, "(")
}
