package knowledge_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/meilisearch/meilisearch-go"

	"greendesk/internal/db"
	"greendesk/internal/testenv/meilistub"
	"greendesk/knowledge"
	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/meili"
)

var (
	_ knowledge.Searcher = (*index.Embedded)(nil)
	_ knowledge.Searcher = (*meili.Server)(nil)
	_ knowledge.Nearer   = index.Meanings{}
	_ knowledge.Nearer   = (*meili.Server)(nil)
)

// realServer names a Meilisearch to run the suite against, beside the stub.
// Its keys stand in …_SEARCH_KEY and …_INDEX_KEY.
const realServer = "GREENDESK_TEST_MEILISEARCH"

// each runs one behaviour on every implementation; open makes an empty index.
func each(t *testing.T, fn func(t *testing.T, open func() knowledge.Searcher)) {
	t.Run("embedded", func(t *testing.T) {
		fn(t, func() knowledge.Searcher { return index.NewEmbedded() })
	})
	eachServer(t, func(t *testing.T, open func(dimensions int) *meili.Server) {
		fn(t, func() knowledge.Searcher { return open(0) })
	})
}

// eachServer runs one behaviour on the stub, and on a real server when there is
// one; open makes an empty index, of vectors of that size if any.
func eachServer(t *testing.T, fn func(t *testing.T, open func(dimensions int) *meili.Server)) {
	t.Run("stub", func(t *testing.T) {
		fn(t, func(dimensions int) *meili.Server {
			return prepared(t, meili.Config{URL: meilistub.New(t).URL + "/", SearchKey: meilistub.SearchKey, IndexKey: meilistub.IndexKey, Prefix: "test-"}, dimensions)
		})
	})
	if url := os.Getenv(realServer + "_URL"); url != "" {
		t.Run("meilisearch", func(t *testing.T) {
			fn(t, func(dimensions int) *meili.Server {
				cfg := meili.Config{URL: url, SearchKey: os.Getenv(realServer + "_SEARCH_KEY"), IndexKey: os.Getenv(realServer + "_INDEX_KEY"), Prefix: "greendesk-test-" + db.NewID() + "-"}
				t.Cleanup(func() {
					admin := meilisearch.New(strings.TrimRight(url, "/"), meilisearch.WithAPIKey(cfg.IndexKey))
					if _, err := admin.DeleteIndex(cfg.Prefix + "clauses"); err != nil {
						t.Error(err)
					}
				})
				return prepared(t, cfg, dimensions)
			})
		})
	}
}

// prepared is a server with an empty index of ours.
func prepared(t *testing.T, cfg meili.Config, dimensions int) *meili.Server {
	t.Helper()
	s := meili.New(cfg)
	if _, err := s.Fresh(t.Context(), meili.State{Stamp: "stamp", Dimensions: dimensions}); err != nil {
		t.Fatal(err)
	}
	if err := s.Place(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// The texts of these tests are folded already: Han, Latin, blanks, line ends.

func version(id, title, from, to string) *index.Version {
	return &index.Version{ID: id, Title: title, ValidFrom: from, ValidTo: to}
}

func put(t *testing.T, x knowledge.Searcher, entries ...*index.Entry) {
	t.Helper()
	if err := x.Put(context.Background(), entries); err != nil {
		t.Fatal(err)
	}
}

// found are the ids of the hits, best first.
func found(t *testing.T, x knowledge.Searcher, q index.Query) []string {
	t.Helper()
	hits, err := x.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, h := range hits {
		if i > 0 && h.Score > hits[i-1].Score {
			t.Errorf("hit %d scores more than the one before", i)
		}
		out = append(out, h.Entry.ID)
	}
	return out
}

// set is what was found, whatever the order.
func set(ids []string) string { return strings.Join(slices.Sorted(slices.Values(ids)), " ") }

func terms(text string) []index.Term {
	var out []index.Term
	for _, w := range strings.Fields(text) {
		out = append(out, index.Term{Text: w, Weight: 1})
	}
	return out
}

func TestTheClausesThatSayMostOfTheQuestionComeFirst(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		x := open()
		v := version("v1", "大气污染防治法", "", "")
		put(t, x,
			&index.Entry{ID: "one", Version: v, Text: "锅炉应当安装除尘设施"},
			&index.Entry{ID: "both", Version: v, Text: "锅炉排放黑烟的 处以罚款"},
			&index.Entry{ID: "none", Version: v, Text: "公众有权举报"},
			&index.Entry{ID: "long", Version: v, Text: "锅炉排放黑烟的 处以罚款" + strings.Repeat(" 其他事项另行规定", 20)})
		got := found(t, x, index.Query{Terms: terms("锅炉 黑烟 罚款")})
		if set(got) != "both long one" || got[2] != "one" {
			t.Errorf("found %v", got)
		}
	})
}

