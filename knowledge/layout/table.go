package layout

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// sheet is a table that grows over pages.
type sheet struct {
	Table
	xs    []float64 // left edges of the columns
	taken [][]bool  // per row: the cell began in a row above
}

// maxHeadCell is the longest cell of a head, in characters.
const maxHeadCell = 80

// newSheet reads the rows of a grid, without columns in which nothing begins.
func newSheet(g *grid) *sheet {
	s := &sheet{}
	var columns []int
	for j := range g.cols() {
		begins := func(i int) bool { return g.from[g.cells[i][j]][1] == j }
		if slices.ContainsFunc(upTo(g.rows()), begins) {
			columns = append(columns, j)
			s.xs = append(s.xs, g.xs[j])
		}
	}
	first := 0
	if g.across[g.cells[0][0]] == g.cols() && g.rows() > 2 {
		s.Title, first = g.texts[g.cells[0][0]], g.down[g.cells[0][0]]
	}
	body := g.headEnd(first)
	s.Head = g.head(columns, first, body)
	for i := body; i < g.rows(); i++ {
		r, taken := g.row(i, columns)
		if !slices.Contains(taken, false) { // a line that parts nothing
			continue
		}
		s.Rows, s.taken = append(s.Rows, r), append(s.taken, taken)
	}
	return s
}

