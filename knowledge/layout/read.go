package layout

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Read puts pages in the order of reading. Running heads, running feet and page numbers
// are left out; a table that goes on over pages is one.
func Read(pages []Page) []Piece {
	r := &reader{}
	rows, grids, heights := make([][]*row, len(pages)), make([][]*grid, len(pages)), make([]float64, len(pages))
	for i, p := range pages {
		var rest []Char
		grids[i], rest = gridsOf(p)
		rows[i], heights[i] = rowsOf(rest), p.Height
	}
	paper := furniture(rows, heights)
	for i := range pages {
		rows[i] = slices.DeleteFunc(rows[i], func(r *row) bool { return paper[r] })
	}
	for i, p := range pages {
		r.page(rows[i], grids[i], p)
	}
	r.endTable()
	return r.out
}

type reader struct {
	out  []Piece
	open *sheet // the table that may go on
}

var goesOnRE = regexp.MustCompile(`^(?:续表|表\s*[0-9A-Z.]+\s*[（(]?续)|^[（(]?续[)）]?$`)

// page reads the lines and tables of one page.
func (r *reader) page(rows []*row, grids []*grid, p Page) {
	for _, g := range grids {
		i, _ := slices.BinarySearchFunc(rows, g.ys[0], func(r *row, y float64) int { return cmp.Compare(r.middle(), y) })
		r.lines(rows[:i], p.Width)
		rows = rows[i:]
		s := newSheet(g)
		if r.open != nil && r.open.goesOn(s) {
			r.open.add(s)
			continue
		}
		r.endTable()
		r.open = s
	}
	r.lines(rows, p.Width)
}

func (r *reader) endTable() {
	if r.open != nil {
		r.out = append(r.out, Piece{Table: &r.open.Table})
		r.open = nil
	}
}

// lines reads what stands between two tables.
func (r *reader) lines(rows []*row, width float64) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(l *row) bool {
		return strings.TrimSpace(l.text()) == "" || r.open != nil && goesOnRE.MatchString(strings.TrimSpace(l.text()))
	})
	if len(rows) == 0 {
		return
	}
	r.endTable()
	rows = inColumns(rows, width)
	size, gap := em(rows), lineGap(rows)
	for i, l := range rows {
		left, right := edgesOf(rows, l, width)
		line := Line{Text: strings.TrimSpace(l.text()), Indent: (l.x0() - left) / size, Short: (right - l.x1()) / size}
		line.Apart = i > 0 && l.middle()-rows[i-1].middle() > 1.5*gap
		r.out = append(r.out, Piece{Line: line})
	}
}

// lineGap is the usual distance of two lines.
func lineGap(rows []*row) float64 {
	var gaps []float64
	for i := 1; i < len(rows); i++ {
		if d := rows[i].middle() - rows[i-1].middle(); d > 0 {
			gaps = append(gaps, d)
		}
	}
	return median(gaps, 20)
}

// edgesOf finds the edges of the text around a line: where the lines of its column
// begin and end that reach farthest.
func edgesOf(rows []*row, l *row, width float64) (left, right float64) {
	left, right = l.x0(), l.x1()
	for _, o := range rows {
		if o.column == l.column {
			left, right = min(left, o.x0()), max(right, o.x1())
		}
	}
	if l.column == 0 && right < 0.7*width { // a few short lines do not tell
		right = max(right, width-left)
	}
	return left, right
}
