package rank

import (
	"math"
	"strings"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
)

// Base features of a clause for a question; the products of question cues and
// clause cues follow them.
const (
	fBM25          = iota // share of the best BM25 score among the candidates
	fRank                 // reciprocal rank by BM25
	fText                 // weight of the question's concepts found in the text
	fSentence             // the same, in its best sentence
	fTitle                // in the document's title
	fPath                 // in chapter and heading
	fAll                  // in any of these
	fOwn                  // the user's own words only, anywhere
	fRarest               // the most telling concept is there
	fMissing              // share of concepts that are nowhere
	fDocument             // how much of all candidates' scores this document has
	fTitleCovered         // how much of the title the question says
	fLawNamed             // the question names this document
	fLawOther             // the question names another document
	fArticle              // the question names this article
	fRegionNamed          // the question names this region
	fLocal                // a rule of Henan or Luohe, when no region is named
	fForeign              // a rule of another province, when it is not named
	fLength               // logarithm of the length of the text
	fLawLevel             // 法律
	fRegulation           // 行政法规
	fLocalRule            // 地方性法规
	fDepartment           // 部门规章
	fNormative            // 规范性文件
	fJudicial             // 司法解释
	fFAQ                  // 问答
	fQuoted               // excerpt of another law
	fFirstArticles        // purpose and scope: the first two articles
	fWordText             // concepts that are terms of the lexicon, in the text
	fMeans                // concepts found by the law's word, not by the user's
	fEarlier              // concepts of the message before, anywhere
	fCohesion             // best sentence's share of what the text has
	fAsked                // in its best standard question
	fAskedAlike           // how alike that question and this one are
	fAskedAny             // it has standard questions
	fSupport              // text, path and standard questions together
	baseFeatures
)

// FeatureNames are the names of a feature vector's places, in order.
func FeatureNames() []string {
	names := []string{"bm25", "rank", "text", "sentence", "title", "path", "all", "own", "rarest", "missing",
		"document", "title_covered", "law_named", "law_other", "article", "region_named", "local", "foreign",
		"length", "law", "regulation", "local_rule", "department", "normative", "judicial", "faq", "quoted",
		"first_articles", "word_text", "means", "earlier", "cohesion", "asked", "asked_alike", "asked_any", "support"}
	for _, q := range questionCues {
		for _, c := range clauseCues {
			names = append(names, q.name+"*"+c.name)
		}
	}
	for _, c := range clauseCues {
		names = append(names, c.name)
	}
	return names
}

// FeatureCount is the length of a feature vector.
func FeatureCount() int { return baseFeatures + (len(questionCues)+1)*len(clauseCues) }

// Vector is one clause's features.
type Vector []float64

// measured is a concept prepared for scanning.
type measured struct {
	weight  float64
	own     phrase
	means   []phrase
	word    bool
	earlier bool
}

// meter measures the candidates of one question.
type meter struct {
	q        *Question
	stats    Statistics
	table    gramTable
	concepts []measured
	total    float64 // of the concepts' weights
	rarest   int     // the most telling concept

	own       gramSet // the grams of the message itself
	ownWeight float64
}

func newMeter(q *Question, stats Statistics) *meter {
	m := &meter{q: q, stats: stats}
	best := 0.0
	for i, c := range q.Concepts {
		x := measured{weight: c.Weight, own: m.table.phrase(c.Surface), word: c.Word, earlier: c.Earlier}
		for _, t := range c.Means {
			x.means = append(x.means, m.table.phrase(t))
		}
		m.concepts = append(m.concepts, x)
		m.total += c.Weight
		if c.Weight > best && !c.Earlier {
			best, m.rarest = c.Weight, i
		}
	}
	lang.Grams(q.Folded, func(g lang.Gram) {
		if i := m.table.number(g); i >= 0 {
			m.own.add(i)
			m.ownWeight += stats.IDF(g)
		}
	})
	return m
}

// A term found in the law's words counts a little less than in the user's; a
// part of it counts by its share, squared.
const meansStrength = 0.9

