package parse

import (
	"strings"
)

// heading is one entry of the path above a clause.
type heading struct {
	text  string
	rank  rank // by its number; rankNone without one
	level int  // Markdown or HTML level, 0 when it was found in the text
	used  bool // a clause stands under it
	short bool // names what stands under it without the headings above
}

// builder turns blocks into clauses. It reads top to bottom and keeps the headings
// that are open and the clause that is being filled.
type builder struct {
	title    string
	articles bool // the document has articles of its own
	qa       bool // its lowest headings are questions

	clauses []Clause
	lines   []string // text of the open clause
	cur     *Clause  // open clause, nil when none
	stack   []heading
	run     [30]runState // per rank: how the present run of numbers is read
	last    int          // number of the last article
	annex   bool         // behind the last article
	began   bool         // a heading, an article or a rule has been seen
	box     box
	saved   []heading // stack outside the open titled box
	warn    []string

	seen     int              // clauses that are entered in sections
	sections map[string]int   // the last section of each name
	added    map[int][]string // lines that are added to a section at the end
	tables   int              // of named rows that the document has
	names    map[string]int   // of rows
	shortCur bool             // the open clause is named by its number
}

// runState is how the paragraphs 一、 二、 三、 of one run are read: what the first one
// is, all are.
type runState struct {
	style style
	n     int
}

type style int

const (
	asText    style = iota
	asHeading       // the line is a heading
	asRunIn         // 一、标题。正文
	asItem          // 一、整句: a clause named by its first words
)

func (b *builder) build(blocks []block) {
	for i, bl := range blocks {
		b.enter(bl.box)
		var next *block
		if i+1 < len(blocks) {
			next = &blocks[i+1]
		}
		switch {
		case bl.box.kind == noteBox && bl.kind == paraBlock:
			b.aside("题注", bl.text)
		case bl.box.kind == signBox && bl.kind == paraBlock:
			b.aside("落款", bl.text)
		case bl.kind == ruleBlock:
			b.rule()
		case bl.ends:
			b.endTable()
		case bl.row != nil:
			b.tableRow(bl)
		case bl.kind == rowBlock:
			b.row(bl)
		case bl.kind == headBlock:
			b.head(bl)
		default:
			b.para(bl, next)
		}
	}
	b.enter(box{})
	b.close()
	b.unused(0)
	for i, lines := range b.added {
		b.clauses[i].Text += "\n" + strings.Join(lines, "\n")
	}
}

// aside collects what stands outside the text proper. A neighbouring line of the same
// sort is added to the same clause.
func (b *builder) aside(ref, text string) {
	if b.cur == nil || b.cur.Kind != Preamble || b.cur.Ref != ref {
		b.close()
		b.cur, b.shortCur = &Clause{Kind: Preamble, Ref: ref}, false
	}
	b.lines = append(b.lines, text)
}

// enter follows containers with a title: 附录, 备注, 违反条款. At the top, or behind
// articles, such a container is a section of its own; inside a section it is text.
func (b *builder) enter(x box) {
	if x == b.box {
		return
	}
	was := b.box
	b.box = x
	if was.kind == titleBox && b.saved != nil {
		b.close()
		b.unused(0)
		b.stack, b.saved = b.saved, nil
	}
	if x.kind != titleBox {
		return
	}
	if !b.articles && len(b.stack) > 0 && !isAnnex(x.title) {
		b.text(x.title)
		return
	}
	b.close()
	b.saved = append([]heading{}, b.stack...)
	b.stack = nil
	b.pushAny(heading{text: x.title, level: 1})
}

func (b *builder) rule() {
	b.close()
	if b.saved == nil {
		b.unused(0)
		b.stack = nil
	}
	b.run = [30]runState{}
	b.began = b.began || len(b.clauses) > 0
	b.annex = b.annex || b.last > 0
}

