package knowledge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"greendesk/knowledge/index"
	"greendesk/knowledge/parse"
	"greendesk/knowledge/rank"
	"greendesk/knowledge/sense"
)

// batch is how many clauses go into the index at a time, so that searches in
// between wait little.
const batch = 2000

// Sync brings the embedded index up to the store: versions that are new or
// changed since the last call replace what the index has of them. It is cheap
// when nothing has changed.
func (e *Engine) Sync(ctx context.Context) error {
	return e.sync(ctx, func(int) {})
}

// sync is Sync; read is told how many clauses have been read at a time.
func (e *Engine) sync(ctx context.Context, read func(clauses int)) error {
	e.syncing.Lock()
	defer e.syncing.Unlock()
	if err := e.syncWords(ctx, read); err != nil {
		return err
	}
	return e.catchUp(ctx)
}

// syncWords brings the index of words up to the store.
func (e *Engine) syncWords(ctx context.Context, read func(clauses int)) error {
	generation, err := e.store.Generation(ctx)
	if err != nil {
		return err
	}
	if err := e.followCurators(ctx); err != nil {
		return err
	}
	if generation == e.seen {
		if e.names.Load() == nil { // all of it from a snapshot
			e.names.Store(newNameTable(e.local.Versions(), e.statutes))
		}
		return nil
	}
	versions := 0
	err = e.feed(ctx, e.seen, func(p part) error {
		ids := make([]string, len(p.versions))
		for i, v := range p.versions {
			ids[i] = v.ID
		}
		versions += len(ids)
		read(p.clauses)
		for _, x := range p.entries {
			e.learned(x)
		}
		return errors.Join(e.local.Delete(ctx, ids...), e.local.Put(ctx, p.entries))
	})
	if err != nil {
		return err
	}
	e.names.Store(newNameTable(e.local.Versions(), e.statutes))
	e.seen = generation
	e.changed = true
	e.log.InfoContext(ctx, "index synced", "generation", generation, "changed_versions", versions, "clauses", e.local.Len())
	return nil
}

// part is some of what has changed: whole versions, in the order of their
// changes.
type part struct {
	versions []*index.Version
	entries  []*index.Entry
	stored   []Entry // what the entries were made of
	upTo     int64   // the change up to which everything is known with it
	clauses  int     // read for it, those without an entry included
}

// feed reads what has changed in the store after since, in parts of at least
// a batch.
func (e *Engine) feed(ctx context.Context, since int64, fn func(part) error) error {
	var p part
	var v *index.Version
	err := e.store.EachClause(ctx, since, func(c Entry) error {
		if v == nil || v.ID != c.VersionID {
			if len(p.entries) >= e.batch {
				if err := fn(p); err != nil {
					return err
				}
				p = part{}
			}
			v = e.version(c)
			p.versions = append(p.versions, v)
		}
		p.upTo = c.Seq
		p.clauses++
		if !furniture(c) {
			p.entries, p.stored = append(p.entries, e.entry(c, v)), append(p.stored, c)
		}
		return nil
	})
	if err != nil || len(p.versions) == 0 {
		return err
	}
	return fn(p)
}

// worthSaving is from how many clauses on a snapshot starts faster than
// building the index from SQL matters.
const worthSaving = 10000

// Open makes the index ready: from the snapshot at path, as far as it goes,
// and from the store. A snapshot that cannot be used is no error: one of
// another database, or of a later state than this one was restored to. The
// snapshot is renewed when it was behind.
func (e *Engine) Open(ctx context.Context, path string) error {
	identity, err := e.store.Identity(ctx)
	if err != nil {
		return err
	}
	now, err := e.store.Generation(ctx)
	if err != nil {
		return err
	}
	if x, generation, err := index.Load(path, e.fingerprint+identity); err == nil && generation <= now {
		e.local, e.seen = x, generation
	}
	if err := e.Sync(ctx); err != nil {
		return err
	}
	if e.changed {
		e.save(ctx, path, identity)
	}
	e.lookAtServer(ctx)
	return nil
}

