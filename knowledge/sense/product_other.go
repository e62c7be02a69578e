//go:build !amd64

package sense

func products(v *[Size]int8, rows []int8, out []int32) { productsPlain(v, rows, out) }
