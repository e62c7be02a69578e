package knowledge

import "github.com/sony/gobreaker/v2"

// Health says where candidates come from, for people.
type Health struct {
	Search  string // a word: see SearchState
	Clauses int    // that can be found
	Meaning MeaningStats
	Resting bool // the server of embeddings has failed, and is left alone for a while
}

// Health reports on the search, from what /readyz and the metrics tell.
func (e *Engine) Health() Health {
	h := Health{Search: e.SearchState(), Clauses: e.Clauses(), Meaning: e.MeaningStats()}
	h.Resting = e.meaning != nil && e.meaning.breaker.State() == gobreaker.StateOpen
	return h
}
