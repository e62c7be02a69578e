package reader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"greendesk/knowledge/layout"
	"greendesk/knowledge/parse"
)

// language is tesseract's data for simplified Chinese.
const language = "chi_sim"

var errScan = &Error{"是扫描件，没有文字层，没有导入；请找带文字的版本，或装上 tesseract-ocr 和 tesseract-ocr-chi-sim 后再导入（识别的文字要人工核对）"}

// toCheck is what people are told of a text that was recognised.
const toCheck = "文字由扫描件识别而来，可能有错字、漏字，请与原件核对。"

// scan reads the characters of pictures with tesseract, where it is installed with its
// data for Chinese.
func (s *server) scan(ctx context.Context, q request) (parse.Document, error) {
	program, err := exec.LookPath("tesseract")
	if err != nil {
		return parse.Document{}, errScan
	}
	if known, err := exec.CommandContext(ctx, program, "--list-langs").CombinedOutput(); err != nil || !bytes.Contains(known, []byte(language)) { //nolint:gosec // found in PATH
		return parse.Document{}, errScan
	}
	var pages []layout.Page
	err = s.engine.Images(q.Data, func(img image.Image) error {
		p, err := recognise(ctx, program, img)
		pages = append(pages, p)
		return err
	})
	if err != nil {
		return parse.Document{}, err
	}
	d, err := parse.Pages(q.Name, pages)
	if errors.Is(err, parse.ErrScan) {
		return parse.Document{}, &Error{"是扫描件，图上没有认出文字，没有导入；请找带文字的版本"}
	}
	d.ToCheck = toCheck
	if d.Title == "" || strings.ContainsFunc(d.Title, func(r rune) bool { return r < utf8.RuneSelf }) { // of several lines that were misread
		d.Title = strings.TrimSuffix(path.Base(q.Name), path.Ext(q.Name))
	}
	return d, err
}

// recognise runs tesseract over one page and puts the words where they stand.
func recognise(ctx context.Context, program string, img image.Image) (layout.Page, error) {
	var in bytes.Buffer
	if err := png.Encode(&in, img); err != nil {
		return layout.Page{}, fmt.Errorf("scan: %w", err)
	}
	cmd := exec.CommandContext(ctx, program, "-", "-", "-l", language, "--psm", "3", "tsv")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		return layout.Page{}, &Error{"是扫描件，tesseract 没有认出来，没有导入；请找带文字的版本"}
	}
	size := img.Bounds().Size()
	return layout.Page{Width: float64(size.X), Height: float64(size.Y), Picture: true, Chars: lineChars(string(out))}, nil
}

// Columns of tesseract's table.
const (
	tsvBlock, tsvLine                    = 2, 5 // the columns between them tell lines apart
	tsvLeft, tsvTop, tsvWidth, tsvHeight = 6, 7, 8, 9
	tsvSure, tsvText                     = 10, 11
)

// minSure is how sure tesseract is, of 100, of a word that is no speck.
const minSure = 20

// word is a word where tesseract saw it.
type word struct {
	text           string
	x0, y0, x1, y1 float64
}

// lineChars places the characters of a page by lines: of one height, one behind the
// other, for the boxes of words are often wrong and would change their order.
func lineChars(table string) []layout.Char {
	var out []layout.Char
	var line []word
	open := ""
	for _, row := range strings.Split(table, "\n") {
		fields := strings.Split(row, "\t")
		w, ok := wordOf(fields)
		if !ok {
			continue
		}
		if key := strings.Join(fields[tsvBlock:tsvLine], "\t"); key != open {
			out = append(out, spread(line)...)
			line, open = nil, key
		}
		line = append(line, w)
	}
	return append(out, spread(line)...)
}

func wordOf(fields []string) (word, bool) {
	if len(fields) <= tsvText {
		return word{}, false
	}
	var at [4]float64
	for i, f := range fields[tsvLeft : tsvHeight+1] {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return word{}, false
		}
		at[i] = v
	}
	text := strings.TrimSpace(fields[tsvText])
	sure, err := strconv.ParseFloat(fields[tsvSure], 64)
	return word{text, at[0], at[1], at[0] + at[2], at[1] + at[3]}, err == nil && sure >= minSure && text != ""
}

// spread puts the words of a line one behind the other. Small gaps beside a Chinese
// character are none.
func spread(line []word) []layout.Char {
	if len(line) == 0 {
		return nil
	}
	top, bottom := line[0].y0, line[0].y1
	for _, w := range line {
		top, bottom = min(top, w.y0), max(bottom, w.y1)
	}
	var out []layout.Char
	x := line[0].x0
	for i, w := range line {
		if gap := w.x0 - x; gap > bottom-top || i > 0 && gap > 0 && latin(line[i-1].text) && latin(w.text) {
			x = w.x0
		}
		n := utf8.RuneCountInString(w.text)
		step := max(w.x1-x, float64(n)) / float64(n)
		for _, r := range w.text {
			out = append(out, layout.Char{R: r, X0: x, X1: x + step, Y0: top, Y1: bottom})
			x += step
		}
	}
	return out
}

func latin(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return r < utf8.RuneSelf
}
