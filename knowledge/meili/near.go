package meili

import (
	"context"
	"errors"
	"fmt"

	"github.com/meilisearch/meilisearch-go"

	"greendesk/knowledge/index"
)

// Near finds the names of the clauses in force on day (any when empty) whose
// vectors are nearest to a question's, best first: limit by their standard
// questions, then twice as many by their texts and parts of them. The index
// must have vectors of the question's size. It asks once; the deadline is the
// caller's.
//
// It is a request beside the words' and no query among theirs: those need not
// wait for the vector then. And a federated search has one list of one length
// for all its queries, ordered by scores; every clause is more or less near, and
// the cosines of many models lie close to 1, so the nearest would drive the words
// out of it, or, weighed down, the words them. Here each kind has its own list,
// and nothing compares scores that do not compare.
func (s *Server) Near(ctx context.Context, v []float32, day string, limit int) ([]index.Hit, error) {
	if err := ctx.Err(); err != nil || len(v) == 0 || limit <= 0 {
		return nil, err
	}
	near := func(embedder string, limit int) *meilisearch.SearchRequest {
		return &meilisearch.SearchRequest{IndexUID: s.live(), Vector: v, Limit: int64(min(limit, mostHits)), AttributesToRetrieve: []string{"id"},
			// All of the question's meaning: with a share for words they would be asked
			// for again, and 0 is not sent by the library.
			Hybrid: &meilisearch.SearchRequestHybrid{Embedder: embedder, SemanticRatio: 1},
			Filter: and(inForce(day), embedder+"_vectors > 0")}
	}
	res, err := s.searcher.MultiSearchWithContext(ctx, &meilisearch.MultiSearchRequest{
		Queries: []*meilisearch.SearchRequest{near(askedEmbedder, limit), near(textEmbedder, 2*limit)}})
	if ctx.Err() != nil { // the library's error does not lead to it
		err = ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("meili: search by meaning: %w", err)
	}
	if len(res.Results) != 2 {
		return nil, errors.New("meili: search by meaning: not as many results as queries")
	}
	var hits []index.Hit
	there := map[string]bool{}
	for _, r := range res.Results {
		var found []struct {
			ID string `json:"id"`
		}
		if err := r.Hits.DecodeInto(&found); err != nil {
			return nil, fmt.Errorf("meili: search by meaning: %w", err)
		}
		for _, f := range found {
			if !there[f.ID] {
				there[f.ID] = true
				hits = append(hits, index.Hit{Entry: &index.Entry{ID: f.ID}, Score: 1 / float64(len(hits)+1)})
			}
		}
	}
	return hits, nil
}

// Bare is a clause on the server some of whose vectors were not there when it was
// put.
type Bare struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Lacking int    `json:"lacking"`
}

// Bare finds clauses of an index that lack vectors: limit of them, after as many
// as skip.
func (x *Index) Bare(ctx context.Context, skip, limit int) ([]Bare, error) {
	var res meilisearch.DocumentsResult
	err := again(ctx, func(ctx context.Context) error {
		return x.s.admin.Index(x.uid).GetDocumentsWithContext(ctx, &meilisearch.DocumentsQuery{Filter: "lacking > 0",
			Fields: []string{"id", "version", "lacking"}, Offset: int64(skip), Limit: int64(limit)}, &res)
	})
	if err != nil {
		return nil, fmt.Errorf("meili: look for clauses without vectors: %w", err)
	}
	var out []Bare
	if err := res.Results.DecodeInto(&out); err != nil {
		return nil, fmt.Errorf("meili: look for clauses without vectors: %w", err)
	}
	return out, nil
}
