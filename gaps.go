package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"greendesk/desk"
	"greendesk/knowledge"
)

// gapsCmd exports the questions that were not answered well, for labelling.
type gapsCmd struct {
	Since string `help:"从哪天起，例如 2026-11-01；空为全部。" placeholder:"DAY"`
}

// gapLine is one gap: a labelled question without its label.
type gapLine struct {
	ID            string             `json:"id"`
	Q             string             `json:"q"`
	Prev          string             `json:"prev,omitempty"`
	Kind          string             `json:"kind"`
	Day           string             `json:"day"`
	LawDay        string             `json:"law_day,omitempty"`
	Action        string             `json:"action"`
	Probabilities map[string]float64 `json:"probabilities"`
	Shown         []gapCandidate     `json:"shown"`
}

type gapCandidate struct {
	Doc    string  `json:"doc"`
	Ref    string  `json:"ref"`
	Clause string  `json:"clause"`
	Score  float64 `json:"score"`
}

// Run implements the command.
func (cmd *gapsCmd) Run(ctx context.Context, s *Settings) error {
	var since time.Time
	if cmd.Since != "" {
		var err error
		if since, err = time.ParseInLocation(time.DateOnly, cmd.Since, time.Local); err != nil {
			return fmt.Errorf("--since 要写成 2026-11-01 这样，现在是 %s", cmd.Since)
		}
	}
	return withRecord(ctx, s, "export", "gaps", cmd.Since, func(c *core) error { return exportGaps(ctx, c, since) })
}

func exportGaps(ctx context.Context, c *core, since time.Time) error {
	gaps, err := desk.New(c.db, nil, c.log, c.now).Gaps(ctx, since)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, g := range gaps {
		line := gapLine{ID: g.ID, Q: g.Question, Prev: g.Previous, Kind: g.Kind, Day: g.At.Format(time.DateOnly), LawDay: g.LawDay, Action: g.Action, Probabilities: g.Probabilities}
		if line.Shown, err = gapCandidates(ctx, c.store, g.Candidates); err != nil {
			return err
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "%d 个没答好的问题。标注前请去掉人名、电话和企业名，换个说法；补上 gold 或 want 就能用来 eval 和 tune。\n", len(gaps))
	return nil
}

// gapCandidates names the clauses; one that is gone keeps its id alone.
func gapCandidates(ctx context.Context, store *knowledge.Store, cs []desk.Candidate) ([]gapCandidate, error) {
	ids := make([]string, len(cs))
	for i, c := range cs {
		ids[i] = c.Clause
	}
	places, err := store.Places(ctx, ids)
	out := make([]gapCandidate, len(cs))
	for i, c := range cs {
		p := places[c.Clause]
		out[i] = gapCandidate{Doc: p.Document, Ref: p.Ref, Clause: c.Clause, Score: c.Score}
	}
	return out, err
}
