package layout

import (
	"cmp"
	"slices"
)

// How far lines may miss one another, in points.
const (
	snap  = 2.5 // two lines at nearly the same place are one
	reach = 3.5 // two lines touch
)

// grid is a table on one page.
type grid struct {
	xs, ys []float64 // edges of columns and rows
	cells  [][]int   // region of each elementary cell, by row and column
	texts  []string  // of each region
	down   []int     // rows each region reaches over
	across []int     // columns
	from   [][2]int  // first row and column of each region
}

func (g *grid) rows() int { return len(g.ys) - 1 }
func (g *grid) cols() int { return len(g.xs) - 1 }

func (g *grid) holds(c Char) bool {
	x, y := (c.X0+c.X1)/2, (c.Y0+c.Y1)/2
	return x > g.xs[0] && x < g.xs[len(g.xs)-1] && y > g.ys[0]-1 && y < g.ys[len(g.ys)-1]+1
}

// maxRules bounds the lines of a page that are looked at: a drawing has many more than
// a table.
const maxRules = 20_000

// gridsOf finds the tables of a page by their ruled lines, top to bottom, and gives
// back the characters that stand in none.
func gridsOf(p Page) (grids []*grid, rest []Char) {
	rules := p.Rules
	if len(rules) > maxRules {
		rules = nil
	}
	for _, group := range touching(merge(rules)) {
		if g := newGrid(group); g != nil {
			grids = append(grids, g)
		}
	}
	inside := make([][]Char, len(grids))
	for _, c := range p.Chars {
		if i := slices.IndexFunc(grids, func(g *grid) bool { return g.holds(c) }); i >= 0 {
			inside[i] = append(inside[i], c)
		} else {
			rest = append(rest, c)
		}
	}
	kept := grids[:0]
	for i, g := range grids {
		if g.cols() < 2 || len(inside[i]) == 0 { // a frame around text is no table
			rest = append(rest, inside[i]...)
			continue
		}
		g.fill(inside[i])
		kept = append(kept, g)
	}
	slices.SortFunc(kept, func(a, b *grid) int { return cmp.Compare(a.ys[0], b.ys[0]) })
	return kept, rest
}

// merge makes one rule of those that lie on one another or go on from one another.
func merge(rules []Rule) []Rule {
	across, down := []Rule{}, []Rule{}
	for _, r := range rules {
		if r.Y0 == r.Y1 {
			across = append(across, r)
		} else {
			down = append(down, Rule{r.Y0, r.X0, r.Y1, r.X1}) // turned, to be treated alike
		}
	}
	out := mergeAcross(across)
	for _, r := range mergeAcross(down) {
		out = append(out, Rule{r.Y0, r.X0, r.Y1, r.X1})
	}
	return out
}

func mergeAcross(rules []Rule) []Rule {
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.Y0, b.Y0) })
	var out []Rule
	for from := 0; from < len(rules); {
		to := from
		for to < len(rules) && rules[to].Y0-rules[from].Y0 <= snap {
			to++
		}
		level := slices.Clone(rules[from:to])
		slices.SortFunc(level, func(a, b Rule) int { return cmp.Compare(a.X0, b.X0) })
		y := level[0].Y0
		for _, r := range level {
			if n := len(out); n > 0 && out[n-1].Y0 == y && r.X0 <= out[n-1].X1+reach {
				out[n-1].X1 = max(out[n-1].X1, r.X1)
				continue
			}
			out = append(out, Rule{r.X0, y, r.X1, y})
		}
		from = to
	}
	return out
}

// touching groups rules that meet, directly or through others.
func touching(rules []Rule) [][]Rule {
	group := make([]int, len(rules))
	for i := range group {
		group[i] = i
	}
	find := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	var across, down []int
	for i, r := range rules {
		if r.Y0 == r.Y1 {
			across = append(across, i)
		} else {
			down = append(down, i)
		}
	}
	for _, i := range across {
		for _, j := range down {
			h, v := rules[i], rules[j]
			if v.X0 >= h.X0-reach && v.X0 <= h.X1+reach && h.Y0 >= v.Y0-reach && h.Y0 <= v.Y1+reach {
				group[find(i)] = find(j)
			}
		}
	}
	byRoot := map[int][]Rule{}
	var order []int
	for i, r := range rules {
		root := find(i)
		if byRoot[root] == nil {
			order = append(order, root)
		}
		byRoot[root] = append(byRoot[root], r)
	}
	var out [][]Rule
	for _, root := range order {
		out = append(out, byRoot[root])
	}
	return out
}

// maxEdges bounds rows and columns of one table on one page.
const maxEdges = 400

