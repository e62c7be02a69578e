package knowledge

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
)

// mention is a law that a message names.
type mention struct {
	name    string   // as the message has it, folded
	titles  []string // folded titles of the store, or what the lexicon says that they contain; none when it has no such law
	article bool     // an article's number stands behind it
	old     bool     // an earlier text is asked for: 原…法, …旧版
	edition string   // the year of the text that is asked for: 2018年版
}

// nameTable are the names of laws in full: those that the store has, and those
// that it has not.
type nameTable struct {
	titles  map[string][]string // by the name without blanks and edition; none for a law that the store has not
	longest map[rune]int        // of the names that begin with a character, in characters
}

// editionTail is what stands behind a title and names no other document.
var editionTail = regexp.MustCompile(`(?: *(?:试行|暂行|(?:19|20)\d{2} ?年? ?版?))+$`)

// plainName is a folded title as it is compared.
func plainName(folded string) string {
	return strings.ReplaceAll(strings.ReplaceAll(editionTail.ReplaceAllString(folded, ""), "中华人民共和国", ""), " ", "")
}

func newNameTable(versions []*index.Version, statutes []string) *nameTable {
	t := &nameTable{titles: map[string][]string{}, longest: map[rune]int{}}
	add := func(name string, titles ...string) {
		n := utf8.RuneCountInString(name)
		if n < 2 {
			return
		}
		first, _ := utf8.DecodeRuneInString(name)
		t.longest[first] = max(t.longest[first], n)
		t.titles[name] = append(t.titles[name], titles...)
	}
	for _, name := range statutes {
		add(name)
	}
	for _, v := range versions {
		if !slices.Contains(t.titles[plainName(v.Title)], v.Title) {
			add(plainName(v.Title), v.Title)
		}
	}
	return t
}

// naming reads a message: its characters without blanks, and where a blank or
// a line's end stood before one.
type naming struct {
	rs      []rune
	gaps    map[int]bool
	table   *nameTable
	lexicon *lang.Lexicon
}

// span is a name in the characters of a message.
type span struct {
	start, end int
	titles     []string
	short      bool // the lexicon's: not the title in full
}

var bookMarks = strings.NewReplacer("《", "", "》", "", "〈", "", "〉", "", "中华人民共和国", "")

func newNaming(text string, f *lang.Folder, l *lang.Lexicon, t *nameTable) *naming {
	n := &naming{gaps: map[int]bool{}, table: t, lexicon: l}
	for _, r := range f.Fold(bookMarks.Replace(text)) {
		if r == ' ' || r == '\n' {
			n.gaps[len(n.rs)] = true
			continue
		}
		n.rs = append(n.rs, r)
	}
	return n
}

// spans are the known names, the longest at each place and none inside
// another. A title of the store comes before the lexicon's short form.
func (n *naming) spans() []span {
	var out []span
	add := func(s span) {
		if slices.ContainsFunc(out, func(o span) bool { return o.start <= s.start && s.end <= o.end && o.end-o.start > s.end-s.start }) || n.inWord(s) {
			return
		}
		out = slices.DeleteFunc(out, func(o span) bool { return s.start <= o.start && o.end <= s.end && s.end-s.start > o.end-o.start })
		out = append(out, s)
	}
	for i, r := range n.rs {
		for length := min(n.table.longest[r], len(n.rs)-i); length >= 2; length-- {
			if titles, ok := n.table.titles[string(n.rs[i:i+length])]; ok {
				add(span{start: i, end: i + length, titles: titles})
				break
			}
		}
	}
	for _, w := range n.lexicon.Words(string(n.rs)) {
		for _, word := range w.Words {
			if word.Kind == lang.KindLaw {
				add(span{start: w.Start, end: w.End, titles: word.Means, short: true})
			}
		}
	}
	return out
}

// notLaw are characters behind 法 that make it another word: 水法律责任.
const notLaw = "律规定院治人制庭"

// inWord reports whether a name only seems to stand there: 废水法律责任 names no
// 水法. One of two characters stands behind a connecting word or by itself.
func (n *naming) inWord(s span) bool {
	if n.rs[s.end-1] == '法' && s.end < len(n.rs) && !n.gaps[s.end] && strings.ContainsRune(notLaw, n.rs[s.end]) {
		return true
	}
	return s.end-s.start == 2 && !n.bordered(s.start)
}

// connecting are characters that a name begins behind.
const connecting = "按据照依反犯看查找问想把和与及跟或是对由在从用说讲有就的了吗呢吧下新旧老原来行款条者"

// bordered reports whether a name can begin at i.
func (n *naming) bordered(i int) bool {
	if i == 0 || n.gaps[i] || !lang.IsHan(n.rs[i-1]) || strings.ContainsRune(connecting, n.rs[i-1]) {
		return true
	}
	chatter := n.lexicon.Chatter(string(n.rs[:i]), nil)
	return chatter[i-1]
}

// lawEnd is how the name of a law ends.
var lawEnd = regexp.MustCompile(`(?:法|法典|条例|办法|规定|细则|规则|解释|决定|意见)$`)

// begins is where the name begins that ends at end: behind the connecting word,
// chatter or blank before it.
func (n *naming) begins(end int) int {
	i := end - 1
	for i > 0 && !n.bordered(i) {
		i--
	}
	return i
}

