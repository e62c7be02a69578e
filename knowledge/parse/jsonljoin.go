package parse

import (
	"cmp"
	"slices"
)

// join puts the parts of one law together that stand apart in a collection: one path,
// title, label and number, and no article of one is in another, as 第一条 to 第二百一十八条
// here and 第二百一十九条 to the end elsewhere. Two editions share articles and stay
// apart. The documents keep the order of their first parts.
func join(parts []*jsonDocument) []*jsonDocument {
	type law struct{ path, title, label, number string }
	laws := map[law][]*jsonDocument{}
	var out []*jsonDocument
	for _, p := range parts {
		key := law{p.path, TitleKey(p.d.Title), p.d.Label, p.d.Number}
		kept := laws[key]
		if !slices.ContainsFunc(kept[max(0, len(kept)-editionsTried):], func(of *jsonDocument) bool { return of.take(p) }) {
			laws[key] = append(kept, p)
			out = append(out, p)
		}
	}
	return out
}

// editionsTried is how many texts of one title a part may belong to, the latest first
// of all that were read.
const editionsTried = 16

// article names an article: its number and that of 之一, 之二.
type article struct{ n, sub int }

// take adds another part's clauses in the order of their articles. It reports whether
// that part is of the same text: both have articles, none in common.
func (j *jsonDocument) take(part *jsonDocument) bool {
	mine, theirs := j.articles(), part.articles()
	if len(mine) == 0 || len(theirs) == 0 {
		return false
	}
	for a := range theirs {
		if mine[a] {
			return false
		}
	}
	j.d.Clauses = merge(j.d.Clauses, part.d.Clauses)
	j.last = max(j.last, part.last)
	return true
}

func (j *jsonDocument) articles() map[article]bool {
	out := map[article]bool{}
	for _, c := range j.d.Clauses {
		if c.Article > 0 {
			out[article{c.Article, c.ArticleSub}] = true
		}
	}
	return out
}

// merge puts two lists of clauses together by article; what is no article stays behind
// the article before it.
func merge(a, b []Clause) []Clause {
	type placed struct {
		article
		c Clause
	}
	var all []placed
	for _, list := range [][]Clause{a, b} {
		at := article{}
		for _, c := range list {
			if c.Article > 0 {
				at = article{c.Article, c.ArticleSub}
			}
			all = append(all, placed{at, c})
		}
	}
	slices.SortStableFunc(all, func(x, y placed) int { return cmp.Or(cmp.Compare(x.n, y.n), cmp.Compare(x.sub, y.sub)) })
	out := make([]Clause, len(all))
	for i, p := range all {
		out[i] = p.c
	}
	return out
}
