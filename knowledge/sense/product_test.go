package sense

import (
	"math/rand/v2"
	"testing"
)

// vectors are made of random places, the extremes among them.
func vectors(n int) []Vector {
	r := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same in every run
	out := make([]Vector, n)
	for i := range out {
		out[i] = make(Vector, Size)
		for k := range out[i] {
			switch i {
			case 0:
				out[i][k] = -128
			case 1:
				out[i][k] = 127
			default:
				out[i][k] = int8(r.IntN(256) - 128)
			}
		}
	}
	return out
}

// Whatever the processor offers, a product is the sum that the definition says.
func TestTheFastProductIsThePlainOne(t *testing.T) {
	vs := vectors(60)
	for _, a := range vs {
		for _, b := range vs {
			var want int32
			for i := range a {
				want += int32(a[i]) * int32(b[i])
			}
			x, y := (*[Size]int8)(a), (*[Size]int8)(b)
			if got, plain := product(x, y), productPlain(x, y); got != want || plain != want {
				t.Fatalf("%d fast, %d plain, want %d", got, plain, want)
			}
		}
	}
	if Alike(vs[0], nil) != 0 || Alike(nil, vs[0]) != 0 || Alike(vs[0], vs[1][:8]) != 0 {
		t.Error("something is like nothing")
	}
}

func BenchmarkAlike(b *testing.B) {
	vs := vectors(1024)
	x := (*[Size]int8)(vs[2])
	for _, way := range []struct {
		name    string
		product func(a, b *[Size]int8) int32
	}{{"fast", product}, {"plain", productPlain}} {
		b.Run(way.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				way.product(x, (*[Size]int8)(vs[i%len(vs)]))
			}
		})
	}
}