// save renews the snapshot when it is worth it. Without one the next start
// only takes longer.
func (e *Engine) save(ctx context.Context, path, identity string) {
	if identity == "" || e.local.Len() < e.saveFrom {
		return
	}
	if _, err := e.local.Save(path, e.fingerprint+identity, e.seen); err != nil {
		e.log.WarnContext(ctx, "index snapshot not saved", "error", err)
	}
}

// Follow keeps the index up to the store until ctx ends; imports by other
// processes show within a few seconds.
func (e *Engine) Follow(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := errors.Join(e.Sync(ctx), e.announce(ctx)); err != nil && ctx.Err() == nil {
				e.log.ErrorContext(ctx, "index not synced", "error", err)
			}
			e.watchServer(ctx)
		}
	}
}

// furniture are parts of a document that answer nothing: when it was adopted,
// and who signed it.
func furniture(c Entry) bool {
	return c.Kind == parse.Preamble && (c.Ref == "题注" || c.Ref == "落款")
}

func (e *Engine) version(c Entry) *index.Version {
	return &index.Version{ID: c.VersionID, Title: e.reader().Folder.Fold(titleCore(c.Title)), Name: c.Title, Number: c.Number, Level: string(c.Level),
		Region: c.Region, Label: c.Label, ValidFrom: c.ValidFrom, ValidTo: c.ValidTo}
}

// versionCache makes one index version of all clauses of a version.
type versionCache struct {
	engine *Engine
	made   map[string]*index.Version
}

func (vc *versionCache) of(c Entry) *index.Version {
	v, ok := vc.made[c.VersionID]
	if !ok {
		if vc.made == nil {
			vc.made = map[string]*index.Version{}
		}
		v = vc.engine.version(c)
		vc.made[c.VersionID] = v
	}
	return v
}

// learned adds the sense vectors of an entry's texts.
func (e *Engine) learned(x *index.Entry) *index.Entry {
	m := e.reader().Sense
	asked := slices.Collect(strings.Lines(x.Asked))
	x.Senses = make(sense.Rows, 0, sense.Size*(1+len(asked)))
	x.Senses.Add(m.Of(senseParts(x)...))
	for _, q := range asked {
		x.Senses.Add(m.Of(q))
	}
	return x
}

// senseParts are the texts that say what a clause is about.
func senseParts(x *index.Entry) []string {
	return []string{x.Version.Title, x.Path, x.Heading, x.Text}
}

func (e *Engine) entry(c Entry, v *index.Version) *index.Entry {
	f := e.reader().Folder
	x := &index.Entry{ID: c.ID, Version: v, Ref: c.Ref, Article: c.Article, Sub: c.Sub, Path: f.Fold(c.Path), Heading: e.headingOf(c), Text: f.Fold(c.Text), Quoted: c.Quoted}
	x.Cues = uint32(rank.ClauseCues(x.Text))
	x.Asked = e.askedOf(c, v)
	return x
}

// headingOf is the folded heading of a clause, its ref when it has none.
func (e *Engine) headingOf(c Entry) string {
	fold := e.Folder().Fold
	if heading := fold(c.Heading); c.Article > 0 || heading != "" {
		return heading
	}
	return fold(c.Ref)
}

// askedOf are the folded standard questions of a clause that are of use, one a
// line.
func (e *Engine) askedOf(c Entry, v *index.Version) string {
	asked := ""
	if v.ValidTo == "" || v.ValidTo > e.Today() {
		asked = e.asked(c.DocumentID, c.Title, c.Number, c.Clause)
	}
	if heading := e.headingOf(c); c.Level == parse.QA && heading != "" {
		asked = heading + "\n" + asked // the question of an answer is its first standard question
	}
	return asked
}
