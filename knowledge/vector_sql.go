package knowledge

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"greendesk/internal/db"
	"greendesk/knowledge/index"
)

// textsAtOnce is how many vectors are asked for or written by one statement.
const textsAtOnce = 500

// vectors returns the vectors of a model that are kept for these texts, by
// the text's fingerprint.
func (s *Store) vectors(ctx context.Context, model string, texts []string) (map[string]index.Quantised, error) {
	out := make(map[string]index.Quantised, len(texts))
	for len(texts) > 0 {
		n := min(textsAtOnce, len(texts))
		if err := s.someVectors(ctx, model, texts[:n], out); err != nil {
			return nil, fmt.Errorf("vectors: %w", err)
		}
		texts = texts[n:]
	}
	return out, nil
}

func (s *Store) someVectors(ctx context.Context, model string, texts []string, out map[string]index.Quantised) error {
	args := []any{model}
	marks := make([]string, len(texts))
	for i, t := range texts {
		args = append(args, t)
		marks[i] = "$" + strconv.Itoa(i+2)
	}
	rows, err := s.db.Query(ctx, `SELECT text, vector FROM vectors WHERE model = $1 AND text IN (`+strings.Join(marks, ",")+`)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text, vector string
		if err := rows.Scan(&text, &vector); err != nil {
			return err
		}
		bytes, err := base64.StdEncoding.DecodeString(vector)
		if err != nil {
			return fmt.Errorf("of text %s: %w", text, err)
		}
		v := make(index.Quantised, len(bytes))
		for i, b := range bytes {
			v[i] = int8(b) // #nosec G115 -- as saveVectors wrote it
		}
		out[text] = v
	}
	return rows.Err()
}

// saveVectors keeps vectors of a model, by the fingerprint of their texts.
func (s *Store) saveVectors(ctx context.Context, model string, vectors map[string]index.Quantised) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for text, v := range vectors {
			bytes := make([]byte, len(v))
			for i, p := range v {
				bytes[i] = byte(p) // #nosec G115 -- read back as int8
			}
			if _, err := tx.Exec(ctx, `INSERT INTO vectors (model, text, vector, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
				model, text, base64.StdEncoding.EncodeToString(bytes), s.now().UnixMilli()); err != nil {
				return fmt.Errorf("save vectors: %w", err)
			}
		}
		return s.vectorsCame(ctx, tx)
	})
}

// vectorSize is the number of places of the vectors of a model, 0 while none is
// kept.
func (s *Store) vectorSize(ctx context.Context, model string) (int, error) {
	var vector string
	err := s.db.QueryRow(ctx, `SELECT vector FROM vectors WHERE model = $1 LIMIT 1`, model).Scan(&vector)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("size of vectors: %w", err)
	}
	return base64.StdEncoding.DecodedLen(len(vector)) - strings.Count(vector, "="), nil
}

// countVectors is how many vectors of a model are kept.
func (s *Store) countVectors(ctx context.Context, model string) (int64, error) {
	var n int64
	if err := s.db.QueryRow(ctx, `SELECT COUNT(*) FROM vectors WHERE model = $1`, model).Scan(&n); err != nil {
		return 0, fmt.Errorf("count vectors: %w", err)
	}
	return n, nil
}

// keepVectors removes the vectors of all models but one.
func (s *Store) keepVectors(ctx context.Context, model string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM vectors WHERE model <> $1`, model); err != nil {
			return fmt.Errorf("remove vectors: %w", err)
		}
		return nil
	})
}
