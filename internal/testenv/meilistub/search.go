package meilistub

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// mostWords is how many words of a query count.
const mostWords = 10

type query struct {
	IndexUID          string   `json:"indexUid"`
	Q                 string   `json:"q"`
	Filter            string   `json:"filter"`
	Limit             *int     `json:"limit"`
	MatchingStrategy  string   `json:"matchingStrategy"`
	Locales           []string `json:"locales"`
	FederationOptions struct {
		Weight *float64 `json:"weight"`
	} `json:"federationOptions"`
	Vector []float64 `json:"vector"`
	Hybrid *struct {
		Embedder      string   `json:"embedder"`
		SemanticRatio *float64 `json:"semanticRatio"`
	} `json:"hybrid"`
}

// multiSearch: federated, the hits of all queries in one list by their scores;
// else each query's in a list of its own.
func (s *Stub) multiSearch(r *http.Request) (any, *apiError) {
	var body struct {
		Federation *struct{ Limit int }
		Queries    []query
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, fault(http.StatusBadRequest, "malformed_payload", err.Error())
	}
	if body.Federation == nil {
		return s.eachSearch(body.Queries)
	}
	if body.Federation.Limit == 0 {
		body.Federation.Limit = 20
	}
	best := map[string]scored{}
	for _, q := range body.Queries {
		if q.Limit != nil {
			return nil, fault(http.StatusBadRequest, "invalid_multi_search_query_pagination", "Inside `.queries`: using pagination options is not allowed in federated queries.")
		}
		c, err := s.index(q.IndexUID)
		if err != nil {
			return nil, err
		}
		found, err := c.search(q)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if f.score > best[f.id].score || best[f.id].id == "" {
				best[f.id] = f
			}
		}
	}
	hits := []map[string]any{}
	if s.strikes("POST /multi-search", Empty) == "" {
		for _, f := range ordered(best)[:min(len(best), body.Federation.Limit)] {
			hits = append(hits, map[string]any{"id": f.id, "_federation": map[string]any{"weightedRankingScore": f.score}})
		}
	}
	return map[string]any{"hits": hits, "processingTimeMs": 1, "limit": body.Federation.Limit, "offset": 0, "estimatedTotalHits": len(best)}, nil
}

func (s *Stub) eachSearch(queries []query) (any, *apiError) {
	results := []any{}
	empty := s.strikes("POST /multi-search", Empty) != ""
	for _, q := range queries {
		c, err := s.index(q.IndexUID)
		if err != nil {
			return nil, err
		}
		found, err := c.search(q)
		if err != nil {
			return nil, err
		}
		limit := 20
		if q.Limit != nil {
			limit = *q.Limit
		}
		hits := []map[string]any{}
		for _, f := range found[:min(limit, len(found))] {
			if !empty {
				hits = append(hits, map[string]any{"id": f.id})
			}
		}
		results = append(results, map[string]any{"indexUid": q.IndexUID, "hits": hits, "query": q.Q, "processingTimeMs": 1, "limit": limit, "offset": 0, "estimatedTotalHits": len(found)})
	}
	return map[string]any{"results": results}, nil
}

type scored struct {
	id    string
	place int // in the index
	score float64
}

func ordered(in map[string]scored) []scored {
	out := make([]scored, 0, len(in))
	for _, s := range in {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.place, b.place)) })
	return out
}

// search scores every document by the share of the query's words in it, or by
// how near its vectors are to the query's.
func (c *collection) search(q query) ([]scored, *apiError) {
	pass, err := parseFilter(q.Filter, c.strings("filterableAttributes"))
	if err != nil {
		return nil, fault(http.StatusBadRequest, "invalid_search_filter", err.Error())
	}
	if q.Hybrid != nil || q.Vector != nil {
		return c.nearest(q, pass)
	}
	stop := c.strings("stopWords")
	words := slices.DeleteFunc(cut(q.Q), func(w word) bool { return !w.phrase && slices.Contains(stop, w.text) })
	words = words[:min(len(words), mostWords)]
	weight := 1.0
	if q.FederationOptions.Weight != nil {
		weight = *q.FederationOptions.Weight
	}
	var out []scored
	for place, d := range c.documents {
		if share, ok := matches(words, c.texts(d)); ok && pass(d) {
			id, _ := d["id"].(string)
			out = append(out, scored{id: id, place: place, score: share * weight})
		}
	}
	return out, nil
}

// texts are what is searched of a document, one attribute a line.
func (c *collection) texts(d map[string]any) string {
	names := c.strings("searchableAttributes")
	var b strings.Builder
	for name, value := range d {
		if text, ok := value.(string); ok && (slices.Contains(names, name) || slices.Contains(names, "*")) {
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

// matches: phrases must all be there; without one, the first word must.
func matches(words []word, text string) (share float64, ok bool) {
	if len(words) == 0 {
		return 1, true // a placeholder search
	}
	found, must, phrases := 0, true, 0
	for i, w := range words {
		there := strings.Contains(text, w.text)
		if there {
			found++
		}
		if w.phrase {
			phrases++
			must = must && there
		} else if i == 0 && !slices.ContainsFunc(words, func(w word) bool { return w.phrase }) {
			must = there
		}
	}
	return float64(found) / float64(len(words)), must
}

type word struct {
	text   string
	phrase bool
}

// cut makes words of a query: what stands in quotation marks is one, Han
// characters go in pairs, the rest as it is written.
func cut(q string) []word {
	var out []word
	for i, part := range strings.Split(q, `"`) {
		if i%2 == 1 {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, word{part, true})
			}
			continue
		}
		for _, run := range strings.FieldsFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			rs := []rune(run)
			if !unicode.Is(unicode.Han, rs[0]) {
				out = append(out, word{text: run})
				continue
			}
			for ; len(rs) > 0; rs = rs[min(2, len(rs)):] {
				out = append(out, word{text: string(rs[:min(2, len(rs))])})
			}
		}
	}
	return out
}
