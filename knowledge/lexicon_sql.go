package knowledge

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"greendesk/internal/db"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/parse"
)

// meansJoin parts the meanings of a term in its column.
const meansJoin = "|"

func (s *Store) setTerm(ctx context.Context, tx *db.Tx, key string, c lang.Change, by string) error {
	_, err := tx.Exec(ctx, `INSERT INTO lexicon (term_key, term, means, kind, off, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (term_key) DO UPDATE SET term = excluded.term, means = excluded.means, kind = excluded.kind, off = excluded.off,
		changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
		key, c.Term, strings.Join(c.Means, meansJoin), c.Kind, flag(c.Off), by, s.now().UnixMilli())
	if err != nil {
		return fmt.Errorf("set term: %w", err)
	}
	return nil
}

func (s *Store) deleteTerm(ctx context.Context, tx *db.Tx, key string) (bool, error) {
	res, err := tx.Exec(ctx, `DELETE FROM lexicon WHERE term_key = $1`, key)
	if err != nil {
		return false, fmt.Errorf("delete term: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// ChangedTerms returns what curators have made of the lexicon, by term.
func (s *Store) ChangedTerms(ctx context.Context) ([]Term, error) {
	rows, err := s.db.Query(ctx, `SELECT term, means, kind, off, changed_by, changed_at FROM lexicon ORDER BY term_key`)
	if err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	defer rows.Close()
	var out []Term
	for rows.Next() {
		var t Term
		var means string
		var off int
		var at int64
		if err := rows.Scan(&t.Term, &means, &t.Kind, &off, &t.By, &at); err != nil {
			return nil, fmt.Errorf("lexicon: %w", err)
		}
		if means != "" {
			t.Means = strings.Split(means, meansJoin)
		}
		t.Off, t.At = off == 1, time.UnixMilli(at)
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	return out, nil
}

// stands reports whether a phrase stands in a clause or a heading, or is a
// document's title.
func (s *Store) stands(ctx context.Context, phrase string, title bool) (bool, error) {
	query, arg := `SELECT COUNT(*) FROM (SELECT 1 FROM clauses WHERE text LIKE $1 ESCAPE '\' OR heading LIKE $1 ESCAPE '\' OR path LIKE $1 ESCAPE '\' LIMIT 1) AS found`, containing(phrase)
	if title {
		query, arg = `SELECT COUNT(*) FROM documents WHERE title_key = $1`, parse.TitleKey(phrase)
	}
	var n int
	if err := s.db.QueryRow(ctx, query, arg).Scan(&n); err != nil {
		return false, fmt.Errorf("lexicon: %w", err)
	}
	return n > 0, nil
}

// countStanding is how many clauses have a phrase in their text.
func (s *Store) countStanding(ctx context.Context, phrase string) (int, error) {
	var n int
	if err := s.db.QueryRow(ctx, `SELECT COUNT(*) FROM clauses WHERE text LIKE $1 ESCAPE '\'`, containing(phrase)).Scan(&n); err != nil {
		return 0, fmt.Errorf("lexicon: %w", err)
	}
	return n, nil
}

// containing is a pattern of LIKE for what has a phrase in it.
func containing(phrase string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(phrase)) + "%"
}

// countCuration tells running desks that curators have changed something.
func countCuration(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `UPDATE knowledge_state SET curated = curated + 1 WHERE id = 1`); err != nil {
		return fmt.Errorf("curation: %w", err)
	}
	return nil
}

// curation grows with every change that curators make.
func (s *Store) curation(ctx context.Context) (int64, error) {
	var n int64
	if err := s.db.QueryRow(ctx, `SELECT curated FROM knowledge_state WHERE id = 1`).Scan(&n); err != nil {
		return 0, fmt.Errorf("curation: %w", err)
	}
	return n, nil
}

// precedence is what curators have chosen, the more specific by default.
func (s *Store) precedence(ctx context.Context) (Precedence, error) {
	p, err := s.setting(ctx, settingPrecedence)
	return cmp.Or(Precedence(p), MoreSpecific), err
}

// setting is what was chosen, "" when nothing was.
func (s *Store) setting(ctx context.Context, name string) (string, error) {
	var value string
	err := s.db.QueryRow(ctx, `SELECT value FROM settings WHERE name = $1`, name).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("settings: %w", err)
	}
	return value, nil
}

// setSetting chooses, and tells running desks.
func setSetting(ctx context.Context, tx *db.Tx, name, value string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return countCuration(ctx, tx)
}
