package pdf

import (
	"math"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"

	"greendesk/knowledge/layout"
)

const (
	thin       = 3.0    // a filled box up to this thickness, in points, is a line
	skew       = 1.0    // a line may lean by this much
	maxForms   = 8      // forms in forms
	maxObjects = 50_000 // of one page that are looked at
)

// ruler gathers the straight lines of a page.
type ruler struct {
	lib     pdfium.Pdfium
	view    view
	rules   []layout.Rule
	objects int
	area    float64 // of the page
	picture bool
}

var identity = structs.FPDF_FS_MATRIX{A: 1, D: 1}

func (r *ruler) page(page requests.Page) error {
	n, err := r.lib.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return ErrBroken
	}
	for i := range n.Count {
		o, err := r.lib.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			continue // only its lines are lost
		}
		r.object(o.PageObject, identity, 0)
	}
	return nil
}

// object looks at one object. What cannot be read of a drawing only loses its lines.
func (r *ruler) object(o references.FPDF_PAGEOBJECT, outer structs.FPDF_FS_MATRIX, depth int) {
	if r.objects++; r.objects > maxObjects {
		return
	}
	kind, err := r.lib.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o})
	if err == nil && kind.Type == enums.FPDF_PAGEOBJ_IMAGE {
		r.image(o)
	}
	if err != nil || kind.Type != enums.FPDF_PAGEOBJ_PATH && kind.Type != enums.FPDF_PAGEOBJ_FORM {
		return
	}
	m, err := r.lib.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: o})
	if err != nil {
		return
	}
	matrix := times(m.Matrix, outer)
	if kind.Type == enums.FPDF_PAGEOBJ_PATH {
		r.path(o, matrix)
		return
	}
	n, err := r.lib.FPDFFormObj_CountObjects(&requests.FPDFFormObj_CountObjects{PageObject: o})
	if err != nil || depth >= maxForms {
		return
	}
	for i := range n.Count {
		in, err := r.lib.FPDFFormObj_GetObject(&requests.FPDFFormObj_GetObject{PageObject: o, Index: uint64(i)})
		if err != nil {
			return
		}
		r.object(in.PageObject, matrix, depth+1)
	}
}

// image notes a picture that covers a tenth of the page or more.
func (r *ruler) image(o references.FPDF_PAGEOBJECT) {
	b, err := r.lib.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: o})
	if err == nil && float64((b.Right-b.Left)*(b.Top-b.Bottom)) > r.area/10 {
		r.picture = true
	}
}

// times is the matrix of first a, then b.
func times(a, b structs.FPDF_FS_MATRIX) structs.FPDF_FS_MATRIX {
	return structs.FPDF_FS_MATRIX{
		A: a.A*b.A + a.B*b.C, B: a.A*b.B + a.B*b.D,
		C: a.C*b.A + a.D*b.C, D: a.C*b.B + a.D*b.D,
		E: a.E*b.A + a.F*b.C + b.E, F: a.E*b.B + a.F*b.D + b.F,
	}
}

type point struct{ x, y float64 }

// path turns a drawn path into rules: every straight side of what is stroked, and the
// long axis of what is filled and thin.
func (r *ruler) path(o references.FPDF_PAGEOBJECT, m structs.FPDF_FS_MATRIX) {
	mode, err := r.lib.FPDFPath_GetDrawMode(&requests.FPDFPath_GetDrawMode{PageObject: o})
	if err != nil || !mode.Stroke && mode.FillMode == enums.FPDF_FILLMODE_NONE {
		return
	}
	n, err := r.lib.FPDFPath_CountSegments(&requests.FPDFPath_CountSegments{PageObject: o})
	if err != nil {
		return
	}
	var shape []point
	done := func() {
		if mode.Stroke {
			r.sides(shape)
		} else {
			r.bar(shape)
		}
		shape = nil
	}
	for i := range min(n.Count, maxObjects) {
		s, err := r.lib.FPDFPath_GetPathSegment(&requests.FPDFPath_GetPathSegment{PageObject: o, Index: i})
		if err != nil {
			return
		}
		kind, err := r.lib.FPDFPathSegment_GetType(&requests.FPDFPathSegment_GetType{PathSegment: s.PathSegment})
		if err != nil || kind.Type == enums.FPDF_SEGMENT_BEZIERTO {
			return // a drawing, no table
		}
		p, err := r.lib.FPDFPathSegment_GetPoint(&requests.FPDFPathSegment_GetPoint{PathSegment: s.PathSegment})
		if err != nil {
			return
		}
		if kind.Type == enums.FPDF_SEGMENT_MOVETO {
			done()
		}
		x, y := r.view.point(float64(m.A*p.X+m.C*p.Y+m.E), float64(m.B*p.X+m.D*p.Y+m.F))
		shape = append(shape, point{x, y})
		if end, err := r.lib.FPDFPathSegment_GetClose(&requests.FPDFPathSegment_GetClose{PathSegment: s.PathSegment}); err == nil && end.IsClose {
			shape = append(shape, shape[0])
		}
	}
	done()
}

func (r *ruler) sides(shape []point) {
	for i := 1; i < len(shape); i++ {
		r.add(shape[i-1], shape[i])
	}
}

func (r *ruler) bar(shape []point) {
	if len(shape) < 3 {
		return
	}
	lo, hi := shape[0], shape[0]
	for _, p := range shape {
		lo = point{min(lo.x, p.x), min(lo.y, p.y)}
		hi = point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	x, y := (lo.x+hi.x)/2, (lo.y+hi.y)/2
	switch w, h := hi.x-lo.x, hi.y-lo.y; {
	case h <= thin && w > h:
		r.add(point{lo.x, y}, point{hi.x, y})
	case w <= thin && h > w:
		r.add(point{x, lo.y}, point{x, hi.y})
	}
}

func (r *ruler) add(a, b point) {
	switch dx, dy := math.Abs(a.x-b.x), math.Abs(a.y-b.y); {
	case math.IsNaN(dx+dy) || math.IsInf(dx+dy, 0):
	case dy <= skew && dx > dy:
		y := (a.y + b.y) / 2
		r.rules = append(r.rules, layout.Rule{X0: min(a.x, b.x), X1: max(a.x, b.x), Y0: y, Y1: y})
	case dx <= skew && dy > dx:
		x := (a.x + b.x) / 2
		r.rules = append(r.rules, layout.Rule{X0: x, X1: x, Y0: min(a.y, b.y), Y1: max(a.y, b.y)})
	}
}
