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

// The texts of these tests are folded already: Han, Latin, blanks, line ends.

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

func TestTheClauseThatSaysMostOfTheQuestionComesFirst(t *testing.T) {
	x := NewEmbedded()
	v := version("v1", "大气污染防治法", "", "")
	put(t, x,
		&Entry{ID: "both", Version: v, Text: "锅炉排放黑烟的 处以罚款"},
		&Entry{ID: "one", Version: v, Text: "锅炉应当安装除尘设施"},
		&Entry{ID: "none", Version: v, Text: "公众有权举报"},
		&Entry{ID: "long", Version: v, Text: "锅炉排放黑烟的 处以罚款" + strings.Repeat(" 其他事项另行规定", 20)})
	if got := ids(search(t, x, Query{Terms: words("锅炉 黑烟 罚款")})); got != "both long one" {
		t.Errorf("found %s", got)
	}
}

func TestEveryFieldCanBeSearched(t *testing.T) {
	for field, e := range map[string]*Entry{
		"text":    {Text: "甲乙丙 危险废物"},
		"path":    {Path: "危险废物", Text: "甲乙丙"},
		"heading": {Heading: "危险废物", Text: "甲乙丙"},
		"asked":   {Asked: "别的问题\n危险废物", Text: "甲乙丙"},
		"title":   {Version: version("v1", "危险废物", "", ""), Text: "甲乙丙"},
	} {
		x := NewEmbedded()
		if e.Version == nil {
			e.Version = version("v1", "某法", "", "")
		}
		e.ID = field
		put(t, x, e, &Entry{ID: "other", Version: version("v2", "另法", "", ""), Text: "丁戊己"})
		if got := ids(search(t, x, Query{Terms: words("危险废物")})); got != field {
			t.Errorf("%s: found %q", field, got)
		}
	}
}

func TestOnlyVersionsInForceOnTheDayAreFound(t *testing.T) {
	x := NewEmbedded()
	put(t, x,
		&Entry{ID: "old", Version: version("v1", "噪声法", "1997-03-01", "2022-06-05"), Text: "夜间施工"},
		&Entry{ID: "new", Version: version("v2", "噪声法", "2022-06-05", ""), Text: "夜间施工"},
		&Entry{ID: "undated", Version: version("v3", "噪声规定", "", ""), Text: "夜间施工"},
		&Entry{ID: "future", Version: version("v4", "噪声规定", "2027-01-01", ""), Text: "夜间施工"})
	for day, want := range map[string]string{
		"1990-01-01": "undated",
		"1997-02-28": "undated",
		"1997-03-01": "old undated",
		"2022-06-04": "old undated",
		"2022-06-05": "new undated",
		"2026-11-23": "new undated",
		"2027-01-01": "new undated future",
		"":           "old new undated future",
	} {
		if got := ids(search(t, x, Query{Terms: words("夜间施工"), Day: day})); got != want {
			t.Errorf("on %q: %s, want %s", day, got, want)
		}
	}
}

func TestADeletedVersionIsGoneAndCanBeReplaced(t *testing.T) {
	x := NewEmbedded()
	a, b := version("a", "甲法", "", ""), version("b", "乙法", "", "")
	put(t, x, &Entry{ID: "a1", Version: a, Text: "危废贮存"}, &Entry{ID: "a2", Version: a, Text: "危废转移"}, &Entry{ID: "b1", Version: b, Text: "危废处置"})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(x.Delete(t.Context(), "a", "unknown", "a"))
	must(x.Delete(t.Context()))
	if got := ids(search(t, x, Query{Terms: words("危废 贮存")})); got != "b1" || x.Len() != 1 {
		t.Errorf("after the deletion: %s, %d entries", got, x.Len())
	}
	again := version("a", "甲法", "", "2020-01-01")
	put(t, x, &Entry{ID: "a1", Version: again, Text: "危废贮存一年"})
	if got := ids(search(t, x, Query{Terms: words("贮存")})); got != "a1" || x.Len() != 2 {
		t.Errorf("after the replacement: %s, %d entries", got, x.Len())
	}
	if got := search(t, x, Query{Terms: words("贮存"), Day: "2021-01-01"}); len(got) != 0 {
		t.Errorf("the new validity does not hold: %s", ids(got))
	}
	must(x.Delete(t.Context(), "a", "b"))
	if got := search(t, x, Query{Terms: words("危废")}); len(got) != 0 || x.Len() != 0 {
		t.Errorf("an empty index finds %s", ids(got))
	}
}

func TestAQueryWithoutAnythingToFindFindsNothing(t *testing.T) {
	x := NewEmbedded()
	if got := search(t, x, Query{Terms: words("危废")}); len(got) != 0 {
		t.Errorf("in an empty index: %s", ids(got))
	}
	put(t, x, &Entry{ID: "a", Version: version("v", "某法", "", ""), Text: "危废贮存"})
	for name, terms := range map[string][]Term{
		"no terms": nil, "no text": {{"", 1}}, "blanks": {{" \n", 1}}, "unknown": words("屠宰"),
		"no weight": {{"危废", 0}}, "negative": {{"危废", -1}},
	} {
		if got := search(t, x, Query{Terms: terms}); len(got) != 0 {
			t.Errorf("%s: %s", name, ids(got))
		}
	}
	// A term without weight beside one with: every entry once.
	if got := ids(search(t, x, Query{Terms: []Term{{"贮存", 0}, {"危废", 1}, {"废贮", 0}}})); got != "a" {
		t.Errorf("found %q", got)
	}
}

func TestTheLimitHolds(t *testing.T) {
	x := NewEmbedded()
	v := version("v", "某法", "", "")
	for i := range 30 {
		put(t, x, &Entry{ID: fmt.Sprint(i), Version: v, Text: "危废贮存"})
	}
	for limit, want := range map[int]int{0: 10, -1: 10, 1: 1, 29: 29, 30: 30, 1000: 30, math.MaxInt: 30} {
		if got := search(t, x, Query{Terms: words("危废"), Limit: limit}); len(got) != want {
			t.Errorf("limit %d: %d hits, want %d", limit, len(got), want)
		}
	}
}

func TestASearchThatIsCalledOffIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewEmbedded().Search(ctx, Query{Terms: words("危废")}); err == nil {
		t.Error("no error")
	}
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
