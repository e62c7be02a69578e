package index

import "greendesk/knowledge/lang"

// Grams are the grams that entries are made of, by their numbers. What is
// returned does not change any more.
func (x *Embedded) Grams() []lang.Gram {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.names[:len(x.names):len(x.names)]
}

// CharIDF is the inverse document frequency of a Han character.
func (x *Embedded) CharIDF(r rune) float64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return float64(x.idf(int(x.chars[r].entries)))
}

// MeanLength is how many grams the text of a clause has on average.
func (x *Embedded) MeanLength() float64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return float64(x.mean())
}

// Clauses is how many clauses of a version can be found.
func (x *Embedded) Clauses(version string) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.versions[version])
}

// AskedShare is the share of the clauses that have standard questions.
func (x *Embedded) AskedShare() float64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return float64(len(x.asked)) / float64(max(1, len(x.entries)))
}
