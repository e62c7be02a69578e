//go:build !amd64

package sense

func product(a, b *[Size]int8) int32 { return productPlain(a, b) }
