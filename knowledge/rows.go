package knowledge

import (
	"fmt"
	"strings"

	"greendesk/internal/apperr"
)

// eachRow calls fn for the lines of a curator's file of three columns parted by
// tabs, with the words by which a complaint names the line; # opens a comment.
// The error says which lines have not three, and what the columns are; it is
// for a caller who then changes nothing.
func eachRow(data, columns string, fn func(from string, cols []string)) error {
	var wrong []string
	for i, line := range strings.Split(strings.TrimPrefix(data, "\ufeff"), "\n") {
		line = strings.TrimRight(line, " \r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		from, cols := fmt.Sprintf("第 %d 行：", i+1), strings.Split(line, "\t")
		if len(cols) != 3 {
			wrong = append(wrong, fmt.Sprintf("%s要有三列（%s），用制表符隔开，现在是 %d 列。", from, columns, len(cols)))
			continue
		}
		fn(from, cols)
	}
	if len(wrong) > 0 {
		return apperr.New(apperr.Invalid, strings.Join(wrong, "\n")+"\n什么都没有改，请改好再导入。")
	}
	return nil
}
