package knowledge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/knowledge/parse"
)

// documentNamed finds a document by its title or by the number of one of its
// versions.
func (s *Store) documentNamed(ctx context.Context, name string) (string, error) {
	var id string
	err := s.db.QueryRow(ctx, `SELECT d.id FROM documents d LEFT JOIN versions v ON v.document_id = d.id
		WHERE d.title_key = $1 OR v.number = $2 ORDER BY d.id LIMIT 1`, parse.TitleKey(name), strings.TrimSpace(name)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", apperr.New(apperr.NotFound, fmt.Sprintf("知识库里没有《%s》，请核对名称，或先用 import 导入。", name))
	}
	return id, err
}

func (s *Store) propose(ctx context.Context, tx *db.Tx, document, ref, question string, origin QuestionOrigin, by string) error {
	_, err := tx.Exec(ctx, `INSERT INTO standard_questions (id, document_id, ref, question, state, origin, proposed_by, proposed_at)
		VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7)
		ON CONFLICT (document_id, ref, question) DO UPDATE SET times = standard_questions.times + 1`,
		stableID("standard", document, ref, question), document, ref, question, string(origin), by, s.now().UnixMilli())
	if err != nil {
		return fmt.Errorf("propose question: %w", err)
	}
	return nil
}

func (s *Store) settle(ctx context.Context, tx *db.Tx, document, ref, question string, state QuestionState, by string) error {
	_, err := tx.Exec(ctx, `INSERT INTO standard_questions (id, document_id, ref, question, state, origin, proposed_by, proposed_at, decided_by, decided_at)
		VALUES ($1, $2, $3, $4, $5, 'curator', $6, $7, $6, $7)
		ON CONFLICT (document_id, ref, question) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by, decided_at = excluded.decided_at`,
		stableID("standard", document, ref, question), document, ref, question, string(state), by, s.now().UnixMilli())
	if err != nil {
		return fmt.Errorf("settle question: %w", err)
	}
	return nil
}

// decide returns the document of the question.
func (s *Store) decide(ctx context.Context, tx *db.Tx, id string, state QuestionState, by string) (string, error) {
	ids, err := column(ctx, tx, `SELECT id FROM standard_questions WHERE substr(id, 1, `+fmt.Sprint(len(id))+`) `, []string{id})
	switch {
	case err != nil:
		return "", err
	case len(ids) == 0:
		return "", apperr.New(apperr.NotFound, fmt.Sprintf("没有编号是 %s 的问法，用 greendesk standard list 看编号。", id))
	case len(ids) > 1:
		return "", apperr.New(apperr.Invalid, fmt.Sprintf("编号 %s 对得上 %d 条问法，请多写几位。", id, len(ids)))
	}
	var document string
	err = tx.QueryRow(ctx, `UPDATE standard_questions SET state = $1, decided_by = $2, decided_at = $3 WHERE id = $4 RETURNING document_id`,
		string(state), by, s.now().UnixMilli(), ids[0]).Scan(&document)
	if err != nil {
		return "", fmt.Errorf("decide question: %w", err)
	}
	return document, nil
}

// touch marks documents as changed, so that every index takes their clauses
// anew, with the questions they now have.
func (s *Store) touch(ctx context.Context, tx *db.Tx, documents map[string]bool) error {
	if len(documents) == 0 {
		return nil
	}
	versions, err := column(ctx, tx, `SELECT id FROM versions WHERE document_id `, slices.Sorted(maps.Keys(documents)))
	if err != nil {
		return err
	}
	slices.Sort(versions)
	seq, err := nextSeq(ctx, tx, len(versions))
	if err != nil {
		return err
	}
	for i, id := range versions {
		if _, err := tx.Exec(ctx, `UPDATE versions SET seq = $1 WHERE id = $2`, seq+int64(i), id); err != nil {
			return fmt.Errorf("touch: %w", err)
		}
	}
	if err := countCuration(ctx, tx); err != nil {
		return err
	}
	return s.changed(ctx, tx)
}