func (c *measured) strength(in *gramSet) (own, means float64) {
	if c.own.size > 0 {
		s := in.share(&c.own.set, c.own.size)
		own = s * s
	}
	for i := range c.means {
		if c.means[i].size == 0 {
			continue
		}
		s := in.share(&c.means[i].set, c.means[i].size)
		means = max(means, s*s*meansStrength)
	}
	return own, means
}

// cover is the weighted share of the question's concepts in a set of grams.
func (m *meter) cover(in *gramSet) float64 {
	if m.total == 0 {
		return 0
	}
	sum := 0.0
	for i := range m.concepts {
		own, means := m.concepts[i].strength(in)
		sum += m.concepts[i].weight * max(own, means)
	}
	return sum / m.total
}

// Measure gives every candidate its features. Hits must be in the index's
// order, best first.
func Measure(q *Question, hits []index.Hit, stats Statistics) []Vector {
	m := newMeter(q, stats)
	docs := map[*index.Version]float64{}
	all := 0.0
	for _, h := range hits {
		docs[h.Entry.Version] += h.Score
		all += h.Score
	}
	titles := map[*index.Version]titleScan{}
	out := make([]Vector, len(hits))
	backing := make([]float64, FeatureCount()*len(hits))
	for i, h := range hits {
		t, ok := titles[h.Entry.Version]
		if !ok {
			t = m.title(h.Entry.Version)
			titles[h.Entry.Version] = t
		}
		v := Vector(backing[i*FeatureCount() : (i+1)*FeatureCount()])
		v[fBM25] = h.Score / max(hits[0].Score, 1e-9)
		v[fRank] = 1 / float64(i+1)
		v[fDocument] = docs[h.Entry.Version] / max(all, 1e-9)
		m.words(v, h.Entry, t)
		m.names(v, h.Entry, t)
		m.kind(v, h.Entry)
		m.products(v, Cues(h.Entry.Cues))
		out[i] = v
	}
	return out
}

type titleScan struct {
	set     gramSet
	covered float64
	named   bool
	local   bool
	foreign bool
}

// genericTitle are grams that stand in most titles and say nothing of one.
var genericTitle = strings.NewReplacer("中华人民共和国", "", "管理条例", "", "条例", "", "管理办法", "", "办法", "", "规定", "",
	"暂行", "", "试行", "", "实施", "", "河南省", "", "漯河市", "", "关于", "", "的", "")

func (m *meter) title(v *index.Version) titleScan {
	t := titleScan{set: m.table.scan(v.Title)}
	core := genericTitle.Replace(v.Title)
	sum, hit := 0.0, 0.0
	lang.Grams(core, func(g lang.Gram) {
		w := m.stats.IDF(g)
		sum += w
		if m.table.find(g) >= 0 {
			hit += w
		}
	})
	if sum > 0 {
		t.covered = hit / sum
	}
	t.named = strings.Contains(m.q.Folded, v.Title)
	for _, law := range m.q.Laws {
		t.named = t.named || law == v.Title
	}
	t.local = v.Region == "河南省" || v.Region == "漯河市"
	t.foreign = !t.local && v.Region != "" && v.Region != "全国"
	return t
}

// words fills the features that count concepts.
func (m *meter) words(v Vector, e *index.Entry, t titleScan) {
	var text gramSet
	best := 0.0
	for rest := e.Text; rest != ""; {
		var sentence string
		sentence, rest, _ = strings.Cut(rest, "\n")
		set := m.table.scan(sentence)
		if set == (gramSet{}) {
			continue
		}
		text.union(&set)
		best = max(best, m.cover(&set))
	}
	path := m.table.scan(e.Path)
	heading := m.table.scan(e.Heading)
	path.union(&heading)
	whole := text
	whole.union(&path)
	whole.union(&t.set)
	v[fText], v[fSentence] = m.cover(&text), best
	v[fTitle], v[fPath], v[fAll] = m.cover(&t.set), m.cover(&path), m.cover(&whole)
	if v[fText] > 0 {
		v[fCohesion] = best / v[fText]
	}
	v[fTitleCovered] = t.covered
	m.asked(v, e.Asked)
	m.concept(v, &text, &whole)
}

