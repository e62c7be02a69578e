package lang

import (
	_ "embed" // the table
	"slices"
	"strings"
)

//go:embed trades.tsv
var embeddedTrades string

// Trades knows the trades and matters that a document can be about alone, by a
// word of its title, and what names each in a question. It only reads.
type Trades struct{ all []trade }

type trade struct {
	title string
	signs []string
}

// EmbeddedTrades reads the table that the program carries.
func EmbeddedTrades() *Trades {
	t := &Trades{}
	for line := range strings.Lines(embeddedTrades) {
		if title, signs, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && !strings.HasPrefix(title, "#") {
			t.all = append(t.all, trade{title, strings.Fields(signs)})
		}
	}
	return t
}

// Unnamed are the title words of the trades that none of some folded texts
// names. A document with one of them in its title is about something else.
func (t *Trades) Unnamed(texts ...string) []string {
	var out []string
	for _, x := range t.all {
		named := slices.ContainsFunc(texts, func(text string) bool {
			return strings.Contains(text, x.title) || slices.ContainsFunc(x.signs, func(sign string) bool { return strings.Contains(text, sign) })
		})
		if !named {
			out = append(out, x.title)
		}
	}
	return out
}
