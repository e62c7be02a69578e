package index

import (
	"context"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"

	"greendesk/knowledge/lang"
	"greendesk/knowledge/sense"
)

// Okapi BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework,
// 2009), with the fields folded into one by giving a gram of the title, the
// path or the heading a share of a term frequency.
const (
	bm25K1     = 1.2
	bm25B      = 0.6
	titleShare = 0.8
	pathShare  = 0.6
	askedShare = 1.0
)

// A posting packs the number of the entry (22 bits) with the gram's frequency
// in the text (6 bits) and the fields it stands in (4 bits).
type posting uint32

const (
	docBits    = 22
	maxEntries = 1 << docBits
	maxTF      = 1<<6 - 1

	inText  = 0
	inTitle = 1 << 0
	inPath  = 1 << 1
	inAsked = 1 << 2
)

func pack(doc, tf, fields uint32) posting {
	return posting(doc<<10 | min(tf, maxTF)<<4 | fields)
}

func (p posting) doc() uint32 { return uint32(p) >> 10 }
func (p posting) tf() uint32  { return uint32(p) >> 4 & maxTF }

// frequency is the gram's frequency over all fields.
func (p posting) frequency() float32 {
	f := float32(p.tf())
	if p&inTitle != 0 {
		f += titleShare
	}
	if p&inPath != 0 {
		f += pathShare
	}
	if p&inAsked != 0 {
		f += askedShare
	}
	return f
}

// Embedded is the index in process. It is safe for concurrent use: searches
// run side by side, Put and Delete wait for them.
type Embedded struct {
	mu       sync.RWMutex
	grams    map[lang.Gram]uint32
	names    []lang.Gram        // of the grams, by their numbers
	chars    map[rune]charCount // of Han characters
	marks    []uint64           // scratch of put
	numbers  Sequence           // scratch of sequence
	lists    [][]posting
	entries  []*Entry
	lengths  []float32 // bm25's length norm, in grams
	total    float64   // sum of lengths of the living
	living   int
	versions map[string][]uint32 // version id → its entries
	byID     map[string]uint32   // id → the living entry, nil until Among
	dead     []bool
	asked    []uint32   // entries with standard questions
	centres  sense.Rows // of asked: Near looks at all of them
	scratch  sync.Pool
}

// NewEmbedded makes an empty index.
func NewEmbedded() *Embedded {
	return &Embedded{grams: map[lang.Gram]uint32{}, chars: map[rune]charCount{}, versions: map[string][]uint32{}}
}

// Len is the number of clauses that can be found.
func (x *Embedded) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.living
}

// Put adds entries. Entries of a version that is there already are added to
// it: Delete the version first to replace it.
func (x *Embedded) Put(_ context.Context, entries []*Entry) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.entries)+len(entries) > maxEntries {
		return errFull
	}
	for _, e := range entries {
		x.put(e)
	}
	return nil
}

func (x *Embedded) put(e *Entry) {
	doc := uint32(len(x.entries)) // #nosec G115 -- bounded by maxEntries
	x.countChars(e)
	if e.Version.TitleGrams == nil {
		e.Version.TitleGrams = x.sequence(e.Version.Title)
	}
	e.TextGrams, e.PathGrams, e.AskedGrams = x.sequence(e.Text), x.sequence(e.Path+"\n"+e.Heading), x.sequence(e.Asked)
	e.Text, e.Path, e.Heading = "", "", ""
	x.marks = x.marks[:0]
	length := x.mark(e.TextGrams, inText)
	x.mark(e.Version.TitleGrams, inTitle)
	x.mark(e.PathGrams, inPath)
	x.mark(e.AskedGrams, inAsked)
	slices.Sort(x.marks)
	for i := 0; i < len(x.marks); {
		id := uint32(x.marks[i] >> 4) // #nosec G115 -- packed by mark
		var tf, fields uint32
		for ; i < len(x.marks) && uint32(x.marks[i]>>4) == id; i++ { // #nosec G115 -- packed by mark
			if f := uint32(x.marks[i] & 0xf); f == inText { // #nosec G115 -- four bits
				tf++
			} else {
				fields |= f
			}
		}
		x.lists[id] = append(x.lists[id], pack(doc, tf, fields))
	}
	if x.byID != nil {
		x.byID[e.ID] = doc
	}
	x.noteAsked(doc, e)
	x.entries = append(x.entries, e)
	x.lengths = append(x.lengths, float32(length))
	x.dead = append(x.dead, false)
	x.total += float64(length)
	x.living++
	x.versions[e.Version.ID] = append(x.versions[e.Version.ID], doc)
}

// sequence numbers the grams of a folded text.
func (x *Embedded) sequence(text string) Sequence {
	x.numbers = x.numbers[:0]
	for rest := text; rest != ""; {
		var sentence string
		sentence, rest, _ = strings.Cut(rest, "\n")
		lang.Grams(sentence, func(g lang.Gram) {
			id, ok := x.grams[g]
			if !ok {
				id = uint32(len(x.lists)) // #nosec G115 -- fewer grams than pairs of runes
				x.grams[g], x.names = id, append(x.names, g)
				x.lists = append(x.lists, nil)
			}
			x.numbers = append(x.numbers, id)
		})
		x.numbers = append(x.numbers, End)
	}
	return slices.Clone(x.numbers)
}

