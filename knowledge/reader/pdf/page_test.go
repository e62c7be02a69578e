package pdf

import (
	"testing"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/structs"
)

// A page of 600 by 800 whose lower left corner is at 10, 20; the mark stands near its
// upper left corner before it is turned.
func TestPlacesAreThoseOfThePageAsItIsHeld(t *testing.T) {
	box := structs.FPDF_FS_RECTF{Left: 10, Bottom: 20, Right: 610, Top: 820}
	for _, c := range []struct {
		rotate                   enums.FPDF_PAGE_ROTATION
		left, top, right, bottom float64
	}{
		{enums.FPDF_PAGE_ROTATION_NONE, 50, 100, 150, 110},
		{enums.FPDF_PAGE_ROTATION_90_CW, 690, 50, 700, 150},
		{enums.FPDF_PAGE_ROTATION_180_CW, 450, 690, 550, 700},
		{enums.FPDF_PAGE_ROTATION_270_CW, 100, 450, 110, 550},
	} {
		l, top, r, b := view{box, c.rotate}.rect(60, 710, 160, 720)
		if l != c.left || top != c.top || r != c.right || b != c.bottom {
			t.Errorf("turned by %d: %g %g %g %g", c.rotate, l, top, r, b)
		}
	}
}
