package parse

import (
	"regexp"
	"strings"
)

var levelNames = map[string]Level{
	"法律": Law, "行政法规": AdminRegulation, "司法解释": Judicial, "地方性法规": LocalRegulation, "地方法规": LocalRegulation,
	"部门规章": DeptRule, "地方政府规章": LocalRule, "地方规章": LocalRule, "规范性文件": Normative, "政策文件": Normative,
	"标准": Standard, "名录": Catalogue, "问答": QA, "其他": Other,
}

var standardRE = regexp.MustCompile(`^(?:GB|HJ|DB|GBZ|CJ|HG|YY)[/T]{0,2}\s?[0-9]`)

// levelHint reads a level out of words of a front matter or a folder name.
func levelHint(words ...string) Level {
	for _, w := range words {
		if l, ok := levelNames[strings.TrimSpace(w)]; ok {
			return l
		}
	}
	return ""
}

// levelOf derives the level from title, number, issuer and region, by the naming rules
// of 立法法 (2023) and 行政法规制定程序条例 (2017) article 5: 条例, 规定 and 办法 of the
// State Council are administrative regulations, a ministry's are rules (规章).
func levelOf(d *Document) Level {
	t, local := d.Title, d.Region != "全国" && d.Region != ""
	court := strings.HasPrefix(t, "最高人民法院") || strings.HasPrefix(t, "最高人民检察院") ||
		strings.HasPrefix(d.Number, "法释") || strings.HasPrefix(d.Number, "高检发释")
	base := strings.TrimSuffix(strings.TrimSuffix(TitleKey(t), "（试行）"), "（暂行）")
	ends := func(words ...string) bool {
		for _, w := range words {
			if strings.HasSuffix(base, w) {
				return true
			}
		}
		return false
	}
	congress := strings.Contains(d.Issuer, "人民代表大会") || strings.Contains(t, "人民代表大会")
	switch {
	case standardRE.MatchString(strings.ToUpper(t)) || standardRE.MatchString(strings.ToUpper(d.Number)):
		return Standard
	case court && ends("解释", "规定", "批复", "意见", "规则", "决定"):
		return Judicial
	case local && congress && ends("条例", "规定", "办法", "决议", "决定", "规则", "细则"):
		return LocalRegulation
	case local && ends("条例"):
		return LocalRegulation
	case !local && ends("法", "法典", "宪法修正案") && !ends("办法"), !local && congress:
		return Law
	case strings.HasPrefix(d.Number, "国务院令"), !local && ends("条例"):
		return AdminRegulation
	case !local && strings.Contains(d.Number, "令第"):
		return DeptRule
	case local && strings.Contains(d.Number, "令第"):
		return LocalRule
	case ends("名录", "目录"):
		return Catalogue
	case ends("标准", "技术规范"):
		return Standard
	}
	return ""
}
