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

// bestCover is the best cover among sets of grams.
type bestCover struct {
	m     *meter
	set   gramSet // that has it
	share float64
}

// see looks at one more set. One that has nothing that the best has not covers
// no more.
func (b *bestCover) see(set *gramSet) {
	if set.within(&b.set) {
		return
	}
	if share := b.m.cover(set); share > b.share {
		b.share, b.set = share, *set
	}
}

// cover is the weighted share of the question's concepts in a set of grams.
func (m *meter) cover(in *gramSet) float64 {
	if m.total == 0 {
		return 0
	}
	sum := 0.0
	for i := range m.concepts {
		if !m.concepts[i].grams.meets(in) {
			continue
		}
		own, means := m.concepts[i].strength(in)
		sum += m.concepts[i].weight * max(own, means)
	}
	return sum / m.total
}

// lacks is the weighted share of the message's own concepts that are not in a
// set of grams.
func (m *meter) lacks(in *gramSet) float64 {
	lacks, all := 0.0, 0.0
	for i := range m.concepts {
		c := &m.concepts[i]
		if c.earlier {
			continue
		}
		own, means := c.strength(in)
		all += c.weight
		lacks += c.weight * (1 - max(own, means))
	}
	if all == 0 {
		return 0
	}
	return lacks / all
}
