package meilistub

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"time"
)

// defaults are the settings of a new index.
func defaults() map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, value := range map[string]string{
		"displayedAttributes": `["*"]`, "searchableAttributes": `["*"]`, "filterableAttributes": `[]`, "sortableAttributes": `[]`,
		"rankingRules": `["words","typo","proximity","attribute","sort","exactness"]`, "stopWords": `[]`, "nonSeparatorTokens": `[]`,
		"separatorTokens": `[]`, "dictionary": `[]`, "synonyms": `{}`, "distinctAttribute": `null`, "proximityPrecision": `"byWord"`,
		"typoTolerance": `{"enabled":true,"minWordSizeForTypos":{"oneTypo":5,"twoTypos":9},"disableOnWords":[],"disableOnAttributes":[],"disableOnNumbers":false}`,
		"faceting":      `{"maxValuesPerFacet":100,"sortFacetValuesBy":{"*":"alpha"}}`, "pagination": `{"maxTotalHits":1000}`, "embedders": `{}`,
		"searchCutoffMs": `null`, "localizedAttributes": `null`, "facetSearch": `true`, "prefixSearch": `"indexingTime"`,
	} {
		out[name] = json.RawMessage(value)
	}
	return out
}

func newCollection() *collection { return &collection{settings: defaults()} }

func (s *Stub) getIndex(r *http.Request) (any, *apiError) {
	uid := r.PathValue("uid")
	if _, err := s.index(uid); err != nil {
		return nil, err
	}
	return map[string]any{"uid": uid, "primaryKey": "id", "createdAt": time.Now().UTC(), "updatedAt": time.Now().UTC()}, nil
}

func (s *Stub) createIndex(r *http.Request) (any, *apiError) {
	var body struct{ UID, PrimaryKey string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.UID == "" {
		return nil, fault(http.StatusBadRequest, "missing_index_uid", "Missing field `uid`")
	}
	return s.enqueue("indexCreation", body.UID, func() *apiError {
		if _, ok := s.indexes[body.UID]; ok {
			return fault(http.StatusConflict, "index_already_exists", "Index already exists.")
		}
		s.indexes[body.UID] = newCollection()
		return nil
	}), nil
}

func (s *Stub) deleteIndex(r *http.Request) (any, *apiError) {
	uid := r.PathValue("uid")
	return s.enqueue("indexDeletion", uid, func() *apiError {
		_, err := s.index(uid)
		delete(s.indexes, uid)
		return err
	}), nil
}

func (s *Stub) getSettings(r *http.Request) (any, *apiError) {
	c, err := s.index(r.PathValue("uid"))
	if err != nil {
		return nil, err
	}
	return maps.Clone(c.settings), nil
}

func (s *Stub) patchSettings(r *http.Request) (any, *apiError) {
	var body map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, fault(http.StatusBadRequest, "malformed_payload", err.Error())
	}
	known := defaults()
	for name := range body {
		if _, ok := known[name]; !ok {
			return nil, fault(http.StatusBadRequest, "bad_request", "Unknown field `"+name+"`")
		}
	}
	uid := r.PathValue("uid")
	return s.enqueue("settingsUpdate", uid, func() *apiError {
		c := s.indexes[uid]
		if c == nil {
			c = newCollection()
			s.indexes[uid] = c
		}
		settings := maps.Clone(c.settings)
		maps.Copy(settings, body)
		if err := checkVectors(embeddersOf(settings), c.documents); err != nil {
			return err
		}
		c.settings = settings
		return nil
	}), nil
}

// SetSetting writes one setting as JSON at once, as an operator would.
func (s *Stub) SetSetting(uid, name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indexes[uid].settings[name] = json.RawMessage(value)
}

// strings reads a setting that is a list of names.
func (c *collection) strings(name string) []string {
	var out []string
	_ = json.Unmarshal(c.settings[name], &out)
	return out
}

// documentID is what the API takes for one.
var documentID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,511}$`)

func (s *Stub) addDocuments(r *http.Request) (any, *apiError) {
	var documents []map[string]any
	if err := json.NewDecoder(r.Body).Decode(&documents); err != nil {
		return nil, fault(http.StatusBadRequest, "malformed_payload", err.Error())
	}
	uid := r.PathValue("uid")
	return s.enqueue("documentAdditionOrUpdate", uid, func() *apiError {
		for _, d := range documents {
			if id, _ := d["id"].(string); !documentID.MatchString(id) {
				return fault(http.StatusBadRequest, "invalid_document_id", "Document identifier is invalid.")
			}
		}
		c := s.indexes[uid]
		if c == nil { // made by the way, without settings
			c = newCollection()
			s.indexes[uid] = c
		}
		if err := checkVectors(embeddersOf(c.settings), documents); err != nil {
			return err
		}
		at := make(map[any]int, len(c.documents))
		for i, d := range c.documents {
			at[d["id"]] = i
		}
		for _, d := range documents {
			if i, ok := at[d["id"]]; ok {
				c.documents[i] = d
				continue
			}
			at[d["id"]] = len(c.documents)
			c.documents = append(c.documents, d)
		}
		return nil
	}), nil
}

func (s *Stub) deleteDocuments(r *http.Request) (any, *apiError) {
	var body struct{ Filter string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Filter == "" {
		return nil, fault(http.StatusBadRequest, "missing_document_filter", "Missing field `filter`")
	}
	uid := r.PathValue("uid")
	return s.enqueue("documentDeletion", uid, func() *apiError {
		c, missing := s.index(uid)
		if missing != nil {
			return missing
		}
		keep, err := parseFilter(body.Filter, c.strings("filterableAttributes"))
		if err != nil {
			return fault(http.StatusBadRequest, "invalid_document_filter", err.Error())
		}
		c.documents = slices.DeleteFunc(c.documents, keep)
		return nil
	}), nil
}

func (s *Stub) getDocument(r *http.Request) (any, *apiError) {
	c, err := s.index(r.PathValue("uid"))
	if err != nil {
		return nil, err
	}
	for _, d := range c.documents {
		if d["id"] == r.PathValue("id") {
			return d, nil
		}
	}
	return nil, fault(http.StatusNotFound, "document_not_found", "Document not found.")
}

func (s *Stub) swapIndexes(r *http.Request) (any, *apiError) {
	var pairs []struct{ Indexes []string }
	if err := json.NewDecoder(r.Body).Decode(&pairs); err != nil || len(pairs) != 1 || len(pairs[0].Indexes) != 2 {
		return nil, fault(http.StatusBadRequest, "invalid_swap_indexes", "Two indexes must be given.")
	}
	a, b := pairs[0].Indexes[0], pairs[0].Indexes[1]
	return s.enqueue("indexSwap", "", func() *apiError {
		for _, uid := range []string{a, b} {
			if _, err := s.index(uid); err != nil {
				return err
			}
		}
		s.indexes[a], s.indexes[b] = s.indexes[b], s.indexes[a]
		return nil
	}), nil
}