// newGrid makes cells of rules that meet; nil when they are no table. Sides that are
// left open are closed where the lines across, or down, end.
func newGrid(rules []Rule) *grid {
	var xs, ys []float64
	across, down := 0, 0
	for _, r := range rules {
		if r.Y0 == r.Y1 {
			ys, across = append(ys, r.Y0), across+1
		} else {
			xs, down = append(xs, r.X0), down+1
		}
	}
	if across < 2 || down < 1 {
		return nil
	}
	lo, hi := rules[0], rules[0]
	for _, r := range rules {
		lo = Rule{min(lo.X0, r.X0), min(lo.Y0, r.Y0), 0, 0}
		hi = Rule{0, 0, max(hi.X1, r.X1), max(hi.Y1, r.Y1)}
	}
	g := &grid{xs: edges(xs, lo.X0, hi.X1), ys: edges(ys, lo.Y0, hi.Y1)}
	if g.rows() < 1 || g.cols() < 1 || len(g.xs) > maxEdges || len(g.ys) > maxEdges {
		return nil
	}
	g.connect(rules)
	return g
}

// edges sorts positions, makes one of those that are close, and adds the ends.
func edges(at []float64, lo, hi float64) []float64 {
	slices.Sort(at)
	var out []float64
	for _, v := range at {
		if len(out) == 0 || v-out[len(out)-1] > snap {
			out = append(out, v)
		}
	}
	const open = 8 // a side is open when the lines reach farther than this
	if len(out) == 0 || out[0]-lo > open {
		out = append([]float64{lo}, out...)
	}
	if hi-out[len(out)-1] > open {
		out = append(out, hi)
	}
	return out
}

// connect joins elementary cells that have no line between them.
func (g *grid) connect(rules []Rule) {
	rows, cols := g.rows(), g.cols()
	right, below := make([][]bool, rows), make([][]bool, rows) // a line on that side
	for i := range rows {
		right[i], below[i] = make([]bool, cols), make([]bool, cols)
	}
	for _, r := range rules {
		if r.Y0 == r.Y1 {
			if i := edgeAt(g.ys, r.Y0); i > 0 {
				covered(g.xs, r.X0, r.X1, func(c int) { below[i-1][c] = true })
			}
		} else if i := edgeAt(g.xs, r.X0); i > 0 {
			covered(g.ys, r.Y0, r.Y1, func(row int) { right[row][i-1] = true })
		}
	}
	g.cells = make([][]int, rows)
	for i := range g.cells {
		g.cells[i] = make([]int, cols)
		for j := range g.cells[i] {
			g.cells[i][j] = -1
		}
	}
	for i := range rows {
		for j := range cols {
			if g.cells[i][j] >= 0 {
				continue
			}
			// The largest rectangle without lines that begins here.
			w, h := 1, 1
			for j+w < cols && !right[i][j+w-1] && g.cells[i][j+w] < 0 {
				w++
			}
			for i+h < rows && !slices.Contains(below[i+h-1][j:j+w], true) && !slices.Contains(right[i+h][j:j+w-1], true) && g.free(i+h, j, w) {
				h++
			}
			g.region(i, j, h, w)
		}
	}
}

func (g *grid) free(i, j, w int) bool {
	return !slices.ContainsFunc(g.cells[i][j:j+w], func(r int) bool { return r >= 0 })
}

func (g *grid) region(i, j, h, w int) {
	id := len(g.from)
	g.from, g.down, g.across = append(g.from, [2]int{i, j}), append(g.down, h), append(g.across, w)
	for a := i; a < i+h; a++ {
		for b := j; b < j+w; b++ {
			g.cells[a][b] = id
		}
	}
}

// edgeAt is the index of the edge at a position.
func edgeAt(edges []float64, at float64) int {
	for i, e := range edges {
		if at >= e-0.1 && at-e <= snap {
			return i
		}
	}
	return -1
}

// covered calls fn for the cells between edges of which a line covers most.
func covered(edges []float64, from, to float64, fn func(int)) {
	for i := 0; i+1 < len(edges); i++ {
		a, b := edges[i], edges[i+1]
		if min(to, b)-max(from, a) > 0.6*(b-a) {
			fn(i)
		}
	}
}

// fill puts the characters into their regions.
func (g *grid) fill(chars []Char) {
	in := make([][]Char, len(g.from))
	for _, c := range chars {
		i, j := between(g.ys, (c.Y0+c.Y1)/2), between(g.xs, (c.X0+c.X1)/2)
		in[g.cells[i][j]] = append(in[g.cells[i][j]], c)
	}
	g.texts = make([]string, len(g.from))
	for i, chars := range in {
		rows := rowsOf(chars)
		if g.from[i] == [2]int{0, 0} && len(rows) == 2 && rows[0].x0() > rows[1].x1()-em(rows) {
			rows = rows[1:] // a corner cut in two: the lower part names its column
		}
		g.texts[i] = joined(rows)
	}
}

// between is the index of the cell that holds a position, the nearest one outside.
func between(edges []float64, at float64) int {
	i, _ := slices.BinarySearch(edges, at)
	return min(max(i-1, 0), len(edges)-2)
}
