// Package knowledge holds policy documents: import, structure, versions, search, the
// answer and the decision to give none.
package knowledge

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/knowledge/parse"
)

// Store keeps documents in SQL. It is safe for concurrent use.
type Store struct {
	db    *db.DB
	log   *slog.Logger
	now   func() time.Time
	queue *jobs.Queue // nil when nobody follows
}

// New returns a store on a migrated database. now is the clock for imported_at.
func New(d *db.DB, log *slog.Logger, now func() time.Time) *Store {
	return &Store{db: d, log: log, now: now}
}

// Document is a title with all its versions.
type Document struct {
	ID     string
	Title  string // as printed in the version added last
	Key    string // parse.TitleKey of the title
	Kind   string // 法规, 文件, 名录, 问答 …
	Region string // 全国, 河南省, 漯河市 …
	Level  parse.Level
}

// stableID derives a short URL-safe id (16 characters of base32, 80 bits) from what
// identifies a thing, so that importing the same files elsewhere gives the same ids.
func stableID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:10]))
}

func documentID(key string) string { return stableID("document", key) }

// versionID: edition counts versions of one title and label, 0 for the first.
func versionID(key, label string, edition int) string {
	return stableID("version", key, label, fmt.Sprint(edition))
}

// clauseID: see stableID. Two clauses of one version differ in their ordinal.
func clauseID(key, label string, edition int, ref string, ordinal int) string {
	if edition == 0 {
		return stableID("clause", key, label, ref, fmt.Sprint(ordinal))
	}
	return stableID("clause", key, label, fmt.Sprint(edition), ref, fmt.Sprint(ordinal))
}

// contentHash is the sha256 (hex) of what makes a version: title, label, number, dates
// and the texts of its clauses without blanks. Importing the same content again, under
// whatever file name, gives the same hash.
func contentHash(d parse.Document) string {
	h := sha256.New()
	for _, s := range []string{parse.TitleKey(d.Title), d.Label, d.Number, d.Adopted, d.Published, d.Effective, d.Repealed} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	blank := strings.NewReplacer(" ", "", "\n", "", "\t", "", "\u3000", "")
	for _, c := range d.Clauses {
		_, _ = io.WriteString(h, "\x00") // a hash never fails
		_, _ = blank.WriteString(h, c.Ref)
		_, _ = io.WriteString(h, "\x00")
		_, _ = blank.WriteString(h, c.Text)
	}
	return hex.EncodeToString(h.Sum(nil))
}
