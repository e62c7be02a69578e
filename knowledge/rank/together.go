package rank

import "greendesk/knowledge/sense"

// How close two clauses must be for both to answer one question: in the units
// of the scorer, as shares of what the first has of the question, and in sense.
// The closer bounds let one take the other's place, the wider ones let it be
// named beside.
var (
	beside  = closeness{score: 5, text: 0, meaning: 0.75, alike: 0.55}
	instead = closeness{score: 2, text: 0.9, meaning: 0.9, alike: 0.65}
)

type closeness struct {
	score   float64 // behind the first at most
	text    float64 // of the concepts that the first has in its text
	meaning float64 // of the first's likeness to the question in sense
	alike   float64 // of the two clauses in sense
}

// Together reports whether a clause answers the question that the first
// answers, too: it settles the same kind of thing (a fine, or none), has nearly as
// much of the question and means nearly the same. place is whether it is so
// close that it could stand in the first's place.
func Together(first, other Ranked) (too, place bool) {
	return beside.holds(first, other), instead.holds(first, other)
}

// The cues that say what kind of thing a clause settles: a fine, a definition,
// rights.
const kindCues Cues = cueFine | cueDefine | cueRights

// Bits of clauseCues.
const (
	cueFine   Cues = 1 << 0
	cueDefine Cues = 1 << 9
	cueRights Cues = 1 << 10
)

func (c closeness) holds(first, other Ranked) bool {
	a, b := first.Vector, other.Vector
	return !other.Entry.Quoted && !b.Foreign() && a.Clause&kindCues == b.Clause&kindCues &&
		first.Score-other.Score <= c.score &&
		b.Base[fText] >= c.text*a.Base[fText] &&
		b.Base[fSenseText] >= c.meaning*a.Base[fSenseText] &&
		sense.Alike(first.Entry.Sense(), other.Entry.Sense()) >= c.alike
}