// mark notes the grams of a sequence and the field they stand in, as the
// gram's number and the field in one word. It returns how many there are.
func (x *Embedded) mark(seq Sequence, field uint64) int {
	before := len(x.marks)
	for _, id := range seq {
		if id != End {
			x.marks = append(x.marks, uint64(id)<<4|field)
		}
	}
	return len(x.marks) - before
}

// countChars keeps the statistics by which Lift tells a word from two
// characters that happen to meet.
func (x *Embedded) countChars(e *Entry) {
	stamp := uint32(len(x.entries)) + 1 // #nosec G115 -- bounded by maxEntries
	for _, text := range [...]string{e.Text, e.Version.Title, e.Path, e.Heading, e.Asked} {
		for _, r := range text {
			if !lang.IsHan(r) {
				continue
			}
			c := x.chars[r]
			if c.stamp != stamp {
				x.chars[r] = charCount{entries: c.entries + 1, stamp: stamp}
			}
		}
	}
}

// charCount counts the entries a character stands in; stamp is the last entry
// that was counted.
type charCount struct{ entries, stamp uint32 }

// Lift is how much oftener two characters stand side by side in a clause than
// chance would have them in one clause: above 1 for words (活性), far below 1
// for pairs that only meet at the border of two words (于重). 0 for a pair
// that stands nowhere.
func (x *Embedded) Lift(pair string) float64 {
	rs := []rune(pair)
	if len(rs) != 2 || !lang.IsHan(rs[0]) || !lang.IsHan(rs[1]) {
		return 1
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	id, ok := x.grams[lang.Pair(rs[0], rs[1])]
	if !ok {
		return 0
	}
	a, b := float64(x.chars[rs[0]].entries), float64(x.chars[rs[1]].entries)
	return float64(len(x.lists[id])) * float64(len(x.entries)) / max(a*b, 1)
}

// Delete removes all entries of the versions named; an unknown one is no
// error. Their place is freed by the next full rebuild.
func (x *Embedded) Delete(_ context.Context, versions ...string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, id := range versions {
		for _, doc := range x.versions[id] {
			if !x.dead[doc] {
				x.dead[doc] = true
				x.total -= float64(x.lengths[doc])
				x.living--
			}
		}
		delete(x.versions, id)
	}
	return nil
}

// weighted is one gram of a query with the weight it carries.
type weighted struct {
	list   []posting
	weight float32
}

// Search returns the best entries for q. An empty query finds nothing.
func (x *Embedded) Search(ctx context.Context, q Query) ([]Hit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	terms := x.terms(q.Terms)
	if len(terms) == 0 || x.living == 0 {
		return nil, nil
	}
	acc := x.accumulators()
	defer x.scratch.Put(acc)
	x.score(acc, terms)
	hits := x.best(acc, q)
	acc.clear()
	return hits, nil
}

// terms resolves the grams of a query and puts the most telling first. Terms
// without a weight are left out.
func (x *Embedded) terms(in []Term) []weighted {
	sum := map[uint32]float32{}
	order := make([]uint32, 0, 64)
	for _, t := range in {
		if t.Weight <= 0 {
			continue // an entry with a score of 0 would not count as touched
		}
		lang.Grams(t.Text, func(g lang.Gram) {
			id, ok := x.grams[g]
			if !ok {
				return
			}
			if _, seen := sum[id]; !seen {
				order = append(order, id)
			}
			// A gram counts once at its highest weight: synonyms that share
			// grams must not outvote the question's other words.
			sum[id] = max(sum[id], float32(t.Weight))
		})
	}
	out := make([]weighted, 0, len(order))
	for _, id := range order {
		list := x.lists[id]
		out = append(out, weighted{list: list, weight: sum[id] * x.idf(len(list))})
	}
	sort.SliceStable(out, func(i, j int) bool { return len(out[i].list) < len(out[j].list) })
	return out
}

// idf is BM25's inverse document frequency.
func (x *Embedded) idf(df int) float32 {
	n := float64(len(x.entries))
	return float32(math.Log(1 + (n-float64(df)+0.5)/(float64(df)+0.5)))
}

// Gram is a gram's number and its inverse document frequency: about 0 for one
// in every clause, ln(n) for one in a single clause. known is false for a gram
// that stands in none.
func (x *Embedded) Gram(g lang.Gram) (number uint32, idf float64, known bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	id, ok := x.grams[g]
	if !ok || len(x.lists[id]) == 0 {
		return 0, float64(x.idf(0)), false
	}
	return id, float64(x.idf(len(x.lists[id]))), true
}

// Number is a gram's number, if it stands in any clause.
func (x *Embedded) Number(g lang.Gram) (number uint32, known bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	id, ok := x.grams[g]
	return id, ok && len(x.lists[id]) > 0
}

// IDF is the inverse document frequency of the gram of that number.
func (x *Embedded) IDF(number uint32) float64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if int(number) >= len(x.lists) {
		return 0
	}
	return float64(x.idf(len(x.lists[number])))
}
