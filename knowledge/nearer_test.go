package knowledge_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"greendesk/knowledge"
	"greendesk/knowledge/index"
	"greendesk/knowledge/meili"
)

// nearer is an index of vectors with a way to fill it.
type nearer struct {
	knowledge.Nearer
	put func(entries ...*index.Entry)
}

// eachNearer runs one behaviour on every index of vectors; open makes an empty
// one of vectors with three places.
func eachNearer(t *testing.T, fn func(t *testing.T, open func() nearer)) {
	t.Run("embedded", func(t *testing.T) {
		fn(t, func() nearer {
			m := index.NewMeanings()
			return nearer{m, func(entries ...*index.Entry) {
				for _, e := range entries {
					m.Delete(e.ID)
					if e.Meaning == nil {
						continue
					}
					for i, v := range e.Meaning.Texts {
						x := m.Texts
						if i > 0 {
							x = m.Parts
						}
						x.Put(e, v)
					}
					for _, v := range e.Meaning.Asked {
						m.Asked.Put(e, v)
					}
				}
			}}
		})
	})
	eachServer(t, func(t *testing.T, open func(dimensions int) *meili.Server) {
		fn(t, func() nearer {
			s := open(3)
			return nearer{s, func(entries ...*index.Entry) {
				t.Helper()
				put(t, s, entries...)
			}}
		})
	})
}

func vector(places ...float32) index.Quantised { return index.Quantise(places) }

func nearest(t *testing.T, x nearer, day string, limit int, v ...float32) []string {
	t.Helper()
	hits, err := x.Near(context.Background(), v, day, limit)
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

func TestTheNearestComeFirstWhateverTheirLength(t *testing.T) {
	eachNearer(t, func(t *testing.T, open func() nearer) {
		x, v := open(), version("v", "某法", "", "")
		x.put(
			&index.Entry{ID: "far", Version: v, Text: "甲", Meaning: &index.Meaning{Texts: []index.Quantised{vector(0, 0.1, 1)}}},
			&index.Entry{ID: "near", Version: v, Text: "乙", Meaning: &index.Meaning{Texts: []index.Quantised{vector(0.02, 0.003, 0)}}},
			&index.Entry{ID: "between", Version: v, Text: "丙", Meaning: &index.Meaning{Texts: []index.Quantised{vector(5, 5, 0)}}})
		if got := nearest(t, x, "", 10, 1, 0, 0); !slices.Equal(got, []string{"near", "between", "far"}) {
			t.Errorf("found %v", got)
		}
		if got := nearest(t, x, "", 1, 0, 0, 3); len(got) == 0 || got[0] != "far" {
			t.Errorf("found %v", got)
		}
	})
}

// A clause of several parts is as near as its nearest, and found once; by its
// standard questions before all that are found by their texts.
func TestAClauseIsFoundByAnyOfItsVectorsOnce(t *testing.T) {
	eachNearer(t, func(t *testing.T, open func() nearer) {
		x, v := open(), version("v", "某法", "", "")
		x.put(
			&index.Entry{ID: "plain", Version: v, Text: "甲", Meaning: &index.Meaning{Texts: []index.Quantised{vector(1, 0.01, 0)}}},
			&index.Entry{ID: "asked", Version: v, Text: "乙", Meaning: &index.Meaning{Texts: []index.Quantised{vector(0, 0, 1)}, Asked: []index.Quantised{vector(0, 1, 0), vector(1, 0.2, 0)}}},
			&index.Entry{ID: "parts", Version: v, Text: "丙", Meaning: &index.Meaning{Texts: []index.Quantised{vector(0, 1, 0.1), vector(0, 0, 1), vector(1, 0.1, 0)}}})
		if got := nearest(t, x, "", 10, 1, 0, 0); len(got) != 3 || got[0] != "asked" || got[1] == "asked" || got[2] == "asked" {
			t.Errorf("found %v", got)
		}
	})
}

// A server finds clauses without vectors too, as the farthest of all.
func TestAClauseWithoutVectorsIsNotNear(t *testing.T) {
	eachNearer(t, func(t *testing.T, open func() nearer) {
		x, v := open(), version("v", "某法", "", "")
		if got := nearest(t, x, "", 10, 1, 0, 0); len(got) != 0 {
			t.Errorf("in an empty index: %v", got)
		}
		x.put(
			&index.Entry{ID: "bare", Version: v, Text: "甲"},
			&index.Entry{ID: "later", Version: v, Text: "乙", Meaning: &index.Meaning{Lacking: 2}},
			&index.Entry{ID: "there", Version: v, Text: "丙", Meaning: &index.Meaning{Texts: []index.Quantised{vector(-1, 0, 0)}, Lacking: 1}})
		if got := nearest(t, x, "", 10, 1, 0, 0); set(got) != "there" {
			t.Errorf("found %v", got)
		}
		if got := nearest(t, x, "", 0, 1, 0, 0); len(got) != 0 {
			t.Errorf("limit 0: %v", got)
		}
		// What was to come has come, and what was there has gone.
		x.put(
			&index.Entry{ID: "later", Version: v, Text: "乙", Meaning: &index.Meaning{Texts: []index.Quantised{vector(1, 0, 0)}}},
			&index.Entry{ID: "there", Version: v, Text: "丁", Meaning: &index.Meaning{Lacking: 1}})
		if got := nearest(t, x, "", 10, 1, 0, 0); set(got) != "later" {
			t.Errorf("found %v", got)
		}
	})
}

func TestOnlyWhatIsInForceIsNear(t *testing.T) {
	eachNearer(t, func(t *testing.T, open func() nearer) {
		x := open()
		there := &index.Meaning{Texts: []index.Quantised{vector(1, 0, 0)}, Asked: []index.Quantised{vector(1, 0, 0)}}
		x.put(
			&index.Entry{ID: "old", Version: version("v1", "噪声法", "1997-03-01", "2022-06-05"), Text: "甲", Meaning: there},
			&index.Entry{ID: "new", Version: version("v2", "噪声法", "2022-06-05", ""), Text: "乙", Meaning: there})
		for day, want := range map[string]string{"": "new old", "2022-06-04": "old", "2022-06-05": "new", "1990-01-01": ""} {
			if got := nearest(t, x, day, 10, 1, 0, 0); set(got) != want {
				t.Errorf("on %q: %v, want %s", day, got, want)
			}
		}
	})
}

func TestASearchByMeaningThatIsCalledOffIsAnError(t *testing.T) {
	eachNearer(t, func(t *testing.T, open func() nearer) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := open().Near(ctx, []float32{1, 0, 0}, "", 10); err == nil {
			t.Error("no error")
		}
	})
}

