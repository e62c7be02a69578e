package pdf

import (
	"math"
	"slices"
	"unicode"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"

	"greendesk/knowledge/layout"
)

// view turns the coordinates of a file, y upwards, into those of the page as a reader
// holds it.
type view struct {
	box    structs.FPDF_FS_RECTF
	rotate enums.FPDF_PAGE_ROTATION
}

func (v view) point(x, y float64) (float64, float64) {
	l, t, r, b := float64(v.box.Left), float64(v.box.Top), float64(v.box.Right), float64(v.box.Bottom)
	switch v.rotate {
	case enums.FPDF_PAGE_ROTATION_90_CW:
		return y - b, x - l
	case enums.FPDF_PAGE_ROTATION_180_CW:
		return r - x, y - b
	case enums.FPDF_PAGE_ROTATION_270_CW:
		return t - y, r - x
	}
	return x - l, t - y
}

// rect turns two corners and puts them in order.
func (v view) rect(x0, y0, x1, y1 float64) (left, top, right, bottom float64) {
	ax, ay := v.point(x0, y0)
	bx, by := v.point(x1, y1)
	return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)
}

func (e *Engine) page(page references.FPDF_PAGE) (layout.Page, error) {
	ref := requests.Page{ByReference: &page}
	box, err := e.lib.FPDF_GetPageBoundingBox(&requests.FPDF_GetPageBoundingBox{Page: ref})
	if err != nil {
		return layout.Page{}, ErrBroken
	}
	turned, err := e.lib.FPDFPage_GetRotation(&requests.FPDFPage_GetRotation{Page: ref})
	if err != nil {
		return layout.Page{}, ErrBroken
	}
	v := view{box.Rect, turned.PageRotation}
	out := layout.Page{}
	_, _, out.Width, out.Height = v.rect(float64(box.Rect.Left), float64(box.Rect.Bottom), float64(box.Rect.Right), float64(box.Rect.Top))
	if out.Chars, err = e.chars(ref, v); err != nil {
		return layout.Page{}, err
	}
	r := &ruler{lib: e.lib, view: v, area: out.Width * out.Height}
	if err := r.page(ref); err != nil {
		return layout.Page{}, err
	}
	out.Rules, out.Picture = r.rules, r.picture
	return out, nil
}

func (e *Engine) chars(page requests.Page, v view) ([]layout.Char, error) {
	text, err := e.lib.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: page})
	if err != nil {
		return nil, ErrBroken
	}
	defer func() { _, _ = e.lib.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage}) }() // it holds only memory
	count, err := e.lib.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text.TextPage})
	if err != nil {
		return nil, ErrBroken
	}
	if count.Count > maxChars {
		return nil, ErrChars
	}
	r := charReader{lib: e.lib, text: text.TextPage, view: v}
	out := make([]layout.Char, 0, max(count.Count, 0))
	var at []int
	for i := range count.Count {
		c, ok, err := r.char(i)
		if err != nil {
			return nil, err
		}
		if ok {
			out, at = append(out, c), append(at, i)
		}
	}
	r.withoutGiants(out, at)
	return out, nil
}

// charReader reads the characters of one page.
type charReader struct {
	lib  pdfium.Pdfium
	text references.FPDF_TEXTPAGE
	view view
}

func (r charReader) char(i int) (c layout.Char, ok bool, err error) {
	u, err := r.lib.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: r.text, Index: i})
	if err != nil {
		return c, false, ErrBroken
	}
	if u.Unicode <= ' ' || u.Unicode > unicode.MaxRune { // blanks follow from the places of the others
		return c, false, nil
	}
	b, err := r.lib.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: r.text, Index: i})
	if err != nil {
		return c, false, nil // a character that is nowhere was made up by PDFium
	}
	c = layout.Char{R: rune(u.Unicode)}
	c.X0, c.Y0, c.X1, c.Y1 = r.view.rect(float64(b.Rect.Left), float64(b.Rect.Bottom), float64(b.Rect.Right), float64(b.Rect.Top))
	if math.IsNaN(c.X0+c.X1+c.Y0+c.Y1) || math.IsInf(c.X0+c.X1+c.Y0+c.Y1, 0) {
		return c, false, nil
	}
	if unicode.Is(unicode.Co, c.R) {
		c.R = r.drawn(i, c)
	}
	return c, true, nil
}

// drawn tells by its ink what a character is that has a number of the typesetting
// system's own: a point or a dash, as between the digits of numbers and dates.
func (r charReader) drawn(i int, c layout.Char) rune {
	_, y0, w, h, ok := r.ink(i)
	size := c.Y1 - c.Y0
	switch {
	case !ok || size <= 0:
	case w < 0.3*size && h < 0.3*size && y0 > c.Y0+size/2:
		return '.'
	case h < 0.2*size && w > 1.5*h:
		return '-'
	}
	return c.R
}

// ink is the box of what is printed of a character: left, top, width and height.
func (r charReader) ink(i int) (x, y, w, h float64, ok bool) {
	b, err := r.lib.FPDFText_GetCharBox(&requests.FPDFText_GetCharBox{TextPage: r.text, Index: i})
	if err != nil {
		return 0, 0, 0, 0, false
	}
	x0, y0, x1, y1 := r.view.rect(b.Left, b.Bottom, b.Right, b.Top)
	return x0, y0, x1 - x0, y1 - y0, true
}

// withoutGiants gives characters of turned text, whose boxes PDFium draws many times too
// large, the box of their ink.
func (r charReader) withoutGiants(chars []layout.Char, at []int) {
	if len(chars) == 0 {
		return
	}
	heights := make([]float64, len(chars))
	for i, c := range chars {
		heights[i] = c.Y1 - c.Y0
	}
	slices.Sort(heights)
	usual := heights[len(heights)/2]
	for i := range chars {
		c := &chars[i]
		if c.Y1-c.Y0 < 4*usual {
			continue
		}
		if x, y, w, h, ok := r.ink(at[i]); ok && h < (c.Y1-c.Y0)/2 {
			c.X0, c.Y0, c.X1, c.Y1 = x, y, x+w, y+h
		}
	}
}