// asked fills the features of the clause's standard questions.
func (m *meter) asked(v Vector, questions string) {
	v[fAskedAny] = truth(questions != "")
	for rest := questions; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, "\n")
		set := m.table.scan(one)
		if set == (gramSet{}) {
			continue
		}
		v[fAsked] = max(v[fAsked], m.cover(&set))
		v[fAskedAlike] = max(v[fAskedAlike], m.alike(one))
	}
	v[fSupport] = 0.5*v[fText] + 0.5*v[fAsked]
}

// alike is the weighted Dice coefficient of the grams of a text and those of
// the question: 1 when they are the same.
func (m *meter) alike(text string) float64 {
	both, theirs := 0.0, 0.0
	lang.Grams(text, func(g lang.Gram) {
		w := m.stats.IDF(g)
		theirs += w
		if i := m.table.find(g); i >= 0 && m.own[i>>6]&(1<<(i&63)) != 0 {
			both += w
		}
	})
	if theirs+m.ownWeight == 0 {
		return 0
	}
	return 2 * both / (theirs + m.ownWeight)
}

// concept fills the features that look at single concepts.
func (m *meter) concept(v Vector, text, whole *gramSet) {
	if m.total == 0 {
		return
	}
	for i := range m.concepts {
		c := &m.concepts[i]
		own, means := c.strength(whole)
		v[fOwn] += c.weight * own / m.total
		if means > own {
			v[fMeans] += c.weight * (means - own) / m.total
		}
		if max(own, means) < 0.2 {
			v[fMissing] += c.weight / m.total
		}
		if i == m.rarest {
			v[fRarest] = max(own, means)
		}
		if c.earlier {
			v[fEarlier] += c.weight * max(own, means) / m.total
		}
		if c.word {
			o, n := c.strength(text)
			v[fWordText] += c.weight * max(o, n) / m.total
		}
	}
}

// names fills the features of laws, articles and regions that are named.
func (m *meter) names(v Vector, e *index.Entry, t titleScan) {
	v[fLawNamed] = truth(t.named)
	v[fLawOther] = truth(!t.named && len(m.q.Laws) > 0)
	for _, a := range m.q.Articles {
		if a.Number == e.Article && a.Sub == e.Sub {
			v[fArticle] = 1
		}
	}
	if m.regionNamed(e.Version.Region) {
		v[fRegionNamed] = 1
		return
	}
	v[fLocal], v[fForeign] = truth(t.local), truth(t.foreign)
}

func (m *meter) regionNamed(region string) bool {
	short := strings.TrimSuffix(strings.TrimSuffix(region, "省"), "市")
	return short != "" && short != "全国" && strings.Contains(m.q.Folded, short)
}

// levels maps a document's level to its feature.
var levels = map[string]int{"法律": fLawLevel, "行政法规": fRegulation, "地方性法规": fLocalRule, "部门规章": fDepartment,
	"规范性文件": fNormative, "司法解释": fJudicial, "问答": fFAQ}

func (m *meter) kind(v Vector, e *index.Entry) {
	if f, ok := levels[e.Version.Level]; ok {
		v[f] = 1
	}
	v[fLength] = math.Log1p(float64(len(e.Text))) / 8
	v[fQuoted] = truth(e.Quoted)
	v[fFirstArticles] = truth(e.Article == 1 || e.Article == 2)
}

// products fills cue by cue: what is asked against what is settled.
func (m *meter) products(v Vector, clause Cues) {
	at := baseFeatures
	for i := range questionCues {
		for j := range clauseCues {
			v[at] = truth(m.q.Cues.has(i) && clause.has(j))
			at++
		}
	}
	for j := range clauseCues {
		v[at] = truth(clause.has(j))
		at++
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
