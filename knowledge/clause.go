package knowledge

import (
	"strings"

	"greendesk/knowledge/parse"
)

// pathJoin separates headings in the path of a clause.
const pathJoin = " › "

// Clause is the smallest unit that is cited.
type Clause struct {
	ID        string // stable, URL-safe
	VersionID string
	Ordinal   int // position in its version, from 0
	Kind      parse.ClauseKind
	Ref       string // 第三十三条, or headings, or a question
	Article   int    // 0 for other kinds
	Sub       int    // 1 for 第十条之一
	Path      string // headings above, joined by " › "
	Heading   string
	Text      string // verbatim, paragraphs separated by \n
	Quoted    bool   // an excerpt of another document
}

// Entry is a clause with what a search needs to know about its version.
type Entry struct {
	Clause
	DocumentID    string
	Title         string // of the version, as printed
	DocumentKind  string
	Level         parse.Level
	Region        string
	Number        string
	Label         string
	ValidFrom     string
	ValidTo       string
	Incomplete    bool
	IncompleteWhy string
	Seq           int64
}

// Page is a clause with its surroundings, as a web page shows it.
type Page struct {
	Clause   Clause
	Version  Version
	Document Document
	Prev     *Clause   // neighbour before, nil at the beginning
	Next     *Clause   // neighbour behind, nil at the end
	Versions []Version // all of the document, newest first
}

// Headings splits the path of a clause.
func (c Clause) Headings() []string {
	if c.Path == "" {
		return nil
	}
	return strings.Split(c.Path, pathJoin)
}
