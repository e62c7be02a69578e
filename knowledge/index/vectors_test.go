package index

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// random is a vector whose places lean to one side, as those of models do.
func random(r *rand.Rand, size int) []float32 {
	v := make([]float32, size)
	for i := range v {
		v[i] = float32(r.NormFloat64() + 0.5)
	}
	return v
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

func TestTheNearestVectorsInForceAreFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := NewVectors()
	old, now := &Version{ID: "old", ValidTo: "2020-01-01"}, &Version{ID: "now", ValidFrom: "2020-01-01"}
	entries, vectors := map[*Entry][][]float32{}, 0
	for i := range 400 {
		e := &Entry{ID: fmt.Sprint("c", i), Version: []*Version{old, now}[i%2]}
		for range 1 + i%3 {
			v := random(r, 101)
			if !x.Put(e, Quantise(v)) {
				t.Fatal("not taken")
			}
			entries[e] = append(entries[e], v)
			vectors++
		}
	}
	if x.Len() != vectors || x.Size() != 101 {
		t.Fatalf("%d vectors of %d places", x.Len(), x.Size())
	}
	for range 50 {
		q := random(r, 101)
		want := map[*Entry]float64{}
		var order []*Entry
		for e, vs := range entries {
			if e.Version == now {
				for _, v := range vs {
					want[e] = max(want[e], cosine(q, v))
				}
				order = append(order, e)
			}
		}
		slices.SortFunc(order, func(a, b *Entry) int { return cmp.Compare(want[b], want[a]) })
		hits := x.Near(q, "2024-05-01", 10)
		if len(hits) != 10 {
			t.Fatalf("%d hits", len(hits))
		}
		for i, h := range hits {
			if math.Abs(h.Score-want[h.Entry]) > 0.005 || math.Abs(h.Score-want[order[i]]) > 0.005 {
				t.Fatalf("place %d: %s %.4f, exactly %.4f, should be %s %.4f", i, h.Entry.ID, h.Score, want[h.Entry], order[i].ID, want[order[i]])
			}
			if got := x.Cosines(q, h.Entry.ID, "none"); got[0] != h.Score || got[1] != 0 {
				t.Fatalf("cosines %v, score %v", got, h.Score)
			}
		}
	}
}

func TestADeletedClauseIsNotFound(t *testing.T) {
	x := NewVectors()
	v := &Version{ID: "v"}
	a, b := &Entry{ID: "a", Version: v}, &Entry{ID: "b", Version: v}
	x.Put(a, Quantise([]float32{3, 4}))
	x.Put(b, Quantise([]float32{4, 3}))
	if x.Put(a, Quantise([]float32{1, 2, 3})) {
		t.Error("a vector of another size is taken")
	}
	x.Delete("a")
	x.Delete("a")
	if hits := x.Near([]float32{3, 4}, "", 5); len(hits) != 1 || hits[0].Entry != b || x.Len() != 1 {
		t.Errorf("%v of %d", hits, x.Len())
	}
	x.Put(a, Quantise([]float32{3, 4}))
	if hits := x.Near([]float32{3, 4}, "", 5); len(hits) != 2 || hits[0].Entry != a {
		t.Errorf("%v", hits)
	}
	if x.Near([]float32{1, 2, 3}, "", 5) != nil || x.Near(nil, "", 5) != nil {
		t.Error("a question of another size finds something")
	}
}

// Among many vectors only those with the most signs in common are compared.
func TestAmongManyVectorsTheNearestIsHardlyEverMissed(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	x := NewVectors()
	old, now := &Version{ID: "old", ValidTo: "2020-01-01"}, &Version{ID: "now", ValidFrom: "2020-01-01"}
	var kept []Quantised
	for i := range 5 * compareAll {
		v := Quantise(random(r, 96))
		x.Put(&Entry{ID: fmt.Sprint(i), Version: []*Version{now, old, old, old}[i%4]}, v)
		kept = append(kept, v)
	}
	x.Delete("4")
	missed, asked := 0, 200
	for i := range asked {
		at := 8 + 4*i // of now
		q := make([]float32, 96)
		for j, p := range kept[at] { // a text that says nearly the same
			q[j] = float32(p) + 25*float32(r.NormFloat64())
		}
		hits := x.Near(q, "2024-05-01", 20)
		if len(hits) != 20 {
			t.Fatalf("%d hits", len(hits))
		}
		for _, h := range hits {
			if h.Entry.Version != now {
				t.Fatal("a version that is not in force is found")
			}
		}
		if hits[0].Entry.ID != fmt.Sprint(at) {
			missed++
		}
	}
	if missed > asked/50 {
		t.Errorf("%d of %d are missed", missed, asked)
	}
	if hits := x.Near([]float32{1}, "", 1); hits != nil {
		t.Error("a question of another size finds something")
	}
}

// BenchmarkNear is a search among as many clauses as the benchmarks of words
// have, with the 384 places of a small model.
func BenchmarkNear(b *testing.B) {
	for _, n := range []int{5_000, 58_000, 147_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			x, v := NewVectors(), &Version{ID: "v"}
			for i := range n {
				x.Put(&Entry{ID: fmt.Sprint(i), Version: v}, Quantise(random(r, 384)))
			}
			q := random(r, 384)
			for b.Loop() {
				x.Near(q, "2024-05-01", 20)
			}
			b.ReportMetric(float64(cap(x.places)+8*cap(x.lengths)+8*cap(x.entries)+8*cap(x.signs))/(1<<20), "MiB")
		})
	}
}