// Questions returns the standard questions in a state ("" for all), the ones
// proposed most often first.
func (s *Store) Questions(ctx context.Context, state QuestionState) ([]StandardQuestion, error) {
	return s.questions(ctx, `WHERE q.state = $1 OR $1 = '' ORDER BY q.times DESC, q.proposed_at, q.id`, string(state))
}

// QuestionFilter chooses standard questions that somebody has decided of.
type QuestionFilter struct {
	State QuestionState
	Text  string // in the question or the document's title; "" for all
	Skip  int
	Limit int
}

// FindQuestions returns the standard questions of a filter, the latest decided
// first.
func (s *Store) FindQuestions(ctx context.Context, f QuestionFilter) ([]StandardQuestion, error) {
	return s.questions(ctx, `WHERE q.state = $1 AND (q.question LIKE $2 ESCAPE '\' OR d.title LIKE $2 ESCAPE '\')
		ORDER BY q.decided_at DESC, q.id LIMIT $3 OFFSET $4`, string(f.State), containing(f.Text), int64(f.Limit), int64(f.Skip))
}

func (s *Store) questions(ctx context.Context, where string, args ...any) ([]StandardQuestion, error) {
	rows, err := s.db.Query(ctx, `SELECT q.id, q.document_id, d.title, q.ref, q.question, q.state, q.origin, q.times, q.proposed_by, q.proposed_at, q.decided_by, q.decided_at
		FROM standard_questions q JOIN documents d ON d.id = q.document_id `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("standard questions: %w", err)
	}
	defer rows.Close()
	var out []StandardQuestion
	for rows.Next() {
		var q StandardQuestion
		var at, decided int64
		if err := rows.Scan(&q.ID, &q.DocumentID, &q.Document, &q.Ref, &q.Question, &q.State, &q.Origin, &q.Times, &q.By, &at, &q.DecidedBy, &decided); err != nil {
			return nil, fmt.Errorf("standard questions: %w", err)
		}
		q.At = time.UnixMilli(at)
		if decided > 0 {
			q.DecidedAt = time.UnixMilli(decided)
		}
		out = append(out, q)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("standard questions: %w", err)
	}
	return out, nil
}

// Forget erases what a person proposed: what no curator has accepted goes, and
// what one has keeps its words without a hint of whose they were.
func (s *Store) Forget(ctx context.Context, person string) error {
	if strings.TrimSpace(person) == "" {
		return nil
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM standard_questions WHERE proposed_by = $1 AND state <> 'accepted'`, person); err != nil {
			return fmt.Errorf("forget: %w", err)
		}
		if _, err := tx.Exec(ctx, `UPDATE standard_questions SET proposed_by = '' WHERE proposed_by = $1`, person); err != nil {
			return fmt.Errorf("forget: %w", err)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM entries WHERE proposed_by = $1 AND state <> 'accepted'`, person); err != nil {
			return fmt.Errorf("forget: %w", err)
		}
		if _, err := tx.Exec(ctx, `UPDATE entries SET proposed_by = '' WHERE proposed_by = $1`, person); err != nil {
			return fmt.Errorf("forget: %w", err)
		}
		return nil
	})
}

// Places says of clauses, by their ids, which document and ref each is; those
// that are gone are not there.
func (s *Store) Places(ctx context.Context, clauses []string) (map[string]Place, error) {
	out := make(map[string]Place, len(clauses))
	if len(clauses) == 0 {
		return out, nil
	}
	in, args := inList(clauses)
	rows, err := s.db.Query(ctx, `SELECT c.id, v.title, c.ref FROM clauses c JOIN versions v ON v.id = c.version_id WHERE c.id `+in, args...)
	if err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var p Place
		if err := rows.Scan(&id, &p.Document, &p.Ref); err != nil {
			return nil, fmt.Errorf("places: %w", err)
		}
		out[id] = p
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	return out, nil
}
