package parse

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Standards number their sections 1, 1.1, 4.2.1, those of annexes A.1: each is a clause
// that is cited by its number.

var (
	decimalRE = regexp.MustCompile(`^([A-Z]|[0-9]{1,2})((?:\.[0-9]{1,2}){0,5})(\s+|\p{Han}|$)`)
	sectionRE = regexp.MustCompile(`^(?:[0-9]{1,2}(?:\.[0-9]|\s|$)|[A-Z]\.[0-9])`)
	annexHead = regexp.MustCompile(`^附\s?录\s?([A-Z])(?:\s|$|[（(])`)
	forewords = []string{"前言", "引言"}
)

// maxTitleLine is the longest title of a numbered section, in characters.
const maxTitleLine = 50

// decimals follows the numbers of sections through a document.
type decimals struct {
	last  []int  // number of the last section, by its levels
	annex string // letter of the annex, "" before the first
}

// decimalHeads turns paragraphs that open with the next number into headings. A standard
// is numbered so; of other documents it is believed when there are five of them.
func decimalHeads(blocks []block, standard bool) []block {
	var n decimals
	found := 0
	out := make([]block, 0, len(blocks))
	for i := 0; i < len(blocks); i++ {
		bl := blocks[i]
		if bl.kind != paraBlock || bl.box.kind != noBox {
			out = append(out, bl)
			continue
		}
		if m := annexHead.FindStringSubmatch(bl.text); m != nil && runes(bl.text) <= maxTitleLine {
			n = decimals{annex: m[1]}
			head, used := annexTitle(blocks[i:])
			out = append(out, block{kind: headBlock, level: 1, text: head, short: true})
			i += used - 1
			continue
		}
		if standard && slices.Contains(forewords, bl.text) {
			out = append(out, block{kind: headBlock, level: 1, text: bl.text})
			continue
		}
		number, level, rest := n.next(bl.text)
		if level == 0 {
			out = append(out, bl)
			continue
		}
		found++
		if rest == "" && i+1 < len(blocks) && isTitleLine(blocks[i+1]) { // the title has a line of its own
			i++
			rest = blocks[i].text
		}
		out = append(out, numbered(number, rest, level)...)
	}
	if !standard && found < 5 {
		return blocks
	}
	return out
}

// annexTitle puts the lines of an annex's title together: 附录 A, （资料性附录）, its name.
func annexTitle(blocks []block) (string, int) {
	title, n := blocks[0].text, 1
	for n < len(blocks) && n < 3 && blocks[n].kind == paraBlock && runes(blocks[n].text) <= maxTitleLine && !endsSentence(strings.TrimRight(blocks[n].text, "）")) {
		if decimalRE.MatchString(blocks[n].text) || annexHead.MatchString(blocks[n].text) {
			break
		}
		title += " " + blocks[n].text
		n++
	}
	return title, n
}

func isTitleLine(bl block) bool {
	return bl.kind == paraBlock && bl.box.kind == noBox && runes(bl.text) <= 120 && !endsSentence(strings.TrimRight(bl.text, "）)")) && !sectionRE.MatchString(bl.text)
}

// numbered makes the heading of a section. One that is a sentence is named by its number
// alone.
func numbered(number, rest string, level int) []block {
	if rest == "" || runes(rest) <= maxTitleLine && !strings.ContainsAny(rest, "。；，") && !strings.HasSuffix(rest, "：") ||
		!strings.ContainsAny(rest, "。；，：") && runes(rest) <= 120 {
		return []block{{kind: headBlock, level: level, text: strings.TrimSpace(number + " " + rest), short: true}}
	}
	return []block{{kind: headBlock, level: level, text: number, short: true}, {kind: paraBlock, text: rest}}
}

// next reads the number at the beginning of a line if it goes on with the numbering:
// the next one on its level, or on one above, or the first below. level is 0 if not.
func (n *decimals) next(line string) (number string, level int, rest string) {
	m := decimalRE.FindStringSubmatchIndex(line)
	if m == nil {
		return "", 0, ""
	}
	first, more := line[m[2]:m[3]], line[m[4]:m[5]]
	var parts []int
	if first[0] >= 'A' {
		if first != n.annex || more == "" {
			return "", 0, ""
		}
	} else {
		v, _ := strconv.Atoi(first)
		parts = append(parts, v)
		if n.annex != "" {
			return "", 0, ""
		}
	}
	for _, p := range strings.FieldsFunc(more, func(r rune) bool { return r == '.' }) {
		v, _ := strconv.Atoi(p)
		parts = append(parts, v)
	}
	rest = strings.TrimSpace(line[m[5]:])
	if !n.follows(parts) || len(parts) == 1 && n.annex == "" && (runes(rest) > maxTitleLine || endsSentence(rest) || rest == "") {
		return "", 0, ""
	}
	n.last = parts
	level = len(parts)
	if n.annex != "" {
		level++
	}
	return first + more, min(level, captionLevel-1), rest
}

// maxSkip is how many numbers may be left out: a section that was not recognised.
const maxSkip = 3

func (n *decimals) follows(parts []int) bool {
	if len(n.last) == 0 {
		return len(parts) == 1 && parts[0] == 1
	}
	depth := len(parts)
	if depth == len(n.last)+1 {
		return slices.Equal(parts[:depth-1], n.last) && parts[depth-1] == 1
	}
	if depth > len(n.last) || !slices.Equal(parts[:depth-1], n.last[:depth-1]) {
		return false
	}
	step := parts[depth-1] - n.last[depth-1]
	return step >= 1 && step <= maxSkip
}
