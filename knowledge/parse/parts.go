package parse

import (
	"strings"
	"unicode/utf8"
)

// PartKind is a level below the clause, in the words of 立法法 article 65.
type PartKind string

// The parts of a clause. 句 is a sentence, the smallest thing that is quoted.
const (
	Paragraph PartKind = "款"
	Item      PartKind = "项"
	SubItem   PartKind = "目"
	Sentence  PartKind = "句"
)

// Part is a piece of a clause's text: text[Start:End], byte offsets. A 款 reaches over
// its 项, a 项 over its 目.
type Part struct {
	Kind       PartKind
	Label      string // 第二款, 第（三）项 as 第三项, 第1目; "" for a sentence
	Start, End int
}

// Parts returns the structure inside one clause, ordered by Start, the larger part
// first. A paragraph is a 款 unless it opens with a number: then it is a 项 （一） or a
// 目 (1. or (1)) of the 款 above it. A clause of one paragraph has one 款.
func Parts(text string) []Part {
	var out []Part
	para, item := -1, -1 // indexes into out of the open parts, -1: none
	var sub int          // the same; every line sets it
	count := 0
	for start := 0; start <= len(text); {
		end := len(text)
		if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := text[start:end]
		if strings.TrimSpace(line) != "" {
			m := markerOf(line)
			switch {
			case para >= 0 && (m.rank == rankHanPar || m.rank == rankHan && item < 0):
				out = append(out, Part{Item, "第" + Chinese(m.n) + "项", start, end})
				item, sub = len(out)-1, -1
			case para >= 0 && (m.rank == rankArab || m.rank == rankArabPar || m.rank == rankCircle):
				out = append(out, Part{SubItem, "第" + itoa(m.n) + "目", start, end})
				sub = len(out) - 1
			default:
				count++
				out = append(out, Part{Paragraph, "第" + Chinese(count) + "款", start, end})
				para, item, sub = len(out)-1, -1, -1
			}
			out[para].End = end
			if item >= 0 {
				out[item].End = end
			}
			if sub >= 0 {
				out[sub].End = end
			}
			out = append(out, sentences(text, start, end)...)
		}
		start = end + 1
	}
	return out
}

// sentences splits text[start:end] behind 。！？ and the closing marks that follow.
func sentences(text string, start, end int) []Part {
	var out []Part
	from := start
	for i := start; i < end; {
		r, size := utf8.DecodeRuneInString(text[i:end])
		i += size
		if r != '。' && r != '！' && r != '？' {
			continue
		}
		for i < end {
			c, n := utf8.DecodeRuneInString(text[i:end])
			if !strings.ContainsRune("”’）)》」』", c) {
				break
			}
			i += n
		}
		out = append(out, Part{Kind: Sentence, Start: from, End: i})
		from = i
	}
	if strings.TrimSpace(text[from:end]) != "" {
		out = append(out, Part{Kind: Sentence, Start: from, End: end})
	}
	return out
}
