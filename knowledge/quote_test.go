package knowledge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/rank"
	"greendesk/knowledge/sense"
)

// quoter picks quotes as the engine does, over an index that holds one clause.
type quoter struct {
	folder *lang.Folder
	reader *rank.Reader
}

func newQuoter(t testing.TB) *quoter {
	t.Helper()
	f, err := lang.NewFolder()
	if err != nil {
		t.Fatal(err)
	}
	c, err := lang.EmbeddedChatter(f)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lang.EmbeddedLexicon(f)
	if err != nil {
		t.Fatal(err)
	}
	m, err := sense.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return &quoter{f, rank.NewReader(f, c, l, m)}
}

func (q *quoter) quote(t rapid.TB, clause, question string) Quote {
	x := index.NewEmbedded()
	entry := &index.Entry{ID: "c", Version: &index.Version{ID: "v", Title: "甲法"}, Text: q.folder.Fold(clause)}
	if err := x.Put(context.Background(), []*index.Entry{entry}); err != nil {
		t.Fatal(err)
	}
	return quoteOf(clause, q.reader.Read(question, "", x), q.folder, x)
}

// distinct are clauses in which no character stands twice, so that every
// change of a quote shows.
func distinct() *rapid.Generator[[]rune] {
	return rapid.SliceOfNDistinct(rapid.RuneFrom(nil, unicode.Han), 2, 60, rapid.ID[rune])
}

func TestTheGuardLetsOnlyTheLettersOfTheClausePass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clause := distinct().Draw(t, "clause")
		from := rapid.IntRange(0, len(clause)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(clause)).Draw(t, "to")
		seg := clause[from:to]
		if err := Verbatim(string(clause), Quote{string(seg)}); err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, len(seg)-1).Draw(t, "at")
		other := rapid.RuneFrom(nil, unicode.Han).Filter(func(r rune) bool {
			return r != seg[at] && (len(seg) > 1 || !slices.Contains(clause, r))
		}).Draw(t, "other")
		altered := map[string]string{
			"changed": string(seg[:at]) + string(other) + string(seg[at+1:]),
			"added":   string(seg[:at]) + string(other) + string(seg[at:]),
			"blank":   string(seg[:at]) + "　" + string(seg[at:]),
			"doubled": string(seg) + string(seg),
			"nothing": "",
			"blanks":  " ",
		}
		if at > 0 && at < len(seg)-1 {
			altered["dropped"] = string(seg[:at]) + string(seg[at+1:])
		}
		for how, text := range altered {
			if how == "added" && at == 0 && from > 0 && other == clause[from-1] {
				continue // the clause goes on like this
			}
			for _, q := range []Quote{{text}, {string(clause[:1]), text}, {text, string(clause[len(clause)-1:])}} {
				if Verbatim(string(clause), q) == nil {
					t.Fatalf("%s: %q passes", how, q)
				}
			}
		}
	})
}

func TestTheGuardKeepsTheOrderOfSegments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clause := distinct().Draw(t, "clause")
		cut := rapid.IntRange(1, len(clause)-1).Draw(t, "cut")
		a, b := string(clause[:cut]), string(clause[cut:])
		if err := Verbatim(string(clause), Quote{a, b}); err != nil {
			t.Error(err)
		}
		for _, q := range []Quote{{b, a}, {a, a}, {a, b, b}, {string(clause), b}, nil, {}} {
			if Verbatim(string(clause), q) == nil {
				t.Errorf("%q passes", q)
			}
		}
	})
}

const airArticle = `违反本法规定，有下列行为之一的，由县级以上人民政府生态环境主管部门责令改正或者限制生产、停产整治，并处十万元以上一百万元以下的罚款；情节严重的，报经有批准权的人民政府批准，责令停业、关闭：
（一）未依法取得排污许可证排放大气污染物的；
（二）超过大气污染物排放标准或者超过重点大气污染物排放总量控制指标排放大气污染物的；
（三）通过逃避监管的方式排放大气污染物的；
（四）` + "未密闭运输、装卸、贮存煤炭、煤矸石、煤渣、煤灰、水泥、石灰、石膏、砂土等易产生扬尘的物料，未在密闭空间或者设备中进行产生含挥发性有机物废气的生产和服务活动的；\n（五）" +
	"未按照国家规定安装、使用大气污染物排放自动监测设备，未与主管部门的监控设备联网，或者未保证设备正常运行的。"

// quoteBy quotes the sentences that contain any of the words.
func quoteBy(clause string, words ...string) Quote {
	ss := sentences(clause)
	for i := range ss {
		for _, w := range words {
			if strings.Contains(clause[ss[i].start:ss[i].end], w) {
				ss[i].score = 1
			}
		}
	}
	return segments(clause, ss, choose(clause, ss, func([]bool) []int { return nil }))
}

