package knowledge

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// A question may ask for the law of another day: 2020年的时候…, 2019年8月那会儿…,
// 按2017年的规定. A year inside a document's name (2021年版) is not one.
var asOfPattern = regexp.MustCompile(`((?:19|20)\d{2})年(?:(\d{1,2})月)?(?:(\d{1,2})[日号])?(?:份)?(?:的时候|那时|那会|那年|当时|时候|的规定|的法|以前|之前|前|底|初|的标准|就|被|已经)`)

// AsOf reads the day whose law a question asks for, in the form 2020-07-01,
// "" for today's. Without a month it is the middle of the year, without a day
// the first of the month; a day that lies in the future is none.
func AsOf(question string, today time.Time) string {
	m := asOfPattern.FindStringSubmatch(question)
	if m == nil {
		return ""
	}
	year, month, day := number(m[1]), number(m[2]), number(m[3])
	if month == 0 {
		month, day = 7, 1
	}
	if day == 0 {
		day = 1
	}
	if month > 12 || day > 31 {
		return ""
	}
	asked := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
	if asked >= today.Format(time.DateOnly) {
		return ""
	}
	return asked
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0 // an optional part that is not there
	}
	return n
}
