package knowledge

import (
	"slices"

	"greendesk/knowledge/rank"
)

// How far a clause that has just been shown steps back for a follow-up, in the
// units of the scorer: a little, or behind all that fit when the follow-up asks
// what comes the next time (那第二次呢).
const (
	shownStep = 1.0
	againStep = 8.0
)

func stepBack(ranked []rank.Ranked, shown []string, step float64) {
	for i := range ranked {
		if slices.Contains(shown, ranked[i].Entry.ID) {
			ranked[i].Score -= step
		}
	}
	rank.Sort(ranked)
}
