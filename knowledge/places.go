package knowledge

import (
	"slices"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/rank"
)

// placesOf are the provinces and cities that a question speaks of: its own or,
// where it goes on from it, those of the message before.
func (e *Engine) placesOf(q *rank.Question, prev string) []lang.Place {
	own := e.regions.Named(q.Folded)
	if len(own) == 0 && q.FollowUp {
		return e.regions.Named(e.Folder().Fold(prev))
	}
	return own
}

// binding leaves out the hits that do not bind where the question speaks of.
func (e *Engine) binding(q *rank.Question, hits []index.Hit) []index.Hit {
	return slices.DeleteFunc(hits, func(h index.Hit) bool { return e.elsewhere(q, h.Entry.Version) })
}

// elsewhere reports whether a rule is of a place that the question does not
// speak of, and the question names a place: it does not bind there.
func (e *Engine) elsewhere(q *rank.Question, v *index.Version) bool {
	if len(q.Places) == 0 || slices.Contains(q.Laws, v.Title) {
		return false
	}
	p, ok := e.regions.Place(v.Region)
	return ok && !p.Binds(q.Places)
}
