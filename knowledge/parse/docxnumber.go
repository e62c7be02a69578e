package parse

import (
	"strconv"
	"strings"
)

// Word keeps the number of a paragraph out of its text: 第一条 is printed from a
// counter. These counters are kept here as Word keeps them.

// wordStyle is what a paragraph style says, with what it is based on.
type wordStyle struct {
	outline  int    // 1 to 9 for headings, 0 for text
	numID    string // numbering of its paragraphs, "" for none
	level    string
	contents bool // a line of a table of contents
}

// maxBased bounds how many styles are based on one another.
const maxBased = 20

func readStyles(styles *node) map[string]wordStyle {
	byID := map[string]*node{}
	if styles == nil {
		return nil
	}
	for _, s := range styles.nodes {
		if s.name == "style" {
			byID[s.get("styleId")] = s
		}
	}
	out := map[string]wordStyle{}
	for id := range byID {
		var st wordStyle
		at := id
		for range maxBased {
			s := byID[at]
			if s == nil {
				break
			}
			st.inherit(s)
			at = s.at("basedOn").get("val")
		}
		out[id] = st
	}
	return out
}

// inherit takes from a style what those nearer have not said.
func (st *wordStyle) inherit(s *node) {
	name := strings.ToLower(s.at("name").get("val"))
	st.contents = st.contents || strings.HasPrefix(name, "toc ") || name == "toc heading"
	props := s.child("pPr")
	if o := props.child("outlineLvl"); o != nil && st.outline == 0 {
		st.outline = outline(o.get("val"))
	}
	if st.outline == 0 && (strings.HasPrefix(name, "heading ") || strings.HasPrefix(name, "标题 ")) {
		if n, err := strconv.Atoi(name[strings.LastIndexByte(name, ' ')+1:]); err == nil && n >= 1 && n <= 9 {
			st.outline = n
		}
	}
	if st.outline == 0 && (name == "title" || name == "标题") {
		st.outline = 1
	}
	if num := props.child("numPr"); num != nil {
		if st.numID == "" {
			st.numID = num.at("numId").get("val")
		}
		if st.level == "" {
			st.level = num.at("ilvl").get("val")
		}
	}
}

// outline turns Word's level, from 0, into a heading's; 9 is body text.
func outline(val string) int {
	n, err := strconv.Atoi(val)
	if err != nil || n < 0 || n > 8 {
		return 0
	}
	return n + 1
}

// levels a numbering has.
const levels = 9

// numberLevel is one level of a numbering.
type numberLevel struct {
	format string // decimal, chineseCounting …
	text   string // 第%1条
	start  int
	legal  bool   // every number in it is decimal
	suffix string // "nothing", "space" or ""
}

// counter is a numbering with its present numbers.
type counter struct {
	levels [levels]numberLevel
	now    [levels]int
	began  [levels]bool
}

// numbering knows the counters of a document. Lists that share an abstract numbering
// share its counters, unless one starts anew.
type numbering struct {
	counters map[string]*counter // by abstract id
	abstract map[string]string   // numId → abstract id
	restart  map[string]map[int]int
}

func readNumbering(n *node) *numbering {
	out := &numbering{counters: map[string]*counter{}, abstract: map[string]string{}, restart: map[string]map[int]int{}}
	if n == nil {
		return out
	}
	for _, a := range n.nodes {
		if a.name == "abstractNum" {
			c := &counter{}
			for _, l := range a.nodes {
				c.read(l)
			}
			out.counters[a.get("abstractNumId")] = c
		}
	}
	for _, num := range n.nodes {
		if num.name != "num" {
			continue
		}
		id := num.get("numId")
		out.abstract[id] = num.at("abstractNumId").get("val")
		for _, o := range num.nodes {
			if start := o.at("startOverride"); o.name == "lvlOverride" && start != nil {
				if out.restart[id] == nil {
					out.restart[id] = map[int]int{}
				}
				out.restart[id][number(o.get("ilvl"), 0)] = number(start.get("val"), 1)
			}
		}
	}
	return out
}

func (c *counter) read(l *node) {
	i := number(l.get("ilvl"), -1)
	if l.name != "lvl" || i < 0 || i >= levels {
		return
	}
	c.levels[i] = numberLevel{format: l.at("numFmt").get("val"), text: l.at("lvlText").get("val"), start: number(l.at("start").get("val"), 1),
		legal: l.child("isLgl") != nil, suffix: l.at("suff").get("val")}
}

func number(s string, without int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1_000_000 {
		return without
	}
	return n
}

// next counts a paragraph and returns what Word prints before it, with a blank where
// one belongs; "" for a paragraph without a number.
func (n *numbering) next(num *node, style wordStyle) string {
	id, level := style.numID, number(style.level, 0)
	if num != nil {
		if v := num.at("numId").get("val"); v != "" {
			id = v
		}
		if v := num.at("ilvl").get("val"); v != "" {
			level = number(v, 0)
		}
	}
	c := n.counters[n.abstract[id]]
	if c == nil || id == "0" || level >= levels {
		return ""
	}
	for l, start := range n.restart[id] { // once, at the list's first paragraph
		if l < levels {
			c.now[l], c.began[l] = start, false
			c.levels[l].start = start
		}
	}
	delete(n.restart, id)
	return c.next(level)
}

func (c *counter) next(level int) string {
	for l := 0; l <= level; l++ {
		if !c.began[l] {
			c.now[l], c.began[l] = c.levels[l].start, true
		} else if l == level {
			c.now[l]++
		}
	}
	for l := level + 1; l < levels; l++ {
		c.began[l] = false
	}
	at := c.levels[level]
	if at.format == "bullet" || at.format == "none" {
		return ""
	}
	text := at.text
	for l := 0; l <= level; l++ {
		format := c.levels[l].format
		if at.legal {
			format = "decimal"
		}
		text = strings.ReplaceAll(text, "%"+strconv.Itoa(l+1), formatNumber(c.now[l], format))
	}
	if text == "" || at.suffix == "nothing" || strings.HasSuffix(text, "、") || strings.HasSuffix(text, "）") {
		return text
	}
	return text + " "
}

// formatNumber writes a number as a numbering format does.
func formatNumber(n int, format string) string {
	letters := func(first rune) string { // a, b … z, aa, bb …
		if n < 1 || n > 26*20 {
			return strconv.Itoa(n)
		}
		return strings.Repeat(string(first+rune((n-1)%26)), (n-1)/26+1)
	}
	switch format {
	case "chineseCounting", "chineseCountingThousand", "chineseLegalSimplified", "japaneseCounting", "taiwaneseCounting",
		"taiwaneseCountingThousand", "ideographDigital", "japaneseDigitalTenThousand", "koreanDigital":
		return Chinese(n)
	case "ideographTraditional", "ideographZodiac":
		if stems := []rune("甲乙丙丁戊己庚辛壬癸"); n >= 1 && n <= len(stems) {
			return string(stems[n-1])
		}
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if n >= 1 && n <= 20 {
			return string('①' + rune(n-1))
		}
	case "upperLetter":
		return letters('A')
	case "lowerLetter":
		return letters('a')
	case "upperRoman":
		return roman(n)
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "decimalZero":
		if n < 10 {
			return "0" + strconv.Itoa(n)
		}
	}
	return strconv.Itoa(n)
}

func roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, r := range []struct {
		v int
		s string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= r.v; n -= r.v {
			b.WriteString(r.s)
		}
	}
	return b.String()
}
