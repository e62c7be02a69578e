package index

import (
	"cmp"
	"slices"
)

// Among gives the entries of these ids the scores that Search gives them, and
// returns the best q.Limit of those in force, best first. Ids that are not
// here, and entries that have nothing of the query, are left out.
func (x *Embedded) Among(q Query, ids []string) []Hit {
	x.nameEntries()
	x.mu.RLock()
	defer x.mu.RUnlock()
	docs := make([]uint32, 0, len(ids))
	for _, id := range ids {
		if doc, ok := x.byID[id]; ok {
			docs = append(docs, doc)
		}
	}
	slices.Sort(docs)
	docs = slices.Compact(docs)
	acc := x.accumulators()
	defer x.scratch.Put(acc)
	mean := x.mean()
	for _, t := range x.terms(q.Terms) {
		list := t.list
		for _, d := range docs {
			at, found := slices.BinarySearchFunc(list, d, func(p posting, d uint32) int { return cmp.Compare(p.doc(), d) })
			if list = list[at:]; !found {
				continue
			}
			if acc.scores[d] == 0 {
				acc.touched = append(acc.touched, d)
			}
			acc.scores[d] += t.weight * saturate(list[0].frequency(), x.lengths[d], mean)
		}
	}
	hits := x.best(acc, q)
	acc.clear()
	return hits
}

// Named returns the entries of these ids that are here and in force on day (any
// when empty), in the order of the ids.
func (x *Embedded) Named(ids []string, day string) []*Entry {
	x.nameEntries()
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []*Entry
	for _, id := range ids {
		if doc, ok := x.byID[id]; ok && (day == "" || x.entries[doc].Version.InForce(day)) {
			out = append(out, x.entries[doc])
		}
	}
	return out
}

// nameEntries makes the table of ids, which only Among and Named need.
func (x *Embedded) nameEntries() {
	x.mu.RLock()
	made := x.byID != nil
	x.mu.RUnlock()
	if made {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.byID = make(map[string]uint32, len(x.entries))
	for doc, e := range x.entries {
		if !x.dead[doc] {
			x.byID[e.ID] = uint32(doc) // #nosec G115 -- bounded by maxEntries
		}
	}
}

// Of returns the entries of versions.
func (x *Embedded) Of(versions ...string) []*Entry {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []*Entry
	for _, id := range versions {
		for _, doc := range x.versions[id] {
			out = append(out, x.entries[doc])
		}
	}
	return out
}

// Versions returns the versions that have entries, in the order of their ids.
func (x *Embedded) Versions() []*Version {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := make([]*Version, 0, len(x.versions))
	for _, docs := range x.versions {
		if len(docs) > 0 {
			out = append(out, x.entries[docs[0]].Version)
		}
	}
	slices.SortFunc(out, func(a, b *Version) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
