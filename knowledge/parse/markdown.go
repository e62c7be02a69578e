package parse

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	headingRE = regexp.MustCompile(`^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$`)
	rulerRE   = regexp.MustCompile(`^\s{0,3}(?:-\s*){3,}$|^\s{0,3}(?:\*\s*){3,}$|^\s{0,3}(?:_\s*){3,}$`)
	bulletRE  = regexp.MustCompile(`^\s*[-*+]\s+`)
	openBoxRE = regexp.MustCompile(`^\s*(:{3,})\s*([A-Za-z-]+)\s*(.*)$`)
	shutBoxRE = regexp.MustCompile(`^\s*(:{3,})\s*$`)
	tableRE   = regexp.MustCompile(`^\s*\|.*\|\s*$`)
	tableSep  = regexp.MustCompile(`^\s*\|(?:\s*:?-{1,}:?\s*\|)+\s*$`)
	tocRE     = regexp.MustCompile(`^\s*\[\[?_?toc_?\]\]?\s*$`)
	headerEnd = regexp.MustCompile(`^\s*<!--\s*INFO END\s*-->\s*$`)
	commentRE = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// frontMatter reads the YAML between two --- lines at the top. A value may be of any
// type; values that are not YAML make the whole front matter count as text.
func frontMatter(text string) (map[string]any, string) {
	if !strings.HasPrefix(text, "---\n") {
		return nil, text
	}
	body, rest, found := strings.Cut(text[4:], "\n---")
	if !found || (rest != "" && rest[0] != '\n') || len(body) > maxFront {
		return nil, text
	}
	m, ok := topLevel(body)
	if !ok {
		return nil, text
	}
	return m, strings.TrimPrefix(rest, "\n")
}

// maxFront bounds the front matter, in bytes.
const maxFront = 64 << 10

// topLevel reads the values of a YAML mapping that are scalars or lists. It looks for
// repeated keys itself: the library compares every key with every other one.
func topLevel(body string) (map[string]any, bool) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(body), &doc); err != nil {
		return nil, false
	}
	m := map[string]any{}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return m, true
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, false
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if _, again := m[key.Value]; again || key.Kind != yaml.ScalarNode {
			return nil, false
		}
		if value.Kind == yaml.SequenceNode {
			m[key.Value] = scalars(value.Content)
			continue
		}
		v, ok := scalar(value)
		if !ok {
			return nil, false
		}
		m[key.Value] = v
	}
	return m, true
}

// scalars reads the scalars of a list.
func scalars(nodes []*yaml.Node) []any {
	var out []any
	for _, n := range nodes {
		if v, ok := scalar(n); ok && v != nil {
			out = append(out, v)
		}
	}
	return out
}

// scalar reads one value; nil for a mapping, or for an alias of more than one value.
func scalar(n *yaml.Node) (v any, ok bool) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		return nil, true
	}
	err := n.Decode(&v)
	return v, err == nil
}

// mdReader turns Markdown lines into blocks. It knows VuePress containers (:::), tabs
// (@tab) and link tables, which are the publishing site's and not the document's.
type mdReader struct {
	blocks []block
	header int         // blocks before an INFO END
	open   []container // innermost last
	nextID int
	table  []string // header cells of the open table
	inside bool     // in a table
	source string   // address found in a 原文链接 container
}

func markdownBlocks(text string) (blocks []block, source string) {
	// The INFO END comment says that everything above it is the header.
	const mark = "\n\x01INFO END\n"
	text = commentRE.ReplaceAllStringFunc(text, func(c string) string {
		if headerEnd.MatchString(c) {
			return mark
		}
		return ""
	})
	r := &mdReader{}
	for _, line := range strings.Split(text, "\n") {
		r.line(line)
	}
	return r.blocks, r.source
}

