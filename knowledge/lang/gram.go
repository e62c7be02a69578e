package lang

// Gram is the unit of the index: two neighbouring Han characters, or one Latin
// word or number. Han bigrams find Chinese terms without a dictionary of words
// (Nie, Gao, Zhang, Zhou: On the use of words and n-grams for Chinese
// information retrieval, 2000).
type Gram uint64

// wordBit marks a gram that is a hashed Latin word or number.
const wordBit = 1 << 63

// singleBit marks one Han character that stands alone between blanks.
const singleBit = 1 << 62

// Grams calls emit for every gram of a folded text, in its order. A Han
// character alone between two blanks is a gram of its own, so that no word of
// the text is lost.
func Grams(folded string, emit func(Gram)) {
	var prev rune   // the Han character before, 0 if none
	alone := false  // prev has not been part of a gram yet
	var hash uint64 // of the Latin word being read
	for _, r := range folded {
		if IsHan(r) {
			if hash != 0 {
				emit(Gram(hash | wordBit))
				hash = 0
			}
			if prev != 0 {
				emit(Pair(prev, r))
				alone = false
			} else {
				alone = true
			}
			prev = r
			continue
		}
		if prev != 0 && alone {
			emit(Single(prev))
		}
		prev, alone = 0, false
		if blank(r) {
			if hash != 0 {
				emit(Gram(hash | wordBit))
				hash = 0
			}
			continue
		}
		hash = fnv(hash, r)
	}
	if hash != 0 {
		emit(Gram(hash | wordBit))
	}
	if prev != 0 && alone {
		emit(Single(prev))
	}
}

// Pair packs two Han characters into a gram.
func Pair(a, b rune) Gram { return Gram(uint64(a)<<21 | uint64(b)) } //nolint:gosec // a character is never negative

// Single packs one Han character into a gram.
func Single(a rune) Gram { return Gram(uint64(a) | singleBit) } //nolint:gosec // a character is never negative

// IsSingle reports whether the gram is one Han character.
func (g Gram) IsSingle() bool { return g&singleBit != 0 && g&wordBit == 0 }

// fnv is the FNV-1a step on whole characters; the two mark bits stay clear and
// the value is never 0.
func fnv(h uint64, r rune) uint64 {
	if h == 0 {
		h = 14695981039346656037
	}
	h = (h ^ uint64(r)) * 1099511628211 //nolint:gosec // a character is never negative
	return h&^(wordBit|singleBit) | 1
}

// GramsOf collects the grams of a folded text.
func GramsOf(folded string) []Gram {
	var out []Gram
	Grams(folded, func(g Gram) { out = append(out, g) })
	return out
}

// Runes are the Han characters of a gram: two of a pair, one and 0 of a
// single, none of a Latin word.
func (g Gram) Runes() (a, b rune) {
	switch {
	case g&wordBit != 0:
		return 0, 0
	case g&singleBit != 0:
		return rune(g & (1<<21 - 1)), 0 // #nosec G115 -- 21 bits
	}
	return rune(g >> 21 & (1<<21 - 1)), rune(g & (1<<21 - 1)) // #nosec G115 -- 21 bits
}