func TestAnItemIsQuotedWithTheWholeOpeningOfItsList(t *testing.T) {
	opening, _, _ := strings.Cut(airArticle, "\n")
	want := Quote{opening, "（三）通过逃避监管的方式排放大气污染物的；"}
	if got := quoteBy(airArticle, "逃避监管"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := quoteBy(strings.ReplaceAll(airArticle, "\n", ""), "逃避监管"); !slices.Equal(got, want) {
		t.Errorf("in one line: %q", got)
	}
	want = Quote{airArticle[:strings.Index(airArticle, "\n（二）")]}
	if got := quoteBy(airArticle, "排污许可证"); !slices.Equal(got, want) {
		t.Errorf("neighbours are not one segment: %q", got)
	}
	if got := newQuoter(t).quote(t, airArticle, "通过逃避监管的方式排放"); !strings.HasPrefix(got.String(), opening) || !strings.Contains(got.String(), "（三）") {
		t.Errorf("the question's own: %q", got)
	}
}

func TestAnItemOfAnInnerListIsQuotedWithBothOpenings(t *testing.T) {
	clause := "企业应当建立下列制度：\n（一）台账制度，包括：\n1.原料台账，写明来源、数量和去向，保存五年，" + strings.Repeat("写", 60) + "；\n2.危险废物台账，写明去向；\n（二）" +
		strings.Repeat("培训", 30) + "：\n1.岗前；\n2.每年复训，考核合格后上岗。\n以上制度报主管部门备案。"
	got := quoteBy(clause, "每年复训")
	text := got.String()
	for _, want := range []string{"企业应当建立下列制度：", "（二）培训", "2.每年复训"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %s", got, want)
		}
	}
	if strings.Contains(text, "（一）") {
		t.Errorf("%q has another list", got)
	}
}

func TestAShortClauseIsQuotedWhole(t *testing.T) {
	q := newQuoter(t)
	for _, clause := range []string{"禁止在饮用水水源一级保护区内设排污口。", "甲。\n乙：\n（一）丙。", strings.Repeat("字", wholeClause)} {
		if got := q.quote(t, "\n"+clause+" ", "排污口"); len(got) != 1 || got[0] != clause {
			t.Errorf("%q is quoted %q", clause, got)
		}
	}
}

func TestALongSentenceIsQuotedAndNothingBesideIt(t *testing.T) {
	long := "危险废物" + strings.Repeat("贮", maxQuote) + "。"
	got := newQuoter(t).quote(t, "其他事项。"+long+"另外的事项。", "危险废物贮存")
	if len(got) != 1 || got[0] != long {
		t.Errorf("%d segments, %d characters", len(got), utf8.RuneCountInString(got.String()))
	}
}

// clauses are texts of many lines: paragraphs, lists, lists in a line, blanks
// where nobody expects them.
func clauses() *rapid.Generator[string] {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("企业应当排放污染物罚款十万元危险废物贮存，、0 　")), 1, 40, -1)
	mark := rapid.SampledFrom([]string{"", "", "（一）", "（二）", "1.", "2、", "三、", "①", "（1）"})
	end := rapid.SampledFrom([]string{"。", "；", "：", ":", "。 ", "； 　", "", "\n", "。\n", "；\n", "：\n", "\n\n", " \n "})
	piece := rapid.Custom(func(t *rapid.T) string { return mark.Draw(t, "mark") + word.Draw(t, "words") + end.Draw(t, "end") })
	return rapid.Map(rapid.SliceOfN(piece, 1, 30), func(p []string) string { return strings.Join(p, "") })
}

func TestEveryQuoteIsVerbatimCompleteAndShort(t *testing.T) {
	q := newQuoter(t)
	rapid.Check(t, func(t *rapid.T) {
		clause := clauses().Filter(func(s string) bool { return strings.TrimSpace(s) != "" }).Draw(t, "clause")
		got := q.quote(t, clause, rapid.SampledFrom([]string{"危险废物贮存", "企业排放污染物罚款多少", "没有关系", ""}).Draw(t, "question"))
		if err := Verbatim(clause, got); err != nil {
			t.Fatal(err)
		}
		rest := clause
		for i, seg := range got {
			if strings.TrimSpace(seg) != seg {
				t.Fatalf("segment with blanks around: %q", seg)
			}
			at := strings.Index(rest, seg)
			if i > 0 && strings.TrimSpace(rest[:at]) == "" {
				t.Fatalf("nothing is left out before %q in %q", seg, got)
			}
			rest = rest[at+len(seg):]
		}
		complete(t, clause, got)
	})
}

// complete checks that sentences are quoted whole, and no more than fits.
func complete(t *rapid.T, clause string, q Quote) {
	clause = strings.TrimSpace(clause)
	if len(q) == 1 && q[0] == clause {
		return
	}
	ss := sentences(clause)
	whole := map[string]bool{}
	length, largest := 0, 0
	for i, s := range ss {
		text := clause[s.start:s.end]
		whole[text] = true
		need := utf8.RuneCountInString(text)
		for _, j := range openings(clause, ss, i) {
			need += utf8.RuneCountInString(clause[ss[j].start:ss[j].end])
			if j >= i || ss[j].level >= s.level {
				t.Fatalf("%q does not open the list of %q", clause[ss[j].start:ss[j].end], text)
			}
		}
		largest = max(largest, need)
	}
	for _, seg := range q {
		for _, s := range sentences(seg) {
			length += utf8.RuneCountInString(seg[s.start:s.end])
			if !whole[seg[s.start:s.end]] {
				t.Fatalf("%q is part of a sentence", seg[s.start:s.end])
			}
		}
	}
	// Beside the best sentence one with the amount of the fine, and how the sentence ends.
	if most := max(maxQuote, 2*largest) + roundRoom; length > most {
		t.Fatalf("%d characters, want at most %d", length, most)
	}
}

