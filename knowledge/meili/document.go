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

	*meaning // of an index with vectors
}

// meaning is what a document has more in an index with vectors. The server
// refuses one that names not every embedder, and takes null for "none yet"; it
// finds those without vectors too, behind all others, so that it must be told to
// leave them out by their number.
type meaning struct {
	Vectors      map[string]*vectors `json:"_vectors"`
	TextVectors  int                 `json:"text_vectors"`
	AskedVectors int                 `json:"asked_vectors"`
	Lacking      int                 `json:"lacking"` // texts whose vector is to come
}

// vectors are those of one embedder. They are written in whole numbers, a third
// as long as fractions: the server compares directions.
type vectors struct {
	Embeddings []index.Quantised `json:"embeddings"`
	Regenerate bool              `json:"regenerate"`
}

// mostVectors is how many the server takes for one embedder of one document.
const mostVectors = 256

func meaningOf(m *index.Meaning) *meaning {
	if m == nil {
		m = &index.Meaning{}
	}
	text, asked := m.Texts[:min(len(m.Texts), mostVectors)], m.Asked[:min(len(m.Asked), mostVectors)]
	out := &meaning{Vectors: map[string]*vectors{textEmbedder: nil, askedEmbedder: nil}, TextVectors: len(text), AskedVectors: len(asked), Lacking: m.Lacking}
	if len(text) > 0 {
		out.Vectors[textEmbedder] = &vectors{Embeddings: text}
	}
	if len(asked) > 0 {
		out.Vectors[askedEmbedder] = &vectors{Embeddings: asked}
	}
	return out
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
	x, err := s.Current(ctx)
	if err != nil {
		return err
	}
	return x.Put(ctx, entries)
}

// mostPlaces is how many numbers of vectors go into one request: about 32 MB of
// the 100 that the server takes.
const mostPlaces = 8 << 20

// Put adds entries, as Server.Put; with their vectors, when the index has any.
func (x *Index) Put(ctx context.Context, entries []*index.Entry) error {
	var documents []document
	places := 0
	for i, e := range entries {
		d := documentOf(e)
		if x.State.Dimensions > 0 {
			d.meaning = meaningOf(e.Meaning)
			places += (d.TextVectors + d.AskedVectors) * x.State.Dimensions
		}
		documents = append(documents, d)
		if places < mostPlaces && i < len(entries)-1 {
			continue
		}
		batch := documents
		if err := x.s.do(ctx, "put clauses", func(ctx context.Context) (*meilisearch.TaskInfo, error) {
			return x.s.admin.Index(x.uid).AddDocumentsWithContext(ctx, batch, nil)
		}); err != nil {
			return err
		}
		documents, places = nil, 0
	}
	return nil
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
	Dimensions int    `json:"dimensions,omitempty"` // of its vectors, 0 when it has none
}

// documentFormat changes with the way documents are made of entries.
const documentFormat = "1"

// Stamp tells indexes apart that are made of other entries (fingerprint), in
// another form or with other settings. dimensions are those of the vectors, 0
// for none; whose they are belongs in the fingerprint.
func (s *Server) Stamp(fingerprint string, dimensions int) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\x00%s\x00", documentFormat, fingerprint) // a hash never fails
	_ = json.NewEncoder(h).Encode(settings(dimensions))
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
	d := struct {
		ID string `json:"id"`
		State
		*meaning
	}{ID: stateID, State: st}
	if st.Dimensions > 0 {
		d.meaning = meaningOf(nil)
	}
	return s.do(ctx, "write state", func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.admin.Index(uid).AddDocumentsWithContext(ctx, []any{d}, nil)
	})
}