// A server looks at the first words of a query only: what comes after must
// lead a query of its own.
func TestNoTermOfALongQuestionIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		x := open()
		v := version("v1", "某法", "", "")
		words := []string{"锅炉", "黑烟", "罚款", "油漆", "喷涂", "粉尘", "排污", "噪声", "夜间", "施工", "活性", "危废", "土壤"}
		for i, w := range words {
			put(t, x, &index.Entry{ID: fmt.Sprint("c", i), Version: v, Text: "关于" + w + "的规定"})
		}
		put(t, x, &index.Entry{ID: "other", Version: v, Text: "公众有权举报"})
		var q []index.Term
		for i, w := range words {
			q = append(q, index.Term{Text: w, Weight: 2 - 0.1*float64(i)})
		}
		got := found(t, x, index.Query{Terms: q, Limit: 50})
		for _, want := range []string{"c0", "c4", "c10"} {
			if !slices.Contains(got, want) {
				t.Errorf("%s is missing in %v", want, got)
			}
		}
		if slices.Contains(got, "other") {
			t.Errorf("a clause without any term: %v", got)
		}
	})
}

func TestEveryFieldCanBeSearched(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		for field, e := range map[string]*index.Entry{
			"text":    {Text: "甲乙丙 危险废物"},
			"path":    {Path: "危险废物", Text: "甲乙丙"},
			"heading": {Heading: "危险废物", Text: "甲乙丙"},
			"asked":   {Asked: "别的问题\n危险废物", Text: "甲乙丙"},
			"title":   {Version: version("v1", "危险废物", "", ""), Text: "甲乙丙"},
		} {
			x := open()
			if e.Version == nil {
				e.Version = version("v1", "某法", "", "")
			}
			e.ID = field
			put(t, x, e, &index.Entry{ID: "other", Version: version("v2", "另法", "", ""), Text: "丁戊己"})
			if got := found(t, x, index.Query{Terms: terms("危险废物")}); set(got) != field {
				t.Errorf("%s: found %v", field, got)
			}
		}
	})
}

func TestOnlyVersionsInForceOnTheDayAreFound(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		x := open()
		put(t, x,
			&index.Entry{ID: "old", Version: version("v1", "噪声法", "1997-03-01", "2022-06-05"), Text: "夜间施工"},
			&index.Entry{ID: "new", Version: version("v2", "噪声法", "2022-06-05", ""), Text: "夜间施工"},
			&index.Entry{ID: "undated", Version: version("v3", "噪声规定", "", ""), Text: "夜间施工"},
			&index.Entry{ID: "future", Version: version("v4", "噪声规定", "2027-01-01", ""), Text: "夜间施工"})
		for day, want := range map[string]string{
			"1990-01-01": "undated",
			"1997-02-28": "undated",
			"1997-03-01": "old undated",
			"2022-06-04": "old undated",
			"2022-06-05": "new undated",
			"2026-11-23": "new undated",
			"2027-01-01": "future new undated",
			"":           "future new old undated",
		} {
			if got := found(t, x, index.Query{Terms: terms("夜间施工"), Day: day}); set(got) != want {
				t.Errorf("on %q: %v, want %s", day, got, want)
			}
		}
	})
}

// An article that the question names is looked at too, and leaves nothing out.
func TestANamedArticleLeavesNothingOut(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		x := open()
		v := version("v1", "噪声法", "2022-06-05", "")
		put(t, x,
			&index.Entry{ID: "a30", Version: v, Article: 30, Text: "夜间施工"},
			&index.Entry{ID: "a30-1", Version: v, Article: 30, Sub: 1, Text: "夜间施工"},
			&index.Entry{ID: "a31", Version: v, Article: 31, Text: "夜间施工"})
		for _, day := range []string{"", "2026-11-23"} {
			if got := found(t, x, index.Query{Terms: terms("夜间施工"), Day: day, Articles: []lang.Article{{Number: 30}}}); set(got) != "a30 a30-1 a31" {
				t.Errorf("on %q: %v", day, got)
			}
		}
		if got := found(t, x, index.Query{Terms: terms("夜间施工"), Day: "2020-01-01", Articles: []lang.Article{{Number: 30}}}); len(got) != 0 {
			t.Errorf("not in force: %v", got)
		}
	})
}

