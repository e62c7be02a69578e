package lang

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Amount is a sum of money that a text names.
type Amount struct {
	Said  string  // as it stands there, folded: 八万
	Yuan  float64 // 80000
	Bound string  // 以上, 以下 …; "" for the sum itself
}

// String writes an amount for people: 八万（80000元）.
func (a Amount) String() string {
	return fmt.Sprintf("%s（%s元%s）", a.Said, strconv.FormatFloat(a.Yuan, 'f', -1, 64), a.Bound)
}

// A sum is a number with 元 behind it or, as people say it, one in ten thousands
// behind a word of paying: 罚了我8万. What is counted otherwise (8万吨) is none.
var (
	sum   = `([0-9]{1,9}(?:\.[0-9]{1,4})?|[零一二三四五六七八九十百千两]{1,8})(千|万|百万|千万|亿)?`
	bound = `(以上|以下|以内|以外|左右)?`
	yuan  = regexp.MustCompile(sum + `(?:元|块钱|块)` + bound)
	paid  = regexp.MustCompile(`(?:罚|罚款|罚金|处|交|缴|赔|掏|花|付|款|要)(?:了|的|我们?|俺们?|我厂|你们?|他们?|款|金|是|就|多|少|到|超过|不到){0,4}` +
		sum + bound + `(?:$|[^吨方立平亩人台大卡辆头只个件瓦度户家倍天年月条次项份种\p{Nd}.])`)
	tenThousands = map[string]float64{"": 1, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8}
)

// Amounts are the sums of money that a folded text names, in its order; those
// with 元 first.
func Amounts(folded string) []Amount {
	var out []Amount
	for _, m := range yuan.FindAllStringSubmatch(folded, -1) {
		if a, ok := amountOf(m[0], m[1], m[2], m[3]); ok {
			out = append(out, a)
		}
	}
	rest := yuan.ReplaceAllString(folded, " ")
	for _, m := range paid.FindAllStringSubmatch(rest, -1) {
		if !strings.HasSuffix(m[1]+m[2], "万") && !strings.HasSuffix(m[2], "亿") {
			continue
		}
		if a, ok := amountOf(m[1]+m[2]+m[3], m[1], m[2], m[3]); ok {
			out = append(out, a)
		}
	}
	return out
}

func amountOf(said, number, unit, bound string) (Amount, bool) {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		whole, ok := ParseNumeral(number)
		if !ok {
			return Amount{}, false
		}
		n = float64(whole)
	}
	return Amount{Said: said, Yuan: math.Round(n*tenThousands[unit]*100) / 100, Bound: bound}, n > 0
}
