package knowledge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/knowledge/parse"
)

// ProposedEntry is a question with its answer that somebody proposes for the
// knowledge base; a curator accepts or rejects it.
type ProposedEntry struct {
	ID       string
	Question string
	Answer   string
	Sources  string // the clauses it leans on, for people; "" for none
	State    QuestionState
	At       time.Time
}

// longestEntry is the longest answer of an entry, in characters.
const longestEntry = 3000

// tidy checks an entry's texts.
func (e ProposedEntry) tidy() (ProposedEntry, error) {
	var err error
	if e.Question, err = CheckQuestion(e.Question); err != nil {
		return e, err
	}
	e.Answer = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(e.Answer, "\r\n", "\n"), "\x00", ""))
	e.Sources = strings.Join(strings.Fields(e.Sources), " ")
	switch n := utf8.RuneCountInString(e.Answer); {
	case n == 0:
		return e, apperr.New(apperr.Invalid, "请填写答复。")
	case n > longestEntry:
		return e, apperr.New(apperr.TooLarge, fmt.Sprintf("条目最多 %d 个字，现在有 %d 个，请只留要紧的。", longestEntry, n))
	case longNumber.MatchString(e.Question + "\n" + e.Answer):
		return e, apperr.New(apperr.Invalid, "里面有一长串数字，像电话或证照号码，请去掉。")
	}
	return e, nil
}

// ProposeEntry suggests an entry. The same question with the same answer is
// suggested once, whatever became of it. by is whose question led to it: Forget
// takes it back.
func (s *Store) ProposeEntry(ctx context.Context, e ProposedEntry, by string) error {
	e, err := e.tidy()
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO entries (id, question, answer, sources, state, proposed_by, proposed_at)
			VALUES ($1, $2, $3, $4, 'proposed', $5, $6) ON CONFLICT (question, answer) DO NOTHING`,
			stableID("entry", e.Question, e.Answer), e.Question, e.Answer, e.Sources, by, s.now().UnixMilli())
		if err != nil {
			return fmt.Errorf("propose entry: %w", err)
		}
		return nil
	})
}

// ProposedEntries returns the entries that wait for a curator, oldest first.
func (s *Store) ProposedEntries(ctx context.Context) ([]ProposedEntry, error) {
	rows, err := s.db.Query(ctx, `SELECT id, question, answer, sources, state, proposed_at FROM entries WHERE state = 'proposed' ORDER BY proposed_at, id`)
	if err != nil {
		return nil, fmt.Errorf("entries: %w", err)
	}
	defer rows.Close()
	var out []ProposedEntry
	for rows.Next() {
		var e ProposedEntry
		var at int64
		if err := rows.Scan(&e.ID, &e.Question, &e.Answer, &e.Sources, &e.State, &at); err != nil {
			return nil, fmt.Errorf("entries: %w", err)
		}
		e.At = time.UnixMilli(at)
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("entries: %w", err)
	}
	return out, nil
}

// AcceptEntry takes a proposed entry into the knowledge base, with the words
// that the curator gives it: e.ID says which. It is a document of its own. One
// that is decided already is apperr.Conflict.
func (s *Store) AcceptEntry(ctx context.Context, e ProposedEntry, by string, also ...Also) error {
	e, err := e.tidy()
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.decideEntry(ctx, tx, e.ID, Accepted, by); err != nil {
			return err
		}
		added, err := s.Add(ctx, tx, e.document(s.now().In(zone).Format(time.DateOnly)), "专家答疑")
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE entries SET question = $2, answer = $3, sources = $4, version_id = $5 WHERE id = $1`,
			e.ID, e.Question, e.Answer, e.Sources, added.VersionID)
		if err != nil {
			return fmt.Errorf("accept entry: %w", err)
		}
		return run(ctx, tx, also)
	})
}

// RejectEntry refuses a proposed entry. One that is decided already is
// apperr.Conflict.
func (s *Store) RejectEntry(ctx context.Context, id, by string, also ...Also) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.decideEntry(ctx, tx, id, Rejected, by); err != nil {
			return err
		}
		return run(ctx, tx, also)
	})
}

func (s *Store) decideEntry(ctx context.Context, tx *db.Tx, id string, state QuestionState, by string) error {
	err := tx.QueryRow(ctx, `UPDATE entries SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1 AND state = 'proposed' RETURNING id`,
		id, string(state), by, s.now().UnixMilli()).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return apperr.New(apperr.Conflict, "这一条已经有人处理过了，请刷新页面。")
	}
	if err != nil {
		return fmt.Errorf("decide entry: %w", err)
	}
	return nil
}

// document is the entry as the knowledge base keeps it.
func (e ProposedEntry) document(day string) parse.Document {
	text := e.Answer
	if e.Sources != "" {
		text += "\n来源：" + e.Sources
	}
	return parse.Document{Title: "绿企服务台专家答疑：" + e.Question, Issuer: "绿企服务台", Level: parse.QA, Region: "全国", Kind: string(parse.QA), Published: day, Label: day,
		Clauses: []parse.Clause{{Kind: parse.Question, Ref: e.Question, Heading: e.Question, Text: text}}}
}
