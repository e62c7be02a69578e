package knowledge

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"greendesk/internal/db"
	"greendesk/internal/embeddings"
	"greendesk/internal/jobs"
	"greendesk/knowledge/index"
)

// KindEmbed is the kind of job that computes the vectors that are missing.
const KindEmbed = "embed"

const (
	embedBatch    = 16               // texts in one request
	embedDeadline = 30 * time.Second // for one request
	embedStint    = 20 * time.Second // of one run of the job, before others have a turn
	embedPause    = time.Minute      // after the server failed
	lookEvery     = 20 * time.Second // for what other processes compute
)

// catchUp brings the vectors in memory up to the index: what is kept in SQL is
// taken from there, the rest is wanted.
func (e *Engine) catchUp(ctx context.Context) error {
	m := e.meaning
	if m == nil {
		return nil
	}
	if e.seen != m.seen {
		if err := e.wish(ctx, m); err != nil {
			return err
		}
		m.seen, m.announced = e.seen, false
	} else if !m.moved(ctx) {
		return nil
	}
	return m.fill(ctx)
}

// announce asks for a job when vectors have come to be missing.
func (e *Engine) announce(ctx context.Context) error {
	e.syncing.Lock()
	defer e.syncing.Unlock()
	m := e.meaning
	if m == nil || m.queue == nil || m.announced {
		return nil
	}
	if e.MeaningStats().Missing > 0 {
		err := m.store.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return m.queue.Enqueue(ctx, tx, KindEmbed, struct{}{}, jobs.EnqueueOptions{UniqueKey: m.model, Priority: 4})
		})
		if err != nil {
			return err
		}
	}
	m.announced = true
	return nil
}

