package knowledge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/knowledge/parse"
)

const versionColumns = `v.id, v.document_id, v.title, v.label, v.number, v.issuer, v.adopted, v.published, v.approved, v.effective,
	v.expires, v.valid_from, v.valid_to, v.ended, v.ended_by, v.incomplete, v.incomplete_why, v.to_check, v.source, v.original, v.clause_count,
	v.imported_at, v.added, v.seq`

func (v *Version) fields() []any {
	return []any{&v.ID, &v.DocumentID, &v.Title, &v.Label, &v.Number, &v.Issuer, &v.Adopted, &v.Published, &v.Approved, &v.Effective,
		&v.Expires, &v.ValidFrom, &v.ValidTo, &v.Ended, &v.EndedBy, &v.Incomplete, &v.IncompleteWhy, &v.ToCheck, &v.Source, &v.Original, &v.Clauses,
		&v.ImportedAt, &v.Added, &v.Seq}
}

// Document returns one document, or apperr.NotFound.
func (s *Store) Document(ctx context.Context, id string) (Document, error) {
	var d Document
	err := s.db.QueryRow(ctx, `SELECT id, title, title_key, kind, region, level FROM documents WHERE id = $1`, id).
		Scan(&d.ID, &d.Title, &d.Key, &d.Kind, &d.Region, &d.Level)
	if errors.Is(err, sql.ErrNoRows) {
		return Document{}, apperr.New(apperr.NotFound, "没有找到这份文件。")
	}
	if err != nil {
		return Document{}, fmt.Errorf("document: %w", err)
	}
	return d, nil
}

