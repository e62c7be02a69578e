package parse

import (
	"fmt"
	"regexp"
	"strings"
)

// fromFront takes what the front matter says. Keys are those of this product
// (title, kind, issuer, number, level, region, date, published, effective, source) and
// those of VuePress sites (author, category, tag).
func (d *Document) fromFront(front map[string]any) {
	get := func(keys ...string) string {
		for _, k := range keys {
			if v, ok := front[k]; ok && v != nil {
				return squeeze(fmt.Sprint(v))
			}
		}
		return ""
	}
	d.Title = shortTitle(get("title", "标题"))
	d.Kind = get("kind", "类型")
	d.Issuer = strings.TrimSuffix(strings.TrimPrefix(get("issuer", "发布机关", "author"), "原"), "等")
	d.Number = NormalNumber(get("number", "文号"))
	d.Region = get("region", "地区")
	if s := get("source", "来源", "url"); s != "" {
		d.Source = s
	}
	for _, f := range []struct {
		field *string
		keys  []string
	}{{&d.Published, []string{"published", "发布日期"}}, {&d.Effective, []string{"effective", "施行日期"}},
		{&d.Adopted, []string{"adopted"}}, {&d.Repealed, []string{"repealed", "expires", "失效日期"}}} {
		for _, k := range f.keys {
			if v, ok := front[k]; ok && v != nil {
				*f.field = dateOf(v)
			}
		}
	}
	if v, ok := front["date"]; ok && v != nil {
		d.Label = dateOf(v) // complete decides what it stands for
	}
	words := append([]string{get("level", "级别")}, listOf(front["tag"])...)
	words = append(words, listOf(front["category"])...)
	if d.Level = levelHint(words...); d.Level == "" && (d.Kind == "问答" || strings.EqualFold(d.Kind, "qa")) {
		d.Level = QA
	}
	for _, w := range words {
		if w == "自由裁量" || w == "法律解释" {
			d.Level = Normative
		}
	}
}

func listOf(v any) []string {
	switch x := v.(type) {
	case string:
		return []string{x}
	case []any:
		var out []string
		for _, e := range x {
			out = append(out, fmt.Sprint(e))
		}
		return out
	}
	return nil
}

// top is how many blocks may belong to the head of a document.
const top = 25

var (
	titleEnd    = regexp.MustCompile(`(?:法|条例|规定|办法|细则|规则|解释|批复|决定|决议|通知|通告|公告|意见|函|复函|方案|计划|规划|纪要|名录|目录|清单|标准|指南|指引|规范|要求|要点|问答|制度|措施|章程|通报|答复|说明|导则)(?:（[^（）]{1,12}）)?$`)
	letterhead  = regexp.MustCompile(`^([\p{Han}、 ]{4,40}?)(?:文件|令|公告)$`)
	revisedRE   = regexp.MustCompile(`^[（(].*(?:通过|公布|发布|修订|修正|施行|批准).*[)）]$`)
	salutation  = regexp.MustCompile(`[：:]$`)
	orderLineRE = regexp.MustCompile(`^第?\s?[0-9０-９` + `一二三四五六七八九十百]{1,5}\s?号$`)
)

// fromTop reads the head of the document: letterhead, number, title, the note on its
// making. Lines that are only that are taken out or moved into the 题注.
func (d *Document) fromTop(blocks []block, name, pageTitle string) []block {
	if d.Title == "" {
		d.Title = topTitle(blocks)
	}
	if d.Title == "" && pageTitle != "" {
		d.Title = shortTitle(firstPart(pageTitle))
	}
	if d.Title == "" {
		d.Title = fileTitle(name)
	}
	out := make([]block, 0, len(blocks))
	head := true
	for i, bl := range blocks {
		if bl.kind == paraBlock && bl.box.kind == noteBox {
			d.headLine(bl.text)
		}
		if bl.kind == paraBlock && bl.box.kind == signBox {
			d.signature(bl.text)
		}
		if head = head && i < top && !d.bodyBegins(bl); head && bl.kind == paraBlock && bl.box.kind == noBox {
			drop, note := d.headLine(bl.text)
			if drop {
				continue
			}
			if note {
				bl.box = box{kind: noteBox}
			}
		}
		out = append(out, bl)
	}
	return d.trailer(out)
}

