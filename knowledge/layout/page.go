// Package layout finds the order of reading in pages that only know where each
// character stands: lines, columns, tables by their ruled lines, and what belongs to
// the paper and not to the text (running heads, page numbers).
//
// It is pure geometry and knows nothing of laws. Lengths are in points, x grows to the
// right and y downwards from the page's upper left corner as a reader holds it.
package layout

// Char is one character where it stands.
type Char struct {
	R      rune
	X0, X1 float64 // left and right edge
	Y0, Y1 float64 // top and bottom edge
}

// Rule is a straight printed line, across (Y0 == Y1) or down (X0 == X1).
type Rule struct{ X0, Y0, X1, Y1 float64 }

// Page is what a page of a paged file holds.
type Page struct {
	Width, Height float64
	Chars         []Char
	Rules         []Rule
	Picture       bool // a picture covers much of it
}

// Piece is the next thing that a reader reads: a line, or a table.
type Piece struct {
	Line  Line
	Table *Table // nil for a line
}

// Line is one printed line.
type Line struct {
	Text   string
	Indent float64 // how far it begins behind the left edge of the text, in its own characters
	Short  float64 // how far it ends before the right edge, in its own characters
	Apart  bool    // more room above it than between the lines of a paragraph
}

// Table is a table with ruled lines, its pages put together.
type Table struct {
	Title string   // a first row that reaches over all columns, "" without one
	Head  []string // of each column, one name a line; nil for a table without a head
	Rows  []Row
}

// Row is one row of a table's body. A cell that reaches over several rows stands in each
// of them; one that reaches over several columns stands in the first.
type Row struct {
	Cells  []string
	Across []int // columns that each cell reaches over, 0 behind one that does
	Whole  bool  // one cell reaches over all columns
}