// Documents returns all documents by title.
func (s *Store) Documents(ctx context.Context) ([]Document, error) {
	rows, err := s.db.Query(ctx, `SELECT id, title, title_key, kind, region, level FROM documents ORDER BY title_key`)
	if err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	defer rows.Close()
	var out []Document
	for rows.Next() {
		var d Document
		if err := rows.Scan(&d.ID, &d.Title, &d.Key, &d.Kind, &d.Region, &d.Level); err != nil {
			return nil, fmt.Errorf("documents: %w", err)
		}
		out = append(out, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	return out, nil
}

// Version returns one version, or apperr.NotFound.
func (s *Store) Version(ctx context.Context, id string) (Version, error) {
	var v Version
	err := s.db.QueryRow(ctx, `SELECT `+versionColumns+` FROM versions v WHERE v.id = $1`, id).Scan(v.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return Version{}, apperr.New(apperr.NotFound, "没有找到这个版本。")
	}
	if err != nil {
		return Version{}, fmt.Errorf("version: %w", err)
	}
	return v, nil
}

// Versions returns the versions of a document, newest first; a version that another
// import replaced comes after that one.
func (s *Store) Versions(ctx context.Context, documentID string) ([]Version, error) {
	rows, err := s.db.Query(ctx, `SELECT `+versionColumns+` FROM versions v WHERE v.document_id = $1
		ORDER BY v.valid_from DESC, CASE v.ended WHEN 'replaced' THEN 1 ELSE 0 END, v.label DESC, v.added DESC`, documentID)
	if err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	defer rows.Close()
	var out []Version
	for rows.Next() {
		var v Version
		if err := rows.Scan(v.fields()...); err != nil {
			return nil, fmt.Errorf("versions: %w", err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	return out, nil
}

// Added tells what Add did.
type Added struct {
	VersionID string // also when it was there already
	New       bool
	Clauses   int // clauses of the version
}

// Add stores one parsed document as a version inside the caller's transaction and
// links its title anew. The same content again changes nothing. source names where it
// came from, for the curator. It is apperr.Invalid when the document has no title or no
// clauses.
func (s *Store) Add(ctx context.Context, tx *db.Tx, d parse.Document, source string) (Added, error) {
	a, err := s.add(ctx, tx, d, source)
	if err != nil || !a.New {
		return a, err
	}
	if err := relinkTitles(ctx, tx, []string{parse.TitleKey(d.Title)}); err != nil {
		return a, err
	}
	return a, s.changed(ctx, tx)
}

func (s *Store) add(ctx context.Context, tx *db.Tx, d parse.Document, source string) (Added, error) {
	key := parse.TitleKey(d.Title)
	if key == "" || len(d.Clauses) == 0 {
		return Added{}, apperr.New(apperr.Invalid, "文件没有标题或没有正文，请检查后再导入。")
	}
	sha := contentHash(d)
	a := Added{Clauses: len(d.Clauses)}
	err := tx.QueryRow(ctx, `SELECT id FROM versions WHERE sha256 = $1`, sha).Scan(&a.VersionID)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return a, err
	}
	docID := documentID(key)
	if _, err := tx.Exec(ctx, `INSERT INTO documents (id, title, title_key, kind, region, level, created_at) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (title_key) DO UPDATE SET title = excluded.title, kind = excluded.kind, region = excluded.region, level = excluded.level`,
		docID, d.Title, key, d.Kind, d.Region, string(d.Level), s.now().UnixMilli()); err != nil {
		return a, fmt.Errorf("add document: %w", err)
	}
	edition := 0
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM versions WHERE document_id = $1 AND label = $2`, docID, d.Label).Scan(&edition); err != nil {
		return a, fmt.Errorf("count editions: %w", err)
	}
	seq, err := nextSeq(ctx, tx, 1)
	if err != nil {
		return a, err
	}
	a.New, a.VersionID = true, versionID(key, d.Label, edition)
	if _, err := tx.Exec(ctx, `INSERT INTO versions (id, document_id, title, label, number, issuer, adopted, published, approved, effective, expires,
		incomplete, incomplete_why, to_check, source, original, sha256, clause_count, imported_at, added, seq)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$20)`,
		a.VersionID, docID, d.Title, d.Label, d.Number, d.Issuer, d.Adopted, d.Published, d.Approved, d.Effective, d.Repealed,
		flag(d.Incomplete), d.IncompleteWhy, d.ToCheck, source, d.Source, sha, len(d.Clauses), s.now().UnixMilli(), seq); err != nil {
		return a, fmt.Errorf("add version: %w", err)
	}
	for _, r := range d.Repeals {
		if _, err := tx.Exec(ctx, `INSERT INTO repeals (version_id, title, title_key, number) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING`,
			a.VersionID, r.Title, repealKey(r), r.Number); err != nil {
			return a, fmt.Errorf("add repeal: %w", err)
		}
	}
	return a, addClauses(ctx, tx, d, key, a.VersionID, edition)
}

// rowsAtOnce: clauses inserted by one statement, 11 parameters each. SQLite allows
// 32,766 parameters; more than about a hundred rows gains nothing.
const rowsAtOnce = 100

func addClauses(ctx context.Context, tx *db.Tx, d parse.Document, key, version string, edition int) error {
	for from := 0; from < len(d.Clauses); from += rowsAtOnce {
		part := d.Clauses[from:min(from+rowsAtOnce, len(d.Clauses))]
		args := make([]any, 0, 11*len(part))
		for i, c := range part {
			n := from + i
			args = append(args, clauseID(key, d.Label, edition, c.Ref, n), version, n, string(c.Kind), c.Ref, c.Article, c.ArticleSub,
				strings.Join(c.Path, pathJoin), c.Heading, c.Text, flag(c.Quoted))
		}
		if _, err := tx.Exec(ctx, insertClauses(len(part)), args...); err != nil {
			return fmt.Errorf("add clauses: %w", err)
		}
	}
	return nil
}

func insertClauses(n int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO clauses (id, version_id, ordinal, kind, ref, article, article_sub, path, heading, text, quoted) VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := range 11 {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "$%d", i*11+j+1)
		}
		b.WriteByte(')')
	}
	return b.String()
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nextSeq takes n numbers of the generation and returns the first. The row it updates
// makes writers take turns, so a reader that has seen a number has seen all below it.
func nextSeq(ctx context.Context, tx *db.Tx, n int) (int64, error) {
	var last int64
	if err := tx.QueryRow(ctx, `UPDATE knowledge_state SET generation = generation + $1 WHERE id = 1 RETURNING generation`, int64(n)).Scan(&last); err != nil {
		return 0, fmt.Errorf("generation: %w", err)
	}
	return last - int64(n) + 1, nil
}
