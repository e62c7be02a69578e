package knowledge

import (
	"context"
	"slices"
	"strings"
)

// AskedFor are the ways in which people ask for a clause.
type AskedFor struct {
	Place
	Clause  string             // id
	Text    string             // of the clause
	Carried []string           // by the program, as far as no curator has taken them back
	Curated []StandardQuestion // that curators have accepted
}

// AskedFor says how people ask for a clause, by its id, as far as it is known;
// apperr.NotFound when there is no such clause.
func (e *Engine) AskedFor(ctx context.Context, clause string) (AskedFor, error) {
	c, err := e.store.Clause(ctx, clause)
	if err != nil {
		return AskedFor{}, err
	}
	v, err := e.store.Version(ctx, c.VersionID)
	if err != nil {
		return AskedFor{}, err
	}
	if err := e.followCurators(ctx); err != nil {
		return AskedFor{}, err
	}
	out := AskedFor{Place: Place{Document: v.Title, Ref: c.Ref}, Clause: clause, Text: c.Text}
	out.Curated, err = e.store.questions(ctx, `WHERE q.document_id = $1 AND q.ref = $2 AND q.state = 'accepted' ORDER BY q.decided_at DESC, q.id`, v.DocumentID, c.Ref)
	if err != nil {
		return AskedFor{}, err
	}
	fold := e.Folder().Fold
	for q := range strings.FieldsFuncSeq(e.asked(v.DocumentID, v.Title, v.Number, c), func(r rune) bool { return r == '\n' }) {
		if !slices.ContainsFunc(out.Curated, func(k StandardQuestion) bool { return fold(k.Question) == q }) {
			out.Carried = append(out.Carried, e.asWritten(q))
		}
	}
	return out, nil
}
