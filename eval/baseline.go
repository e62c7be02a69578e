package eval

import (
	"cmp"
	"context"
	"math"
	"slices"

	"greendesk/knowledge"
	"greendesk/knowledge/lang"
)

// The usual constants of BM25 (Robertson and Zaragoza, 2009).
const (
	plainK1 = 1.5
	plainB  = 0.75
)

// Plain is a search engine as anyone would set it up: BM25 over the single
// characters, the pairs of characters and the Latin words of title, headings
// and text, without a lexicon or anything learned. What it finds is the
// measure of what the rest is worth.
type Plain struct {
	folder  *lang.Folder
	lists   map[lang.Gram][]plainPosting
	cites   []Cite
	lengths []float64
	total   float64
}

type plainPosting struct {
	clause, times int32
}

// NewPlain indexes every clause in force on a day (YYYY-MM-DD).
func NewPlain(ctx context.Context, store *knowledge.Store, folder *lang.Folder, day string) (*Plain, error) {
	p := &Plain{folder: folder, lists: map[lang.Gram][]plainPosting{}}
	err := store.EachClause(ctx, 0, func(c knowledge.Entry) error {
		if (c.ValidFrom == "" || c.ValidFrom <= day) && (c.ValidTo == "" || c.ValidTo > day) {
			p.add(Cite{Doc: c.Title, Number: c.Number, Version: c.Label, Ref: c.Ref}, c.Title+"\n"+c.Path+"\n"+c.Heading+"\n"+c.Text)
		}
		return nil
	})
	return p, err
}

func (p *Plain) add(c Cite, text string) {
	counts := map[lang.Gram]int32{}
	length := 0.0
	p.terms(text, func(g lang.Gram) {
		counts[g]++
		length++
	})
	n := int32(len(p.cites)) // #nosec G115 -- a store holds fewer clauses
	for g, times := range counts {
		p.lists[g] = append(p.lists[g], plainPosting{n, times})
	}
	p.cites, p.lengths, p.total = append(p.cites, c), append(p.lengths, length), p.total+length
}

// terms calls emit for every pair of characters, Latin word and single
// character of a text.
func (p *Plain) terms(text string, emit func(lang.Gram)) {
	folded := p.folder.Fold(text)
	lang.Grams(folded, emit)
	for _, r := range folded {
		if lang.IsHan(r) {
			emit(lang.Pair(0, r))
		}
	}
}

// Search returns the best clauses for a question, the first ten.
func (p *Plain) Search(question string) []Cite {
	scores := make([]float64, len(p.cites))
	n, mean := float64(len(p.cites)), p.total/math.Max(1, float64(len(p.cites)))
	p.terms(question, func(g lang.Gram) {
		list := p.lists[g]
		df := float64(len(list))
		idf := math.Log(1 + (n-df+0.5)/(df+0.5))
		for _, x := range list {
			tf := float64(x.times)
			scores[x.clause] += idf * tf * (plainK1 + 1) / (tf + plainK1*(1-plainB+plainB*p.lengths[x.clause]/mean))
		}
	})
	var best []int // of the clauses that have something of the question
	for c, s := range scores {
		if s > 0 {
			best = append(best, c)
		}
	}
	slices.SortFunc(best, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	var out []Cite
	for _, c := range best[:min(Considered, len(best))] {
		cite := p.cites[c]
		cite.Score = scores[c]
		out = append(out, cite)
	}
	return out
}

// Answers are what a plain search would answer: always its first clause.
func (p *Plain) Answers(questions []Question) []Answer {
	out := make([]Answer, len(questions))
	for i, q := range questions {
		out[i].Cites = p.Search(q.Q)
	}
	return out
}