func (r *mdReader) line(line string) {
	trimmed := strings.TrimSpace(line)
	isRow := strings.HasPrefix(trimmed, "|") && tableRE.MatchString(line)
	if !isRow {
		r.inside, r.table = false, nil
	}
	switch {
	case trimmed == "":
		return
	case trimmed == "\x01INFO END":
		for ; r.header < len(r.blocks); r.header++ {
			if bl := &r.blocks[r.header]; bl.kind == paraBlock {
				bl.box = box{kind: noteBox}
			}
		}
		return
	case strings.HasPrefix(trimmed, ":::"):
		if shutBoxRE.MatchString(line) {
			r.shut(strings.Count(line, ":"))
			return
		}
		if m := openBoxRE.FindStringSubmatch(line); m != nil {
			r.begin(len(m[1]), m[2], plainText(m[3]))
			return
		}
	case trimmed[0] == '[' && tocRE.MatchString(line):
		return
	}
	if n := len(r.open); n > 0 && r.open[n-1].hidden {
		if trimmed[0] != '#' || !headingRE.MatchString(line) {
			r.link(line)
			return
		}
		r.open = nil // a container that was never closed must not swallow the text
	}
	switch {
	case strings.HasPrefix(trimmed, "@tab"):
		if name := strings.TrimSpace(strings.TrimPrefix(trimmed, "@tab")); name != "" {
			r.para(span{text: squeeze(name), bold: true})
		}
	case strings.ContainsRune("-*_", rune(trimmed[0])) && rulerRE.MatchString(line):
		r.add(block{kind: ruleBlock})
	case isRow:
		r.row(line)
	case trimmed[0] != '#' || !r.heading(line):
		line = strings.TrimLeft(line, "> ")
		for _, s := range inline(bulletRE.ReplaceAllString(line, "")) {
			r.para(s)
		}
	}
}

func (r *mdReader) heading(line string) bool {
	m := headingRE.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	if t := plainText(m[2]); t != "" {
		r.add(block{kind: headBlock, level: len(m[1]), text: t})
	}
	return true
}

// container is an open ::: region. hidden ones hold nothing of the document.
type container struct {
	box    box
	colons int
	hidden bool
}

// maxOpen bounds the nesting of containers; deeper ones are not seen.
const maxOpen = 100

// shut ends the outermost container that this many colons can end, and with it those
// inside, as markdown-it-container does.
func (r *mdReader) shut(colons int) {
	for i, c := range r.open {
		if c.colons <= colons {
			r.open = r.open[:i]
			return
		}
	}
}

// begin opens a container. What the site put there for itself is hidden: the table of
// contents and the link to the original.
func (r *mdReader) begin(colons int, kind, title string) {
	if len(r.open) >= maxOpen {
		return
	}
	hidden, b := false, box{}
	if n := len(r.open); n > 0 {
		hidden, b = r.open[n-1].hidden, r.open[n-1].box
	}
	switch {
	case strings.Contains(title, "目录"), strings.Contains(title, "链接"), kind == "toc":
		hidden = true
	case strings.Contains(title, "修订信息"), strings.Contains(title, "题注"):
		b = box{kind: noteBox}
	case kind == "right":
		b = box{kind: signBox}
	case title != "":
		r.nextID++
		b = box{kind: titleBox, id: r.nextID, title: title}
	}
	r.open = append(r.open, container{b, colons, hidden})
}

var urlRE = regexp.MustCompile(`https?://[^\s<>")\]]+`)

func (r *mdReader) link(line string) {
	if r.source == "" {
		r.source = urlRE.FindString(line)
	}
}

func (r *mdReader) add(b block) {
	if n := len(r.open); n > 0 {
		b.box = r.open[n-1].box
	}
	r.blocks = append(r.blocks, b)
}

func (r *mdReader) para(s span) {
	r.add(block{kind: paraBlock, text: s.text, bold: s.bold, lead: s.lead})
}

func (r *mdReader) row(line string) {
	if tableSep.MatchString(line) {
		return
	}
	cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
	for i := range cells {
		cells[i] = plainText(cells[i])
	}
	if !r.inside {
		if r.inside = true; isHead(cells) {
			r.table = cells
			return
		}
	}
	r.add(block{kind: rowBlock, head: r.table, cells: cells})
}
