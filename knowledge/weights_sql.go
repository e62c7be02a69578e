package knowledge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// settingWeights names in SQL the number of the weights that are chosen.
const settingWeights = "weights"

// keepWeights adds weights under the next number.
func (s *Store) keepWeights(ctx context.Context, tx *db.Tx, k Kept) (int64, error) {
	var number int64
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM weights`).Scan(&number); err != nil {
		return 0, fmt.Errorf("keep weights: %w", err)
	}
	_, err := tx.Exec(ctx, `INSERT INTO weights (number, form, ranking, routing, trust, figures, kept_by, kept_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		number, k.Form, k.Ranking, k.Routing, k.Trust, k.Figures, k.By, k.At.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("keep weights: %w", err)
	}
	return number, nil
}

// chooseWeights tells running desks which weights to use.
func (s *Store) chooseWeights(ctx context.Context, tx *db.Tx, number int64, note Note) error {
	if err := setSetting(ctx, tx, settingWeights, strconv.FormatInt(number, 10)); err != nil {
		return err
	}
	return note(ctx, tx, number)
}

// chosenWeights is the number of the weights that are chosen, 0 for those that
// the program carries.
func (s *Store) chosenWeights(ctx context.Context) (int64, error) {
	value, err := s.setting(ctx, settingWeights)
	if value == "" || err != nil {
		return 0, err
	}
	return strconv.ParseInt(value, 10, 64)
}

// keptWeights reads kept weights, apperr.NotFound when there are none of that
// number.
func (s *Store) keptWeights(ctx context.Context, number int64) (*Kept, error) {
	k, at := Kept{Number: number}, int64(0)
	err := s.db.QueryRow(ctx, `SELECT form, ranking, routing, trust, figures, kept_by, kept_at FROM weights WHERE number = $1`, number).
		Scan(&k.Form, &k.Ranking, &k.Routing, &k.Trust, &k.Figures, &k.By, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, apperr.New(apperr.NotFound, fmt.Sprintf("没有第 %d 份自己的权重，用 tune list 看有哪些。", number))
	}
	if err != nil {
		return nil, fmt.Errorf("kept weights: %w", err)
	}
	k.At = time.UnixMilli(at)
	return &k, nil
}

// KeptWeights lists what is kept, the newest first, without the weights
// themselves, and the number that is chosen, 0 for those that the program carries.
func (s *Store) KeptWeights(ctx context.Context) (list []Kept, chosen int64, err error) {
	if chosen, err = s.chosenWeights(ctx); err != nil {
		return nil, 0, err
	}
	rows, err := s.db.Query(ctx, `SELECT number, form, figures, kept_by, kept_at FROM weights ORDER BY number DESC`)
	if err != nil {
		return nil, 0, fmt.Errorf("kept weights: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k Kept
		var at int64
		if err := rows.Scan(&k.Number, &k.Form, &k.Figures, &k.By, &at); err != nil {
			return nil, 0, fmt.Errorf("kept weights: %w", err)
		}
		k.At = time.UnixMilli(at)
		list = append(list, k)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, fmt.Errorf("kept weights: %w", err)
	}
	return list, chosen, nil
}