// noName are beginnings of what points to a law without naming it, and what a
// clause or a case is said with.
var noName = regexp.MustCompile(`^(?:[这那该本此哪各每某啥]|上述|前述|什么|怎么|没|不|未|无)|^(?:法|法典|条例|办法|规定|细则|规则|解释|决定|意见)$|[没未被]`)

// unknown is the name that ends at end when it is longer than what is known of
// it: 治安管理处罚法 is not 处罚法. "" when it is not.
func (n *naming) unknown(end int, known *span) string {
	start := n.begins(end)
	name := string(n.rs[start:end])
	if !lawEnd.MatchString(name) || noName.MatchString(name) {
		return ""
	}
	if known == nil {
		return name
	}
	if start >= known.start {
		return ""
	}
	before := string(n.rs[start:known.start])
	switch said := string(n.rs[known.start:known.end]); {
	case strings.HasSuffix(before, "省") || strings.HasSuffix(before, "市"):
		return name
	case known.short: // 处罚法 is the end of many names, 固废法 of one
		if slices.ContainsFunc(known.titles, func(t string) bool { return strings.HasSuffix(t, said) }) {
			return name
		}
	case !slices.ContainsFunc(n.lexicon.Words(before), func(w lang.Span) bool { return slices.ContainsFunc(w.Words, tellsCase) }):
		return name
	}
	return ""
}

// tellsCase reports whether a word tells what happened, which the title of a
// law does not begin with.
func tellsCase(w lang.Word) bool {
	return slices.Contains([]string{"colloq", "penalty", "verb", "asking", "time"}, w.Kind)
}

// What stands around a name that asks for an earlier text.
var (
	oldBefore = regexp.MustCompile(`(?:原|原来|原先|以前|从前|过去|旧|老|修订前|修改前|修正前|废止|已废止|失效)的?$`)
	oldAfter  = regexp.MustCompile(`^的?(?:旧版|老版|原版|旧法|旧的|修订前|修改前|修正前|老版本|旧版本)`)
	edition   = regexp.MustCompile(`^的?((?:19|20)\d{2})年?(?:的?(?:版本|版|修订|修正|修改|文本))`)
	editionAt = regexp.MustCompile(`((?:19|20)\d{2})年?(?:的?(?:版本|版|修订|修正|修改|文本))的?$`)
	articleAt = regexp.MustCompile(`^(?:的|里|中|里面)?(?:第[零〇一二三四五六七八九十百千两]+条|[一二三四五六七八九十百]+条)`)
)

// read is what the message says of the name from start to end.
func (n *naming) read(start, end int, titles []string) mention {
	m := mention{name: string(n.rs[start:end]), titles: titles}
	before, after := string(n.rs[:start]), string(n.rs[end:])
	m.old = strings.HasPrefix(m.name, "旧") || oldBefore.MatchString(before) || oldAfter.MatchString(after)
	after = oldAfter.ReplaceAllString(after, "")
	if at := edition.FindStringSubmatch(after); at != nil {
		m.edition, after = at[1], after[len(at[0]):]
	} else if at := editionAt.FindStringSubmatch(before); at != nil {
		m.edition = at[1]
	}
	m.article = articleAt.MatchString(after)
	return m
}

var (
	quotedName   = regexp.MustCompile(`《([^《》]{2,60})》`)
	articleStart = regexp.MustCompile(`第[零〇一二三四五六七八九十百千两]+条|[一二三四五六七八九十百]+条`)
)

// mentions are the laws that a message names: the longest name at each place,
// whether the store has it or not.
func (n *naming) mentions(text string, f *lang.Folder) []mention {
	spans := n.spans()
	message := string(n.rs)
	var out []mention
	for _, at := range articleStart.FindAllStringIndex(message, -1) { // names that nobody knows, and longer ones than are known
		end := utf8.RuneCountInString(message[:at[0]])
		if end == 0 {
			continue
		}
		var known *span
		if i := slices.IndexFunc(spans, func(s span) bool { return s.end == end }); i >= 0 {
			known = &spans[i]
		}
		if name := n.unknown(end, known); name != "" {
			out = append(out, n.read(end-utf8.RuneCountInString(name), end, nil))
			spans = slices.DeleteFunc(spans, func(s span) bool { return s.end == end })
		}
	}
	for _, s := range spans {
		m := n.read(s.start, s.end, s.titles)
		if i := slices.IndexFunc(spans, func(o span) bool { return o.start == s.start && o.end == s.end && o.short != s.short }); i >= 0 && s.short == m.article {
			continue // in a number's company the title in full is meant, else what people mean by it
		}
		out = append(out, m)
	}
	for _, q := range quotedName.FindAllStringSubmatch(text, -1) {
		name := plainName(f.Fold(bookMarks.Replace(q[1])))
		if lawEnd.MatchString(name) && !strings.Contains(strings.Join(n.known(spans), "\n"), name) && !n.partOf(name) {
			out = append(out, mention{name: name})
		}
	}
	return out
}

// known are the names of spans.
func (n *naming) known(spans []span) []string {
	var out []string
	for _, s := range spans {
		out = append(out, string(n.rs[s.start:s.end]))
	}
	return out
}

// partOf reports whether a name is most of a title of the store: 关于办理环境污染刑事案件
// 适用法律若干问题的解释 is said without the courts.
func (n *naming) partOf(name string) bool {
	for title, has := range n.table.titles {
		if len(has) > 0 && 2*len(name) > len(title) && strings.Contains(title, name) {
			return true
		}
	}
	return false
}
