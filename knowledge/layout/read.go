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
	edges := edgesOf(rows, width)
	for i, l := range rows {
		at := edges[l.column]
		line := Line{Text: strings.TrimSpace(l.text()), Indent: (l.x0() - at.left) / size, Short: (at.right - l.x1()) / size}
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

// side is where the text of a column begins and ends.
type side struct{ left, right float64 }

// edgesOf finds the edges of each column: where the lines begin and end that reach
// farthest.
func edgesOf(rows []*row, width float64) map[int]side {
	out := map[int]side{}
	for _, l := range rows {
		at, seen := out[l.column]
		if !seen {
			at = side{l.x0(), l.x1()}
		}
		out[l.column] = side{min(at.left, l.x0()), max(at.right, l.x1())}
	}
	if at, ok := out[0]; ok && at.right < 0.7*width { // a few short lines do not tell
		out[0] = side{at.left, max(at.right, width-at.left)}
	}
	return out
}