const wasteArticle = `违反本法规定，有下列行为之一，由生态环境主管部门责令改正，处以罚款，没收违法所得；情节严重的，报经有批准权的人民政府批准，可以责令停业或者关闭：
（一）未按照规定设置危险废物识别标志的；
（二）未按照国家有关规定制定危险废物管理计划或者申报危险废物有关资料的；
（三）擅自倾倒、堆放危险废物的。
有前款第一项、第二项行为之一，处十万元以上一百万元以下的罚款；有前款第三项行为，处所需处置费用三倍以上五倍以下的罚款。`

func TestAPenaltyIsQuotedWithItsAmount(t *testing.T) {
	q := newQuoter(t)
	for question, want := range map[string]string{
		"没设置危险废物识别标志罚多少": "处十万元以上一百万元以下的罚款；",
		"擅自倾倒堆放罚多少":      "有前款第三项行为，处所需处置费用三倍以上五倍以下的罚款。",
	} {
		if got := q.quote(t, wasteArticle, question).String(); !strings.Contains(got, want) {
			t.Errorf("%s: %s", question, got)
		}
	}
	drain := "违反规定，" + strings.Repeat("在分流地区", 20) + "将污水排入雨水管网的，由城镇排水主管部门责令改正，给予警告；逾期不改正的，对单位处10万元以上20万元以下罚款；造成损失的，依法承担赔偿责任。"
	if got := q.quote(t, drain, "污水排入雨水管网罚多少").String(); got != drain {
		t.Errorf("%s", got)
	}
}

func TestAQuoteDoesNotEndAsIfItWereWhole(t *testing.T) {
	const kept = "贮存危险废物不得超过一年；确需延长期限的，应当报经批准；法律、行政法规另有规定的除外。"
	q := newQuoter(t)
	if got := q.quote(t, "收集、贮存危险废物，应当按照危险废物特性分类进行。"+kept+strings.Repeat("其他的事项另行规定。", 15), "贮存危险废物不得超过多久").String(); !strings.Contains(got, kept) {
		t.Errorf("the exception is cut off: %s", got)
	}
	for text, want := range map[string]string{"处罚款；": "处罚款；……", "有下列情形：": "有下列情形：……", "处罚款。": "处罚款。"} {
		if got := (Quote{text}).String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestTheLineThatNamesTheSourceIsQuotedWhole(t *testing.T) {
	const source = "来源：《固体废物污染环境防治法》第一百一十二条；《刑法》第三百三十八条。另见名录"
	if got := quoteBy("擅自倾倒的，处罚款。\n"+source+"\n其他。", "一百一十二"); !slices.Equal(got, Quote{source}) {
		t.Errorf("%q", got)
	}
}

func TestAChosenItemBringsItsOpenings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clause := clauses().Draw(t, "clause")
		ss := sentences(clause)
		for i := range ss {
			ss[i].score = float64(rapid.IntRange(0, 3).Draw(t, "score"))
		}
		take := choose(clause, ss, func([]bool) []int { return nil })
		any := false
		for i := range ss {
			any = any || take[i]
			for _, j := range openings(clause, ss, i) {
				if take[i] && !take[j] {
					t.Fatalf("%q without %q", clause[ss[i].start:ss[i].end], clause[ss[j].start:ss[j].end])
				}
			}
		}
		if len(ss) > 0 && !any {
			t.Fatal("nothing is chosen")
		}
	})
}

func TestSentencesCoverTheClause(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clause := rapid.OneOf(clauses(), rapid.String()).Draw(t, "clause")
		at := 0
		for _, s := range sentences(clause) {
			if s.start < at || s.end <= s.start || strings.TrimSpace(clause[at:s.start]) != "" {
				t.Fatalf("%q is cut at %d-%d after %d", clause, s.start, s.end, at)
			}
			at = s.end
		}
		if strings.TrimSpace(clause[at:]) != "" {
			t.Fatalf("%q is left over", clause[at:])
		}
	})
}

func FuzzQuote(f *testing.F) {
	f.Add(airArticle, "超标排放")
	f.Add(strings.Repeat("一、甲：（一）乙；1.丙。 ", 20), "丙")
	f.Add(strings.Repeat("\xff。\n", 100), "\xff")
	q := newQuoter(f)
	f.Fuzz(func(t *testing.T, clause, question string) {
		if strings.TrimSpace(clause) == "" {
			return
		}
		if err := Verbatim(clause, q.quote(t, clause, question)); err != nil {
			t.Error(err)
		}
	})
}

func TestAQuoteReadsWithAnEllipsisWhereSomethingIsLeftOut(t *testing.T) {
	if got := fmt.Sprint(Quote{"甲。", "丙。"}); got != "甲。……丙。" {
		t.Error(got)
	}
}
