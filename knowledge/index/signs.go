package index

import "math/bits"

// compareAll is up to how many vectors a question is compared with in full.
const compareAll = 4096

// words of the signs of one vector.
func (x *Vectors) words() int { return (x.size + 63) / 64 }

// takeMean takes the mean of all vectors, and the signs of all anew. It is
// done whenever their number has doubled.
func (x *Vectors) takeMean() {
	x.mean = make([]float32, x.size)
	for n, l := range x.lengths {
		for i, p := range x.row(int32(n)) { // #nosec G115 -- as Put numbered them
			x.mean[i] += float32(p) / l
		}
	}
	for i := range x.mean {
		x.mean[i] /= float32(len(x.lengths))
	}
	x.signs = make([]uint64, 0, x.remake*x.words())
	for n, l := range x.lengths {
		x.signs = x.appendSigns(x.signs, x.row(int32(n)), l) // #nosec G115 -- as Put numbered them
	}
}

// appendSigns adds the signs of a vector of length l, less the mean.
func (x *Vectors) appendSigns(to []uint64, v []int8, l float32) []uint64 {
	var word uint64
	for i, p := range v {
		if float32(p) > x.mean[i]*l {
			word |= 1 << (i % 64)
		}
		if i%64 == 63 || i == len(v)-1 {
			to = append(to, word)
			word = 0
		}
	}
	return to
}

// likely calls fn for about count vectors of versions in force, those whose
// signs differ least from v's.
func (x *Vectors) likely(v []float32, inForce []bool, count int, fn func(n int32)) {
	words := x.words()
	quantised := Quantise(v)
	asked := x.appendSigns(nil, quantised, length(quantised))
	apart, _ := x.scratch.Get().(*[]uint16)
	if apart == nil || len(*apart) < len(x.entries) {
		made := make([]uint16, len(x.entries)+len(x.entries)/8)
		apart = &made
	}
	defer x.scratch.Put(apart)
	have := make([]int, x.size+1) // how many vectors differ in so many signs
	for n := range x.entries {
		d := 0
		for i, w := range x.signs[n*words : (n+1)*words] {
			d += bits.OnesCount64(w ^ asked[i])
		}
		if !inForce[x.version[n]] {
			d = len(have) // out of reach
		} else {
			have[d]++
		}
		(*apart)[n] = uint16(d) // #nosec G115 -- models have fewer than 65,535 places
	}
	reach := 0
	for sum := have[0]; sum < count && reach < x.size; sum += have[reach] {
		reach++
	}
	for n, d := range (*apart)[:len(x.entries)] {
		if int(d) <= reach {
			fn(int32(n)) // #nosec G115 -- as Put numbered them
		}
	}
}
