package desk

import (
	"fmt"
	"strings"

	"greendesk/internal/apperr"
)

// creditAlphabet are the characters of a 统一社会信用代码 in the order of their
// values (GB 32100): the letters that are taken for digits are not among them.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditLength is how many characters a code has, the last of them its check.
const creditLength = 18

// CreditCode reads a 统一社会信用代码 as people write it (small letters, full
// width, parted by spaces or dashes) and checks its last character. The error
// is Invalid and says what to look at.
func CreditCode(s string) (string, error) {
	code := strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～': // full width
			r -= '！' - '!'
		case r == '　':
			r = ' '
		}
		switch {
		case r == ' ', r == '-', r == '\t':
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(s))
	if code == "" {
		return "", apperr.New(apperr.Invalid, "请填写统一社会信用代码，在营业执照右上角或左上角，18 位。")
	}
	for _, r := range code {
		if strings.ContainsRune(creditAlphabet, r) {
			continue
		}
		if strings.ContainsRune("IOSVZ", r) {
			return "", apperr.New(apperr.Invalid, fmt.Sprintf("统一社会信用代码里没有字母 %c，请看看是不是数字（I→1，O→0，S→5，Z→2）。", r))
		}
		return "", apperr.New(apperr.Invalid, "统一社会信用代码只有数字和大写字母，请照营业执照再核对一遍。")
	}
	if len(code) != creditLength {
		return "", apperr.New(apperr.Invalid, fmt.Sprintf("统一社会信用代码是 18 位，您填了 %d 位，请照营业执照再核对一遍。", len(code)))
	}
	if code[creditLength-1] != creditCheck(code) {
		return "", apperr.New(apperr.Invalid, "这个统一社会信用代码的校验位对不上，可能有一位抄错了，请照营业执照再核对一遍。")
	}
	return code, nil
}

// creditCheck is the last character that the 17 before it ask for: each value
// weighs a power of three, and all of them add up to a multiple of 31.
func creditCheck(code string) byte {
	const modulus = len(creditAlphabet)
	sum, weight := 0, 1
	for i := range creditLength - 1 {
		sum += strings.IndexByte(creditAlphabet, code[i]) * weight
		weight = weight * 3 % modulus
	}
	return creditAlphabet[(modulus-sum%modulus)%modulus]
}
