package knowledge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"greendesk/internal/apperr"
)

const clauseColumns = `c.id, c.version_id, c.ordinal, c.kind, c.ref, c.article, c.article_sub, c.path, c.heading, c.text, c.quoted`

func (c *Clause) fields() []any {
	return []any{&c.ID, &c.VersionID, &c.Ordinal, &c.Kind, &c.Ref, &c.Article, &c.Sub, &c.Path, &c.Heading, &c.Text, &c.Quoted}
}

// Clause returns one clause, or apperr.NotFound.
func (s *Store) Clause(ctx context.Context, id string) (Clause, error) {
	var c Clause
	err := s.db.QueryRow(ctx, `SELECT `+clauseColumns+` FROM clauses c WHERE c.id = $1`, id).Scan(c.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return Clause{}, apperr.New(apperr.NotFound, "没有找到这一条款，可能链接不完整。")
	}
	if err != nil {
		return Clause{}, fmt.Errorf("clause: %w", err)
	}
	return c, nil
}

// Clauses returns the clauses of these ids that there are, by id.
func (s *Store) Clauses(ctx context.Context, ids []string) (map[string]Clause, error) {
	out := make(map[string]Clause, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	marks := make([]string, len(ids))
	args := make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = "$"+strconv.Itoa(i+1), id
	}
	found, err := s.clauses(ctx, `WHERE c.id IN (`+strings.Join(marks, ", ")+`)`, args...)
	for _, c := range found {
		out[c.ID] = c
	}
	return out, err
}

// ClausePage returns a clause with its version, document, neighbours and all versions
// of the document, or apperr.NotFound.
func (s *Store) ClausePage(ctx context.Context, id string) (Page, error) {
	c, err := s.Clause(ctx, id)
	if err != nil {
		return Page{}, err
	}
	p := Page{Clause: c}
	if p.Version, err = s.Version(ctx, c.VersionID); err != nil {
		return Page{}, err
	}
	if p.Document, err = s.Document(ctx, p.Version.DocumentID); err != nil {
		return Page{}, err
	}
	if p.Versions, err = s.Versions(ctx, p.Document.ID); err != nil {
		return Page{}, err
	}
	near, err := s.clauses(ctx, `WHERE c.version_id = $1 AND c.ordinal IN ($2, $3) ORDER BY c.ordinal`, c.VersionID, c.Ordinal-1, c.Ordinal+1)
	if err != nil {
		return Page{}, err
	}
	for i := range near {
		if near[i].Ordinal < c.Ordinal {
			p.Prev = &near[i]
		} else {
			p.Next = &near[i]
		}
	}
	return p, nil
}

// VersionText returns all clauses of a version in order; none for an unknown version.
func (s *Store) VersionText(ctx context.Context, versionID string) ([]Clause, error) {
	return s.clauses(ctx, `WHERE c.version_id = $1 ORDER BY c.ordinal`, versionID)
}

func (s *Store) clauses(ctx context.Context, where string, args ...any) ([]Clause, error) {
	rows, err := s.db.Query(ctx, `SELECT `+clauseColumns+` FROM clauses c `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("clauses: %w", err)
	}
	defer rows.Close()
	var out []Clause
	for rows.Next() {
		var c Clause
		if err := rows.Scan(c.fields()...); err != nil {
			return nil, fmt.Errorf("clauses: %w", err)
		}
		out = append(out, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("clauses: %w", err)
	}
	return out, nil
}

// EachClause calls fn for every clause of every version that changed after generation
// since (0: all), in the order of the changes, whole versions one after another. After
// the last one the caller knows everything up to the Seq it saw last. An error of fn
// ends it and is returned.
func (s *Store) EachClause(ctx context.Context, since int64, fn func(Entry) error) error {
	return s.eachClause(ctx, `v.seq > $1`, []any{since}, fn)
}

// clausesOf returns those clauses of these ids that there are, as EachClause does.
func (s *Store) clausesOf(ctx context.Context, ids []string) ([]Entry, error) {
	in, args := inList(ids)
	var out []Entry
	err := s.eachClause(ctx, `c.id `+in, args, func(c Entry) error {
		out = append(out, c)
		return nil
	})
	return out, err
}

func (s *Store) eachClause(ctx context.Context, where string, args []any, fn func(Entry) error) error {
	rows, err := s.db.Query(ctx, `SELECT `+clauseColumns+`, d.id, v.title, d.kind, d.level, d.region, v.number, v.label,
		v.valid_from, v.valid_to, v.incomplete, v.incomplete_why, v.seq
		FROM versions v JOIN documents d ON d.id = v.document_id JOIN clauses c ON c.version_id = v.id
		WHERE `+where+` ORDER BY v.seq, c.ordinal`, args...)
	if err != nil {
		return fmt.Errorf("each clause: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e Entry
		if err := rows.Scan(append(e.Clause.fields(), &e.DocumentID, &e.Title, &e.DocumentKind, &e.Level, &e.Region, &e.Number, &e.Label,
			&e.ValidFrom, &e.ValidTo, &e.Incomplete, &e.IncompleteWhy, &e.Seq)...); err != nil {
			return fmt.Errorf("each clause: %w", err)
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("each clause: %w", err)
	}
	return nil
}

// CountClauses returns the number of clauses of all versions.
func (s *Store) CountClauses(ctx context.Context) (int64, error) {
	var n int64
	if err := s.db.QueryRow(ctx, `SELECT COUNT(*) FROM clauses`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count clauses: %w", err)
	}
	return n, nil
}

// Generation returns a number that grows with every change of any version; 0 before
// the first.
func (s *Store) Generation(ctx context.Context) (int64, error) {
	var n int64
	if err := s.db.QueryRow(ctx, `SELECT generation FROM knowledge_state WHERE id = 1`).Scan(&n); err != nil {
		return 0, fmt.Errorf("generation: %w", err)
	}
	return n, nil
}

// Identity tells this database from another, one made anew from the same files
// included: the version that came first, and when. "" while there is none.
func (s *Store) Identity(ctx context.Context) (string, error) {
	var id string
	var at int64
	err := s.db.QueryRow(ctx, `SELECT id, imported_at FROM versions ORDER BY added, id LIMIT 1`).Scan(&id, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("identity: %w", err)
	}
	return fmt.Sprintf("%s@%d", id, at), nil
}
