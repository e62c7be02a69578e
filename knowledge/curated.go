package knowledge

import (
	"context"
	"slices"
	"strings"

	"greendesk/knowledge/lang"
	"greendesk/knowledge/rank"
)

// curated is what curators have made of the standard questions that the
// program carries, by document and folded ref.
type curated struct {
	curation   int64 // how many changes it has seen
	accepted   map[string][]string
	rejected   map[string][]string
	precedence Precedence
}

func curatedKey(document, foldedRef string) string {
	return document + "\x00" + unblank.Replace(foldedRef)
}

// followCurators reads what curators have changed, when they have changed
// anything: standard questions for clauses that are indexed from now on,
// the lexicon and the weights for the next question.
func (e *Engine) followCurators(ctx context.Context) error {
	curation, err := e.store.curation(ctx)
	if err != nil {
		return err
	}
	if c := e.curated.Load(); c != nil && c.curation == curation {
		return nil
	}
	c := &curated{curation: curation, accepted: map[string][]string{}, rejected: map[string][]string{}}
	questions, err := e.store.Questions(ctx, "")
	if err != nil {
		return err
	}
	if c.precedence, err = e.store.precedence(ctx); err != nil {
		return err
	}
	fold := e.Folder().Fold
	for _, q := range questions {
		key := curatedKey(q.DocumentID, fold(q.Ref))
		switch q.State {
		case Accepted:
			c.accepted[key] = append(c.accepted[key], fold(q.Question))
		case Rejected:
			c.rejected[key] = append(c.rejected[key], fold(q.Question))
		}
	}
	if err := e.followWeights(ctx); err != nil {
		return err
	}
	terms, err := e.store.ChangedTerms(ctx)
	if err != nil {
		return err
	}
	changes := make([]lang.Change, len(terms))
	for i, t := range terms {
		changes[i] = t.Change
	}
	e.readers.Store(rank.NewReader(e.Folder(), e.chatter, e.carried.With(e.Folder(), changes), e.reader().Sense))
	e.curated.Store(c)
	return nil
}

// apply takes back and adds the curators' questions to those that the program
// carries, one a line.
func (c *curated) apply(carried, document, foldedRef string) string {
	if c == nil {
		return carried
	}
	key := curatedKey(document, foldedRef)
	rejected, accepted := c.rejected[key], c.accepted[key]
	if len(rejected) == 0 && len(accepted) == 0 {
		return carried
	}
	lines := slices.DeleteFunc(strings.Split(carried, "\n"), func(q string) bool { return q == "" || slices.Contains(rejected, q) })
	for _, q := range accepted {
		if !slices.Contains(lines, q) {
			lines = append(lines, q)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// asked are the folded standard questions of a clause, one a line.
func (e *Engine) asked(document, title, number string, c Clause) string {
	f := e.Folder()
	ref, heading := f.Fold(c.Ref), f.Fold(c.Heading)
	if c.Article == 0 && heading == "" {
		heading = ref
	}
	return e.curated.Load().apply(e.standard.of(f.Fold(titleCore(title)), f.Fold(number), ref, heading), document, ref)
}
