package meili

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/meilisearch/meilisearch-go"

	"greendesk/knowledge/index"
)

// Search finds the names of the best entries for q: the entries of the hits
// have an ID and nothing else. Scores put the hits of one query in order. It
// asks once; the deadline is the caller's.
func (s *Server) Search(ctx context.Context, q index.Query) ([]index.Hit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	limit = min(limit, mostHits)
	asked := ask(q.Terms)
	if len(asked) == 0 {
		return nil, nil // the server answers a question without words with all it has
	}
	req := &meilisearch.MultiSearchRequest{Federation: &meilisearch.MultiSearchFederation{Limit: int64(limit)}}
	for _, one := range asked {
		req.Queries = append(req.Queries, s.query(one, inForce(q.Day)))
	}
	for _, a := range q.Articles {
		req.Queries = append(req.Queries, s.query(asked[0], and(inForce(q.Day), fmt.Sprintf("article = %d AND article_sub = %d", a.Number, a.Sub))))
	}
	res, err := s.searcher.MultiSearchWithContext(ctx, req)
	if ctx.Err() != nil { // the library's error does not lead to it
		err = ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("meili: search: %w", err)
	}
	var found []struct {
		ID string `json:"id"`
	}
	if err := res.Hits.DecodeInto(&found); err != nil {
		return nil, fmt.Errorf("meili: search: %w", err)
	}
	hits := make([]index.Hit, 0, len(found))
	for i, f := range found {
		hits = append(hits, index.Hit{Entry: &index.Entry{ID: f.ID}, Score: 1 / float64(i+1)})
	}
	return hits, nil
}

// mostHits is what the server gives for one query at most.
const mostHits = 1000

func (s *Server) query(q asking, filter string) *meilisearch.SearchRequest {
	r := &meilisearch.SearchRequest{IndexUID: s.live(), Query: q.text, Locales: locales(), MatchingStrategy: meilisearch.Last,
		AttributesToRetrieve: []string{"id"}, FederationOptions: &meilisearch.SearchFederationOptions{Weight: q.weight}}
	if filter != "" {
		r.Filter = filter
	}
	return r
}

// inForce is the filter for what is in force on a day, "" for any.
func inForce(day string) string {
	if day == "" {
		return ""
	}
	n := dayNumber(day, always)
	return fmt.Sprintf("valid_from <= %d AND valid_to > %d", n, n)
}

func and(a, b string) string {
	if a == "" {
		return b
	}
	return a + " AND " + b
}

// Why a search did not give an answer, as a word for metrics.
const (
	Slow   = "slow"   // no answer in time
	Busy   = "busy"   // too many searches at a time
	Down   = "down"   // no connection
	Broken = "broken" // an answer that is none
)

// Reason puts an error of Search into a word.
func Reason(err error) string {
	var e *meilisearch.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Slow
	case !errors.As(err, &e):
		return Broken
	case e.ErrCode == meilisearch.MeilisearchTimeoutError:
		return Slow
	case e.ErrCode == meilisearch.MeilisearchCommunicationError:
		return Down
	case e.StatusCode == http.StatusServiceUnavailable || e.StatusCode == http.StatusTooManyRequests:
		return Busy
	}
	return Broken
}
