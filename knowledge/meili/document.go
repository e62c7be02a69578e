package meili

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/meilisearch/meilisearch-go"

	"greendesk/knowledge/index"
)

// document is one clause on the server. Its texts are folded, as questions are.
type document struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Title   string `json:"title"`
	Path    string `json:"path"`
	Heading string `json:"heading"`
	Text    string `json:"text"`
	Asked   string `json:"asked"`
	Article int    `json:"article"`
	Sub     int    `json:"article_sub"`

	// The first day in force and the first no longer in force, as numbers
	// (20261123), so that a filter needs no case for what is not known.
	ValidFrom int `json:"valid_from"`
	ValidTo   int `json:"valid_to"`
}

// Days before and after all others.
const (
	always = 0
	never  = 99999999
)

// dayNumber writes 2026-11-23 as 20261123; what is no day is unknown.
func dayNumber(day string, unknown int) int {
	n, err := strconv.Atoi(strings.ReplaceAll(day, "-", ""))
	if err != nil || len(day) != len("2006-01-02") {
		return unknown
	}
	return n
}

func documentOf(e *index.Entry) document {
	v := e.Version
	return document{ID: e.ID, Version: v.ID, Title: v.Title, Path: e.Path, Heading: e.Heading, Text: e.Text, Asked: e.Asked,
		Article: e.Article, Sub: e.Sub, ValidFrom: dayNumber(v.ValidFrom, always), ValidTo: dayNumber(v.ValidTo, never)}
}

// Put adds entries; one with an id that is there takes its place. Ids are
// letters, digits, - and _. The index must be there (Prepare).
func (s *Server) Put(ctx context.Context, entries []*index.Entry) error {
	return s.put(ctx, s.live(), entries)
}

func (s *Server) put(ctx context.Context, uid string, entries []*index.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	documents := make([]document, len(entries))
	for i, e := range entries {
		documents[i] = documentOf(e)
	}
	return s.do(ctx, "put clauses", func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.admin.Index(uid).AddDocumentsWithContext(ctx, documents, nil)
	})
}

// Delete removes all entries of the versions named; an unknown one is no error.
func (s *Server) Delete(ctx context.Context, versions ...string) error {
	return s.drop(ctx, s.live(), versions)
}

func (s *Server) drop(ctx context.Context, uid string, versions []string) error {
	if len(versions) == 0 {
		return nil
	}
	quoted := make([]string, len(versions))
	for i, v := range versions {
		quoted[i] = strconv.Quote(v)
	}
	return s.do(ctx, "delete versions", func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.admin.Index(uid).DeleteDocumentsByFilterWithContext(ctx, "version IN ["+strings.Join(quoted, ", ")+"]", nil)
	})
}

// State is how far an index has followed the store, and what it was made with.
type State struct {
	Generation int64  `json:"generation"`
	Stamp      string `json:"stamp"`
}

// documentFormat changes with the way documents are made of entries.
const documentFormat = "1"

// Stamp tells indexes apart that are made of other entries (fingerprint), in
// another form or with other settings.
func (s *Server) Stamp(fingerprint string) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\x00%s\x00", documentFormat, fingerprint) // a hash never fails
	_ = json.NewEncoder(h).Encode(settings())
	return hex.EncodeToString(h.Sum(nil))
}

// stateID is the document that holds the state: it moves with the index when
// that is swapped, and is gone with it. It has no text and is never found.
const stateID = "state"

// State reads how far the index that is searched has followed the store. Zero
// when there is none.
func (s *Server) State(ctx context.Context) (State, error) {
	return s.state(ctx, s.live())
}

func (s *Server) state(ctx context.Context, uid string) (State, error) {
	var st State
	err := again(ctx, func(ctx context.Context) error {
		return s.admin.Index(uid).GetDocumentWithContext(ctx, stateID, nil, &st)
	})
	if hasCode(err, "index_not_found") || hasCode(err, "document_not_found") {
		return State{}, nil
	}
	if err != nil {
		return State{}, fmt.Errorf("meili: state: %w", err)
	}
	return st, nil
}

func (s *Server) setState(ctx context.Context, uid string, st State) error {
	return s.do(ctx, "write state", func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.admin.Index(uid).AddDocumentsWithContext(ctx, []any{struct {
			ID string `json:"id"`
			State
		}{stateID, st}}, nil)
	})
}
