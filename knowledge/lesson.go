package knowledge

import (
	"context"
	"strings"

	"greendesk/knowledge/sense"
)

// Lesson gathers what sense vectors are learned from: the clauses in force
// that have standard questions, and those questions.
func (e *Engine) Lesson(ctx context.Context) (sense.Lesson, error) {
	var l sense.Lesson
	versions := versionCache{engine: e}
	err := e.store.EachClause(ctx, 0, func(c Entry) error {
		if furniture(c) {
			return nil
		}
		x := e.entry(c, versions.of(c))
		if x.Asked == "" {
			return nil
		}
		for _, q := range strings.Split(strings.TrimSpace(x.Asked), "\n") {
			l.Questions = append(l.Questions, sense.Question{Text: q, Clause: len(l.Clauses)})
		}
		l.Clauses = append(l.Clauses, senseParts(x))
		return nil
	})
	return l, err
}
