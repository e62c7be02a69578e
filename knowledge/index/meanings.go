package index

import "context"

// Meanings are the vectors of all entries: of their texts, of parts of the longer
// ones, and of their standard questions. Each kind is searched by itself: a
// question is nearer to any other question than to the text that answers it.
type Meanings struct{ Texts, Parts, Asked *Vectors }

// NewMeanings makes one without vectors.
func NewMeanings() Meanings {
	return Meanings{Texts: NewVectors(), Parts: NewVectors(), Asked: NewVectors()}
}

// Len is how many vectors there are.
func (m Meanings) Len() int { return m.Texts.Len() + m.Parts.Len() + m.Asked.Len() }

// Delete removes the vectors of a clause; an unknown one is no error.
func (m Meanings) Delete(clause string) {
	for _, x := range []*Vectors{m.Texts, m.Parts, m.Asked} {
		x.Delete(clause)
	}
}

// Near finds the entries in force on day (any when empty) that are nearest to v,
// best first: limit by their standard questions, then by their texts, then by
// parts of them. Scores put them in order and mean nothing else.
func (m Meanings) Near(ctx context.Context, v []float32, day string, limit int) ([]Hit, error) {
	if err := ctx.Err(); err != nil || len(v) == 0 {
		return nil, err
	}
	var out []Hit
	there := map[*Entry]bool{}
	for _, x := range []*Vectors{m.Asked, m.Texts, m.Parts} {
		for _, h := range x.Near(v, day, limit) {
			if !there[h.Entry] {
				there[h.Entry] = true
				out = append(out, Hit{Entry: h.Entry, Score: 1 / float64(len(out)+1)})
			}
		}
	}
	return out, nil
}

// Cosines compares clauses with a question's vector: their texts, each by its
// nearest part, and their standard questions. 0 stands for what has no vector.
func (m Meanings) Cosines(v []float32, clauses ...string) (text, asked []float64) {
	text, asked = m.Texts.Cosines(v, clauses...), m.Asked.Cosines(v, clauses...)
	for i, part := range m.Parts.Cosines(v, clauses...) {
		text[i] = max(text[i], part)
	}
	return text, asked
}
