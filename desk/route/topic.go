package route

import (
	_ "embed" // the words of topics
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// General is the topic of a question whose words tell none. The group that
// has it also takes what no other group has.
const General = "综合"

//go:embed topics.tsv
var topicWords string

// Topics tells questions' topics. It is made by LoadTopics and safe for
// concurrent use.
type Topics struct {
	names []string // in the order of the file, General last
	words map[string]word
	// longest is the length of the longest word, in runes.
	longest int
}

type word struct{ topic, weight int }

// LoadTopics reads the words that the program brings along.
func LoadTopics() (*Topics, error) { return parseTopics(topicWords) }

func parseTopics(text string) (*Topics, error) {
	t := &Topics{words: map[string]word{}}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("route: topics: %q has not three fields", line)
		}
		weight, err := strconv.Atoi(fields[1])
		if err != nil || weight < 1 || slices.Contains(t.names, fields[0]) {
			return nil, fmt.Errorf("route: topics: weight or name of %q", line)
		}
		t.names = append(t.names, fields[0])
		for w := range strings.SplitSeq(fields[2], "|") {
			w = fold(w)
			if _, twice := t.words[w]; twice || w == "" {
				return nil, fmt.Errorf("route: topics: word %q of %s is empty or stands twice", w, fields[0])
			}
			t.words[w] = word{topic: len(t.names) - 1, weight: weight}
			t.longest = max(t.longest, len([]rune(w)))
		}
	}
	t.names = append(t.names, General)
	return t, nil
}

// Names lists the topics that there are, General last.
func (t *Topics) Names() []string { return slices.Clone(t.names) }

// fold makes width and case of letters one.
func fold(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

// Of is the topic of a question: General when no word tells.
func (t *Topics) Of(question string) string {
	rs := []rune(fold(question))
	seen := map[string]bool{}
	weights := make([]int, len(t.names))
	for i := 0; i < len(rs); {
		w := t.longestAt(rs[i:])
		if w == "" {
			i++
			continue
		}
		if !seen[w] {
			seen[w] = true
			weights[t.words[w].topic] += t.words[w].weight
		}
		i += len([]rune(w))
	}
	best := len(t.names) - 1
	for i, weight := range weights {
		if weight > weights[best] {
			best = i
		}
	}
	return t.names[best]
}

// longestAt is the longest word with which rs begins, "" if there is none.
func (t *Topics) longestAt(rs []rune) string {
	for n := min(t.longest, len(rs)); n > 0; n-- {
		if w := string(rs[:n]); t.words[w].weight > 0 {
			return w
		}
	}
	return ""
}