// row reads one row, and which of its cells began in a row above.
func (g *grid) row(i int, columns []int) (Row, []bool) {
	r := Row{Whole: g.across[g.cells[i][0]] == g.cols()}
	taken := make([]bool, len(columns))
	for n, j := range columns {
		id, text, across := g.cells[i][j], "", 0
		if g.from[id][1] == j {
			text = g.texts[id]
			for m := n; m < len(columns) && columns[m] < j+g.across[id]; m++ {
				across++
			}
		}
		r.Cells, r.Across, taken[n] = append(r.Cells, text), append(r.Across, across), g.from[id][0] < i
	}
	return r, taken
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// dataRE is the first cell of a row that is no head: a number, a standard's number, a
// code.
var dataRE = regexp.MustCompile(`^(?:[0-9][0-9.-]*|[A-Z]{1,4}(?:/[A-Z])?\s?[0-9]+[-—0-9.]*)$`)

// headEnd is the first row behind the head that begins in row first: the head is as
// deep as its deepest cell.
func (g *grid) headEnd(first int) int {
	if first >= g.rows() {
		return first
	}
	end := first + 1
	if dataRE.MatchString(g.texts[g.cells[first][0]]) {
		return first
	}
	for j := range g.cols() {
		id := g.cells[first][j]
		if utf8.RuneCountInString(g.texts[id]) > maxHeadCell {
			return first
		}
		end = max(end, first+g.down[id])
	}
	if end >= g.rows() || end-first > 4 {
		return first
	}
	return end
}

// head names the columns by the cells above them, the upper before the lower, one a line.
func (g *grid) head(columns []int, first, end int) []string {
	if end <= first {
		return nil
	}
	var out []string
	for _, j := range columns {
		var names []string
		for i := first; i < end; i++ {
			t := g.texts[g.cells[i][j]]
			if t != "" && !slices.Contains(names, t) {
				names = append(names, t)
			}
		}
		out = append(out, strings.Join(names, "\n"))
	}
	return out
}

// near is how far the columns of a table may move from page to page, in points.
const near = 12

// goesOn reports whether t is the rest of s on the next page: it has the same columns.
func (s *sheet) goesOn(t *sheet) bool {
	if len(s.xs) != len(t.xs) {
		return false
	}
	shift := t.xs[0] - s.xs[0] // left and right pages may have other margins
	for i := range s.xs {
		if math.Abs(t.xs[i]-s.xs[i]-shift) > near {
			return false
		}
	}
	return true
}

// add puts the rows of the next page behind those of s.
func (s *sheet) add(t *sheet) {
	if t.Head != nil && !slices.EqualFunc(s.Head, t.Head, same) { // not repeated: its first row is a row
		t.Rows = append([]Row{{Cells: t.Head, Across: ones(len(t.Head))}}, t.Rows...)
		t.taken = append([][]bool{make([]bool, len(t.xs))}, t.taken...)
	}
	if t.Title != "" && !same(t.Title, s.Title) {
		cells := make([]string, len(t.xs))
		cells[0] = t.Title
		t.Rows = append([]Row{{Cells: cells, Across: ones(len(cells)), Whole: true}}, t.Rows...)
		t.taken = append([][]bool{make([]bool, len(t.xs))}, t.taken...)
	}
	t.carry(s)
	s.Rows, s.taken = append(s.Rows, t.Rows...), append(s.taken, t.taken...)
}

func same(a, b string) bool {
	return strings.ReplaceAll(a, " ", "") == strings.ReplaceAll(b, " ", "")
}

// carry joins the first rows of a page to the last row of the page before: a row that
// was broken between the pages becomes one, and what stands in a cell over several rows
// is carried down.
func (s *sheet) carry(before *sheet) {
	if len(before.Rows) == 0 || len(s.Rows) == 0 {
		return
	}
	last := &before.Rows[len(before.Rows)-1]
	if last.Whole || s.Rows[0].Whole {
		return
	}
	key := before.key()
	if key < 0 {
		return
	}
	if s.Rows[0].Cells[key] == "" {
		for j, c := range s.Rows[0].Cells {
			if c != "" && !(s.below(0, j) && c == last.Cells[j]) {
				last.Cells[j] += c
			}
		}
		s.Rows, s.taken = s.Rows[1:], s.taken[1:]
		if len(s.Rows) == 0 || s.Rows[0].Whole {
			return
		}
	}
	for j := range s.xs {
		if j == key || s.Rows[0].Cells[j] != "" || j > key && !before.groups(j) {
			continue
		}
		for i := 0; i < len(s.Rows) && (i == 0 || s.taken[i][j]) && !s.Rows[i].Whole; i++ {
			s.Rows[i].Cells[j] = last.Cells[j]
		}
	}
}

// groups reports a column whose cells stand for several rows as a rule.
func (s *sheet) groups(j int) bool {
	taken := 0
	for i := range s.Rows {
		if s.taken[i][j] {
			taken++
		}
	}
	return taken*10 >= len(s.Rows)*3
}

func ones(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// below reports whether the cell reaches into the next row.
func (s *sheet) below(i, j int) bool { return i+1 < len(s.taken) && s.taken[i+1][j] }

// key is the leftmost column in which nearly every row has a cell of its own, that
// names it; -1 without one.
func (s *sheet) key() int {
	for j := range s.xs {
		own, all := map[string]bool{}, 0
		for i, r := range s.Rows {
			if r.Whole {
				continue
			}
			if all++; r.Cells[j] != "" && !s.taken[i][j] {
				own[r.Cells[j]] = true
			}
		}
		if all > 0 && len(own)*10 >= all*7 {
			return j
		}
	}
	return -1
}

// Merge is a cell that reaches over several rows or columns, from the first to the last
// of each, counted from 0.
type Merge struct{ Row, Col, LastRow, LastCol int }

// TableOf makes a table of cells that are known already, as those of a spreadsheet.
func TableOf(cells [][]string, merges []Merge) Table {
	g := &grid{}
	for i := range len(cells) + 1 {
		g.ys = append(g.ys, float64(i))
	}
	width := 0
	for _, r := range cells {
		width = max(width, len(r))
	}
	if width == 0 {
		return Table{}
	}
	for i := range width + 1 {
		g.xs = append(g.xs, float64(i))
	}
	g.cells = make([][]int, len(cells))
	for i := range g.cells {
		g.cells[i] = make([]int, width)
		for j := range g.cells[i] {
			g.cells[i][j] = -1
		}
	}
	add := func(i, j, h, w int) {
		g.region(i, j, h, w)
		text := ""
		if j < len(cells[i]) {
			text = cells[i][j]
		}
		g.texts = append(g.texts, text)
	}
	for _, m := range merges {
		if m.Row < 0 || m.Col < 0 || m.LastRow >= len(cells) || m.LastCol >= width || m.LastRow < m.Row || m.LastCol < m.Col {
			continue
		}
		free := true
		for i := m.Row; i <= m.LastRow; i++ {
			free = free && g.free(i, m.Col, m.LastCol-m.Col+1)
		}
		if free {
			add(m.Row, m.Col, m.LastRow-m.Row+1, m.LastCol-m.Col+1)
		}
	}
	for i := range cells {
		for j := range width {
			if g.cells[i][j] < 0 {
				add(i, j, 1, 1)
			}
		}
	}
	return newSheet(g).Table
}