// What a server has of words alone takes vectors for no reason to fail, and one
// with vectors is searched by words as before.
func TestVectorsLeaveTheWordsAlone(t *testing.T) {
	eachServer(t, func(t *testing.T, open func(dimensions int) *meili.Server) {
		for _, dimensions := range []int{0, 3} {
			x, v := open(dimensions), version("v", "某法", "", "")
			put(t, x,
				&index.Entry{ID: "a", Version: v, Text: "危废贮存", Meaning: &index.Meaning{Texts: []index.Quantised{vector(0, 0, 1)}}},
				&index.Entry{ID: "b", Version: v, Text: "危废转移"})
			if got := found(t, x, index.Query{Terms: terms("贮存")}); set(got) != "a" {
				t.Errorf("%d dimensions: found %v", dimensions, got)
			}
		}
	})
}

func TestClausesThatLackVectorsAreListedPageByPage(t *testing.T) {
	eachServer(t, func(t *testing.T, open func(dimensions int) *meili.Server) {
		x, v := open(3), version("v", "某法", "", "")
		for i := range 5 {
			put(t, x, &index.Entry{ID: fmt.Sprint("c", i), Version: v, Text: "甲", Meaning: &index.Meaning{Lacking: i}})
		}
		current, err := x.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for skip := 0; ; skip += 3 {
			page, err := current.Bare(t.Context(), skip, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range page {
				if ids = append(ids, b.ID); b.Version != "v" || "c"+fmt.Sprint(b.Lacking) != b.ID {
					t.Errorf("%+v", b)
				}
			}
			if len(page) < 3 {
				break
			}
		}
		if set(ids) != "c1 c2 c3 c4" {
			t.Errorf("lacking: %v", ids)
		}
	})
}
