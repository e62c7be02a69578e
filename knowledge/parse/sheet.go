package parse

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"greendesk/knowledge/layout"
)

// Limits of one sheet.
const (
	maxRows    = 200_000
	maxCellLen = 32_767 // characters of a cell, as the format allows
)

// xlsxBlocks reads the visible sheets of a workbook: a row with the names of its columns
// is a clause, the sheet's title or name stands above it.
func xlsxBlocks(data []byte) (blocks []block, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: 4 * maxPart, UnzipXMLSizeLimit: maxPart})
	if err != nil {
		if errors.Is(err, excelize.ErrWorkbookPassword) || errors.Is(err, excelize.ErrWorkbookFileFormat) {
			return nil, ErrBroken
		}
		if strings.Contains(err.Error(), "unzip size") { // the library has no name for it
			return nil, ErrHuge
		}
		return nil, ErrBroken
	}
	defer func() { _ = f.Close() }() // temporary files of its own
	sheets := f.GetSheetList()
	number := 0
	for _, name := range sheets {
		if visible, err := f.GetSheetVisible(name); err != nil || !visible {
			continue
		}
		cells, err := sheetCells(f, name)
		if err != nil {
			return nil, err
		}
		if len(cells) == 0 {
			continue
		}
		number++
		title := ""
		if len(sheets) > 1 {
			title = name
		}
		blocks = append(blocks, sheetBlocks(cells, sheetMerges(f, name), number, title)...)
	}
	return blocks, nil
}

func sheetCells(f *excelize.File, name string) ([][]string, error) {
	rows, err := f.Rows(name)
	if err != nil {
		return nil, ErrBroken
	}
	defer func() { _ = rows.Close() }() // as above
	var cells [][]string
	last, widest := 0, 0
	for rows.Next() {
		row, err := rows.Columns()
		if err != nil {
			return nil, ErrBroken
		}
		row = row[:min(len(row), maxColumns)]
		for i, c := range row {
			row[i] = cellLine(c)
		}
		widest = max(widest, len(row))
		cells = append(cells, row)
		if strings.Join(row, "") != "" {
			last = len(cells)
		}
		if len(cells) > maxRows || len(cells)*widest > maxCells {
			return nil, ErrHuge
		}
	}
	if rows.Error() != nil {
		return nil, ErrBroken
	}
	return cells[:last], nil
}

func cellLine(c string) string {
	if len(c) > maxCellLen*4 {
		c = c[:maxCellLen*4]
	}
	return squeeze(strings.ToValidUTF8(c, ""))
}

// sheetMerges are the merged cells; what cannot be read is left unmerged.
func sheetMerges(f *excelize.File, name string) []layout.Merge {
	merged, err := f.GetMergeCells(name)
	if err != nil {
		return nil
	}
	var out []layout.Merge
	for _, m := range merged {
		c0, r0, err0 := excelize.CellNameToCoordinates(m.GetStartAxis())
		c1, r1, err1 := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err0 == nil && err1 == nil {
			out = append(out, layout.Merge{Row: r0 - 1, Col: c0 - 1, LastRow: r1 - 1, LastCol: c1 - 1})
		}
	}
	return out
}

// sheetBlocks reads the cells of a sheet. Lines above the head that fill one cell are
// its title.
func sheetBlocks(cells [][]string, merges []layout.Merge, number int, name string) []block {
	first := 0
	var titles []string
	for first < len(cells) && filled(cells[first]) <= 1 {
		if t := strings.Join(cells[first], ""); t != "" {
			titles = append(titles, t)
		}
		first++
	}
	if first == len(cells) { // no table at all
		var out []block
		for _, t := range titles {
			out = append(out, block{kind: paraBlock, text: t})
		}
		return out
	}
	var out []block
	switch {
	case len(titles) > 0 && runes(titles[0]) <= maxTitleLine:
		out = append(out, block{kind: headBlock, level: 2, text: titles[0]})
		titles = titles[1:]
	case name != "":
		out = append(out, block{kind: headBlock, level: 2, text: name})
	}
	for _, t := range titles {
		out = append(out, block{kind: paraBlock, text: t})
	}
	var shifted []layout.Merge
	for _, m := range merges {
		m.Row, m.LastRow = m.Row-first, m.LastRow-first
		if m.LastRow >= len(cells)-first { // a merge may reach below the last text
			m.LastRow = len(cells) - first - 1
		}
		shifted = append(shifted, m)
	}
	return append(out, tableToBlocks(layout.TableOf(cells[first:], shifted), number)...)
}

func filled(row []string) int {
	n := 0
	for _, c := range row {
		if c != "" {
			n++
		}
	}
	return n
}

// separatorBytes of a file tell what parts its values.
const separatorBytes = 4096

// csvBlocks reads a table of values parted by commas, semicolons or tabs, whichever the
// first lines have most of.
func csvBlocks(text string) ([]block, error) {
	head := text[:min(len(text), separatorBytes)]
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for _, c := range ";\t" {
		if strings.Count(head, string(c)) > strings.Count(head, string(r.Comma)) {
			r.Comma = c
		}
	}
	var cells [][]string
	widest := 0
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, ErrBroken
		}
		row = row[:min(len(row), maxColumns)]
		for i, c := range row {
			row[i] = cellLine(c)
		}
		widest = max(widest, len(row))
		if cells = append(cells, row); len(cells) > maxRows || len(cells)*widest > maxCells {
			return nil, ErrHuge
		}
	}
	return sheetBlocks(cells, nil, 1, ""), nil
}
