package meilistub

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// Fault is one way to misbehave.
type Fault struct {
	Kind  string
	Path  string // for requests that begin so ("POST /multi-search"); "" is all
	Times int    // how often; 0 is always
}

// The kinds of faults.
const (
	Busy      = "busy"      // 503 too_many_search_requests, come back in a second
	Hang      = "hang"      // no answer for 10 s
	Truncated = "truncated" // half of a JSON object
	Empty     = "empty"     // searches find nothing
	FailTask  = "fail_task" // tasks are accepted and fail; Path is their type
	Stall     = "stall"     // tasks are accepted and wait; Path is their type
)

// Misbehave adds a fault. It replaces an earlier one of the same kind.
func (s *Stub) Misbehave(f Fault) {
	s.Behave(f.Kind)
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = -1
	}
	s.faults = append(s.faults, f)
}

// Behave ends the faults of a kind.
func (s *Stub) Behave(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.faults[:0]
	for _, f := range s.faults {
		if f.Kind != kind {
			kept = append(kept, f)
		}
	}
	s.faults = kept
	s.work.Broadcast()
}

// stalled reports whether tasks of a type wait. mu is held.
func (s *Stub) stalled(kind string) bool {
	for _, f := range s.faults {
		if f.Kind == Stall && f.Path == kind {
			return true
		}
	}
	return false
}

// strikes takes the first fault of these kinds that meets a request. mu is held.
func (s *Stub) strikes(request string, kinds ...string) string {
	for i, f := range s.faults {
		if f.Times == 0 || !strings.HasPrefix(request, f.Path) {
			continue
		}
		for _, k := range kinds {
			if f.Kind == k {
				s.faults[i].Times--
				return k
			}
		}
	}
	return ""
}

// misbehave answers in the place of the API when a fault strikes.
func (s *Stub) misbehave(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	s.calls[r.URL.Path]++
	kind := s.strikes(r.Method+" "+r.URL.Path, Busy, Hang, Truncated)
	s.mu.Unlock()
	switch kind {
	case Busy:
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Retry-After", "1")
		respond(w, r.Method, nil, fault(http.StatusServiceUnavailable, "too_many_search_requests", "Too many search requests running at the same time."))
	case Hang:
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(10 * time.Second):
		case <-r.Context().Done():
		case <-s.quit:
		}
	case Truncated:
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"hits":[{"id":"a`)
	}
	return kind != ""
}

func (s *Stub) taskFault(t *task) *apiError {
	if s.strikes(t.Type, FailTask) == "" {
		return nil
	}
	return fault(http.StatusInternalServerError, "internal", "No space left on device")
}
