package rank

import (
	"slices"
	"strings"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
)

// Base features of a clause for a question; the products of question cues and
// clause cues follow them.
const (
	fBM25             = iota // share of the best BM25 score among the candidates
	fRank                    // reciprocal rank by BM25
	fText                    // weight of the question's concepts found in the text
	fSentence                // the same, in its best sentence
	fTitle                   // in the document's title
	fPath                    // in chapter and heading
	fAll                     // in any of these
	fOwn                     // the user's own words only, anywhere
	fRarest                  // the most telling concept is there
	fMissing                 // share of concepts that are nowhere
	fDocument                // how much of all candidates' scores this document has
	fTitleCovered            // how much of the title the question says
	fLawNamed                // the question names this document
	fLawOther                // the question names another document
	fArticle                 // the question names this article
	fRegionNamed             // the question names this region
	fLocal                   // a rule of Henan or Luohe, when no region is named
	fForeign                 // a rule of another province, when it is not named
	fLength                  // logarithm of the length of the text
	fLawLevel                // 法律
	fRegulation              // 行政法规
	fLocalRule               // 地方性法规
	fDepartment              // 部门规章
	fNormative               // 规范性文件
	fJudicial                // 司法解释
	fFAQ                     // 问答
	fQuoted                  // excerpt of another law
	fFirstArticles           // purpose and scope: the first two articles
	fWordText                // concepts that are terms of the lexicon, in the text
	fMeans                   // concepts found by the law's word, not by the user's
	fEarlier                 // concepts of the message before, anywhere
	fCohesion                // best sentence's share of what the text has
	fAsked                   // in its best standard question
	fAskedAlike              // how alike that question and this one are
	fAskedAny                // it has standard questions
	fSupport                 // text, path and standard questions together
	fEarlierRank             // reciprocal rank among the clauses for the message before
	fEarlierLaw              // stands in the document that answers the message before
	fSenseText               // how alike question and text are in sense
	fSenseAsked              // question and the nearest standard question
	fSenseAskedSecond        // and the second nearest
	fSenseBoth               // text and nearest standard question together
	fSenseTextLead           // fSenseText less the best candidate's
	fSenseAskedLead          // fSenseAsked less the best candidate's
	fSenseRank               // reciprocal rank by fSenseBoth
	fAlikeLead               // fAskedAlike less the best candidate's
	fBare                    // no standard questions: what follows counts for the text alone
	fBareBM25                // fBM25 of such a clause, and so on
	fBareText
	fBareSentence
	fBareAll
	fBareSense
	fLawWeight // how much the document's clauses have of the question, beside the best document's
	fTrade     // the document is about a trade that the question does not name
	fFar       // how far the question is from every standard question: what follows counts for the text alone
	fFarBM25   // fBM25 when it is far, and so on
	fFarText
	fFarSentence
	fFarAll
	fFarLawWeight
	fFarSense
	fMeantText    // how far the text is behind the nearest in meaning, in standard deviations; 0 to the last without a model of meaning
	fMeantAsked   // the same of the nearest standard question
	fMeantBare    // no standard question to be near to
	fMeantTypical // such a clause: how far standard questions are behind the nearest on average
	baseFeatures
)

// measured is a concept prepared for scanning.
type measured struct {
	weight  float64
	own     phrase
	means   []phrase
	grams   gramSet // of all of these
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
	ownCount  float64
	idf       [maxGrams]float64 // of the message's own grams
}

func newMeter(q *Question, stats Statistics) *meter {
	m := &meter{q: q, stats: stats, table: gramTable{stats: stats}}
	best := 0.0
	for i, c := range q.Concepts {
		x := measured{weight: c.Weight, own: m.table.phrase(c.Surface), word: c.Word, earlier: c.Earlier}
		for _, t := range c.Means {
			x.means = append(x.means, m.table.phrase(t))
		}
		x.grams = x.own.set
		for i := range x.means {
			x.grams.union(&x.means[i].set)
		}
		m.concepts = append(m.concepts, x)
		m.total += c.Weight
		if c.Weight > best && !c.Earlier {
			best, m.rarest = c.Weight, i
		}
	}
	lang.Grams(q.Folded, func(g lang.Gram) {
		gram, idf, known := stats.Gram(g)
		m.ownWeight += idf
		m.ownCount++
		if !known {
			return
		}
		if i := m.table.number(gram); i >= 0 {
			m.own.add(i)
			m.idf[i] = idf
		}
	})
	return m
}

// A term found in the law's words counts a little less than in the user's; a
// part of it counts by its share, squared.
const meansStrength = 0.9

func (c *measured) strength(in *gramSet) (own, means float64) {
	if c.own.size > 0 {
		s := in.share(&c.own)
		own = s * s
	}
	for i := range c.means {
		if c.means[i].size == 0 {
			continue
		}
		s := in.share(&c.means[i])
		means = max(means, s*s*meansStrength)
	}
	return own, means
}

