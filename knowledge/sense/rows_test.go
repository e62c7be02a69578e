package sense

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomRows are n vectors of random places; the first two are the extremes.
func randomRows(n int) Rows {
	r := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same in every run
	out := make(Rows, n*Size)
	for i := range out {
		switch i / Size {
		case 0:
			out[i] = -128
		case 1:
			out[i] = 127
		default:
			out[i] = int8(r.IntN(256) - 128) // #nosec G115 -- -128 to 127
		}
	}
	return out
}

// Whatever the processor offers, a product is the sum that the definition says.
func TestTheFastProductIsThePlainOne(t *testing.T) {
	rows := randomRows(60)
	for n := range rows.Len() {
		v, rows := rows.At(n), rows[:n*Size]
		want, plain := make([]int32, rows.Len()), make([]int32, rows.Len())
		for i := range want {
			for k, x := range rows.At(i) {
				want[i] += int32(x) * int32(v[k])
			}
		}
		productsPlain((*[Size]int8)(v), rows, plain)
		if got := rows.Products(v, make([]int32, 3)); !slices.Equal(got, want) || !slices.Equal(plain, want) {
			t.Fatalf("%v fast, %v plain, want %v", got, plain, want)
		}
		if n > 0 && Alike(v, rows.At(n-1)) != Cosine(want[n-1]) {
			t.Fatal("two vectors alone are not as alike as in a sweep")
		}
	}
}

func TestNothingIsLikeAnUnknownText(t *testing.T) {
	rows := randomRows(2)
	rows.Add(nil)
	if got := rows.Products(rows.At(1), nil); rows.Len() != 3 || got[2] != 0 || got[1] == 0 {
		t.Errorf("%d rows, products %v", rows.Len(), got)
	}
	if got := rows.Products(nil, []int32{7, 7, 7, 7}); !slices.Equal(got, make([]int32, 3)) {
		t.Errorf("products with nothing: %v", got)
	}
	if Alike(rows.At(0), nil) != 0 || Alike(nil, rows.At(0)) != 0 || Alike(nil, nil) != 0 {
		t.Error("something is like nothing")
	}
}

// BenchmarkClauses compares with ten vectors of one clause after another, which
// lie apart in more memory than the processor keeps near.
func BenchmarkClauses(b *testing.B) {
	const clauses, each = 20000, 10
	all := randomRows(clauses * each)
	order := rand.New(rand.NewPCG(1, 2)).Perm(clauses) // #nosec G404 -- the same in every run
	v := (*[Size]int8)(all.At(5))
	out := make([]int32, each)
	for i := 0; b.Loop(); i++ {
		products(v, all[order[i%clauses]*each*Size:], out)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*each), "ns/vector")
}

func BenchmarkProducts(b *testing.B) {
	rows := randomRows(1000)
	v := (*[Size]int8)(rows.At(5))
	out := make([]int32, rows.Len())
	for _, way := range []struct {
		name string
		of   func(v *[Size]int8, rows []int8, out []int32)
	}{{"fast", products}, {"plain", productsPlain}} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				way.of(v, rows, out)
			}
		})
	}
}
