package knowledge

import (
	"cmp"
	"regexp"
	"slices"

	"greendesk/knowledge/parse"
)

// neverValid ends a replaced version whose beginning is unknown before any day that
// people ask about.
const neverValid = "1900-01-01"

// linked is what the linking of versions reads and writes of one version.
type linked struct {
	Version
	key string // title key of its document
}

// repeal is one declaration of 废止.
type repeal struct {
	by          string // version id
	key, number string
}

// validity is the outcome for one version.
type validity struct {
	from, to string
	ended    Ended
	by       string
}

// oneOff: documents of these kinds stand side by side under one title; a later one
// does not amend an earlier one.
var oneOff = regexp.MustCompile(`(?:决定|决议|批复|公告|通告|通报|复函|函|答复)$`)

// link computes the validity of every version. Versions of one title form a chain by
// the day they take effect: on any day at most one is in force. Two imports of one
// edition (same label, or same first day) compete, and one replaces the others. A
// repeal ends the versions it names, a 有效期 ends its own.
func link(versions []linked, repeals []repeal) map[string]validity {
	out := make(map[string]validity, len(versions))
	chains := map[string][]linked{}
	byID := map[string]linked{}
	for _, v := range versions {
		v.ValidFrom = validFrom(v.Version)
		out[v.ID] = validity{from: v.ValidFrom}
		chains[v.key] = append(chains[v.key], v)
		byID[v.ID] = v
	}
	for _, chain := range chains {
		linkChain(chain, out)
	}
	for _, r := range repeals {
		by, ok := byID[r.by]
		if !ok || out[r.by].ended == Replaced {
			continue
		}
		applyRepeal(by, r, chains[r.key], out)
	}
	for _, v := range versions {
		if v.Expires != "" {
			end(out, v.ID, v.Expires, Expired, "")
		}
	}
	return out
}

// validFrom: an amended law keeps the date of its first text in the last article, so
// the version begins on the later of that day and the day the version was made.
func validFrom(v Version) string {
	made := v.Label
	if len(made) < len("2006-01-02") {
		made = max(v.Published, v.Adopted)
	}
	return max(v.Effective, made)
}

// linkChain orders the versions of one title and ends each by the next.
func linkChain(chain []linked, out map[string]validity) {
	slices.SortFunc(chain, func(a, b linked) int {
		return cmp.Or(cmp.Compare(a.ValidFrom, b.ValidFrom), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Added, b.Added))
	})
	var row []linked // one for each edition
	for _, v := range chain {
		row = settle(row, v, out)
	}
	slices.SortStableFunc(row, func(a, b linked) int { return cmp.Compare(a.ValidFrom, b.ValidFrom) })
	for i, v := range row {
		if oneOff.MatchString(v.key) {
			continue
		}
		for _, next := range row[i+1:] {
			if next.ValidFrom > v.ValidFrom {
				end(out, v.ID, next.ValidFrom, Superseded, next.ID)
				break
			}
		}
	}
}

// settle adds v to the row; while it is of one edition with another, one of the two
// replaces the other and meets the rest.
func settle(row []linked, v linked, out map[string]validity) []linked {
	for {
		i := slices.IndexFunc(row, func(w linked) bool { return sameEdition(v, w) })
		if i < 0 {
			return append(row, v)
		}
		w := row[i]
		row = slices.Delete(row, i, i+1)
		if better(w, v) {
			v, w = w, v
		}
		replace(out, w, v)
	}
}

func replace(out map[string]validity, loser, winner linked) {
	for id, x := range out { // those that the loser had replaced
		if x.by == loser.ID && x.ended == Replaced {
			x.by = winner.ID
			out[id] = x
		}
	}
	x := out[loser.ID]
	x.to, x.ended, x.by = cmp.Or(x.from, neverValid), Replaced, winner.ID
	out[loser.ID] = x
}

// sameEdition: same label; or one day of effect; or one number, when a copy does not
// know the day or is cut off.
func sameEdition(a, b linked) bool {
	if a.Label == b.Label && a.Label != "" {
		return true
	}
	if a.ValidFrom == b.ValidFrom && (a.ValidFrom != "" || a.Label == b.Label) && !oneOff.MatchString(a.key) {
		return true
	}
	return a.Number != "" && a.Number == b.Number &&
		(a.ValidFrom == "" || b.ValidFrom == "" || a.Incomplete || b.Incomplete)
}

// better reports whether a stays when b comes: a whole text beats one that is cut off;
// of two with one label the later import is the correction; else the one that knows
// its number and dates.
func better(a, b linked) bool {
	if a.Incomplete != b.Incomplete {
		return b.Incomplete
	}
	if a.Label != b.Label {
		if x, y := known(a), known(b); x != y {
			return x > y
		}
	}
	return a.Added > b.Added
}

func known(v linked) int {
	n := 0
	for _, s := range []string{v.Number, v.Published + v.Adopted, v.Issuer} {
		if s != "" {
			n++
		}
	}
	return n
}

// applyRepeal ends the versions that r names. With a number it is the version of that
// number; when no version has it, and without a number, every earlier one. A document
// does not repeal earlier texts of its own title this way: the chain ends them.
func applyRepeal(by linked, r repeal, chain []linked, out map[string]validity) {
	day := cmp.Or(by.Effective, by.ValidFrom)
	if day == "" {
		return
	}
	var exact, earlier []linked
	for _, v := range chain {
		switch {
		case v.ID == by.ID:
		case r.number != "" && v.Number == r.number:
			exact = append(exact, v)
		case v.key != by.key && v.ValidFrom < day:
			earlier = append(earlier, v)
		}
	}
	if len(exact) > 0 {
		earlier = exact
	}
	for _, v := range earlier {
		end(out, v.ID, day, Repealed, by.ID)
	}
}

// end sets the day a version ends, if it has not ended before.
func end(out map[string]validity, id, day string, why Ended, by string) {
	x := out[id]
	if x.ended == Replaced || (x.to != "" && x.to <= day) {
		return
	}
	x.to, x.ended, x.by = day, why, by
	out[id] = x
}

// repealKey normalises the title of a repeal as documents are normalised.
func repealKey(r parse.Repeal) string { return parse.TitleKey(r.Title) }
