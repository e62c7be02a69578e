package knowledge

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// StandardQuestion is one way in which people ask for a clause: of the
// document's version in force, whichever that is.
type StandardQuestion struct {
	ID         string
	DocumentID string
	Document   string // title
	Ref        string
	Question   string
	State      QuestionState
	Origin     QuestionOrigin
	Times      int    // how often it was proposed
	By         string // who proposed it
	At         time.Time
	DecidedBy  string
	DecidedAt  time.Time // zero while it is a proposal
}

// QuestionState says whether a standard question counts.
type QuestionState string

// The states. A rejected question stays, so that it is not proposed again, and
// takes back the same question if the program carries it.
const (
	Proposed QuestionState = "proposed"
	Accepted QuestionState = "accepted"
	Rejected QuestionState = "rejected"
)

// QuestionOrigin says where a standard question comes from.
type QuestionOrigin string

// The origins.
const (
	FromCurator QuestionOrigin = "curator"
	FromUseful  QuestionOrigin = "useful" // an enterprise found the clause useful for it
	FromExpert  QuestionOrigin = "expert" // an expert answered it with the clause
)

// Lengths of a standard question, in characters.
const (
	shortestQuestion = 4
	longestQuestion  = 80
)

// longNumber is a run of digits that could be a telephone's or a licence's.
var longNumber = regexp.MustCompile(`\d{7,}`)

// CheckQuestion tidies a standard question, or says what is wrong with it
// (apperr.Invalid): too short, too long, or with a number that could be a
// telephone's.
func CheckQuestion(question string) (string, error) {
	q := strings.Join(strings.Fields(strings.ReplaceAll(question, "|", " ")), " ")
	switch n := utf8.RuneCountInString(q); {
	case n < shortestQuestion:
		return "", apperr.New(apperr.Invalid, fmt.Sprintf("“%s”太短，问法至少要 %d 个字。", q, shortestQuestion))
	case n > longestQuestion:
		return "", apperr.New(apperr.Invalid, fmt.Sprintf("“%s……”太长，问法最多 %d 个字，请缩短成一句话。", string([]rune(q)[:20]), longestQuestion))
	case longNumber.MatchString(q):
		return "", apperr.New(apperr.Invalid, fmt.Sprintf("“%s”里有一长串数字，像电话或证照号码，请去掉。", q))
	}
	return q, nil
}

// Place names a clause as people write it: the document's title or 文号, and
// the ref of an article or a section.
type Place struct{ Document, Ref string }

// find is the document and the ref as the store writes it. It is
// apperr.NotFound when there is no such clause.
func (s *Store) find(ctx context.Context, p Place) (document, ref string, err error) {
	id, err := s.documentNamed(ctx, p.Document)
	if err != nil {
		return "", "", err
	}
	versions, err := s.Versions(ctx, id)
	if err != nil {
		return "", "", err
	}
	want := unspaced(p.Ref)
	for _, v := range versions { // the newest first
		clauses, err := s.VersionText(ctx, v.ID)
		if err != nil {
			return "", "", err
		}
		for _, c := range clauses {
			if unspaced(c.Ref) == want || c.Heading != "" && unspaced(c.Heading) == want {
				return id, c.Ref, nil
			}
		}
	}
	return "", "", apperr.New(apperr.NotFound, fmt.Sprintf("《%s》里没有“%s”，请核对条号或标题。", p.Document, p.Ref))
}

func unspaced(s string) string { return strings.Join(strings.Fields(s), "") }

// Propose suggests a question for a clause; a curator accepts or rejects it.
// One that was suggested before only counts once more, whatever became of it.
func (s *Store) Propose(ctx context.Context, p Place, question string, origin QuestionOrigin, by string) error {
	question, err := CheckQuestion(question)
	if err != nil {
		return err
	}
	document, ref, err := s.find(ctx, p)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.propose(ctx, tx, document, ref, question, origin, by)
	})
}

