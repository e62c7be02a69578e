package index

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greendesk/knowledge/lang"
)

// reference is the index in the most plain way: every clause is looked at for
// every query.
type reference struct {
	docs []*plain
}

type plain struct {
	id, version string
	entry       Entry // with its texts
	counts      map[lang.Gram]float64
	length      int
	dead        bool
}

func (r *reference) put(e Entry) {
	p := &plain{id: e.ID, version: e.Version.ID, entry: e, counts: map[lang.Gram]float64{}}
	for _, g := range lang.GramsOf(e.Text) {
		p.counts[g] = min(p.counts[g]+1, maxTF)
		p.length++
	}
	for share, texts := range map[float64][]string{titleShare: {e.Version.Title}, pathShare: {e.Path, e.Heading}, askedShare: {e.Asked}} {
		seen := map[lang.Gram]bool{}
		for _, text := range texts {
			for _, g := range lang.GramsOf(text) {
				if !seen[g] {
					seen[g] = true
					p.counts[g] += share
				}
			}
		}
	}
	r.docs = append(r.docs, p)
}

func (r *reference) delete(version string) {
	for _, d := range r.docs {
		d.dead = d.dead || d.version == version
	}
}

// search gives every clause in force its score.
func (r *reference) search(q Query) map[string]float64 {
	weights := map[lang.Gram]float64{}
	for _, t := range q.Terms {
		for _, g := range lang.GramsOf(t.Text) {
			weights[g] = max(weights[g], t.Weight)
		}
	}
	total, living := 0.0, 0.0
	for _, d := range r.docs {
		if !d.dead {
			total += float64(d.length)
			living++
		}
	}
	if total == 0 {
		total, living = 1, 1 // entries without a text
	}
	out := map[string]float64{}
	for _, d := range r.docs {
		if d.dead || q.Day != "" && !d.entry.Version.InForce(q.Day) {
			continue
		}
		for g, w := range weights {
			df := 0.0
			for _, other := range r.docs {
				if other.counts[g] > 0 {
					df++
				}
			}
			if tf := d.counts[g]; tf > 0 && w > 0 {
				idf := math.Log(1 + (float64(len(r.docs))-df+0.5)/(df+0.5))
				out[d.id] += w * idf * tf * (bm25K1 + 1) / (tf + bm25K1*(1-bm25B+bm25B*float64(d.length)/(total/living)))
			}
		}
	}
	return out
}

// foldedText are short texts over few characters, so that grams meet.
func foldedText(most int) *rapid.Generator[string] {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("危废贮存a")), 0, 6, -1)
	return rapid.Map(rapid.SliceOfN(word, 0, most), func(w []string) string {
		return strings.Join(strings.Fields(strings.Join(w, " ")), " ")
	})
}

var day = rapid.SampledFrom([]string{"", "2019-01-01", "2020-01-01", "2021-01-01", "2022-01-01"})

// machine runs the index and the reference side by side.
type machine struct {
	x   *Embedded
	r   reference
	at  map[*Entry]int
	n   int
	dir string
}

func (m *machine) Put(t *rapid.T) {
	v := version(rapid.SampledFrom([]string{"v1", "v2", "v3"}).Draw(t, "version"), foldedText(2).Draw(t, "title"), day.Draw(t, "from"), day.Draw(t, "to"))
	var entries []*Entry
	for range rapid.IntRange(0, 3).Draw(t, "entries") {
		e := Entry{ID: fmt.Sprint(m.n), Version: v, Text: foldedText(8).Draw(t, "text"), Path: foldedText(2).Draw(t, "path"),
			Heading: foldedText(2).Draw(t, "heading"), Asked: foldedText(3).Draw(t, "asked")}
		m.r.put(e)
		m.at[&e] = m.n
		entries = append(entries, &e)
		m.n++
	}
	put(t, m.x, entries...)
}

