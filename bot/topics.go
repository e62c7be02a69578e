package bot

import (
	_ "embed" // the words
	"fmt"
	"strings"

	"greendesk/knowledge/lang"
)

// topics tells what everyday words are about: the weather, an engine room, a
// wish to move an appointment. The router learns what follows from a topic, so
// that it need not have seen the very word.
type topics struct {
	words   map[string][]string
	longest map[rune]int // of the words that begin with a character
}

//go:embed topics.tsv
var topicWords string

// loadTopics reads lines of a word and its topic, parted by a tab.
func loadTopics(f *lang.Folder) (*topics, error) {
	t := &topics{words: map[string][]string{}, longest: map[rune]int{}}
	for n, line := range strings.Split(topicWords, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, topic, ok := strings.Cut(line, "\t")
		if word = f.Fold(word); !ok || topic == "" {
			return nil, fmt.Errorf("bot: topics.tsv:%d: want a word and a topic parted by a tab", n+1)
		}
		if word == "" {
			continue // a sign that folding takes away
		}
		t.words[word] = append(t.words[word], topic)
		rs := []rune(word)
		t.longest[rs[0]] = max(t.longest[rs[0]], len(rs))
	}
	return t, nil
}

// of names the topics of a folded message, each once; a topic met twice has a
// second name.
func (t *topics) of(folded string) []string {
	rs := []rune(folded)
	count := map[string]int{}
	var out []string
	for i := 0; i < len(rs); {
		n := t.match(rs, i)
		if n == 0 {
			i++
			continue
		}
		for _, topic := range t.words[string(rs[i:i+n])] {
			count[topic]++
			switch count[topic] {
			case 1:
				out = append(out, "#"+topic)
			case 2:
				out = append(out, "##"+topic)
			}
		}
		i += n
	}
	return out
}

// match is the length of the longest word that begins at i.
func (t *topics) match(rs []rune, i int) int {
	for n := min(t.longest[rs[i]], len(rs)-i); n > 0; n-- {
		if _, ok := t.words[string(rs[i:i+n])]; ok {
			return n
		}
	}
	return 0
}
