package parse

import (
	"strings"

	"greendesk/knowledge/layout"
)

// maxCells bounds the rows times columns of one table.
const maxCells = 2_000_000

// table reads a table of Word. One of a single column is a frame around text.
func (w *wordReader) table(t *node) {
	var cells [][]string
	var merges []layout.Merge
	open := map[int]int{} // column → index in merges of a cell that may go on below
	widest := 0
	for _, tr := range rowsOf(t, 0) {
		var row []string
		for _, tc := range cellsOf(tr, 0) {
			props := tc.child("tcPr")
			span := min(max(number(props.at("gridSpan").get("val"), 1), 1), maxSpan)
			at, from := len(cells), len(row)
			if len(row)+span > maxColumns {
				break
			}
			text := cellText(tc, 0)
			m, down := open[from], props.child("vMerge")
			if down != nil && down.get("val") != "restart" {
				if i, ok := open[from]; ok && merges[i].LastRow == at-1 {
					merges[m].LastRow, text = at, ""
				}
			} else {
				delete(open, from)
				if down != nil || span > 1 {
					merges = append(merges, layout.Merge{Row: at, Col: from, LastRow: at, LastCol: from + span - 1})
				}
				if down != nil {
					open[from] = len(merges) - 1
				}
			}
			row = append(row, text)
			row = append(row, make([]string, span-1)...)
		}
		cells = append(cells, row)
		widest = max(widest, len(row))
		if len(cells)*widest > maxCells {
			break
		}
	}
	if widest <= 1 {
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
	w.blocks = append(w.blocks, tableToBlocks(layout.TableOf(cells, merges), w.tables)...)
	if n := len(w.blocks); n > 0 && w.blocks[n-1].row != nil {
		w.blocks = append(w.blocks, block{kind: paraBlock, ends: true})
	}
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