func TestADeletedVersionIsGoneAndCanBeReplaced(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		x := open()
		a, b := version("a", "甲法", "", ""), version("b", "乙法", "", "")
		put(t, x, &index.Entry{ID: "a1", Version: a, Text: "危废贮存"}, &index.Entry{ID: "a2", Version: a, Text: "危废转移"}, &index.Entry{ID: "b1", Version: b, Text: "危废处置"})
		remove := func(versions ...string) {
			t.Helper()
			if err := x.Delete(t.Context(), versions...); err != nil {
				t.Fatal(err)
			}
		}
		remove("a", "unknown", "a")
		remove()
		if got := found(t, x, index.Query{Terms: terms("危废 贮存")}); set(got) != "b1" {
			t.Errorf("after the deletion: %v", got)
		}
		put(t, x, &index.Entry{ID: "a1", Version: version("a", "甲法", "", "2020-01-01"), Text: "危废贮存一年"})
		if got := found(t, x, index.Query{Terms: terms("贮存")}); set(got) != "a1" {
			t.Errorf("after the replacement: %v", got)
		}
		if got := found(t, x, index.Query{Terms: terms("贮存"), Day: "2021-01-01"}); len(got) != 0 {
			t.Errorf("the new validity does not hold: %v", got)
		}
		remove("a", "b")
		if got := found(t, x, index.Query{Terms: terms("危废")}); len(got) != 0 {
			t.Errorf("an empty index finds %v", got)
		}
	})
}

// A server that is asked nothing answers with all it has.
func TestAQueryWithoutAnythingToFindFindsNothing(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		x := open()
		if got := found(t, x, index.Query{Terms: terms("危废")}); len(got) != 0 {
			t.Errorf("in an empty index: %v", got)
		}
		put(t, x)
		put(t, x, &index.Entry{ID: "a", Version: version("v", "某法", "", ""), Text: "危废贮存"})
		for name, in := range map[string][]index.Term{
			"no terms": nil, "no text": {{Text: "", Weight: 1}}, "blanks": {{Text: " \n", Weight: 1}}, "unknown": terms("屠宰"),
			"no weight": {{Text: "危废", Weight: 0}}, "negative": {{Text: "危废", Weight: -1}},
		} {
			if got := found(t, x, index.Query{Terms: in}); len(got) != 0 {
				t.Errorf("%s: %v", name, got)
			}
		}
		// A term without weight beside one with: every entry once.
		if got := found(t, x, index.Query{Terms: []index.Term{{Text: "贮存", Weight: 0}, {Text: "危废", Weight: 1}, {Text: "废贮", Weight: 0}}}); set(got) != "a" {
			t.Errorf("found %v", got)
		}
	})
}

func TestTheLimitHolds(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		x := open()
		v := version("v", "某法", "", "")
		var entries []*index.Entry
		for i := range 30 {
			entries = append(entries, &index.Entry{ID: fmt.Sprint(i), Version: v, Text: "危废贮存"})
		}
		put(t, x, entries...)
		for limit, want := range map[int]int{0: 10, -1: 10, 1: 1, 29: 29, 30: 30, 1000: 30, math.MaxInt: 30} {
			if got := found(t, x, index.Query{Terms: terms("危废"), Limit: limit}); len(got) != want {
				t.Errorf("limit %d: %d hits, want %d", limit, len(got), want)
			}
		}
	})
}

func TestASearchThatIsCalledOffIsAnError(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		x := open()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := x.Search(ctx, index.Query{Terms: terms("危废")}); err == nil {
			t.Error("no error")
		}
	})
}

func TestAnIndexIsSearchedWhileItChanges(t *testing.T) {
	each(t, func(t *testing.T, open func() knowledge.Searcher) {
		x := open()
		put(t, x, &index.Entry{ID: "fixed", Version: version("fixed", "某法", "", ""), Text: "危废贮存一年"})
		var wg sync.WaitGroup
		for w := range 2 {
			wg.Go(func() {
				for i := range 10 {
					v := version(fmt.Sprint("v", w), "新法", "", "")
					if err := x.Delete(context.Background(), v.ID); err != nil {
						t.Error(err)
					}
					if err := x.Put(context.Background(), []*index.Entry{{ID: fmt.Sprintf("%d-%d", w, i), Version: v, Text: strings.Repeat("危废转移", i%7+1)}}); err != nil {
						t.Error(err)
					}
				}
			})
			wg.Go(func() {
				for range 40 {
					hits, err := x.Search(context.Background(), index.Query{Terms: terms("贮存 危废"), Limit: 20})
					if err != nil || len(hits) == 0 || hits[0].Entry.ID != "fixed" {
						t.Errorf("found %v, %v", hits, err)
					}
				}
			})
		}
		wg.Wait()
		if got := found(t, x, index.Query{Terms: terms("危废"), Limit: 20}); set(got) != "0-9 1-9 fixed" {
			t.Errorf("at the end: %v", got)
		}
	})
}
