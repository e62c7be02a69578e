// Package meilistub is a small Meilisearch for tests: the part of its HTTP API
// that the program uses, in the shapes that the client library documents. It
// stores documents, does its tasks later and in order, checks keys and filters,
// searches by plain substrings, and fails in the ways a real one does.
//
// What it does not have is Meilisearch's relevance: it knows no dictionary, no
// proximity and no typos. What it keeps of it is what goes wrong when one does
// not know of it: only the first ten words of a query count, the first of them
// or a phrase must be there, and a query without words finds everything. Vectors
// it compares as a real one does, by their cosine, and it is as strict about them:
// a document must have one for every embedder, or null.
package meilistub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The keys it knows: one may search, the other may do all but search.
const (
	SearchKey = "stub-search-key"
	IndexKey  = "stub-index-key"
)

// Stub is one server. Its methods are safe for concurrent use.
type Stub struct {
	URL string

	http    *httptest.Server
	quit    chan struct{}
	mu      sync.Mutex
	work    *sync.Cond
	indexes map[string]*collection
	tasks   []*task
	faults  []Fault
	calls   map[string]int
}

// collection is one index.
type collection struct {
	settings  map[string]json.RawMessage
	documents []map[string]any
}

// task is a write that was accepted.
type task struct {
	UID        int              `json:"uid"`
	IndexUID   *string          `json:"indexUid"`
	Status     string           `json:"status"`
	Type       string           `json:"type"`
	Error      *apiError        `json:"error"`
	EnqueuedAt time.Time        `json:"enqueuedAt"`
	FinishedAt *time.Time       `json:"finishedAt"`
	do         func() *apiError // with mu held
}

// apiError is an error as the API writes it.
type apiError struct {
	Message string `json:"message"`
	Code    string `json:"code"`
	Type    string `json:"type"`
	Link    string `json:"link"`
	status  int
}

func fault(status int, code, message string) *apiError {
	return &apiError{Message: message, Code: code, Type: "invalid_request", Link: "https://docs.meilisearch.com/errors#" + code, status: status}
}

// New starts a server that stops when t ends.
func New(t testing.TB) *Stub {
	t.Helper()
	s := &Stub{indexes: map[string]*collection{}, calls: map[string]int{}, quit: make(chan struct{})}
	s.work = sync.NewCond(&s.mu)
	s.http = httptest.NewServer(s.guard(s.routes()))
	s.URL = s.http.URL
	go s.worker()
	t.Cleanup(s.Close)
	return s
}

// Close ends the server: from now on nobody answers at its address.
func (s *Stub) Close() {
	s.mu.Lock()
	select {
	case <-s.quit:
	default:
		close(s.quit)
	}
	s.work.Broadcast()
	s.mu.Unlock()
	s.http.CloseClientConnections()
	s.http.Close()
}

func (s *Stub) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]func(r *http.Request) (any, *apiError){
		"GET /indexes/{uid}":                   s.getIndex,
		"POST /indexes":                        s.createIndex,
		"DELETE /indexes/{uid}":                s.deleteIndex,
		"GET /indexes/{uid}/settings":          s.getSettings,
		"PATCH /indexes/{uid}/settings":        s.patchSettings,
		"POST /indexes/{uid}/documents":        s.addDocuments,
		"POST /indexes/{uid}/documents/delete": s.deleteDocuments,
		"POST /indexes/{uid}/documents/fetch":  s.fetchDocuments,
		"GET /indexes/{uid}/documents/{id}":    s.getDocument,
		"POST /multi-search":                   s.multiSearch,
		"POST /swap-indexes":                   s.swapIndexes,
		"GET /tasks/{id}":                      s.getTask,
		"GET /tasks":                           s.listTasks,
		"DELETE /tasks":                        s.deleteTasks,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			body, err := h(r)
			s.mu.Unlock()
			respond(w, r.Method, body, err)
		})
	}
	return mux
}

