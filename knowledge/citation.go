package knowledge

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greendesk/internal/apperr"
	"greendesk/knowledge/parse"
)

// Citation is one clause that may answer, with the words to quote.
type Citation struct {
	Clause    string // id
	Document  string // title
	Number    string // 文号, "" when unknown
	Version   string // label: "2021-01-24"
	Ref       string // 第三十三条, a section's headings, a question
	Path      string // chapter and headings above
	Level     string
	Region    string
	Elsewhere bool   // another province's: it does not bind here
	Effective string // first day in force, "" when unknown
	ValidTo   string // first day no longer in force, "" while in force
	Quote     Quote
	Excerpt   bool    // the quote is not the whole clause
	Score     float64 // of the scorer; orders the citations of one question
}

// Note says in one line what a citation is: its number and which version.
func (c Citation) Note() string {
	var parts []string
	if c.Number != "" {
		parts = append(parts, c.Number)
	}
	if c.Effective != "" && c.Level != string(parse.QA) {
		parts = append(parts, c.Effective+"起施行")
	}
	if c.ValidTo != "" {
		parts = append(parts, c.ValidTo+"起不再适用")
	}
	return strings.Join(parts, "，")
}

// PagePath is the address of the clause's page with the quoted words marked.
func (c Citation) PagePath() string {
	p := "/clauses/" + c.Clause
	if len(c.Quote) == 0 {
		return p
	}
	// The first characters of a segment and its length are enough to find it.
	var marks []string
	for _, seg := range c.Quote[:min(3, len(c.Quote))] {
		rs := []rune(seg)
		start := rs[:min(len(rs), markLength)]
		if i := slices.IndexFunc(start, func(r rune) bool { return r == '~' || r == '|' }); i >= 0 {
			start = start[:i] // they part the marks
		}
		if len(start) > 0 {
			marks = append(marks, string(start)+"~"+strconv.Itoa(len(rs)))
		}
	}
	if len(marks) == 0 {
		return p
	}
	return p + "?m=" + url.QueryEscape(strings.Join(marks, "|"))
}

// markLength is how many characters of a segment the address carries.
const markLength = 12

// Verify compares a citation's quote with the clause as it is stored now. An
// answer whose citation fails must not leave.
func (e *Engine) Verify(ctx context.Context, c Citation) error {
	stored, err := e.store.Clause(ctx, c.Clause)
	if err != nil {
		return fmt.Errorf("knowledge: verify quote: %w", err)
	}
	return Verbatim(stored.Text, c.Quote)
}

// Current reports whether a clause still says a quote word for word, and is in
// force today. What was quoted once need not be.
func (e *Engine) Current(ctx context.Context, clause string, q Quote) (bool, error) {
	page, err := e.store.ClausePage(ctx, clause)
	if apperr.CodeOf(err) == apperr.NotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("knowledge: quote of old: %w", err)
	}
	err = Verbatim(page.Clause.Text, q)
	if errors.Is(err, ErrNotVerbatim) {
		return false, nil
	}
	return err == nil && InForce(page.Version, e.Today()), err
}