// topTitle finds the title in the first lines: the first heading of level 1, or lines
// (up to four, broken) that end like the title of a document.
func topTitle(blocks []block) string {
	for i, bl := range blocks {
		if i >= top {
			break
		}
		if bl.kind == headBlock && bl.level == 1 && runes(bl.text) <= maxTitle {
			return cleanTitle(bl.text)
		}
	}
	for i, bl := range blocks {
		if i >= top || bl.kind != paraBlock || markerOf(bl.text).rank != rankNone || endsSentence(bl.text) && !strings.HasSuffix(bl.text, "）") {
			break
		}
		joined := ""
		for j := i; j < len(blocks) && j < i+4; j++ {
			if blocks[j].kind != paraBlock || FindNumber(blocks[j].text) != "" || letterhead.MatchString(blocks[j].text) || salutation.MatchString(blocks[j].text) {
				break
			}
			if joined += blocks[j].text; runes(joined) <= 120 && runes(joined) >= 4 && titleEnd.MatchString(tight(joined)) {
				return tight(joined)
			}
		}
	}
	return ""
}

// cleanTitle removes the blanks of a title that was broken over lines. Two courts that
// issue together keep a separator.
func cleanTitle(s string) string {
	return tight(strings.Replace(squeeze(s), "最高人民法院 最高人民检察院", "最高人民法院、最高人民检察院", 1))
}

// maxTitle is the longest title, in characters.
const maxTitle = 300

// shortTitle is cleanTitle for what may be anything: "" when it is too long.
func shortTitle(s string) string {
	if s = cleanTitle(s); runes(s) > maxTitle {
		return ""
	}
	return s
}

func firstPart(s string) string {
	for _, sep := range []string{"_", "|", " - ", "－", "—"} {
		if before, _, ok := strings.Cut(s, sep); ok && runes(before) >= 4 {
			s = before
		}
	}
	return squeeze(s)
}

// bodyBegins: the head ends with the first heading below the title, article, number or
// sentence.
func (d *Document) bodyBegins(bl block) bool {
	if bl.kind != paraBlock {
		return bl.kind != headBlock || !sameTitle(bl.text, d.Title)
	}
	if bl.box.kind != noBox {
		return false
	}
	if _, ok := articleAt(bl.text); ok || markerOf(bl.text).rank != rankNone {
		return true
	}
	return !revisedRE.MatchString(bl.text) && (salutation.MatchString(bl.text) || strings.HasSuffix(bl.text, "。"))
}

// headLine reads one line of the head. drop: it holds nothing but the title, the number
// or the letterhead; note: it belongs to the 题注.
func (d *Document) headLine(line string) (drop, note bool) {
	days := datesIn(narrowDigits(line))
	if len(days) > 0 {
		d.events(line)
	}
	if n := FindNumber(line); n != "" && (d.Number == "" || len(days) > 0 || strings.HasPrefix(n, "法释")) {
		if d.Number == "" || strings.Contains(n, "令第") {
			d.Number = n
		}
		if len(days) == 0 && runes(line) <= runes(n)+8 {
			return true, false
		}
	}
	if d.fromIssuerLine(line); len(days) > 0 {
		return false, true
	}
	if m := letterhead.FindStringSubmatch(line); m != nil {
		d.Issuer = tight(m[1])
		return true, false
	}
	return titleLine(line, d.Title) || orderLineRE.MatchString(line), revisedRE.MatchString(line)
}

var congressRE = regexp.MustCompile(`((?:\p{Han}{2,10}(?:省|市|自治区|自治州|自治县))?)第?[^《》]{0,8}?届?((?:全国)?人民代表大会(?:常务委员会)?)`)

// fromIssuerLine finds who made the law in a line of the 题注.
func (d *Document) fromIssuerLine(line string) {
	line = titleBooks.ReplaceAllString(line, "")
	if strings.Contains(line, "国务院令") || strings.Contains(line, "国务院第") {
		d.Issuer = "国务院"
		return
	}
	if !strings.Contains(line, "通过") && !strings.Contains(line, "修订") && !strings.Contains(line, "修正") {
		return
	}
	line = narrowDigits(line)
	if at := datesIn(line); len(at) > 0 {
		line = line[at[len(at)-1].end:]
	}
	if strings.Contains(line, "批准") { // who approves is not who makes
		return
	}
	switch m := congressRE.FindStringSubmatch(strings.TrimSpace(line)); {
	case m != nil:
		d.Issuer = m[1] + m[2]
	case strings.Contains(line, "最高人民"):
		d.Issuer = courtIssuer(d.Title)
	}
}

func courtIssuer(title string) string {
	var by []string
	for _, c := range []string{"最高人民法院", "最高人民检察院"} {
		if i := strings.Index(title, c); i >= 0 && i < 40 {
			by = append(by, c)
		}
	}
	return strings.Join(by, "、")
}
