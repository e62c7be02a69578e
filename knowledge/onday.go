package knowledge

import (
	"context"
	"fmt"
	"slices"

	"greendesk/knowledge/index"
	"greendesk/knowledge/rank"
	"greendesk/knowledge/sense"
)

// absentStep is how much better a clause must answer, whose law is not known as it
// was on the day asked for, than the best of that day's, in the units of the
// scorer, before it is said that the text is missing.
const absentStep = 1.0

// How alike in sense a clause of an earlier text must be to today's to be taken
// for what it was then: by itself, or when it is among the first that the
// question finds in that day's law.
const (
	counterpart      = 0.85
	foundCounterpart = 0.6
	foundAmong       = 5
)

// onDay turns to the law of the day asked for. Standard questions and what was
// learned are about today's law. So the clause that answers today is sought
// first; what stood in its place then answers for that day as surely as it
// does today. When the store has no text of its law, or of one that this law has
// repealed, that was in force then, it is Absent, unless another law of that
// day answers as well. meant is the question's vector under way, or nil.
func (e *Engine) onDay(ctx context.Context, res *Result, meant *asking) error {
	all, err := e.rank(ctx, res.weights, res.Question, "", meant)
	if err != nil {
		return err
	}
	today := e.Today()
	now := slices.DeleteFunc(slices.Clone(all), func(r rank.Ranked) bool { return !r.Entry.Version.InForce(today) || tierOf(r) == 0 })
	if len(now) == 0 || now[0].Entry.Version.InForce(res.Day) {
		return nil
	}
	versions, err := e.store.versionsOn(ctx, now[0].Entry.Version.ID, res.Day)
	if err != nil {
		return err
	}
	if len(versions) > 0 {
		e.putCounterpart(res, now, versions)
		return nil
	}
	then := slices.IndexFunc(all, func(r rank.Ranked) bool { return r.Entry.Version.InForce(res.Day) && tierOf(r) > 0 })
	if then < 0 || all[then].Score < now[0].Score-absentStep {
		res.Absent = now[0].Entry.Version.Name
		res.trustOf(now)
	}
	return nil
}

// putCounterpart puts the clause first that stood in the place of today's
// first, if there is one that is enough like it.
func (e *Engine) putCounterpart(res *Result, now []rank.Ranked, versions []string) {
	var best *index.Entry
	likest := 0.0
	for _, x := range e.local.Of(versions...) {
		least := counterpart
		if at := slices.IndexFunc(res.Ranked, func(r rank.Ranked) bool { return r.Entry == x }); at >= 0 && at < foundAmong {
			least = foundCounterpart
		}
		if s := sense.Alike(now[0].Entry.Sense(), x.Sense()); s >= least && s > likest {
			best, likest = x, s
		}
	}
	if best == nil {
		return
	}
	vs := rank.Measure(res.Question, []index.Hit{{Entry: best, Score: 1}}, nil, e.local)
	first := rank.Ranked{Entry: best, Score: now[0].Score, Vector: &vs[0]}
	if len(res.Ranked) > 0 {
		first.Score = max(first.Score, res.Ranked[0].Score)
	}
	rest := slices.DeleteFunc(res.Ranked, func(r rank.Ranked) bool { return r.Entry == best })
	res.Ranked = append([]rank.Ranked{first}, rest...)
	res.trustOf(now)
}

// trustOf has what today's law answers decide how far the result is trusted.
func (r *Result) trustOf(now []rank.Ranked) {
	confidence := rank.Trust(now)
	r.confidence = &confidence
}

// versionsOn are the versions in force on a day of a version's document, and of
// the documents that this one has repealed.
func (s *Store) versionsOn(ctx context.Context, version, day string) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT w.id FROM versions w
		WHERE w.valid_from <= $2 AND (w.valid_to = '' OR w.valid_to > $2)
		AND (w.document_id = (SELECT v.document_id FROM versions v WHERE v.id = $1)
			OR w.ended_by IN (SELECT x.id FROM versions x JOIN versions v ON v.document_id = x.document_id WHERE v.id = $1)) ORDER BY w.id`, version, day)
	if err != nil {
		return nil, fmt.Errorf("versions on a day: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("versions on a day: %w", err)
		}
		out = append(out, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("versions on a day: %w", err)
	}
	return out, nil
}