// wish notes the texts of all clauses that changed in the index.
func (e *Engine) wish(ctx context.Context, m *semantics) error {
	versions := versionCache{engine: e}
	changed := map[string]bool{}
	var entries map[string]*index.Entry // of the version that is read
	var wishes []wish
	err := e.store.EachClause(ctx, m.seen, func(c Entry) error {
		if !changed[c.VersionID] {
			changed[c.VersionID], entries = true, byID(e.local.Of(c.VersionID))
		}
		m.Delete(c.ID)
		x, ok := entries[c.ID]
		if !ok {
			return nil // not for answers
		}
		for _, w := range e.wishesOf(c, versions.of(c)) {
			w.entry = x
			wishes = append(wishes, w)
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, w := range m.wanted { // what the changed versions wanted before
		w.entries = slices.DeleteFunc(w.entries, func(x *index.Entry) bool { return changed[x.Version.ID] })
		if len(w.entries) == 0 {
			delete(m.wanted, key)
		}
	}
	for _, w := range wishes {
		if m.wanted[w.key] == nil {
			m.wanted[w.key] = &w.want
		}
		m.wanted[w.key].entries = append(m.wanted[w.key].entries, w.entry)
	}
	return nil
}

// wish is one text of one entry.
type wish struct {
	key   string
	want  want
	entry *index.Entry
}

// wishesOf are the texts of a clause that a model of meaning compares with
// questions.
func (e *Engine) wishesOf(c Entry, v *index.Version) []wish {
	var out []wish
	for i, text := range passages(c.Title, c.Clause) {
		kind := partOfText
		if i == 0 {
			kind = wholeText
		}
		out = append(out, wish{key: fingerprint(text), want: want{kind: kind}})
	}
	for q := range strings.Lines(e.askedOf(c, v)) {
		q = strings.TrimSpace(q)
		out = append(out, wish{key: fingerprint(q), want: want{kind: standardQuestion, question: q}})
	}
	return out
}

func byID(entries []*index.Entry) map[string]*index.Entry {
	out := make(map[string]*index.Entry, len(entries))
	for _, x := range entries {
		out[x.ID] = x
	}
	return out
}

// moved reports whether another process has kept vectors that are wanted. It
// looks every lookEvery.
func (m *semantics) moved(ctx context.Context) bool {
	m.mu.Lock()
	wanted := len(m.wanted)
	m.mu.Unlock()
	if wanted == 0 || time.Since(m.looked) < lookEvery {
		return false
	}
	m.looked = time.Now()
	n, err := m.store.countVectors(ctx, m.model)
	changed := err == nil && n != m.stored
	m.stored = n
	return changed
}

// fill takes from SQL what is wanted and there.
func (m *semantics) fill(ctx context.Context) error {
	m.mu.Lock()
	keys := make([]string, 0, len(m.wanted))
	for k := range m.wanted {
		keys = append(keys, k)
	}
	m.mu.Unlock()
	found, err := m.store.vectors(ctx, m.model, keys)
	if err != nil {
		return err
	}
	m.take(found)
	return nil
}

// take gives vectors to the entries that wait for them.
func (m *semantics) take(found map[string]index.Quantised) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, v := range found {
		w := m.wanted[key]
		if w == nil {
			continue
		}
		for _, x := range w.entries {
			m.of(w.kind).Put(x, v)
		}
		m.client.Expect(len(v))
		delete(m.wanted, key)
	}
}

// embedJob computes missing vectors for a while. It comes back until none is
// missing; while the server fails it rests in between.
func (e *Engine) embedJob(ctx context.Context) error {
	if err := e.Sync(ctx); err != nil {
		return err
	}
	m := e.meaning
	for began := time.Now(); time.Since(began) < embedStint; {
		left, err := m.embedSome(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			m.log.WarnContext(ctx, "vectors not computed", "error", err, "again_in", m.pause)
			return jobs.Snooze(m.pause)
		case err != nil:
			return err
		case left == 0:
			return e.embedded(ctx)
		}
	}
	return jobs.Snooze(0)
}

// Embed computes all missing vectors of an opened engine. progress, if not
// nil, is told how many of how many are done. It ends at the first failure of
// the server; what is done is kept. Without a model there is nothing to do.
func (e *Engine) Embed(ctx context.Context, progress func(done, total int)) error {
	m := e.meaning
	if m == nil {
		return nil
	}
	total := e.MeaningStats().Missing
	for left := total; left > 0; {
		var err error
		if left, err = m.embedSome(ctx); err != nil {
			return err
		}
		if progress != nil {
			progress(total-left, total)
		}
	}
	return e.embedded(ctx)
}

// embedded ends the work when no vector is missing: those of other models go,
// and the search server gets what it lacks.
func (e *Engine) embedded(ctx context.Context) error {
	return errors.Join(e.meaning.store.keepVectors(ctx, e.meaning.model), e.CheckServer(ctx))
}

// embedSome computes the vectors of one batch and returns how many texts are
// left.
func (m *semantics) embedSome(ctx context.Context) (left int, err error) {
	batch, err := m.nextBatch(ctx)
	if err != nil {
		return 0, err
	}
	made := map[string]index.Quantised{}
	refused, err := m.compute(ctx, batch.passages, m.client.Passages, made)
	if err != nil {
		return 0, err
	}
	more, err := m.compute(ctx, batch.questions, m.client.Queries, made)
	if err != nil {
		return 0, err
	}
	refused = append(refused, more...)
	if len(refused) > 1 && len(made) == 0 {
		return 0, fmt.Errorf("%w: %d texts in a row", embeddings.ErrRefused, len(refused))
	}
	if err := m.store.saveVectors(ctx, m.model, made); err != nil {
		return 0, err
	}
	m.take(made)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range refused {
		m.refused[key] = true
		delete(m.wanted, key)
	}
	return len(m.wanted), nil
}

// text is a text to compute, with its fingerprint.
type text struct{ key, text string }

// compute asks for the vectors of some texts and adds them to made. When the
// server refuses them together it gets them by halves, until those are found
// that it refuses alone: they are returned.
func (m *semantics) compute(ctx context.Context, texts []text, call func(context.Context, ...string) ([][]float32, error), made map[string]index.Quantised) (refused []string, err error) {
	if len(texts) == 0 {
		return nil, nil
	}
	in := make([]string, len(texts))
	for i, t := range texts {
		in[i] = t.text
	}
	limited, cancel := context.WithTimeout(ctx, embedDeadline)
	vs, err := call(limited, in...)
	cancel()
	if errors.Is(err, embeddings.ErrRefused) {
		if len(texts) == 1 {
			m.log.WarnContext(ctx, "a text has no vector", "error", err)
			return []string{texts[0].key}, nil
		}
		half := len(texts) / 2
		refused, err = m.compute(ctx, texts[:half], call, made)
		if err != nil {
			return nil, err
		}
		more, err := m.compute(ctx, texts[half:], call, made)
		return append(refused, more...), err
	}
	if err != nil {
		return nil, err
	}
	for i, t := range texts {
		made[t.key] = index.Quantise(vs[i])
	}
	return nil, nil
}

// textBatch are texts to compute.
type textBatch struct{ passages, questions []text }

// nextBatch picks some of the wanted texts and reads those of clauses. What
// is no longer a text of its clause is not wanted.
func (m *semantics) nextBatch(ctx context.Context) (textBatch, error) {
	var b textBatch
	clauses := map[string]string{} // fingerprint → the id of a clause that has the text
	titles := map[string]string{}
	m.mu.Lock()
	for key, w := range m.wanted {
		if w.kind == standardQuestion {
			b.questions = append(b.questions, text{key, w.question})
		} else {
			clauses[key], titles[w.entries[0].ID] = w.entries[0].ID, w.entries[0].Version.Name
		}
		if len(b.questions)+len(clauses) == embedBatch {
			break
		}
	}
	m.mu.Unlock()
	stored, err := m.store.Clauses(ctx, slices.Collect(maps.Keys(titles)))
	if err != nil {
		return b, err
	}
	for id, c := range stored {
		for _, p := range passages(titles[id], c) {
			if key := fingerprint(p); clauses[key] == id {
				b.passages = append(b.passages, text{key, p})
				delete(clauses, key)
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range clauses {
		delete(m.wanted, key)
	}
	return b, nil
}