func (b *builder) head(bl block) {
	if !b.began && len(b.clauses) == 0 && sameTitle(bl.text, b.title) {
		return
	}
	if b.articles && b.article(bl.text) {
		return
	}
	m := markerOf(bl.text)
	b.pushAny(heading{text: bl.text, rank: m.rank, level: bl.level, short: bl.short})
	if m.rank != rankNone {
		b.run[m.rank] = runState{asHeading, m.n}
	}
}

// push opens a heading: those that it does not stand under are closed.
func (b *builder) push(h heading) {
	b.close()
	keep := len(b.stack)
	for keep > 0 && !above(b.stack[keep-1], h) {
		keep--
	}
	b.unused(keep)
	b.stack = append(b.stack[:keep:keep], h)
	for r := h.rank + 1; h.rank != rankNone && int(r) < len(b.run); r++ {
		b.run[r] = runState{}
	}
	b.began = true
}

// above reports whether h stands under p. Levels of the file decide between two
// headings that have one, numbers between the others.
func above(p, h heading) bool {
	switch {
	case p.level > 0 && h.level > 0:
		return p.level < h.level
	case p.rank != rankNone && h.rank != rankNone:
		return p.rank < h.rank
	case h.level > 0:
		return false // a heading of the file ends what was found in the text
	}
	return p.level > 0
}

// unused handles headings from keep on that are closed without text. A chapter leaves
// no trace (a table of contents lists them all), anything else is a line of what
// stands above it.
func (b *builder) unused(keep int) {
	for i := len(b.stack) - 1; i >= keep; i-- {
		h := b.stack[i]
		if h.used || (h.rank != rankNone && h.rank <= rankPart) {
			continue
		}
		if b.articles && !b.annex && b.saved == nil {
			continue
		}
		b.warn = append(b.warn, "“"+h.text+"”下面没有正文，可能有表格或附件没有导入。")
		if i > 0 && !b.stack[i-1].used {
			b.stack[i-1].used = true
			b.clauses = append(b.clauses, Clause{Kind: Section, Ref: b.ref(i), Path: b.path(i - 1), Heading: b.stack[i-1].text, Text: h.text})
			continue
		}
		if i > 0 && b.addTo(b.ref(i), h.text) {
			continue
		}
		b.clauses = append(b.clauses, Clause{Kind: Section, Ref: b.ref(i + 1), Path: b.path(i), Heading: h.text, Text: h.text})
	}
}

// addTo adds a line to the last section with this name.
func (b *builder) addTo(ref, line string) bool { return b.addAllTo(ref, []string{line}) }

func (b *builder) addAllTo(ref string, lines []string) bool {
	for ; b.seen < len(b.clauses); b.seen++ {
		if c := &b.clauses[b.seen]; c.Kind == Section {
			b.sections[c.Ref] = b.seen
		}
	}
	i, ok := b.sections[ref]
	if ok {
		b.added[i] = append(b.added[i], lines...)
	}
	return ok
}

// path returns the texts of the first n open headings.
func (b *builder) path(n int) []string {
	if n <= 0 {
		return nil
	}
	out := make([]string, 0, n)
	for _, h := range b.stack[:n] {
		out = append(out, chapterTitle(h.text))
	}
	return out
}

func (b *builder) ref(n int) string {
	var parts []string
	for _, h := range b.stack[:n] {
		if h.short {
			parts = nil
		}
		parts = append(parts, h.text)
	}
	return strings.Join(parts, " ")
}

// text adds a line to the open clause; without one it opens the section under the
// present headings.
func (b *builder) text(line string) {
	if b.cur == nil || (b.cur.Kind == Preamble && b.cur.Ref != "引言") {
		b.close()
		b.open()
	}
	b.lines = append(b.lines, line)
}

func (b *builder) open() {
	n := len(b.stack)
	b.shortCur = false
	if n == 0 {
		b.cur = &Clause{Kind: Preamble, Ref: "引言"}
		if b.began {
			b.cur = &Clause{Kind: Section, Ref: "附注"}
		}
		return
	}
	for i := range b.stack {
		b.stack[i].used = true
	}
	b.shortCur = b.stack[n-1].short
	b.cur = &Clause{Kind: Section, Ref: b.ref(n), Path: b.path(n - 1), Heading: b.stack[n-1].text}
	if b.qa && isQuestion(b.stack[n-1].text) {
		b.cur.Kind, b.cur.Ref = Question, b.stack[n-1].text
	}
}

