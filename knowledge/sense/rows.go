package sense

// Rows are vectors one after another, Size places each, so that one can be
// compared with all of them in a sweep.
type Rows []int8

// Add appends a vector; nil becomes a row that is like nothing.
func (r *Rows) Add(v Vector) {
	var row [Size]int8
	copy(row[:], v)
	*r = append(*r, row[:]...)
}

// Len is the number of vectors.
func (r Rows) Len() int { return len(r) / Size }

// At is vector i.
func (r Rows) At(i int) Vector { return Vector(r[i*Size : (i+1)*Size : (i+1)*Size]) }

// Products are the products of v with every row, for Cosine; all 0 when v is
// nil. They are written over out, which grows when it is too short.
func (r Rows) Products(v Vector, out []int32) []int32 {
	if n := r.Len(); cap(out) < n {
		out = make([]int32, n)
	} else {
		out = out[:n]
	}
	if len(v) != Size {
		clear(out)
		return out
	}
	products((*[Size]int8)(v), r, out)
	return out
}

// Cosine is the cosine of two vectors that have this product, about -1 to 1.
func Cosine(product int32) float64 { return float64(product) / (127 * 127) }

// Alike is the cosine of two vectors; 0 when either is nil.
func Alike(a, b Vector) float64 {
	if len(a) != Size || len(b) != Size {
		return 0
	}
	var out [1]int32
	products((*[Size]int8)(a), b, out[:])
	return Cosine(out[0])
}

// productsPlain fills out with the sums of the products of v's places with
// those of each row.
func productsPlain(v *[Size]int8, rows []int8, out []int32) {
	for n := range out {
		row := (*[Size]int8)(rows[n*Size:])
		var s0, s1, s2, s3 int32
		for i := 0; i < Size; i += 4 {
			s0 += int32(v[i]) * int32(row[i])
			s1 += int32(v[i+1]) * int32(row[i+1])
			s2 += int32(v[i+2]) * int32(row[i+2])
			s3 += int32(v[i+3]) * int32(row[i+3])
		}
		out[n] = s0 + s1 + s2 + s3
	}
}
