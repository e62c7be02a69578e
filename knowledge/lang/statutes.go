package lang

import (
	_ "embed" // the list
	"strings"
)

//go:embed statutes.txt
var statutes string

// Statutes are the titles of national laws, regulations and rules, folded and
// without 中华人民共和国: names that a question may use though the knowledge base
// has no text of them.
func Statutes(f *Folder) []string {
	var out []string
	for line := range strings.Lines(statutes) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, f.Fold(line))
		}
	}
	return out
}
