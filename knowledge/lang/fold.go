// Package lang holds what the search knows of the Chinese language: one form
// for every way of writing the same thing, the grams that are indexed, the
// numerals of articles, and the lexicon of the field.
package lang

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/longbridgeapp/opencc"
)

// Folder brings text into the one form that is indexed and searched:
// simplified characters, half-width letters and digits, lower case, Arabic
// integers of up to four digits as Chinese numerals (第30条 = 第三十条), runs of
// blanks removed between Han characters. It is safe for concurrent use.
type Folder struct {
	simple [hanLast - hanFirst + 1]rune // 0 where nothing changes
}

// The blocks of Han characters whose traditional forms are folded.
const (
	hanFirst = 0x3400
	hanLast  = 0x9fff
)

// NewFolder reads the character table of OpenCC's t2s conversion once
// (about 10 ms). It fails only when the table cannot be read.
func NewFolder() (*Folder, error) {
	cc, err := opencc.New("t2s")
	if err != nil {
		return nil, fmt.Errorf("lang: traditional to simplified table: %w", err)
	}
	f := &Folder{}
	for r := rune(hanFirst); r <= hanLast; r++ {
		s, err := cc.Convert(string(r))
		if err != nil {
			return nil, fmt.Errorf("lang: traditional to simplified %q: %w", r, err)
		}
		if to := []rune(s); len(to) == 1 && to[0] != r {
			f.simple[r-hanFirst] = to[0]
		}
	}
	return f, nil
}

// Fold returns s in the searched form. Punctuation becomes a single blank, so
// that no gram crosses a comma.
func (f *Folder) Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	digits := make([]rune, 0, 8)
	var last rune
	flush := func(next rune) {
		if len(digits) == 0 {
			return
		}
		writeNumber(&b, digits, last, next)
		last = digits[len(digits)-1]
		digits = digits[:0]
	}
	for _, r := range s {
		r = f.rune(r)
		if r >= '0' && r <= '9' {
			digits = append(digits, r)
			continue
		}
		flush(r)
		if !isWord(r) {
			r = separator(r)
		}
		if blank(r) && (blank(last) || last == 0) {
			continue
		}
		b.WriteRune(r)
		last = r
	}
	flush(0)
	return strings.TrimRight(b.String(), " \n")
}

// separator is what stands in a folded text for punctuation.
func separator(r rune) rune {
	switch r {
	case '。', '；', ';', '！', '!', '？', '?', '\n':
		return '\n'
	}
	return ' '
}

func blank(r rune) bool { return r == ' ' || r == '\n' }

// rune folds one character: width, case, traditional form.
func (f *Folder) rune(r rune) rune {
	switch {
	case r < 0x80:
		return unicode.ToLower(r)
	case r == 0x3000:
		return ' '
	case r >= 0xff01 && r <= 0xff5e:
		return unicode.ToLower(r - 0xfee0)
	case r >= hanFirst && r <= hanLast:
		if to := f.simple[r-hanFirst]; to != 0 {
			return to
		}
	}
	return unicode.ToLower(r)
}

// writeNumber writes an Arabic integer as Chinese numerals when it stands
// alone (第30条, 10日, 5万), and as it is when it is part of a name, a decimal
// or a year (PM2.5, DA001, 2021).
func writeNumber(b *strings.Builder, digits []rune, before, after rune) {
	alone := len(digits) <= 3 && digits[0] != '0' && !isLatin(before) && !isLatin(after) &&
		before != '.' && after != '.' && before != '/' && after != '/'
	if alone {
		n := 0
		for _, d := range digits {
			n = n*10 + int(d-'0')
		}
		b.WriteString(Numeral(n))
		return
	}
	for _, d := range digits {
		b.WriteRune(d)
	}
}

// isWord reports whether r can be part of a gram.
func isWord(r rune) bool {
	return IsHan(r) || isLatin(r) || (r >= '0' && r <= '9') || unicode.IsLetter(r)
}

// IsHan reports whether r is a Han character of the basic blocks, 〇 included.
func IsHan(r rune) bool {
	return (r >= hanFirst && r <= hanLast) || r == '〇' || unicode.Is(unicode.Han, r)
}

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