func (m *machine) Delete(t *rapid.T) {
	v := rapid.SampledFrom([]string{"v1", "v2", "v3", "v4"}).Draw(t, "version")
	if err := m.x.Delete(context.Background(), v); err != nil {
		t.Fatal(err)
	}
	m.r.delete(v)
}

// Snapshot goes on with what was saved and loaded.
func (m *machine) Snapshot(t *rapid.T) {
	path := filepath.Join(m.dir, "index.snapshot")
	saved, err := m.x.Save(path, "same", 7)
	if err != nil {
		t.Fatal(err)
	}
	if !saved {
		return // with deleted entries
	}
	x, generation, err := Load(path, "same")
	if err != nil || generation != 7 {
		t.Fatal(generation, err)
	}
	m.x, m.at = x, map[*Entry]int{}
	for i, e := range x.entries {
		m.at[e] = i
	}
}

func (m *machine) Search(t *rapid.T) {
	q := Query{Day: day.Draw(t, "day"), Limit: rapid.IntRange(1, 8).Draw(t, "limit")}
	for range rapid.IntRange(0, 4).Draw(t, "terms") {
		q.Terms = append(q.Terms, Term{foldedText(2).Draw(t, "term"), rapid.SampledFrom([]float64{0, 0.5, 1, 2}).Draw(t, "weight")})
	}
	want := m.r.search(q)
	got := search(t, m.x, q)
	if len(got) != min(q.Limit, len(want)) {
		t.Fatalf("%d hits of %d, limit %d", len(got), len(want), q.Limit)
	}
	seen := map[string]bool{}
	for i, h := range got {
		if seen[h.Entry.ID] || math.Abs(h.Score-want[h.Entry.ID]) > 1e-4*max(1, h.Score) {
			t.Fatalf("%s scores %f, want %f", h.Entry.ID, h.Score, want[h.Entry.ID])
		}
		seen[h.Entry.ID] = true
		if i > 0 && got[i-1].Score < h.Score {
			t.Fatal("not in order")
		}
	}
	for i, h := range sorted(append([]Hit(nil), got...), m.at) {
		if h.Entry != got[i].Entry {
			t.Fatal("equal scores do not keep the order of the collection")
		}
	}
	for id, score := range want { // what was left out is no better
		if !seen[id] && score > got[len(got)-1].Score*(1+1e-4) {
			t.Fatalf("%s with %f is missing", id, score)
		}
	}
}

func (m *machine) Check(t *rapid.T) {
	living := 0
	for _, d := range m.r.docs {
		if !d.dead {
			living++
		}
	}
	if m.x.Len() != living {
		t.Fatalf("%d entries, want %d", m.x.Len(), living)
	}
}

// Searches share accumulators: what one leaves behind would show in the next.
func TestTheIndexFindsWhatLookingAtEveryClauseFinds(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{x: NewEmbedded(), at: map[*Entry]int{}, dir: dir}
		t.Repeat(rapid.StateMachineActions(m))
	})
}

// Beyond so many entries common grams only refine; the best stay the best.
func TestALargeCollectionStillFindsTheBest(t *testing.T) {
	x := NewEmbedded()
	v := version("v", "某法", "", "")
	entries := make([]*Entry, 0, 2*maxAccumulators)
	for i := range 2 * maxAccumulators {
		text := "企业应当遵守规定"
		if i%2 == 0 {
			text = "公众应当了解情况"
		}
		entries = append(entries, &Entry{ID: fmt.Sprint(i), Version: v, Text: text})
	}
	entries[maxAccumulators+maxAccumulators/2] = &Entry{ID: "best", Version: v, Text: "企业应当贮存活性炭"}
	put(t, x, entries...)
	for range 3 {
		got := search(t, x, Query{Terms: words("企业应当 活性炭 公众"), Limit: 5})
		if len(got) != 5 || got[0].Entry.ID != "best" {
			t.Fatalf("found %s", ids(got))
		}
		if again := search(t, x, Query{Terms: words("活性炭"), Limit: 5}); ids(again) != "best" {
			t.Fatalf("the search before shows: %s", ids(again))
		}
	}
}
