package sense

// Alike is the cosine of two vectors, about -1 to 1; 0 when either is nil.
func Alike(a, b Vector) float64 {
	if len(a) != Size || len(b) != Size {
		return 0
	}
	return float64(product((*[Size]int8)(a), (*[Size]int8)(b))) / (127 * 127)
}

// productPlain is the sum of the products of two vectors' places.
func productPlain(a, b *[Size]int8) int32 {
	var s0, s1, s2, s3 int32
	for i := 0; i < Size; i += 4 {
		s0 += int32(a[i]) * int32(b[i])
		s1 += int32(a[i+1]) * int32(b[i+1])
		s2 += int32(a[i+2]) * int32(b[i+2])
		s3 += int32(a[i+3]) * int32(b[i+3])
	}
	return s0 + s1 + s2 + s3
}
