// Package parse turns the bytes of a policy document into its structure: metadata,
// and the clauses a citation can point to.
//
// It is pure: no files, no clock, no database. The text of a clause is verbatim but
// for three things that carry no meaning: runs of blanks become one blank, blanks at
// the ends of a line go, and what the publishing site added (containers, tabs, link
// tables, icons, anchors, HTML tags) is taken away.
//
// The way of a file: decode (bytes → UTF-8), blocks (markdown.go, plain.go,
// htmlfile.go: headings, paragraphs, table rows), structure.go (blocks → clauses),
// metadata (meta.go and its neighbours).
package parse

// Document is one version of one policy document.
type Document struct {
	Title  string // as printed, blanks between Chinese characters removed
	Number string // 文号, brackets normalised: 法释〔2023〕7号, 国务院令第736号; "" when none is given
	Issuer string // 发布机关; several are joined by 、
	Level  Level
	Region string // 全国, 河南省, 漯河市 …
	Kind   string // 法规 (has articles), 文件 (sections), 名录 (rows), 问答, or what the front matter says

	// Dates are YYYY-MM-DD, or "" when the text does not give them.
	Adopted   string // 通过, or the last 修订 or 修正
	Published string // 公布, 发布, 印发
	Approved  string // 批准
	Effective string // 施行, as the text says (an amended law keeps its first date)
	Repealed  string // first day on which it no longer applies, from 有效期 in its own text

	Repeals []Repeal // what its text declares 废止
	Label   string   // version label: the date in the file name, else of publication or adoption, else of effect
	Source  string   // address of the original, when the file gives one

	Incomplete    bool   // the file stops in the middle of a sentence
	IncompleteWhy string // Chinese, for people
	ToCheck       string // why a person should compare it with the original, Chinese; "" when there is no need

	Clauses  []Clause
	Warnings []string // Chinese, for the curator: gaps in the numbering, headings without text
}

// Repeal is a document that another one declares repealed.
type Repeal struct {
	Title  string
	Number string // "" when the text gives none; it then means every earlier version
}

// Level is the rank of a document in the legal order.
type Level string

// The levels. 立法法 (2023) chapters 2 to 4 define the first six; the rest are the
// product's own groups.
const (
	Law             Level = "法律"
	AdminRegulation Level = "行政法规"
	Judicial        Level = "司法解释"
	LocalRegulation Level = "地方性法规"
	DeptRule        Level = "部门规章"
	LocalRule       Level = "地方政府规章"
	Normative       Level = "规范性文件"
	Standard        Level = "标准"
	Catalogue       Level = "名录"
	QA              Level = "问答"
	Other           Level = "其他"
)

// ClauseKind tells what a clause is in its document.
type ClauseKind string

// The kinds of clauses.
const (
	Article  ClauseKind = "article"  // 第X条 of the document itself
	Section  ClauseKind = "section"  // the text under the lowest heading
	Question ClauseKind = "qa"       // one question with its answer
	Row      ClauseKind = "row"      // one row of a table
	Preamble ClauseKind = "preamble" // what stands before and after: 题注, 引言, 落款
)

// Clause is the smallest unit that is cited.
type Clause struct {
	Kind ClauseKind
	// Ref names the clause inside its document: 第三十三条, 第十条之一 for an article,
	// the headings above and of a section joined by a blank, the question of a Q&A
	// entry, headings and first cells of a row.
	Ref string
	// Path holds 编, 章, 节 or the headings above the clause, outermost first, without
	// the clause's own.
	Path    []string
	Heading string // the clause's own heading, "" when it has none
	Text    string // verbatim; paragraphs separated by \n
	Quoted  bool   // the clause is an excerpt of another document

	Article    int // number of the article, 0 for other kinds
	ArticleSub int // 1 for 第十条之一, 0 for 第十条
}
