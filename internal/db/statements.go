package db

import (
	"context"
	"database/sql"
	"sync"
)

// maxStatements bounds the cache: the project's SQL texts are constants, and there are
// some dozens of them.
const maxStatements = 500

// statements keeps prepared statements of one SQLite handle: parsing a statement costs
// as much as running it. (PostgreSQL's driver keeps its own.)
type statements struct {
	db     *sql.DB
	mu     sync.RWMutex
	known  map[string]*sql.Stmt
	wanted []string
}

func newStatements(d *sql.DB) *statements {
	return &statements{db: d, known: map[string]*sql.Stmt{}}
}

// find returns the prepared statement of a text, nil when there is none yet; then the
// text is noted for prepare.
func (s *statements) find(query string) *sql.Stmt {
	s.mu.RLock()
	stmt, ok := s.known[query]
	full := len(s.known) >= maxStatements
	s.mu.RUnlock()
	if ok || full {
		return stmt
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.known[query]; !ok {
		s.known[query] = nil
		s.wanted = append(s.wanted, query)
	}
	return nil
}

// prepare prepares what find has noted. It needs a connection that is free: not inside
// a transaction of the same handle. What cannot be prepared is run as it is.
func (s *statements) prepare(ctx context.Context) {
	s.mu.RLock()
	none := len(s.wanted) == 0
	s.mu.RUnlock()
	if none {
		return
	}
	s.mu.Lock()
	wanted := s.wanted
	s.wanted = nil
	s.mu.Unlock()
	for _, query := range wanted {
		stmt, err := s.db.PrepareContext(ctx, query)
		if err != nil {
			continue
		}
		s.mu.Lock()
		s.known[query] = stmt
		s.mu.Unlock()
	}
}

// close frees the statements.
func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stmt := range s.known {
		if stmt != nil {
			_ = stmt.Close()
		}
	}
	s.known = map[string]*sql.Stmt{}
}
