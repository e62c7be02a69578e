package desk

import (
	_ "embed" // the tree is compiled in
	"strings"
)

//go:embed industries.tsv
var industryTree string

// Industry is a class of GB/T 4754-2017: a 门类 (a letter), a 大类 (two digits)
// or a 中类 (three).
type Industry struct {
	Code  string
	Name  string
	Words []string // how people call it
}

// Section reports whether the class is a 门类.
func (i Industry) Section() bool { return len(i.Code) == 1 }

// Industries lists every 门类 and 大类 and the 中类 that are common here, each
// 门类 followed by what stands in it.
func Industries() []Industry {
	var out []Industry
	for line := range strings.Lines(industryTree) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "\t")
		i := Industry{Code: fields[0], Name: fields[1]}
		if len(fields) > 2 {
			i.Words = strings.Fields(fields[2])
		}
		out = append(out, i)
	}
	return out
}

// IndustryName is the name of a code, "" when there is none.
func IndustryName(code string) string {
	for _, i := range Industries() {
		if i.Code == code {
			return i.Name
		}
	}
	return ""
}

// FindIndustries lists the classes that a few words may mean, at most limit:
// first those that people call so, then those whose name holds the words. A
// code finds itself.
func FindIndustries(words string, limit int) []Industry {
	words = strings.TrimSpace(words)
	if words == "" {
		return nil
	}
	var called, named, near []Industry
	for _, i := range Industries() {
		switch {
		case strings.EqualFold(i.Code, words):
			return []Industry{i}
		case i.Section():
		case i.calledExactly(words):
			called = append(called, i)
		case strings.Contains(i.Name, words):
			named = append(named, i)
		case i.calledNearly(words):
			near = append(near, i)
		}
	}
	found := append(append(called, named...), near...)
	return found[:min(limit, len(found))]
}

func (i Industry) calledExactly(words string) bool {
	for _, w := range i.Words {
		if w == words {
			return true
		}
	}
	return i.Name == words
}

// calledNearly: 我们是做方便面的 holds 方便面.
func (i Industry) calledNearly(words string) bool {
	for _, w := range i.Words {
		if strings.Contains(words, w) {
			return true
		}
	}
	return strings.Contains(words, i.Name)
}
