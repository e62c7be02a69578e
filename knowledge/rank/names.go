package rank

import (
	"math"
	"strings"

	"greendesk/knowledge/index"
)

// names fills the features of laws, articles and regions that are named.
func (m *meter) names(v *Vector, e *index.Entry, t titleScan) {
	v.Base[fLawNamed] = truth(t.named)
	v.Base[fTrade] = truth(t.trade)
	v.Base[fLawOther] = truth(!t.named && len(m.q.Laws) > 0)
	for _, a := range m.q.Articles {
		if a.Number == e.Article && a.Sub == e.Sub {
			v.Base[fArticle] = 1
		}
	}
	if m.regionNamed(e.Version.Region) {
		v.Base[fRegionNamed] = 1
		return
	}
	v.Base[fLocal], v.Base[fForeign] = truth(t.local), truth(t.foreign)
}

func (m *meter) regionNamed(region string) bool {
	short := strings.TrimSuffix(strings.TrimSuffix(region, "省"), "市")
	return short != "" && short != "全国" && strings.Contains(m.q.Folded, short)
}

// levels maps a document's level to its feature.
var levels = map[string]int{"法律": fLawLevel, "行政法规": fRegulation, "地方性法规": fLocalRule, "部门规章": fDepartment,
	"规范性文件": fNormative, "司法解释": fJudicial, "问答": fFAQ}

func (m *meter) kind(v *Vector, e *index.Entry) {
	if f, ok := levels[e.Version.Level]; ok {
		v.Base[f] = 1
	}
	v.Base[fLength] = math.Log1p(float64(3*len(e.TextGrams))) / 8
	v.Base[fQuoted] = truth(e.Quoted)
	v.Base[fFirstArticles] = truth(e.Article == 1 || e.Article == 2)
}

// earlier fills the features of a follow-up: what answers the message before.
func (m *meter) earlier(v *Vector, e *index.Entry) {
	for i, before := range m.q.Before {
		if i == 0 {
			v.Base[fEarlierLaw] = truth(before.Version == e.Version)
		}
		if before == e {
			v.Base[fEarlierRank] = 1 / float64(i+1)
		}
	}
}
