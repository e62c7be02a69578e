// Package lang holds what the search knows of the Chinese language: one form
// for every way of writing the same thing, the grams that are indexed, the
// numerals of articles, and the lexicon of the field.
package lang

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/longbridgeapp/opencc"
	"golang.org/x/text/unicode/norm"
)

// Folder brings text into the one form that is indexed and searched:
// simplified characters, half-width letters and digits, lower case, Arabic
// integers as Chinese numerals (第 30 条 = 第三十条, 5000元 = 五千元), punctuation
// as blanks. Folding what is folded changes nothing. It is safe for concurrent
// use.
type Folder struct {
	simple [hanLast - hanFirst + 1]rune // 0 where nothing changes
	compat map[rune]rune                // radicals and compatibility forms, as PDF files have them
}

// The blocks of Han characters whose traditional forms are folded.
const (
	hanFirst = 0x3400
	hanLast  = 0x9fff
)

// Blocks that hold second forms of Han characters: radicals, and compatibility
// ideographs.
var compatBlocks = [...][2]rune{{0x2e80, 0x2fdf}, {0xf900, 0xfaff}}

// NewFolder reads the character table of OpenCC's t2s conversion once
// (about 10 ms). It fails only when the table cannot be read.
func NewFolder() (*Folder, error) {
	cc, err := opencc.New("t2s")
	if err != nil {
		return nil, fmt.Errorf("lang: traditional to simplified table: %w", err)
	}
	f := &Folder{compat: map[rune]rune{}}
	for r := rune(hanFirst); r <= hanLast; r++ {
		s, err := cc.Convert(string(r))
		if err != nil {
			return nil, fmt.Errorf("lang: traditional to simplified %q: %w", r, err)
		}
		if to := []rune(s); len(to) == 1 && to[0] != r {
			f.simple[r-hanFirst] = to[0]
		}
	}
	f.settle()
	for _, block := range compatBlocks {
		for r := block[0]; r <= block[1]; r++ {
			if to := []rune(norm.NFKC.String(string(r))); len(to) == 1 && to[0] != r {
				f.compat[r] = f.rune(to[0])
			}
		}
	}
	return f, nil
}

// settle follows characters whose simplified form is itself the traditional
// form of another (薴 苧 苎) to the end, so that folding twice is folding once.
func (f *Folder) settle() {
	for i, to := range f.simple {
		for range 4 { // longer than any chain of the table
			if to < hanFirst || to > hanLast || f.simple[to-hanFirst] == 0 {
				break
			}
			to = f.simple[to-hanFirst]
		}
		f.simple[i] = to
	}
}

// Fold returns s in the searched form. Ends of sentences become a line end and
// other punctuation a blank, so that no gram crosses a comma.
func (f *Folder) Fold(s string) string {
	w := folding{}
	w.out.Grow(len(s))
	for _, r := range s {
		w.take(f.rune(r))
	}
	w.number(0)
	return w.out.String()
}

// rune folds one character: width, case, traditional form.
func (f *Folder) rune(r rune) rune {
	switch {
	case r < 0x80:
		return unicode.ToLower(r)
	case r == 0x3000:
		return ' '
	case r == '〇':
		return '零'
	case r >= 0xff01 && r <= 0xff5e:
		return unicode.ToLower(r - 0xfee0)
	case r >= hanFirst && r <= hanLast:
		if to := f.simple[r-hanFirst]; to != 0 {
			return to
		}
		return r
	}
	if to, ok := f.compat[r]; ok {
		return to
	}
	return unicode.ToLower(r)
}

// gap is what stands between two words: nothing, a blank, or the end of a
// sentence.
type gap struct {
	mark  rune // 0, ' ' or '\n'
	typed bool // more than a blank: some punctuation
}

// folding writes a folded text, character by character.
type folding struct {
	out    strings.Builder
	last   rune // written last, 0 at the beginning
	gap    gap  // before the next word
	digits []rune
	before gap  // what stood before the digits
	spoken bool // the last word is a number in Chinese
}

// take takes the next character, its form folded.
func (w *folding) take(r rune) {
	n := len(w.digits)
	if r >= '0' && r <= '9' {
		if n == 0 {
			w.before, w.gap = w.gap, gap{}
		}
		w.digits = append(w.digits, r)
		return
	}
	if r == '.' && n > 0 && w.digits[n-1] != '.' {
		w.digits = append(w.digits, r)
		return
	}
	w.number(r)
	if r == '○' && w.gap.mark == 0 && isNumeral(w.last) {
		r = '零' // 二○二一
	}
	if !isWord(r) {
		w.gap.widen(r)
		return
	}
	if w.spoken && w.gap.mark == ' ' && !w.gap.typed && IsHan(r) {
		w.gap = gap{} // 第三十 条
	}
	w.word(w.gap)
	w.out.WriteRune(r)
	w.gap, w.last, w.spoken = gap{}, r, false
}

// word writes the gap before a word.
func (w *folding) word(g gap) {
	if g.mark != 0 && w.last != 0 {
		w.out.WriteRune(g.mark)
	}
}

// widen adds a character that is no word; the end of a sentence outweighs the
// rest.
func (g *gap) widen(r rune) {
	switch r {
	case '。', '；', ';', '！', '!', '？', '?', '\n':
		g.mark = '\n'
	case ' ', '\t', '\r', '\u00a0':
	default:
		g.typed = true
	}
	if g.mark == 0 {
		g.mark = ' '
	}
}

// number ends the digits that were being read; next is the character behind.
func (w *folding) number(next rune) {
	n := len(w.digits)
	if n == 0 {
		return
	}
	if w.digits[n-1] == '.' { // no decimal: a full stop
		w.digits = w.digits[:n-1]
		w.gap.widen('.')
		next = '.'
	}
	before := w.last
	if w.before.mark != 0 {
		before = ' '
	}
	value := alone(w.digits, before, next)
	if value >= 0 && w.before.mark == ' ' && !w.before.typed && IsHan(w.last) {
		w.before = gap{} // 第 三十条
	}
	w.word(w.before)
	if value >= 0 {
		w.out.WriteString(Numeral(value))
	} else {
		for _, d := range w.digits {
			w.out.WriteRune(d)
		}
	}
	w.last, w.spoken, w.digits, w.before = '0', value >= 0, w.digits[:0], gap{}
}

// alone is the value of an integer that law texts write in Chinese numerals
// (第30条, 10日, 5万, 5000元), -1 when the digits are part of a name, a decimal or
// a year (PM2.5, DA001, 2021).
func alone(digits []rune, before, next rune) int {
	if digits[0] == '0' || isLatin(before) || isLatin(next) || len(digits) > 4 || len(digits) == 4 && next != '元' {
		return -1
	}
	n := 0
	for _, d := range digits {
		if d == '.' {
			return -1
		}
		n = n*10 + int(d-'0')
	}
	return n
}

// isNumeral reports whether r is part of a Chinese number.
func isNumeral(r rune) bool {
	_, digit := chineseDigit(r)
	return digit || chineseUnit(r) > 0
}

func blank(r rune) bool { return r == ' ' || r == '\n' }

// isWord reports whether r can be part of a gram.
func isWord(r rune) bool {
	return IsHan(r) || isLatin(r) || (r >= '0' && r <= '9') || unicode.IsLetter(r)
}

// IsHan reports whether r is a Han character, 〇 included.
func IsHan(r rune) bool {
	return (r >= hanFirst && r <= hanLast) || unicode.Is(unicode.Han, r)
}

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
