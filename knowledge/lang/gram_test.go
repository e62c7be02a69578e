package lang

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGramsArePairsOfCharactersAndWholeWords(t *testing.T) {
	f := newFolder(t)
	pair := func(s string) Gram { r := []rune(s); return Pair(r[0], r[1]) }
	single := func(s string) Gram { return Gram(uint64([]rune(s)[0]) | singleBit) }
	word := func(s string) Gram { return GramsOf(s)[0] }
	for in, want := range map[string][]Gram{
		"":            nil,
		"危废":          {pair("危废")},
		"危废库":         {pair("危废"), pair("废库")},
		"危 废库":        {single("危"), pair("废库")},
		"库":           {single("库")},
		"vocs超标":      {word("vocs"), pair("超标")},
		"超标vocs":      {pair("超标"), word("vocs")},
		"库vocs房":      {single("库"), word("vocs"), single("房")},
		"pm2.5超":      {word("pm2.5"), single("超")},
		"2021 2022":   {word("2021"), word("2022")},
		"停产\n罚款":      {pair("停产"), pair("罚款")},
		"a b":         {word("a"), word("b")},
		f.Fold("第3条"): {pair("第三"), pair("三条")},
	} {
		if got := GramsOf(in); !slices.Equal(got, want) {
			t.Errorf("%q has the grams %x, want %x", in, got, want)
		}
	}
}

// Every word of a text is in some gram, none is 0, and neighbours across a
// blank make none.
func TestTheGramsOfATextAreThoseOfItsParts(t *testing.T) {
	f := newFolder(t)
	rapid.Check(t, func(t *rapid.T) {
		s := f.Fold(anyText().Draw(t, "text"))
		var parts []Gram
		for _, p := range strings.Fields(s) {
			g := GramsOf(p)
			if len(g) == 0 {
				t.Fatalf("%q has no gram", p)
			}
			parts = append(parts, g...)
		}
		if got := GramsOf(s); !slices.Equal(got, parts) {
			t.Fatalf("%q has the grams %x, its parts %x", s, got, parts)
		}
		if slices.Contains(parts, 0) {
			t.Fatalf("%q has the gram 0", s)
		}
	})
}

func FuzzGrams(f *testing.F) {
	for _, s := range []string{"危废", "vocs超标2021", "\xff", " 库 ", "é漢"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		Grams(s, func(g Gram) {
			if g == 0 {
				t.Errorf("%q has the gram 0", s)
			}
		})
	})
}

func TestAGramGivesItsCharactersBack(t *testing.T) {
	for text, want := range map[string][2]rune{"租金": {'租', '金'}, "租": {'租', 0}, "vocs": {0, 0}} {
		if a, b := GramsOf(text)[0].Runes(); a != want[0] || b != want[1] {
			t.Errorf("%s: %c %c", text, a, b)
		}
	}
}
