// Package index is the embedded search index: an inverted file over grams
// that lives in memory, is filled from SQL and can be kept on disk as one
// snapshot file. It is disposable: SQL is the truth.
package index

import (
	"cmp"

	"greendesk/knowledge/lang"
	"greendesk/knowledge/sense"
)

// Version is what all clauses of one version of a document share.
type Version struct {
	ID        string
	Title     string // folded title of the document, without 中华人民共和国
	Name      string // the title as written
	Number    string // 文号, "" when unknown
	Level     string // 法律, 行政法规, 地方性法规, 部门规章, 规范性文件, 问答 …
	Region    string // 全国, 河南省, 漯河市 …
	Label     string // which version: "2021-01-24"
	ValidFrom string // first day in force, "" when unknown
	ValidTo   string // first day no longer in force, "" when still in force

	TitleGrams Sequence // filled by Put
}

// InForce reports whether the version is in force on day ("2026-11-23"). Where
// its first day is not known, it is not before the year that its label names.
func (v *Version) InForce(day string) bool {
	return cmp.Or(v.ValidFrom, v.Label) <= day && (v.ValidTo == "" || day < v.ValidTo)
}

// Entry is one clause as the index knows it. Texts are folded (lang.Folder) and
// are given to Put only.
type Entry struct {
	ID      string // the clause's id in SQL
	Version *Version
	Ref     string // 第三十三条, or the heading path of a section
	Article int    // number of the article, 0 if it has none
	Sub     int    // 之一 is 1
	Path    string // folded chapter and headings above
	Heading string // folded heading of its own
	Text    string // folded text
	Asked   string // folded standard questions that the clause answers, one a line
	Cues    uint32 // what the clause settles (rank.ClauseCues)
	Quoted  bool   // an excerpt of another law inside this document

	// What it is about: first title, headings and text together, then each
	// standard question. They lie side by side as they are looked at together.
	Senses sense.Rows

	// Its vectors of a model of meaning, for an index that keeps them beside the
	// words; nil for one that does not. They are given to Put only.
	Meaning *Meaning

	// Put fills these and drops Path, Heading and Text: what searches look at
	// are grams.
	TextGrams, PathGrams, AskedGrams Sequence
}

// Sense is what title, headings and text are about; nil when that is not known.
func (e *Entry) Sense() sense.Vector {
	if e.Senses.Len() == 0 {
		return nil
	}
	return e.Senses.At(0)
}

// Meaning are the vectors of an entry: of its text and the parts of it, and of
// its standard questions.
type Meaning struct {
	Texts, Asked []Quantised
	Lacking      int // texts whose vector is not there yet
}

// Sequence is a folded text as the numbers of its grams; End stands between
// two sentences or lines.
type Sequence []uint32

// End ends a sentence in a Sequence.
const End = ^uint32(0)

// Hit is an entry found, with its score. Higher is better; scores of different
// questions do not compare.
type Hit struct {
	Entry *Entry
	Score float64
}

// Term is a piece of the question to look for.
type Term struct {
	Text   string // folded
	Weight float64
}

// Query asks for the best Limit entries that are in force on Day (any when
// Day is empty).
type Query struct {
	Terms []Term
	Day   string
	Limit int

	// Articles that the question names: a hint, where to look too. They leave
	// nothing out.
	Articles []lang.Article
}
