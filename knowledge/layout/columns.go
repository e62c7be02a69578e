package layout

// minColumn is how many lines stand beside one another before they count as columns.
const minColumn = 6

// inColumns orders lines that are set in two columns: the left one, then the right
// one. A gutter is a strip without characters, in the middle part of the page, beside
// which both sides have text over many lines.
func inColumns(rows []*row, width float64) []*row {
	size := em(rows)
	best := 0.0
	for x := 0.35 * width; x < 0.65*width; x += 2 {
		if both, broken := gutter(rows, x, size); both >= minColumn && broken*8 <= both && float64(both) > best {
			best = float64(both)
			rowsAt := split(rows, x, size)
			if rowsAt != nil {
				return rowsAt
			}
		}
	}
	return rows
}

// gutter counts the lines that have text on both sides of a strip at x, and those that
// cross it in between.
func gutter(rows []*row, x, size float64) (both, broken int) {
	started := 0
	for _, r := range rows {
		left, right, in := sides(r, x, size)
		switch {
		case in:
			started++
		case left && right:
			if both > 0 {
				broken += started
			}
			both, started = both+1, 0
		}
	}
	return both, broken
}

// sides tells on which sides of a strip at x, one character wide, a line has text.
func sides(r *row, x, size float64) (left, right, in bool) {
	for _, c := range r.chars {
		switch {
		case c.X1 <= x-size/2:
			left = true
		case c.X0 >= x+size/2:
			right = true
		default:
			in = true
		}
	}
	return left, right, in
}

// split cuts the lines at x and puts the right halves behind the left ones, between
// lines that go across. nil when the halves do not look like columns: a column fills
// its width in most of its lines.
func split(rows []*row, x, size float64) []*row {
	var out, left, right []*row
	full, all := 0, 0
	flush := func() {
		out = append(append(out, left...), right...)
		left, right = nil, nil
	}
	for _, r := range rows {
		_, _, in := sides(r, x, size)
		if in {
			flush()
			out = append(out, r)
			continue
		}
		var l, g []Char
		for _, c := range r.chars {
			if c.X1 <= x {
				l = append(l, c)
			} else {
				g = append(g, c)
			}
		}
		if len(l) > 0 {
			left = append(left, &row{chars: l, y0: r.y0, y1: r.y1, column: 1})
		}
		if len(g) > 0 {
			right = append(right, &row{chars: g, y0: r.y0, y1: r.y1, column: 2})
		}
		if len(l) > 0 && len(g) > 0 {
			all++
			if x-l[len(l)-1].X1 < 4*size {
				full++
			}
		}
	}
	flush()
	if full*3 < all {
		return nil
	}
	return out
}
