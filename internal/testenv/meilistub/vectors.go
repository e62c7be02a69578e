package meilistub

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
)

// embedder is one whose vectors are made by who writes the documents.
type embedder struct {
	Source     string `json:"source"`
	Dimensions int    `json:"dimensions"`
}

func embeddersOf(settings map[string]json.RawMessage) map[string]embedder {
	var out map[string]embedder
	_ = json.Unmarshal(settings["embedders"], &out) // {} when it is none
	return out
}

// checkVectors refuses documents that do not say for every embedder which their
// vectors are, or that they have none.
func checkVectors(embedders map[string]embedder, documents []map[string]any) *apiError {
	for name, e := range embedders {
		if e.Source != "userProvided" || e.Dimensions <= 0 {
			return fault(http.StatusBadRequest, "invalid_settings_embedders", "`.embedders."+name+"`: this stub knows user provided vectors with `dimensions` only.")
		}
		for _, d := range documents {
			all, _ := d["_vectors"].(map[string]any)
			given, named := all[name]
			if !named {
				return fault(http.StatusBadRequest, "vector_embedding_error", fmt.Sprintf("While embedding documents for embedder `%s`: no vectors provided for document `%v`. Note: opt-out with `_vectors.%s: null`.", name, d["id"], name))
			}
			vs, err := vectorsOf(given)
			if err != nil {
				return fault(http.StatusBadRequest, "invalid_vectors_type", err.Error())
			}
			for _, v := range vs {
				if len(v) != e.Dimensions {
					return fault(http.StatusBadRequest, "invalid_vector_dimensions", fmt.Sprintf("Invalid vector dimensions: expected: `%d`, found: `%d`.", e.Dimensions, len(v)))
				}
			}
		}
	}
	return nil
}

// vectorsOf reads the forms that the API takes: null, one vector, several, or
// either as `embeddings` beside `regenerate`.
func vectorsOf(given any) ([][]float64, error) {
	if object, ok := given.(map[string]any); ok {
		if _, ok := object["regenerate"].(bool); !ok {
			return nil, fmt.Errorf("missing field `regenerate`")
		}
		given = object["embeddings"]
	}
	if given == nil {
		return nil, nil
	}
	list, ok := given.([]any)
	if !ok {
		return nil, fmt.Errorf("expected an array, found %v", given)
	}
	if len(list) > 0 {
		if _, one := list[0].(float64); one {
			list = []any{list}
		}
	}
	var out [][]float64
	for _, one := range list {
		numbers, _ := one.([]any)
		v := make([]float64, len(numbers))
		for i, n := range numbers {
			if v[i], ok = n.(float64); !ok {
				return nil, fmt.Errorf("expected a number, found %v", n)
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// nearest orders documents by the cosine of their nearest vector. Those without
// any come behind: they are found, too.
func (c *collection) nearest(q query, pass func(map[string]any) bool) ([]scored, *apiError) {
	if q.Hybrid == nil {
		return nil, fault(http.StatusBadRequest, "missing_search_hybrid", "Invalid request: missing `hybrid` parameter when `vector` is present.")
	}
	e, known := embeddersOf(c.settings)[q.Hybrid.Embedder]
	switch {
	case !known:
		return nil, fault(http.StatusBadRequest, "invalid_search_embedder", "Cannot find embedder with name `"+q.Hybrid.Embedder+"`.")
	case q.Vector == nil:
		return nil, fault(http.StatusBadRequest, "vector_embedding_error", "Attempt to embed text with a `userProvided` embedder.")
	case len(q.Vector) != e.Dimensions:
		return nil, fault(http.StatusBadRequest, "invalid_vector_dimensions", fmt.Sprintf("Invalid vector dimensions: expected: `%d`, found: `%d`.", e.Dimensions, len(q.Vector)))
	case q.Hybrid.SemanticRatio == nil || *q.Hybrid.SemanticRatio != 1:
		return nil, fault(http.StatusNotImplemented, "not_here", "This stub knows a semantic ratio of 1 only.")
	}
	var out []scored
	for place, d := range c.documents {
		if !pass(d) {
			continue
		}
		all, _ := d["_vectors"].(map[string]any)
		vs, _ := vectorsOf(all[q.Hybrid.Embedder]) // as checkVectors took them
		f := scored{place: place, score: -1}
		f.id, _ = d["id"].(string)
		for _, v := range vs {
			f.score = max(f.score, (1+cosine(q.Vector, v))/2)
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.place, b.place)) })
	return out, nil
}

func cosine(a, b []float64) float64 {
	var product, aa, bb float64
	for i := range a {
		product, aa, bb = product+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return product / math.Sqrt(aa*bb)
}

// fetchDocuments reads documents that a filter lets pass, in their order.
func (s *Stub) fetchDocuments(r *http.Request) (any, *apiError) {
	body := struct {
		Offset, Limit int
		Fields        []string
		Filter        string
	}{Limit: 20}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, fault(http.StatusBadRequest, "malformed_payload", err.Error())
	}
	c, missing := s.index(r.PathValue("uid"))
	if missing != nil {
		return nil, missing
	}
	pass, err := parseFilter(body.Filter, c.strings("filterableAttributes"))
	if err != nil {
		return nil, fault(http.StatusBadRequest, "invalid_document_filter", err.Error())
	}
	shown := c.strings("displayedAttributes")
	found := []map[string]any{}
	for _, d := range c.documents {
		if !pass(d) {
			continue
		}
		out := map[string]any{}
		for _, name := range body.Fields {
			if value, ok := d[name]; ok && (slices.Contains(shown, name) || slices.Contains(shown, "*")) {
				out[name] = value
			}
		}
		found = append(found, out)
	}
	page := found[min(body.Offset, len(found)):]
	return map[string]any{"results": page[:min(body.Limit, len(page))], "offset": body.Offset, "limit": body.Limit, "total": len(found)}, nil
}