func respond(w http.ResponseWriter, method string, body any, err *apiError) {
	status := http.StatusOK
	switch {
	case err != nil:
		status, body = err.status, err
	case isTask(body) && method != http.MethodGet && body.(*task).Type != "taskDeletion":
		status = http.StatusAccepted
	}
	if t, ok := body.(*task); ok && method != http.MethodGet {
		body = map[string]any{"taskUid": t.UID, "indexUid": t.IndexUID, "status": "enqueued", "type": t.Type, "enqueuedAt": t.EnqueuedAt}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func isTask(body any) bool {
	_, ok := body.(*task)
	return ok
}

// guard counts calls, lets faults happen and checks keys.
func (s *Stub) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.misbehave(w, r) {
			return
		}
		want := IndexKey
		if r.URL.Path == "/multi-search" {
			want = SearchKey
		}
		if r.Header.Get("Authorization") != "Bearer "+want {
			respond(w, r.Method, nil, fault(http.StatusForbidden, "invalid_api_key", "The provided API key is invalid."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// enqueue accepts a write. mu is held.
func (s *Stub) enqueue(kind, uid string, do func() *apiError) *task {
	t := &task{UID: len(s.tasks), Status: "enqueued", Type: kind, EnqueuedAt: time.Now().UTC(), do: do}
	if uid != "" {
		t.IndexUID = &uid
	}
	s.tasks = append(s.tasks, t)
	s.work.Signal()
	return t
}

// worker does the tasks, one after another.
func (s *Stub) worker() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for next := 0; ; {
		select {
		case <-s.quit:
			return
		default:
		}
		if next == len(s.tasks) {
			s.work.Wait()
			continue
		}
		t := s.tasks[next]
		if t != nil && s.stalled(t.Type) {
			s.work.Wait()
			continue
		}
		next++
		if t == nil {
			continue
		}
		t.Status = "processing"
		s.mu.Unlock()
		time.Sleep(time.Millisecond) // a write is seen a moment after it was accepted
		s.mu.Lock()
		if t.Error = s.taskFault(t); t.Error == nil {
			t.Error = t.do()
		}
		t.Status = "succeeded"
		if t.Error != nil {
			t.Status = "failed"
		}
		now := time.Now().UTC()
		t.FinishedAt = &now
	}
}

func (s *Stub) getTask(r *http.Request) (any, *apiError) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || id < 0 || id >= len(s.tasks) || s.tasks[id] == nil {
		return nil, fault(http.StatusNotFound, "task_not_found", "Task not found.")
	}
	copied := *s.tasks[id]
	return &copied, nil
}

// listTasks finds tasks by type and status.
func (s *Stub) listTasks(r *http.Request) (any, *apiError) {
	q := r.URL.Query()
	found := []task{}
	for _, t := range s.tasks {
		if t != nil && in(q.Get("types"), t.Type) && in(q.Get("statuses"), t.Status) {
			found = append(found, *t)
		}
	}
	return map[string]any{"results": found, "limit": 20, "total": len(found)}, nil
}

// in reports whether a value is in a list parted by commas; any is in an empty one.
func in(list, value string) bool {
	return list == "" || strings.Contains(","+list+",", ","+value+",")
}

// deleteTasks prunes finished tasks: by status, index, type and age.
func (s *Stub) deleteTasks(r *http.Request) (any, *apiError) {
	q := r.URL.Query()
	if len(q) == 0 {
		return nil, fault(http.StatusBadRequest, "missing_task_filters", "Query parameters to filter the tasks to delete are missing.")
	}
	before := time.Now().AddDate(1, 0, 0)
	if text := q.Get("beforeFinishedAt"); text != "" {
		var err error
		if before, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, fault(http.StatusBadRequest, "invalid_task_before_finished_at", err.Error())
		}
	}
	return s.enqueue("taskDeletion", "", func() *apiError {
		for i, t := range s.tasks {
			if t == nil || t.FinishedAt == nil || !t.FinishedAt.Before(before) || !in(q.Get("statuses"), t.Status) || !in(q.Get("types"), t.Type) {
				continue
			}
			if q.Get("indexUids") == "" || t.IndexUID != nil && in(q.Get("indexUids"), *t.IndexUID) {
				s.tasks[i] = nil
			}
		}
		return nil
	}), nil
}

// Tasks is how many records of finished tasks of a type are kept.
func (s *Stub) Tasks(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, t := range s.tasks {
		if t != nil && t.Type == kind && t.FinishedAt != nil {
			n++
		}
	}
	return n
}

// Age makes all finished tasks older.
func (s *Stub) Age(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tasks {
		if t != nil && t.FinishedAt != nil {
			older := t.FinishedAt.Add(-d)
			t.FinishedAt = &older
		}
	}
}

// Calls is how often a path that begins so has been asked for.
func (s *Stub) Calls(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for p, c := range s.calls {
		if strings.HasPrefix(p, path) {
			n += c
		}
	}
	return n
}

// Indexes are the names and the number of documents of all indexes.
func (s *Stub) Indexes() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int{}
	for uid, c := range s.indexes {
		out[uid] = len(c.documents)
	}
	return out
}

// Wipe loses all indexes, as a server does whose disk was lost.
func (s *Stub) Wipe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indexes = map[string]*collection{}
}

func (s *Stub) index(uid string) (*collection, *apiError) {
	c, ok := s.indexes[uid]
	if !ok {
		return nil, fault(http.StatusNotFound, "index_not_found", fmt.Sprintf("Index `%s` not found.", uid))
	}
	return c, nil
}
