package parse

import (
	"strings"
	"testing"
	"time"
)

// A hostile file is read, or refused, within seconds.
func TestHostileFilesAreReadInTime(t *testing.T) {
	for name, s := range map[string]string{
		"tags.md":        "第一条 " + strings.Repeat("<x", 1<<15),
		"btags.md":       "第一条 " + strings.Repeat("<b 甲", 1<<15),
		"braces.md":      "第一条 " + strings.Repeat("{a=", 1<<16),
		"brackets.md":    "第一条 " + strings.Repeat("[", 1<<16),
		"links.md":       "第一条 " + strings.Repeat("[a](", 1<<16),
		"stars.md":       "第一条 " + strings.Repeat("*a", 1<<15),
		"colons.md":      strings.Repeat("::: a b\n", 1<<15),
		"headings.md":    strings.Repeat("# 甲\n", 1<<15),
		"chapters.txt":   strings.Repeat("第一章 总则\n", 1<<16),
		"numbers.txt":    strings.Repeat("一、甲\n", 1<<15),
		"titles.txt":     strings.Repeat("《甲》、", 1<<16) + "同时废止。",
		"dates.md":       "第一条 " + strings.Repeat("2020年1月1日", 1<<15),
		"wrapped.txt":    strings.Repeat("甲乙丙。甲乙丙甲乙丙甲乙丙甲乙丙甲乙丙甲乙\n", 1<<14),
		"pages.txt":      strings.Repeat("甲。乙\n\n", 1<<16),
		"annexes.txt":    "第一条 甲\n" + strings.Repeat("附件\n附表甲\n", 1<<15),
		"table.html":     "<table>" + strings.Repeat("<tr><td rowspan=9999 colspan=9999>甲", 1<<12),
		"nested.html":    strings.Repeat("<div>", 1<<15) + "第一条 甲",
		"tables.html":    strings.Repeat("<table><tr><td>甲", 1<<14),
		"bold.html":      strings.Repeat("<b>", 1<<15) + "第一条 甲",
		"front.md":       "---\na: &a [x]\n" + strings.Repeat("b: [*a,*a,*a,*a,*a,*a,*a,*a]\n", 1<<10) + "---\n第一条 甲",
		"comments.md":    strings.Repeat("<!--", 1<<16),
		"quotes.md":      "第一条 " + strings.Repeat("“甲", 1<<15) + "废止",
		"pipes.md":       strings.Repeat("|a|b|\n", 1<<15),
		"text.html":      "<p>" + strings.Repeat("甲\n", 1<<16),
		"questions.txt":  strings.Repeat("问：甲？\n答：乙\n", 1<<15),
		"numberless.txt": strings.Repeat("附", 1<<16),
		// The time or memory for each of these once grew with the square of its size.
		"keys.md":      "---\n" + strings.Repeat("b: 甲\n", 1<<13) + "---\n第一条 甲",
		"courts.txt":   "第一条 " + strings.Repeat("《关于甲》、", 1<<14) + "同时废止。",
		"effects.txt":  "第一条 " + strings.Repeat("《甲》自2020年1月1日起施行，", 1<<14),
		"header.md":    strings.Repeat("甲\n<!-- INFO END -->\n", 1<<15),
		"bare.md":      strings.Repeat("# 甲\n\n|a|b|\n|-|-|\n|1|2|\n\n## 乙\n", 1<<14),
		"longhead.md":  "# " + strings.Repeat("甲", 1<<15) + "\n|a|b|\n|-|-|\n" + strings.Repeat("|1|2|\n", 1<<15),
		"longcell.md":  "# 甲\n|" + strings.Repeat("甲", 1<<15) + "|b|\n|-|-|\n" + strings.Repeat("|1|2|\n", 1<<15),
		"longtitle.md": "# " + strings.Repeat("甲", 1<<15) + "\n" + strings.Repeat("# 乙\n甲\n", 1<<14),
		"boxes.md":     strings.Repeat(":::: a b\n", 1<<14) + strings.Repeat(":::\n", 1<<14) + "甲",
	} {
		start := time.Now()
		_, err := Parse(name, []byte(s))
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %v (%v)", name, took, err)
		} else {
			t.Log(name, took.Round(time.Millisecond), err)
		}
	}
}