// Propose suggests a question that a clause (an id) has answered, for instance
// one that an expert answered with it; a curator accepts or rejects it. What the
// clause is known to be asked with already, and what is no standard question (too
// short, too long, with a telephone number), is not suggested. by is who
// found it answered: Forget takes it back.
func (e *Engine) Propose(ctx context.Context, clause, question string, origin QuestionOrigin, by string) error {
	question, err := CheckQuestion(question)
	if apperr.CodeOf(err) == apperr.Invalid {
		return nil
	}
	c, err := e.store.Clause(ctx, clause)
	if err != nil {
		return err
	}
	v, err := e.store.Version(ctx, c.VersionID)
	if err != nil {
		return err
	}
	fold := e.Folder().Fold
	if e.repeats(e.gist(fold(question)), fold(c.Heading)+"\n"+e.asked(v.DocumentID, v.Title, v.Number, c)) {
		return nil
	}
	return e.store.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return e.store.propose(ctx, tx, v.DocumentID, c.Ref, question, origin, by)
	})
}

// Forget is Store.Forget.
func (e *Engine) Forget(ctx context.Context, person string) error { return e.store.Forget(ctx, person) }

// Settle accepts or rejects questions for clauses, known before or not. All
// are settled or, when one is wrong, none; the error names every one that is.
func (s *Store) Settle(ctx context.Context, questions []NewQuestion, state QuestionState, by string, also ...Also) error {
	type row struct{ document, ref, question string }
	var rows []row
	var wrong []string
	for _, q := range questions {
		text, err := CheckQuestion(q.Question)
		var r row
		if err == nil {
			r.question = text
			r.document, r.ref, err = s.find(ctx, q.Place)
		}
		switch code := apperr.CodeOf(err); {
		case err == nil:
			rows = append(rows, r)
		case code == apperr.Invalid || code == apperr.NotFound:
			wrong = append(wrong, q.From+apperr.MessageOf(err))
		default:
			return err
		}
	}
	if len(wrong) > 0 {
		return apperr.New(apperr.Invalid, strings.Join(wrong, "\n"))
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, r := range rows {
			if err := s.settle(ctx, tx, r.document, r.ref, r.question, state, by); err != nil {
				return err
			}
		}
		documents := map[string]bool{}
		for _, r := range rows {
			documents[r.document] = true
		}
		if err := s.touch(ctx, tx, documents); err != nil {
			return err
		}
		return run(ctx, tx, also)
	})
}

// NewQuestion is a question for a clause; From (“第 3 行：”) opens what is said
// when something is wrong with it.
type NewQuestion struct {
	Place
	Question string
	From     string
}

// Decide accepts or rejects questions by their ids, or by the first characters
// of these when no other id begins with them.
func (s *Store) Decide(ctx context.Context, ids []string, state QuestionState, by string, also ...Also) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		documents := map[string]bool{}
		for _, id := range ids {
			document, err := s.decide(ctx, tx, id, state, by)
			if err != nil {
				return err
			}
			documents[document] = true
		}
		if err := s.touch(ctx, tx, documents); err != nil {
			return err
		}
		return run(ctx, tx, also)
	})
}

// Also is what is to be stored if and only if a decision is: a line of a log.
type Also func(ctx context.Context, tx *db.Tx) error

func run(ctx context.Context, tx *db.Tx, also []Also) error {
	for _, fn := range also {
		if err := fn(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// ParseQuestions reads lines of a document, a clause and questions parted by |,
// parted by tabs; # opens a comment. An error names the
// lines; those that are right come with it.
func ParseQuestions(data string) ([]NewQuestion, error) {
	var out []NewQuestion
	err := eachRow(data, "文件名、条款、问法", func(from string, cols []string) {
		for _, q := range strings.Split(cols[2], "|") {
			out = append(out, NewQuestion{Place: Place{strings.TrimSpace(cols[0]), strings.TrimSpace(cols[1])}, Question: q, From: from})
		}
	})
	return out, err
}
