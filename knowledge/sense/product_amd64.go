package sense

import "golang.org/x/sys/cpu"

// productsAVX2 is productsPlain in the processor's wide registers, some ten
// times as fast: n rows from rows on. It needs AVX2.
//
//go:noescape
func productsAVX2(v *[Size]int8, rows *int8, out *int32, n int)

func products(v *[Size]int8, rows []int8, out []int32) {
	if !cpu.X86.HasAVX2 {
		productsPlain(v, rows, out)
		return
	}
	if len(out) > 0 {
		_ = rows[len(out)*Size-1]
		productsAVX2(v, &rows[0], &out[0], len(out))
	}
}
