package parse

import (
	"strings"

	"greendesk/knowledge/layout"
)

// maxCells bounds the rows times columns of one table.
const maxCells = 2_000_000

// table reads a table of Word. One of a single column is a frame around text.
func (w *wordReader) table(t *node) {
	g := wordGrid{open: map[int]int{}}
	for _, tr := range rowsOf(t, 0) {
		if g.add(tr); len(g.cells)*g.widest > maxCells {
			break
		}
	}
	if g.widest <= 1 {
		for _, tr := range rowsOf(t, 0) {
			for _, tc := range cellsOf(tr, 0) {
				w.container(tc, 1)
			}
		}
		return
	}
	w.tables++
	unit := captioned(&w.blocks)
	w.blocks = append(w.blocks, unit...)
	w.blocks = append(w.blocks, tableToBlocks(layout.TableOf(g.cells, g.merges), w.tables)...)
	if n := len(w.blocks); n > 0 && w.blocks[n-1].row != nil {
		w.blocks = append(w.blocks, block{kind: paraBlock, ends: true})
	}
}

// wordGrid gathers the cells of a table.
type wordGrid struct {
	cells  [][]string
	merges []layout.Merge
	open   map[int]int // column → index in merges of a cell that may go on below
	widest int
}

func (g *wordGrid) add(tr *node) {
	at := len(g.cells)
	var row []string
	for _, tc := range cellsOf(tr, 0) {
		span := min(max(number(tc.at("tcPr", "gridSpan").get("val"), 1), 1), maxSpan)
		if len(row)+span > maxColumns {
			break
		}
		text := cellText(tc, 0)
		if g.merge(tc.at("tcPr", "vMerge"), at, len(row), span) {
			text = ""
		}
		row = append(row, text)
		row = append(row, make([]string, span-1)...)
	}
	g.cells = append(g.cells, row)
	g.widest = max(g.widest, len(row))
}

// merge notes a cell that reaches over several columns or rows; below reports one that
// belongs to the cell above it.
func (g *wordGrid) merge(down *node, row, col, span int) (below bool) {
	i, open := g.open[col]
	if down != nil && down.get("val") != "restart" && open && g.merges[i].LastRow == row-1 {
		g.merges[i].LastRow = row
		return true
	}
	delete(g.open, col)
	if down != nil || span > 1 {
		g.merges = append(g.merges, layout.Merge{Row: row, Col: col, LastRow: row, LastCol: col + span - 1})
	}
	if down != nil {
		g.open[col] = len(g.merges) - 1
	}
	return false
}

// rowsOf and cellsOf look through content controls and insertions; a row or cell that is
// deleted is left out.
func rowsOf(n *node, depth int) []*node { return partsOf(n, "tr", "trPr", depth) }

func cellsOf(n *node, depth int) []*node { return partsOf(n, "tc", "tcPr", depth) }

func partsOf(n *node, name, props string, depth int) []*node {
	var out []*node
	if depth > maxNesting {
		return nil
	}
	for _, c := range n.nodes {
		switch c.name {
		case name:
			if c.at(props, "del") == nil && c.at(props, "cellDel") == nil {
				out = append(out, c)
			}
		case "sdt", "sdtContent", "ins", "customXml":
			out = append(out, partsOf(c, name, props, depth+1)...)
		}
	}
	return out
}

// cellText is the text of a cell, its paragraphs and inner tables parted by blanks.
func cellText(n *node, depth int) string {
	if depth > maxNesting {
		return ""
	}
	var parts []string
	for _, c := range n.nodes {
		text := ""
		switch c.name {
		case "p":
			text = squeeze(withoutBold.Replace(strings.ReplaceAll(runsText(c, depth), "\n", " ")))
		case "tbl", "tr", "tc", "sdt", "sdtContent", "ins", "customXml":
			text = cellText(c, depth+1)
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " ")
}
