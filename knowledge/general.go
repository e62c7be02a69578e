package knowledge

import (
	"context"

	"greendesk/knowledge/index"
	"greendesk/knowledge/rank"
)

// generalScale brings the scores of rank.General to the units of the learned
// ones.
const generalScale = 8.0

// generalShare is the weight in the search of the law's words for everyday
// words of law at large, beside the user's own.
const generalShare = 0.4

// order measures the candidates of a question and puts the best first.
func (e *Engine) order(ctx context.Context, w *rank.Weights, q *rank.Question, hits []index.Hit, day string, meant *asking) ([]rank.Ranked, error) {
	near := e.local.Near(q.Sense, day, nearest)
	if !rank.Foreseen(hits, near, e.local) {
		return e.rankGeneral(ctx, w, q, hits, day, meant)
	}
	hits = join(rank.Shortlist(q, hits, measured), near)
	means, err := e.near(ctx, meant.wait(), day)
	if err != nil {
		return nil, err
	}
	hits = e.binding(q, join(hits, means))
	return rank.Order(q, hits, e.meaning.cosines(meant.wait(), hits), e.local, w), nil
}

// rankGeneral puts clauses in order for a question of law at large. What has the
// law's words for the user's joins the candidates from the embedded index: a
// search server is asked once.
// What a model of meaning says counts as it does elsewhere.
func (e *Engine) rankGeneral(ctx context.Context, w *rank.Weights, q *rank.Question, hits []index.Hit, day string, meant *asking) ([]rank.Ranked, error) {
	var means []string
	for _, span := range e.general.Words(q.Folded) {
		for _, w := range span.Words {
			means = append(means, w.Means...)
		}
	}
	terms := q.Terms()
	for _, m := range means {
		terms = append(terms, index.Term{Text: m, Weight: generalShare})
	}
	more, err := e.local.Search(ctx, index.Query{Terms: terms, Day: day, Limit: candidates})
	if err != nil {
		return nil, err
	}
	near, err := e.near(ctx, meant.wait(), day)
	if err != nil {
		return nil, err
	}
	hits = rank.General(q, means, e.binding(q, join(join(hits, more), near)), e.local)
	hits = hits[:min(measured+len(near), len(hits))]
	vectors := rank.Measure(q, hits, e.meaning.cosines(meant.wait(), hits), e.local)
	out := make([]rank.Ranked, len(hits))
	for i, h := range hits {
		out[i] = rank.Ranked{Entry: h.Entry, Score: h.Score*generalScale + w.Meaning(&vectors[i]), Vector: &vectors[i]}
	}
	return out, nil
}

// nearest is how many clauses that mean what is asked join those that have its
// words.
const nearest = 40

// join adds the hits of another search that are not there yet. Their scores do
// not compare: they count as the last by words.
func join(hits, more []index.Hit) []index.Hit {
	there := make(map[*index.Entry]bool, len(hits))
	for _, h := range hits {
		there[h.Entry] = true
	}
	for _, h := range more {
		if !there[h.Entry] {
			hits = append(hits, index.Hit{Entry: h.Entry})
		}
	}
	return hits
}