func (b *builder) close() {
	if b.cur != nil && len(b.lines) > 0 && b.shortCur && b.addAllTo(b.cur.Ref, b.lines) {
		b.cur, b.lines = nil, nil
		return
	}
	if b.cur != nil && len(b.lines) > 0 {
		b.cur.Text = strings.Join(b.lines, "\n")
		b.clauses = append(b.clauses, *b.cur)
	}
	b.cur, b.lines = nil, nil
}

// article opens an article when the line begins one of the document's own.
func (b *builder) article(line string) bool {
	h, ok := articleAt(line)
	if !ok || !b.follows(h) {
		return false
	}
	b.close()
	for i := range b.stack {
		b.stack[i].used = true
	}
	b.cur = &Clause{Kind: Article, Ref: ArticleRef(h.n, h.sub), Path: b.path(len(b.stack)), Article: h.n, ArticleSub: h.sub}
	b.last, b.began, b.shortCur = h.n, true, false
	body := strings.TrimLeft(line[h.end:], " :：")
	if name, rest, ok := bracketed(body); ok {
		b.cur.Heading, body = name, rest
	}
	if body != "" {
		b.lines = append(b.lines, body)
	}
	return true
}

// follows reports whether an article number goes on with the document's numbering. A
// clear head may skip numbers; one without a blank behind it must be the next.
func (b *builder) follows(h articleHead) bool {
	if b.annex {
		return false
	}
	if h.n == b.last+1 && h.sub == 0 || h.n == b.last && h.sub > 0 {
		return true
	}
	return h.apart && h.n > b.last && h.n < b.last+20 && b.last > 0
}

// bracketed takes 【立法目的】 off the beginning of an article.
func bracketed(s string) (name, rest string, ok bool) {
	for _, pair := range [][2]string{{"【", "】"}, {"［", "］"}} {
		if strings.HasPrefix(s, pair[0]) {
			if in, after, found := strings.Cut(s[len(pair[0]):], pair[1]); found && runes(in) <= 30 {
				return in, strings.TrimSpace(after), true
			}
		}
	}
	return "", s, false
}

// row makes a clause of a table row. A table inside an article stays in it.
func (b *builder) row(bl block) {
	text := rowText(bl.head, bl.cells)
	if text == "" {
		return
	}
	if b.cur != nil && b.cur.Kind == Article {
		b.lines = append(b.lines, text)
		return
	}
	b.close()
	for i := range b.stack {
		b.stack[i].used = true
	}
	label := rowLabel(bl.cells)
	ref := strings.TrimSpace(b.ref(len(b.stack)) + " " + label)
	b.clauses = append(b.clauses, Clause{Kind: Row, Ref: ref, Path: b.path(len(b.stack)), Heading: label, Text: text})
	b.began = true
}

func rowText(head, cells []string) string {
	var parts []string
	for i, c := range cells {
		if c == "" || (i > 0 && i < len(head) && c == cells[i-1] && head[i] == head[i-1]) {
			continue
		}
		if i < len(head) && head[i] != "" {
			c = head[i] + "：" + c
		}
		parts = append(parts, c)
	}
	return strings.Join(parts, "；")
}

// rowLabel names a row by its first cell, and by the next one too when the first is
// only a number.
func rowLabel(cells []string) string {
	label := ""
	for _, c := range cells {
		if c == "" {
			continue
		}
		c = cut(c, 40)
		if label == "" {
			label = c
			if _, number := Numeral(strings.Trim(c, "()（）.、")); !number {
				return label
			}
			continue
		}
		return label + " " + c
	}
	return label
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	rs := []rune(s)
	if len(rs) <= n {
		return s
	}
	return string(rs[:n])
}