// Measure gives every candidate its features. Hits must be in the index's
// order, best first. c may be nil.
func Measure(q *Question, hits []index.Hit, c *Cosines, stats Statistics) []Vector {
	m := newMeter(q, stats)
	docs := map[*index.Version]float64{}
	all := 0.0
	for _, h := range hits {
		docs[h.Entry.Version] += h.Score
		all += h.Score
	}
	titles := map[*index.Version]titleScan{}
	out := make([]Vector, len(hits))
	for i, h := range hits {
		t, ok := titles[h.Entry.Version]
		if !ok {
			t = m.title(h.Entry.Version)
			titles[h.Entry.Version] = t
		}
		v := &out[i]
		v.Base[fBM25] = h.Score / max(hits[0].Score, 1e-9)
		v.Base[fRank] = 1 / float64(i+1)
		v.Base[fDocument] = docs[h.Entry.Version] / max(all, 1e-9)
		m.words(v, h.Entry, t)
		m.names(v, h.Entry, t)
		m.kind(v, h.Entry)
		m.earlier(v, h.Entry)
		v.Question, v.Clause = q.Cues, Cues(h.Entry.Cues)
	}
	senses(q, hits, out)
	lawWeights(hits, out)
	meanings(c, out)
	for i, h := range hits {
		bare(&out[i], h.Entry)
		far(&out[i])
	}
	return out
}

type titleScan struct {
	set     gramSet
	covered float64
	named   bool
	local   bool
	foreign bool
	trade   bool // about a trade that the question does not name
}

func (m *meter) title(v *index.Version) titleScan {
	t := titleScan{set: m.table.scan(v.TitleGrams)}
	sum, hit := 0.0, 0.0
	for _, gram := range v.TitleGrams {
		if gram == index.End {
			continue
		}
		w := m.stats.IDF(gram)
		w *= w // what most titles have says nothing of one
		sum += w
		if m.table.find(gram) >= 0 {
			hit += w
		}
	}
	if sum > 0 {
		t.covered = hit / sum
	}
	t.named = v.Title != "" && strings.Contains(m.q.Folded, v.Title)
	for _, law := range m.q.Laws {
		t.named = t.named || law == v.Title
	}
	t.trade = !t.named && slices.ContainsFunc(m.q.Others, func(trade string) bool { return strings.Contains(v.Title, trade) })
	t.local = v.Region == "河南省" || v.Region == "漯河市"
	t.foreign = !t.local && v.Region != "" && v.Region != "全国"
	return t
}

// words fills the features that count concepts.
func (m *meter) words(v *Vector, e *index.Entry, t titleScan) {
	var text gramSet
	best := bestCover{m: m}
	m.table.sentences(e.TextGrams, func(_ index.Sequence, set gramSet) {
		text.union(&set)
		best.see(&set)
	})
	path := m.table.scan(e.PathGrams)
	whole := text
	whole.union(&path)
	whole.union(&t.set)
	v.Base[fText], v.Base[fSentence] = m.cover(&text), best.share
	v.Base[fTitle], v.Base[fPath], v.Base[fAll] = m.cover(&t.set), m.cover(&path), m.cover(&whole)
	if v.Base[fText] > 0 {
		v.Base[fCohesion] = best.share / v.Base[fText]
	}
	v.Base[fTitleCovered] = t.covered
	m.asked(v, e.AskedGrams)
	m.concept(v, &text, &whole)
	if m.q.FollowUp {
		v.Lacks = m.lacks(&text)
	}
}

// asked fills the features of the clause's standard questions.
func (m *meter) asked(v *Vector, questions index.Sequence) {
	v.Base[fAskedAny] = truth(len(questions) > 0)
	best := bestCover{m: m}
	m.table.sentences(questions, func(one index.Sequence, set gramSet) {
		best.see(&set)
		v.Base[fAskedAlike] = max(v.Base[fAskedAlike], m.alike(one))
	})
	v.Base[fAsked] = best.share
	v.Base[fSupport] = 0.5*v.Base[fText] + 0.5*v.Base[fAsked]
}

// alike is the weighted Dice coefficient of the grams of a text and those of
// the message: 1 when they are the same. A gram that the message has not
// weighs as much as the message's grams on average.
func (m *meter) alike(one index.Sequence) float64 {
	if m.ownCount == 0 {
		return 0
	}
	both, theirs, mean := 0.0, 0.0, m.ownWeight/m.ownCount
	for _, gram := range one {
		i := m.table.find(gram)
		if i < 0 || m.own[i>>6]&(1<<(i&63)) == 0 {
			theirs += mean
			continue
		}
		both += m.idf[i]
		theirs += m.idf[i]
	}
	return min(1, 2*both/(theirs+m.ownWeight))
}

// concept fills the features that look at single concepts.
func (m *meter) concept(v *Vector, text, whole *gramSet) {
	if m.total == 0 {
		return
	}
	for i := range m.concepts {
		c := &m.concepts[i]
		own, means := c.strength(whole)
		v.Base[fOwn] += c.weight * own / m.total
		if means > own {
			v.Base[fMeans] += c.weight * (means - own) / m.total
		}
		if max(own, means) < 0.2 {
			v.Base[fMissing] += c.weight / m.total
		}
		if i == m.rarest {
			v.Base[fRarest] = max(own, means)
		}
		if c.earlier {
			v.Base[fEarlier] += c.weight * max(own, means) / m.total
		}
		if c.word {
			o, n := c.strength(text)
			v.Base[fWordText] += c.weight * max(o, n) / m.total
		}
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
