package index

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"greendesk/knowledge/lang"
)

// What every index must do is tested in knowledge/searcher_test.go, for all
// implementations; here is what only the embedded one has. The texts of these
// tests are folded already: Han, Latin, blanks, line ends.

func version(id, title, from, to string) *Version {
	return &Version{ID: id, Title: title, ValidFrom: from, ValidTo: to}
}

func put(t rapid.TB, x *Embedded, entries ...*Entry) {
	t.Helper()
	if err := x.Put(context.Background(), entries); err != nil {
		t.Fatal(err)
	}
}

func search(t rapid.TB, x *Embedded, q Query) []Hit {
	t.Helper()
	hits, err := x.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

func ids(hits []Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Entry.ID)
	}
	return strings.Join(out, " ")
}

func words(text string) []Term {
	var out []Term
	for _, w := range strings.Fields(text) {
		out = append(out, Term{Text: w, Weight: 1})
	}
	return out
}

func TestWordsAreToldFromNeighboursByTheirLift(t *testing.T) {
	x := NewEmbedded()
	v := version("v", "某法", "", "")
	for range 20 {
		put(t, x, &Entry{Version: v, Text: "活性 炭"}, &Entry{Version: v, Text: "对于 重点"}, &Entry{Version: v, Text: "关于 重型"})
	}
	put(t, x, &Entry{Version: v, Text: "属于重点"})
	if word, chance := x.Lift("活性"), x.Lift("于重"); word < 1 || chance > 0.1 || chance == 0 {
		t.Errorf("活性 %f, 于重 %f", word, chance)
	}
	for pair, want := range map[string]float64{"屠宰": 0, "活": 1, "活性炭": 1, "ab": 1, "": 1} {
		if got := x.Lift(pair); got != want {
			t.Errorf("%q: %f, want %f", pair, got, want)
		}
	}
}

func TestRareGramsWeighMore(t *testing.T) {
	x := NewEmbedded()
	v := version("v", "某法", "", "")
	for i := range 50 {
		text := "企业应当"
		if i == 7 {
			text += " 活性"
		}
		put(t, x, &Entry{Version: v, Text: text})
	}
	common, a, known := x.Gram(lang.GramsOf("企业")[0])
	rare, b, alsoKnown := x.Gram(lang.GramsOf("活性")[0])
	_, c, unknown := x.Gram(lang.GramsOf("屠宰")[0])
	if !known || !alsoKnown || unknown || a >= b || b >= c || a < 0 {
		t.Errorf("idf: common %f, rare %f, unknown %f", a, b, c)
	}
	if x.IDF(common) != a || x.IDF(rare) != b || x.IDF(math.MaxUint32) != 0 {
		t.Error("a gram's number gives another idf")
	}
}

func TestSearchesRunBesideChanges(t *testing.T) {
	x := NewEmbedded()
	fixed := version("fixed", "某法", "", "")
	put(t, x, &Entry{ID: "fixed", Version: fixed, Text: "危废贮存一年"})
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 100 {
				v := version(fmt.Sprint("v", w), "新法", "", "")
				if err := x.Delete(context.Background(), v.ID); err != nil {
					t.Error(err)
				}
				if err := x.Put(context.Background(), []*Entry{{ID: fmt.Sprint(w, i), Version: v, Text: strings.Repeat("危废转移", i%7+1)}}); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 200 {
				hits, err := x.Search(context.Background(), Query{Terms: words("危废 贮存"), Limit: 20})
				if err != nil || len(hits) == 0 || hits[0].Entry.ID != "fixed" {
					t.Errorf("found %s, %v", ids(hits), err)
				}
				x.Lift("危废")
				if _, idf, known := x.Gram(lang.GramsOf("贮存")[0]); !known || idf <= 0 {
					t.Errorf("idf %f, %v", idf, known)
				}
			}
		})
	}
	wg.Wait()
	if x.Len() != 4 {
		t.Errorf("%d entries, want 4", x.Len())
	}
}

// sorted orders hits as the index promises: by score, then in the order of the
// collection.
func sorted(hits []Hit, at map[*Entry]int) []Hit {
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(at[a.Entry], at[b.Entry]))
	})
	return hits
}

// Among must give what a search gives, for the entries it is asked about.
func TestEntriesNamedByIDGetTheScoresOfASearch(t *testing.T) {
	x := NewEmbedded()
	old, now := version("old", "噪声法", "1997-03-01", "2022-06-05"), version("now", "噪声法", "2022-06-05", "")
	put(t, x,
		&Entry{ID: "a", Version: now, Text: "夜间施工 应当取得证明"},
		&Entry{ID: "b", Version: now, Text: "夜间施工"},
		&Entry{ID: "c", Version: now, Text: "白天施工"},
		&Entry{ID: "d", Version: old, Text: "夜间施工"})
	q := Query{Terms: words("夜间 证明"), Day: "2026-11-23", Limit: 10}
	all := search(t, x, q)
	got := x.Among(q, []string{"b", "unknown", "a", "b", "c", "d"})
	if ids(all) != "a b" || ids(got) != "a b" || got[0].Score != all[0].Score || got[1].Score != all[1].Score {
		t.Errorf("among %v, found %v", got, all)
	}
	if got := x.Among(Query{Terms: q.Terms, Limit: 1}, []string{"b", "a"}); ids(got) != "a" {
		t.Errorf("limit 1: %s", ids(got))
	}
	if err := x.Delete(t.Context(), "now"); err != nil {
		t.Fatal(err)
	}
	put(t, x, &Entry{ID: "b", Version: version("now", "噪声法", "2022-06-05", ""), Text: "夜间施工 应当公告"})
	if got := x.Among(q, []string{"a", "b"}); ids(got) != "b" || len(got[0].Entry.TextGrams) == 0 {
		t.Errorf("after a replacement: %s", ids(got))
	}
	if again := search(t, x, q); ids(again) != "b" {
		t.Errorf("what Among leaves behind shows in a search: %s", ids(again))
	}
}
