package lang

import (
	_ "embed" // the grammar
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

//go:embed chatter.txt
var chatterGrammar string

// Chatter knows what people say around a question: greetings, who they are,
// that they want to ask, thanks. It is made once and then only read.
type Chatter struct {
	folder  *Folder
	open    *regexp.Regexp // at the beginning
	ask     *regexp.Regexp // at the beginning, what is asked right behind it
	thanks  *regexp.Regexp // at the beginning: for what was answered before
	who     *regexp.Regexp // at the beginning: who asks
	end     *regexp.Regexp // at the end
	bearing *regexp.Regexp // what makes more of an introduction than that
	holding *regexp.Regexp // what is no beginning without the words before it
}

// Said is a message without its chatter.
type Said struct {
	Text string   // what is left, as it was typed
	Who  []string // what was said of who asks, as it was typed

	Thanks bool // it begins with thanks: what is left may say no more than what for
}

// EmbeddedChatter is the grammar that the program carries.
func EmbeddedChatter(f *Folder) (*Chatter, error) { return ReadChatter(chatterGrammar, f) }

// ReadChatter reads a grammar in the form that chatter.txt explains. An error
// names the line.
func ReadChatter(grammar string, f *Folder) (*Chatter, error) {
	groups := map[string]string{}
	kinds := map[string][]string{"open": nil, "ask": nil, "thanks": nil, "who": nil, "close": nil, "not": nil, "keep": nil}
	n := 0
	for line := range strings.Lines(grammar) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, words, group := strings.Cut(line, " = ")
		if !group {
			name, words, _ = strings.Cut(line, " ")
		}
		words, err := expanded(words, groups)
		if err != nil {
			return nil, fmt.Errorf("lang: chatter line %d: %w", n, err)
		}
		if group {
			groups[name] = "(?:" + words + ")"
			continue
		}
		if _, ok := kinds[name]; !ok {
			return nil, fmt.Errorf("lang: chatter line %d: no such kind of line: %q", n, name)
		}
		kinds[name] = append(kinds[name], "(?:"+words+")")
	}
	c := &Chatter{folder: f}
	for _, part := range []struct {
		re   **regexp.Regexp
		kind string
		form string
	}{
		{&c.open, "open", "^(?:%s)"}, {&c.ask, "ask", "^(?:%s)"}, {&c.thanks, "thanks", "^(?:%s)"}, {&c.who, "who", "^(?:%s)"}, {&c.end, "close", "(?:%s) *$"},
		{&c.bearing, "not", "%s"}, {&c.holding, "keep", "^(?:%s)"},
	} {
		re, err := regexp.Compile(fmt.Sprintf(part.form, strings.Join(kinds[part.kind], "|")))
		if err != nil {
			return nil, fmt.Errorf("lang: chatter, lines %q: %w", part.kind, err)
		}
		re.Longest()
		*part.re = re
	}
	return c, nil
}

// groupName is where a group of words is used.
var groupName = regexp.MustCompile(`\{([^{}0-9][^{}]*)\}`)

// wordAndGap writes one character and a gap as an expression has them.
var wordAndGap = strings.NewReplacer(".", "[^ ]", "_", "(?: +|^|$)")

// expanded is an expression with the groups that it uses.
func expanded(words string, groups map[string]string) (string, error) {
	var unknown error
	out := groupName.ReplaceAllStringFunc(wordAndGap.Replace(words), func(use string) string {
		name := use[1 : len(use)-1]
		if _, ok := groups[name]; !ok {
			unknown = fmt.Errorf("no group %q before it", name)
		}
		return groups[name]
	})
	return out, unknown
}

// longestChatter is how many characters of either end are looked at; who says
// more tells a story.
const longestChatter = 60

// Strip takes the chatter from both ends of a message. Nothing may be left.
func (c *Chatter) Strip(text string) Said {
	rs, plain := c.plain(text)
	var said Said
	from, to := 0, len(rs)
	for at := 0; at < to; at = from {
		for at < to && plain[at] == ' ' {
			at++
		}
		rest := string(plain[at:min(to, at+longestChatter)])
		n := c.opening(rest)
		if n == 0 {
			n = utf8.RuneCountInString(c.thanks.FindString(rest))
			said.Thanks = said.Thanks || n > 0
		}
		if n == 0 {
			if n = c.introduction(rest); n > 0 {
				said.Who = append(said.Who, string(rs[at:at+n]))
			}
		}
		if n == 0 {
			break
		}
		from = at + n
	}
	for from < to {
		start := max(from, to-longestChatter)
		at := c.end.FindStringIndex(string(plain[start:to]))
		if at == nil {
			break
		}
		to = start + utf8.RuneCountInString(string(plain[start:to])[:at[0]])
	}
	said.Text = string(rs[from:to])
	if from > 0 {
		said.Text = strings.TrimLeftFunc(said.Text, parts)
	}
	return said
}

// plain is a text character by character, as it is and as it is folded, with a
// blank where there is no word.
func (c *Chatter) plain(text string) (rs, plain []rune) {
	rs = []rune(text)
	plain = make([]rune, len(rs))
	for i, r := range rs {
		if plain[i] = c.folder.rune(r); parts(plain[i]) {
			plain[i] = ' '
		}
	}
	return rs, plain
}

// parts reports whether a character parts chatter from what follows: no word,
// and no quote that opens.
func parts(r rune) bool { return !isWord(r) && !strings.ContainsRune("《〈“‘「『", r) }

// opening is how many characters at the beginning only open a question.
func (c *Chatter) opening(plain string) int {
	open, ask := c.open.FindString(plain), c.ask.FindString(plain)
	if len(ask) > len(open) && (strings.HasSuffix(ask, " ") || !c.holding.MatchString(plain[len(ask):])) {
		return utf8.RuneCountInString(ask)
	}
	return utf8.RuneCountInString(open)
}

// introduction is how many characters at the beginning say no more than who
// asks.
func (c *Chatter) introduction(plain string) int {
	at := c.who.FindString(plain)
	if c.bearing.MatchString(at) {
		return 0
	}
	return utf8.RuneCountInString(at)
}

// Asked are the parts of a message that may be its question, with the story
// before it left out: what follows on words that open a question behind a mark
// (…，请问 …), the last sentence, and a question that stands before its story.
// None of a message that is one sentence and nothing else.
func (c *Chatter) Asked(text string) []string {
	rs, plain := c.plain(text)
	var opened, sentences []int // where they begin
	for i := 1; i < len(rs); i++ {
		if plain[i-1] != ' ' || plain[i] == ' ' {
			continue
		}
		if rest := string(plain[i:min(len(rs), i+longestChatter)]); strings.ContainsAny(rest[:len(c.open.FindString(rest))]+c.ask.FindString(rest), "问询教") {
			opened = append(opened, i)
		}
		if endsSentence(rs[:i]) {
			sentences = append(sentences, i)
		}
	}
	var out []string
	for _, starts := range [][]int{opened, sentences} {
		if len(starts) > 0 {
			out = append(out, string(rs[starts[len(starts)-1]:]))
		}
	}
	if len(sentences) > 0 && strings.ContainsAny(string(rs[sentences[0]-1:sentences[0]]), "?？") { // the story comes after it
		out = append(out, string(rs[:sentences[0]]))
	}
	return out
}

// endsSentence reports whether a sentence ends at the end of the text.
func endsSentence(rs []rune) bool {
	for i := len(rs) - 1; i >= 0 && parts(rs[i]); i-- {
		if strings.ContainsRune("。！!？?；;\n", rs[i]) {
			return true
		}
	}
	return false
}
