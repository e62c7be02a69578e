package lang

import (
	_ "embed" // the list
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed regions.tsv
var regionTable string

// Place is a province or a prefecture of one.
type Place struct {
	Province string // 河南
	City     string // 漯河, "" for the province itself
}

// Regions knows the nation's provinces and prefectures. It is made once and then
// only read.
type Regions struct {
	places map[string]Place
	inWord map[string]bool // stands inside other words, too
}

// EmbeddedRegions are the regions that the program carries.
func EmbeddedRegions() *Regions {
	r := &Regions{places: map[string]Place{}, inWord: map[string]bool{}}
	for line := range strings.Lines(regionTable) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		province, cities, _ := strings.Cut(line, "\t")
		r.places[province] = Place{Province: province}
		for city := range strings.SplitSeq(cities, "|") {
			name := strings.TrimPrefix(city, "*")
			if name != "" {
				r.places[name] = Place{province, name}
				r.inWord[name] = name != city
			}
		}
	}
	return r
}

// longestRegion is the length of the longest name, in characters.
const longestRegion = 4

// Named are the places that a folded text names, in its order, each once.
func (r *Regions) Named(folded string) []Place {
	var out []Place
	rs := []rune(folded)
	for i := 0; i < len(rs); i++ {
		for n := min(longestRegion, len(rs)-i); n >= 2; n-- {
			name := string(rs[i : i+n])
			p, ok := r.places[name]
			if !ok || r.inWord[name] && !strings.HasPrefix(string(rs[i+n:]), "市") && !opens(rs[:i]) {
				continue
			}
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
			i += n - 1
			break
		}
	}
	return out
}

// opens reports whether what stands before a name says that a place follows.
func opens(before []rune) bool {
	return len(before) == 0 || strings.ContainsRune(" \n在是我们到", before[len(before)-1])
}

// regionTail is what stands behind the name of a region in an official's mouth.
var regionTail = []string{"省", "市", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区"}

// Place is the place of a document's region (河南省, 漯河市). ok is false for one
// that is not known, and for the whole nation.
func (r *Regions) Place(region string) (p Place, ok bool) {
	for _, tail := range regionTail {
		if short, cut := strings.CutSuffix(region, tail); cut && utf8.RuneCountInString(short) > 1 {
			p, ok = r.places[short]
			return p, ok
		}
	}
	p, ok = r.places[region]
	return p, ok
}

// Binds reports whether the rules of p are for someone in one of the named
// places.
func (p Place) Binds(named []Place) bool {
	return slices.ContainsFunc(named, func(n Place) bool {
		return p.Province == n.Province && (p.City == "" || n.City == "" && p.City == home.City || p.City == n.City)
	})
}

// home is whose bureau the desk is: who names its province alone may be there.
var home = Place{"河南", "漯河"}
