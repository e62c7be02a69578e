package knowledge

import (
	"context"
	"embed"
	"fmt"

	"greendesk/knowledge/parse"
)

// The starter knowledge: questions and answers in our own words, each naming
// its source, so that a desk has something to say on its first day.
//
//go:embed starter/*.md
var starterFiles embed.FS

// ImportStarter loads the starter knowledge. It is safe at every start: what
// is there already changes nothing.
func (s *Store) ImportStarter(ctx context.Context) error {
	names, err := starterFiles.ReadDir("starter")
	if err != nil {
		return fmt.Errorf("knowledge: starter: %w", err)
	}
	var rep Report
	var docs []parse.Document
	for _, n := range names {
		data, err := starterFiles.ReadFile("starter/" + n.Name())
		if err != nil {
			return fmt.Errorf("knowledge: starter: %w", err)
		}
		d, err := parse.Parse(n.Name(), data)
		if err != nil {
			return fmt.Errorf("knowledge: starter %s: %w", n.Name(), err)
		}
		docs = append(docs, d)
	}
	if err := s.save(ctx, docs, "starter", &rep); err != nil {
		return fmt.Errorf("knowledge: starter: %w", err)
	}
	if rep.NewVersions == 0 {
		return nil
	}
	return s.Relink(ctx)
}
