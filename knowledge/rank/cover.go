package rank

// Cover measures how much of a question other texts have, one after another.
// It is not safe for concurrent use.
type Cover struct{ m *meter }

// NewCover prepares the measure for one question.
func NewCover(q *Question, stats Statistics) *Cover { return &Cover{m: newMeter(q, stats)} }

// Of is the weighted share of the question's concepts in a folded text, 0 to 1.
func (c *Cover) Of(folded string) float64 {
	set := c.m.table.scanText(folded)
	return c.m.cover(&set)
}
