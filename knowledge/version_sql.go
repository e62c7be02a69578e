package knowledge

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"greendesk/internal/db"
)

// Relink computes the validity of all versions anew. Import and Add keep it right; this
// is for repair.
func (s *Store) Relink(ctx context.Context) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := relink(ctx, tx, "", nil); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
}

// relinkTitles links the titles with these keys anew, and the titles that any of their
// versions repeals.
func relinkTitles(ctx context.Context, tx *db.Tx, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	touched, err := column(ctx, tx, `SELECT DISTINCT r.title_key FROM repeals r JOIN versions v ON v.id = r.version_id
		JOIN documents d ON d.id = v.document_id WHERE d.title_key `, keys)
	if err != nil {
		return err
	}
	touched = unique(append(touched, keys...))
	in, args := inList(touched)
	return relink(ctx, tx, in, args)
}

// relink writes what link computes for the titles that in selects ("": all), where it
// differs. Every version that changes gets a new seq.
func relink(ctx context.Context, tx *db.Tx, in string, args []any) error {
	where, which := "", ""
	if in != "" {
		// Also the versions that repeal one of these titles, with their chains.
		where = `WHERE d.title_key ` + in + ` OR d.id IN (SELECT w.document_id FROM versions w JOIN repeals r ON r.version_id = w.id WHERE r.title_key ` + in + `)`
		which = `WHERE title_key ` + in
	}
	versions, err := loadLinked(ctx, tx, where, args)
	if err != nil {
		return err
	}
	repeals, err := loadRepeals(ctx, tx, which, args)
	if err != nil {
		return err
	}
	want := link(versions, repeals)
	mine := map[string]bool{}
	for _, a := range args {
		if key, ok := a.(string); ok {
			mine[key] = true
		}
	}
	versions = slices.DeleteFunc(versions, func(v linked) bool {
		return want[v.ID] == validity{v.ValidFrom, v.ValidTo, v.Ended, v.EndedBy} || (in != "" && !mine[v.key])
	})
	if len(versions) == 0 {
		return nil
	}
	seq, err := nextSeq(ctx, tx, len(versions))
	if err != nil {
		return err
	}
	for i, v := range versions {
		w := want[v.ID]
		if _, err := tx.Exec(ctx, `UPDATE versions SET valid_from = $1, valid_to = $2, ended = $3, ended_by = $4, seq = $5 WHERE id = $6`,
			w.from, w.to, string(w.ended), w.by, seq+int64(i), v.ID); err != nil {
			return fmt.Errorf("relink: %w", err)
		}
	}
	return nil
}

func unique(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}

// inList writes IN ($1,$2,…) for the values.
func inList(values []string) (string, []any) {
	var b strings.Builder
	args := make([]any, len(values))
	for i, v := range values {
		b.WriteString([]string{",$", "IN ($"}[flag(i == 0)])
		b.WriteString(strconv.Itoa(i + 1))
		args[i] = v
	}
	b.WriteByte(')')
	return b.String(), args
}

// column reads the strings of a query that ends before its IN list.
func column(ctx context.Context, tx *db.Tx, query string, values []string) ([]string, error) {
	in, args := inList(values)
	rows, err := tx.Query(ctx, query+in, args...)
	if err != nil {
		return nil, fmt.Errorf("relink: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, fmt.Errorf("relink: %w", err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("relink: %w", err)
	}
	return out, nil
}

func loadLinked(ctx context.Context, tx *db.Tx, where string, args []any) ([]linked, error) {
	rows, err := tx.Query(ctx, `SELECT `+versionColumns+`, d.title_key FROM versions v JOIN documents d ON d.id = v.document_id `+where+` ORDER BY v.added`, args...)
	if err != nil {
		return nil, fmt.Errorf("load versions: %w", err)
	}
	defer rows.Close()
	var out []linked
	for rows.Next() {
		var v linked
		if err := rows.Scan(append(v.Version.fields(), &v.key)...); err != nil {
			return nil, fmt.Errorf("load versions: %w", err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("load versions: %w", err)
	}
	return out, nil
}

func loadRepeals(ctx context.Context, tx *db.Tx, where string, args []any) ([]repeal, error) {
	rows, err := tx.Query(ctx, `SELECT version_id, title_key, number FROM repeals `+where+` ORDER BY version_id, title_key, number`, args...)
	if err != nil {
		return nil, fmt.Errorf("load repeals: %w", err)
	}
	defer rows.Close()
	var out []repeal
	for rows.Next() {
		var r repeal
		if err := rows.Scan(&r.by, &r.key, &r.number); err != nil {
			return nil, fmt.Errorf("load repeals: %w", err)
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("load repeals: %w", err)
	}
	return out, nil
}
