package layout

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// row is a printed line while it is put together: characters from left to right.
type row struct {
	chars  []Char
	y0, y1 float64
	column int // 0 across the page, else the column it stands in
}

func (r *row) x0() float64 { return r.chars[0].X0 }

func (r *row) x1() float64 {
	x := r.chars[0].X1
	for _, c := range r.chars {
		x = max(x, c.X1)
	}
	return x
}

func (r *row) height() float64 { return r.y1 - r.y0 }
func (r *row) middle() float64 { return (r.y0 + r.y1) / 2 }

// rowsOf sorts characters into lines, top to bottom. A small raised or lowered
// character belongs to the line it stands beside.
func rowsOf(chars []Char) []*row {
	chars = slices.Clone(chars)
	slices.SortStableFunc(chars, func(a, b Char) int { return cmp.Compare(a.Y0+a.Y1, b.Y0+b.Y1) })
	var out []*row
	for _, c := range chars {
		if n := len(out); n > 0 {
			last := out[n-1]
			if gap := (c.Y0+c.Y1)/2 - last.middle(); gap < 0.45*max(last.height(), c.Y1-c.Y0) {
				last.chars = append(last.chars, c)
				if c.Y1-c.Y0 > last.height() { // the tallest tells where the line is
					last.y0, last.y1 = c.Y0, c.Y1
				}
				continue
			}
		}
		out = append(out, &row{chars: []Char{c}, y0: c.Y0, y1: c.Y1})
	}
	for _, r := range out {
		slices.SortStableFunc(r.chars, func(a, b Char) int { return cmp.Compare(a.X0, b.X0) })
		r.chars = withoutShadows(r.chars)
	}
	return out
}

// withoutShadows drops a character that is printed twice at one place to look bold.
func withoutShadows(chars []Char) []Char {
	out := chars[:0]
	for _, c := range chars {
		if n := len(out); n > 0 && out[n-1].R == c.R && c.X0-out[n-1].X0 < 0.3*(c.X1-c.X0) {
			continue
		}
		out = append(out, c)
	}
	return out
}

// em is the width of a full character in these lines.
func em(rows []*row) float64 {
	var widths []float64
	for _, r := range rows {
		for _, c := range r.chars {
			if c.R >= 0x2E80 && c.X1 > c.X0 {
				widths = append(widths, c.X1-c.X0)
			}
		}
	}
	return median(widths, 10)
}

func median(values []float64, without float64) float64 {
	if len(values) == 0 {
		return without
	}
	sort.Float64s(values)
	return values[len(values)/2]
}

// text is the line's text: one blank where there is room between characters. Where a
// line is spread to fill its width, the usual room is none.
func (r *row) text() string {
	size := em([]*row{r})
	var gaps []float64
	for i := 1; i < len(r.chars); i++ {
		gaps = append(gaps, r.chars[i].X0-r.chars[i-1].X1)
	}
	usual := 0.0
	if len(gaps) >= 5 {
		usual = max(0, median(slices.Clone(gaps), 0))
	}
	var b strings.Builder
	single := true // every word is one Chinese character
	for i, c := range r.chars {
		blank := false
		if i > 0 {
			room := 0.3 * size
			if before := r.chars[i-1].R; before < 0x2E80 && c.R < 0x2E80 {
				room = 0.15 * size
			}
			blank = gaps[i-1] > usual+room
			single = single && blank
		}
		single = single && c.R >= 0x2E80
		if blank {
			b.WriteByte(' ')
		}
		b.WriteRune(r.shape(c))
	}
	if single && len(r.chars) > 1 {
		return strings.ReplaceAll(b.String(), " ", "")
	}
	return b.String()
}

// raised are the characters that print as exponents and marks of notes.
var raised = map[rune]rune{'0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴', '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹',
	'-': '⁻', '−': '⁻', '－': '⁻', '–': '⁻', '+': '⁺', '(': '⁽', ')': '⁾', '（': '⁽', '）': '⁾'}

// shape writes a character as it reads: 10 to the power of -5 is not 10-5.
func (r *row) shape(c Char) rune {
	n := narrow(c.R)
	if up, ok := raised[n]; ok && c.Y1-c.Y0 < 0.8*r.height() && (c.Y0+c.Y1)/2 < r.middle()-0.08*r.height() {
		return up
	}
	return n
}

// narrow writes the letters and digits that a typesetting system makes as wide as a
// Chinese character in their usual form, and blanks what has no form.
func narrow(r rune) rune {
	switch {
	case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
		return r - 0xFEE0
	case r == '％' || r == '／' || r == '＋' || r == '＜' || r == '＞' || r == '＝':
		return r - 0xFEE0
	case r >= 0xE000 && r <= 0xF8FF, r == 0xFFFD, r == 0xFFFE, r == 0xFFFF, unicode.IsControl(r):
		return ' '
	}
	return r
}

// joined puts the lines of a cell together. There is a blank between Latin words, and
// where a line ends early: behind it a new paragraph begins.
func joined(rows []*row) string {
	var b strings.Builder
	size, right := em(rows), 0.0
	for _, r := range rows {
		right = max(right, r.x1())
	}
	for i, r := range rows {
		t := strings.TrimSpace(r.text())
		if before := b.String(); before != "" && t != "" {
			early := right-rows[i-1].x1() > 1.3*size
			if early || wordEnd(before[len(before)-1]) && wordEnd(t[0]) {
				b.WriteByte(' ')
			}
		}
		b.WriteString(t)
	}
	return b.String()
}

func wordEnd(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
