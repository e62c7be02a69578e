package knowledge

import (
	"context"
	"slices"
	"strings"
)

// curated is what curators have made of the standard questions that the
// program carries, by document and folded ref.
type curated struct {
	generation int64 // of the store when it was read
	accepted   map[string][]string
	rejected   map[string][]string
}

func curatedKey(document, foldedRef string) string {
	return document + "\x00" + unblank.Replace(foldedRef)
}

// followCurators reads what curators have changed, when anything in the store
// has.
func (e *Engine) followCurators(ctx context.Context, generation int64) error {
	if c := e.curated.Load(); c != nil && c.generation == generation {
		return nil
	}
	c := &curated{generation: generation, accepted: map[string][]string{}, rejected: map[string][]string{}}
	questions, err := e.store.Questions(ctx, "")
	if err != nil {
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
