package parse

import (
	"regexp"
	"strings"
)

var (
	numberYearRE = regexp.MustCompile(`〔([0-9]{4})〕`)
	officeRE     = regexp.MustCompile(`(?:局|厅|部|委|委员会|政府|办公室|办公厅|院|署|处|中心|国务院|总局)$`)
	// ruleName: 规章制定程序条例 (2017) article 7 names rules 规定 or 办法.
	ruleName = regexp.MustCompile(`(?:办法|规定|细则|规则)(?:（[^（）]*）)?$`)
)

// signature reads a line of the 落款: who signed, and when.
func (d *Document) signature(line string) {
	if day := firstDate(line); day != "" {
		if d.Published == "" {
			d.Published = day
		}
		return
	}
}

// trailer finds the signature of a plain text: short lines without punctuation at the
// end, the last of them a date.
func (d *Document) trailer(blocks []block) []block {
	end := len(blocks)
	for end > 0 {
		bl := blocks[end-1]
		if bl.kind == paraBlock && bl.box.kind == noBox && (strings.HasPrefix(bl.text, "抄送") || strings.HasPrefix(bl.text, "（此件") ||
			strings.HasPrefix(bl.text, "(此件") || strings.HasSuffix(bl.text, "印发") && runes(bl.text) < 45) {
			end--
			continue
		}
		break
	}
	if end == 0 || blocks[end-1].kind != paraBlock || blocks[end-1].box.kind != noBox || !dateOnly(blocks[end-1].text) {
		return blocks
	}
	start := end - 1
	for start > 0 && end-start < 14 {
		bl := blocks[start-1]
		if bl.kind != paraBlock || bl.box.kind != noBox || runes(bl.text) > 30 || endsSentence(bl.text) || markerOf(bl.text).rank != rankNone ||
			strings.ContainsAny(bl.text, "，；：") || strings.HasPrefix(bl.text, "附") {
			break
		}
		start--
	}
	for i := start; i < len(blocks); i++ {
		blocks[i].box = box{kind: signBox}
		d.signature(blocks[i].text)
		if d.Issuer == "" && i < end-1 {
			d.Issuer = tight(blocks[i].text)
		}
	}
	return blocks
}

// dates settles what the date of the front matter stands for, and the version label.
func (d *Document) dates(name string) {
	front := d.Label
	d.Label = fileDate(name)
	articles := d.Kind == "法规"
	if front != "" {
		switch {
		case articles && d.Effective == "":
			d.Effective = front
		case !articles && d.Adopted == "":
			d.Published = front
		}
	}
	if d.Effective == "" && d.atOnce() {
		d.Effective = latest(d.Published, d.Approved, d.Adopted, d.Label)
	}
	if d.Label == "" {
		d.Label = latest(d.Published, d.Adopted)
	}
	if d.Label == "" {
		d.Label = d.Effective
	}
	if d.Label == "" {
		if m := yearRE.FindStringSubmatch(d.Title); m != nil {
			d.Label = m[1]
		} else if m := numberYearRE.FindStringSubmatch(d.Number); m != nil {
			d.Label = m[1]
		}
	}
	if d.Repealed == "" && d.Effective != "" { // 有效期 in a clause before 施行 was known
		for _, c := range d.Clauses {
			if c.Kind != Preamble && !c.Quoted {
				d.effectFromText(c.Text)
			}
		}
	}
}

// atOnce: 自公布之日起施行.
func (d *Document) atOnce() bool {
	for _, c := range d.Clauses {
		if c.Kind != Preamble && !c.Quoted && atOnceRE.MatchString(withoutQuotes(c.Text)) {
			return true
		}
	}
	return false
}

func latest(days ...string) string {
	out := ""
	for _, d := range days {
		out = max(out, d)
	}
	return out
}

// identity settles number, issuer, region and level.
func (d *Document) identity(name string) {
	if d.Number == "" {
		d.Number = FindNumber(fileTitle(name))
	}
	if by := courtIssuer(d.Title); by != "" && strings.HasPrefix(TitleKey(d.Title), "最高人民") {
		d.Issuer = by
	}
	if i := strings.Index(d.Number, "令第"); i > 0 {
		d.Issuer = d.Number[:i]
	}
	if by, _, ok := strings.Cut(d.Title, "关于"); ok && d.Issuer == "" && officeRE.MatchString(by) {
		d.Issuer = by
	}
	if d.Region == "" {
		d.Region = RegionOf(d.Title)
	}
	if d.Region == "" {
		d.Region = RegionOf(d.Issuer)
	}
	if d.Region == "" {
		d.Region = "全国"
	}
	if strings.HasPrefix(d.Issuer, "人民代表大会") { // 题注 without the name of the place
		d.Issuer = strings.TrimPrefix(d.Region, "全国") + d.Issuer
		if d.Region == "全国" {
			d.Issuer = "全国" + d.Issuer
		}
	}
	hint := d.Level
	if hint == DeptRule && !strings.Contains(d.Number, "令第") && !ruleName.MatchString(d.Title) {
		hint, d.Level = "", "" // a list or a notice that the site files under rules
	}
	if l := levelOf(d); l != "" && (hint == "" || hint == Normative && (l == Judicial || l == Catalogue)) {
		d.Level = l
	}
	if d.Level == "" {
		d.Level = Normative
		if d.Kind == "问答" {
			d.Level = QA
		}
	}
	if d.Issuer == "" && d.Level == AdminRegulation {
		d.Issuer = "国务院"
	}
}
