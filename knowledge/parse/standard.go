package parse

import (
	"regexp"
	"slices"
	"strings"
)

// The first pages of a standard: cover, imprint, contents. They hold its number, title,
// dates and who issued it, and no clause.

var (
	standardNumber = regexp.MustCompile(`((?:GB|HJ|GBZ|CJ|HG|YY|NY|SL|DZ|DB\s?[0-9]{2})\s?(?:/\s?[TZ])?)\s?([0-9]{1,6}(?:\.[0-9]{1,2})?)\s?[-—–－]{1,3}\s?([0-9]{4}|[0-9]{2})`)
	standardTitle  = regexp.MustCompile(`(?:标准|规范|导则|方法|指南|规程|要求|限值|准则|术语|通则|总则|测定|监测)(?:（[^（）]{1,12}）)?$`)
	offices        = regexp.MustCompile(`生态环境部|环境保护部|国家环境保护总局|国家环境保护局|国家质量监督检验检疫总局|国家市场监督管理总局|国家技术监督局|住房和城乡建设部|` +
		`\p{Han}{2,3}[省市](?:人民政府|生态环境厅|环境保护厅|生态环境局|环境保护局|市场监督管理局|质量技术监督局)`)
	spacedDate = regexp.MustCompile(`([0-9]{4}) ([0-9]{2}) ([0-9]{2})`) // its dashes are drawn, not printed
	coverLines = 40                                                     // blocks that may be the cover
)

// standard reads the cover of a standard and takes it away. ok is false when the
// document is none.
func (d *Document) standard(blocks []block) (rest []block, ok bool) {
	top := blocks[:min(len(blocks), coverLines)]
	of := slices.IndexFunc(top, func(bl block) bool {
		return strings.HasPrefix(tight(bl.text), "中华人民共和国国家") || strings.HasPrefix(tight(bl.text), "中华人民共和国环境保护") ||
			strings.HasPrefix(tight(bl.text), "中华人民共和国生态环境") || strings.HasSuffix(tight(bl.text), "地方标准")
	})
	if of < 0 || of > 8 {
		return blocks, false
	}
	number := ""
	for _, bl := range top {
		line, _, _ := strings.Cut(bl.text, "代替")
		if m := standardNumber.FindStringSubmatch(line); m != nil {
			number = strings.ReplaceAll(m[1], " ", "") + " " + m[2] + "-" + m[3]
			break
		}
	}
	body := slices.IndexFunc(blocks, func(bl block) bool {
		return slices.Contains(forewords, bl.text) || strings.HasPrefix(bl.text, "1 ") && runes(bl.text) <= maxTitleLine
	})
	if number == "" || body < 0 {
		return blocks, false
	}
	d.Number, d.Kind, d.Level = number, "标准", Standard
	d.cover(blocks[:body])
	return d.withoutTitle(blocks[body:]), true
}

// cover takes dates and offices.
func (d *Document) cover(blocks []block) {
	var by []string
	for _, bl := range blocks {
		line := squeeze(bl.text)
		if strings.Contains(line, "发布") && strings.Contains(line, "实施") && runes(line) <= 100 {
			d.events(spacedDate.ReplaceAllString(line, "$1-$2-$3"))
		}
		name := strings.ReplaceAll(line, " ", "")
		for _, o := range offices.FindAllString(name, -1) {
			if runes(line) <= 60 && !slices.Contains(by, o) {
				by = append(by, o)
			}
		}
		if standardTitle.MatchString(name) && d.Title == "" && !strings.HasPrefix(name, "中华人民共和国") && runes(name) >= 6 && !strings.ContainsAny(name, "。：") {
			d.Title = name
		}
	}
	d.Issuer = strings.Join(by, "、")
}

// withoutTitle takes the title out that stands again before the first section; it is the
// surest one, for the cover breaks it over lines.
func (d *Document) withoutTitle(blocks []block) []block {
	for i := 1; i < len(blocks); i++ {
		if !strings.HasPrefix(blocks[i].text, "1 ") || runes(blocks[i].text) > maxTitleLine {
			continue
		}
		name := tight(blocks[i-1].text)
		if standardTitle.MatchString(name) && runes(name) >= 6 && !strings.ContainsAny(name, "。：") {
			d.Title = name
			return append(slices.Clone(blocks[:i-1]), blocks[i:]...)
		}
		break
	}
	return blocks
}

// pageTitle finds the title of another paged document: annex lines above it go.
func (d *Document) pageTitle(blocks []block, name string) []block {
	for len(blocks) > 1 && blocks[0].kind == paraBlock && isAnnex(blocks[0].text) {
		blocks = blocks[1:]
	}
	blocks = withoutYear(blocks)
	if topTitle(blocks) != "" || len(blocks) < 2 || blocks[0].kind != paraBlock {
		return blocks
	}
	if first := tight(blocks[0].text); runes(first) >= 4 && runes(first) <= maxTitleLine && !endsSentence(first) && !strings.ContainsAny(first, "：；，。") &&
		markerOf(first).rank == rankNone && !letterhead.MatchString(first) {
		d.Title = first
		return blocks[1:]
	}
	d.Title = annexName.ReplaceAllString(fileTitle(name), "")
	return blocks
}

// annexName is what a file name says of its place behind another document.
var annexName = regexp.MustCompile(`^附[件表录]?\s?[0-9一二三四五六七八九十]*\s?[:：、.-]\s?`)

var yearLine = regexp.MustCompile(`^[（(]\s*[0-9]{4}\s*年\s*版?\s*[)）]$`)

// withoutYear drops the line （2019年版） below a title, and the brackets behind one.
func withoutYear(blocks []block) []block {
	out := make([]block, 0, len(blocks))
	for i, bl := range blocks {
		if i < 4 && bl.kind == paraBlock && yearLine.MatchString(bl.text) {
			continue
		}
		if i == 0 && bl.kind == paraBlock {
			bl.text = strings.TrimSpace(yearRE.ReplaceAllString(bl.text, ""))
		}
		out = append(out, bl)
	}
	return out
}

// yearOfName takes the year that the file name has in addition to the title.
func (d *Document) yearOfName(name string) {
	file := fileTitle(name)
	if TitleKey(file) == TitleKey(d.Title) && yearRE.MatchString(file) {
		d.Title = file
	}
}
