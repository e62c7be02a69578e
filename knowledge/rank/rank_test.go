package rank

import (
	"context"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/sense"
)

func newReader(t testing.TB) *Reader {
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
	return NewReader(f, c, l, m)
}

// clause is an entry as the engine makes them.
func clause(f *lang.Folder, v *index.Version, id, text string) *index.Entry {
	folded := f.Fold(text)
	return &index.Entry{ID: id, Version: v, Text: folded, Cues: uint32(ClauseCues(folded))}
}

// small is an index of a few clauses.
func small(t testing.TB, f *lang.Folder) *index.Embedded {
	t.Helper()
	x := index.NewEmbedded()
	air := &index.Version{ID: "air", Title: f.Fold("大气污染防治法"), Level: "法律", Region: "全国"}
	local := &index.Version{ID: "henan", Title: f.Fold("河南省大气污染防治条例"), Level: "地方性法规", Region: "河南省"}
	far := &index.Version{ID: "jiangmen", Title: f.Fold("江门市扬尘污染防治条例"), Level: "地方性法规", Region: "江门市"}
	e := []*index.Entry{
		clause(f, air, "a99", "违反本法规定，超过大气污染物排放标准的，责令改正，并处十万元以上一百万元以下的罚款；\n情节严重的，责令停业、关闭。"),
		clause(f, air, "a45", "产生含挥发性有机物废气的生产和服务活动，应当在密闭空间或者设备中进行。"),
		clause(f, local, "h30", "燃煤锅炉排放烟尘超过标准的，处罚款。"),
		clause(f, far, "j8", "施工工地应当设置围挡，采取覆盖、洒水措施。"),
	}
	e[0].Article, e[1].Article, e[3].Article = 99, 45, 1
	e[0].Asked = f.Fold("锅炉冒黑烟罚多少钱") + "\n" + f.Fold("超标排放怎么罚")
	e[2].Path, e[2].Heading = f.Fold("第四章 法律责任"), f.Fold("锅炉")
	e[3].Quoted = true
	if err := x.Put(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	return x
}

func measureAll(t rapid.TB, x *index.Embedded, q *Question) ([]index.Hit, []Vector) {
	t.Helper()
	hits, err := x.Search(context.Background(), index.Query{Terms: q.Terms(), Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(hits) == 0 {
		return nil, nil
	}
	return hits, Measure(q, hits, nil, x)
}

func feature(v *Vector, name string) float64 {
	out := 0.0
	v.Each(func(i int, x float64) {
		if FeatureNames()[i] == name {
			out = x
		}
	})
	return out
}

func TestFeaturesHaveNamesOfTheirOwn(t *testing.T) {
	names := FeatureNames()
	if len(names) != FeatureCount() {
		t.Fatalf("%d names, %d features", len(names), FeatureCount())
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != FeatureCount() {
		t.Error("a name stands twice")
	}
	if len(questionCues) > 32 || len(clauseCues) > 32 {
		t.Error("more cues than bits")
	}
}

func TestFeaturesAreSharesForEveryQuestion(t *testing.T) {
	r := newReader(t)
	x := small(t, r.Folder)
	word := rapid.SampledFrom([]string{"锅炉", "冒黑烟", "罚多少", "大气法", "第九十九条", "VOCs", "超标", "超标超标", "河南", "江门", "第二次", "施工", "？", "那", "罚", "xyz"})
	text := rapid.Map(rapid.SliceOfN(rapid.OneOf(word, rapid.String()), 0, 8), func(s []string) string { return strings.Join(s, "") })
	weights := make([]float64, FeatureCount())
	rapid.Check(t, func(t *rapid.T) {
		q := r.Read(text.Draw(t, "text"), text.Draw(t, "prev"), x)
		hits, vs := measureAll(t, x, q)
		for i := range vs {
			sum := 0.0
			vs[i].Each(func(j int, v float64) {
				limit := 1 + 1e-9
				if j == fLength {
					limit = 3
				}
				if math.IsNaN(v) || v < 0 || v > limit {
					t.Fatalf("%s of %s is %f", FeatureNames()[j], hits[i].Entry.ID, v)
				}
				weights[j] = float64(j%7) - 3
				sum += v * weights[j]
			})
			if got := Dot(&vs[i], weights); math.Abs(got-sum) > 1e-9 {
				t.Fatalf("the score is %f, the sum of the features %f", got, sum)
			}
			clear(weights)
		}
		c := Trust(Order(q, hits, nil, x, &Weights{Words: make([]float64, FeatureCount())}))
		for name, v := range map[string]float64{"share": c.Share, "all": c.All, "own": c.Own, "missing": c.Missing, "rarest": c.Rarest, "sentence": c.Sentence, "asked": c.Asked, "alike": c.Alike} {
			if math.IsNaN(v) || v < 0 || v > 1+1e-9 {
				t.Fatalf("confidence: %s is %f", name, v)
			}
		}
	})
}

func TestFeaturesSayWhatAClauseHas(t *testing.T) {
	r := newReader(t)
	x := small(t, r.Folder)
	of := func(question, id string) *Vector {
		t.Helper()
		hits, vs := measureAll(t, x, r.Read(question, "", x))
		for i, h := range hits {
			if h.Entry.ID == id {
				return &vs[i]
			}
		}
		t.Fatalf("%s: %s is not found", question, id)
		return nil
	}
	for _, c := range []struct {
		question, id, feature string
		want                  float64
	}{
		{"大气污染防治法第99条超标", "a99", "article", 1},
		{"大气污染防治法第99条超标", "a99", "law_named", 1},
		{"大气污染防治法第45条挥发性有机物", "a99", "article", 0},
		{"锅炉冒黑烟罚多少钱", "a99", "asked_alike", 1},
		{"锅炉冒黑烟罚多少钱", "a99", "asked_any", 1},
		{"锅炉烟尘超标", "h30", "asked_any", 0},
		{"锅炉烟尘超标", "h30", "local", 1},
		{"河南锅炉烟尘超标", "h30", "region_named", 1},
		{"河南锅炉烟尘超标", "h30", "local", 0},
		{"工地围挡洒水", "j8", "foreign", 1},
		{"工地围挡洒水", "j8", "quoted", 1},
		{"工地围挡洒水", "j8", "first_articles", 1},
		{"江门工地围挡洒水", "j8", "region_named", 1},
		{"江门工地围挡洒水", "j8", "foreign", 0},
		{"超标罚款多少", "a99", "penalty*fine", 1},
		{"超标罚款多少", "a99", "law", 1},
		{"超标罚款多少", "h30", "local_rule", 1},
		{"挥发性有机物要不要密闭", "a45", "must*duty", 1},
		{"挥发性有机物要不要密闭", "a45", "penalty*fine", 0},
	} {
		if got := feature(of(c.question, c.id), c.feature); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %s of %s is %f, want %f", c.question, c.feature, c.id, got, c.want)
		}
	}
	if v := of("锅炉烟尘超过标准", "h30"); feature(v, "all") < 0.99 || feature(v, "missing") > 0 {
		t.Errorf("all of the question is there: all %f, missing %f", feature(v, "all"), feature(v, "missing"))
	}
}

func TestConfidenceOfNothingIsNone(t *testing.T) {
	if got := Trust(nil); got != (Confidence{Missing: 1}) {
		t.Errorf("%+v", got)
	}
	if got := Order(&Question{}, nil, nil, index.NewEmbedded(), nil); got != nil {
		t.Errorf("%+v", got)
	}
}

func TestEqualScoresKeepTheOrderOfTheIndex(t *testing.T) {
	r := newReader(t)
	x := small(t, r.Folder)
	q := r.Read("大气污染罚款锅炉", "", x)
	hits, _ := measureAll(t, x, q)
	for i, got := range Order(q, hits, nil, x, &Weights{Words: make([]float64, FeatureCount())}) {
		if got.Entry != hits[i].Entry {
			t.Fatalf("%s at %d", got.Entry.ID, i)
		}
	}
}

// numbered are statistics in which every gram is known.
type numbered map[lang.Gram]uint32

func (n numbered) Gram(g lang.Gram) (uint32, float64, bool) {
	id, ok := n[g]
	if !ok {
		id = uint32(len(n))
		n[g] = id
	}
	return id, 1, true
}

func (n numbered) Number(g lang.Gram) (uint32, bool) {
	id, _, known := n.Gram(g)
	return id, known
}
func (numbered) IDF(uint32) float64  { return 1 }
func (numbered) Lift(string) float64 { return 1 }

// What a question of any length asks for is found as a plain map would find
// it, up to the 256th gram.
func TestGramsAreNumberedUpToTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := &gramTable{}
		want := map[uint32]int{}
		grams := rapid.SliceOfN(rapid.OneOf(rapid.Uint32Range(0, 400), rapid.Uint32Range(0, math.MaxUint32-1)), 0, 600).Draw(t, "grams")
		for _, g := range grams {
			at, seen := want[g]
			switch {
			case !seen && len(want) < maxGrams:
				at = len(want)
				want[g] = at
			case !seen:
				at = -1
			}
			if got := table.number(g); got != at {
				t.Fatalf("gram %d has the number %d, want %d", g, got, at)
			}
		}
		var set gramSet
		for _, g := range append(grams, 1, 2, 3) {
			at, ok := want[g]
			if !ok {
				at = -1
			}
			if got := table.find(g); got != at {
				t.Fatalf("gram %d is found at %d, want %d", g, got, at)
			}
			if at >= 0 {
				set.add(at)
			}
		}
		n := 0
		for _, bitsOf := range set {
			n += bits.OnesCount64(bitsOf)
		}
		scanned := table.scan(append(index.Sequence{index.End}, grams...))
		if len(grams) > 0 && (n < len(want) || scanned.share(&phrase{set: set, size: max(n, 1), hi: len(set) - 1}) > 1) {
			t.Fatalf("%d bits for %d grams", n, len(want))
		}
	})
}

func TestAPastedDocumentIsReadUpToTheLimit(t *testing.T) {
	r := newReader(t)
	x := small(t, r.Folder)
	var b strings.Builder
	b.WriteString("锅炉冒黑烟罚多少钱，")
	for i := range 2000 {
		b.WriteRune(rune(0x4e00 + i*7%5000))
	}
	q := r.Read(b.String(), b.String(), x)
	if _, vs := measureAll(t, x, q); len(vs) == 0 {
		t.Error("nothing is found")
	}
	stats := numbered{}
	m := newMeter(r.Read(b.String(), "", stats), stats)
	if m.table.n != maxGrams {
		t.Errorf("%d grams, want %d", m.table.n, maxGrams)
	}
	set := m.table.scanText(r.Folder.Fold(b.String()))
	if got := m.cover(&set); got <= 0 || got > 1 {
		t.Errorf("its own text covers %f of it", got)
	}
}

func TestCoverIsTheShareOfTheQuestionInAText(t *testing.T) {
	r := newReader(t)
	x := small(t, r.Folder)
	c := NewCover(r.Read("燃煤锅炉烟尘", "", x), x)
	whole, part, none := c.Of(r.Folder.Fold("燃煤锅炉排放的烟尘")), c.Of(r.Folder.Fold("锅炉房")), c.Of(r.Folder.Fold("施工围挡"))
	if math.Abs(whole-1) > 1e-9 || part <= 0 || part >= whole || none != 0 || c.Of("") != 0 {
		t.Errorf("whole %f, part %f, none %f", whole, part, none)
	}
	if got := NewCover(&Question{}, x).Of("锅炉"); got != 0 {
		t.Errorf("of an empty question: %f", got)
	}
}

func TestCuesAreReadFromQuestionsAndClauses(t *testing.T) {
	for text, name := range map[string]string{"罚多少钱": "penalty", "最迟啥时候交": "deadline", "归哪个部门管": "who", "第二次呢": "again"} {
		if i := slices.IndexFunc(questionCues, func(c cue) bool { return c.name == name }); !QuestionCues(text).has(i) {
			t.Errorf("%s is no question of %s", text, name)
		}
	}
	for text, name := range map[string]string{"处十万元以上罚款": "fine", "应当在三十日内报告": "days", "禁止排放": "ban", "本法所称污染 是指": "define"} {
		if i := slices.IndexFunc(clauseCues, func(c cue) bool { return c.name == name }); !ClauseCues(text).has(i) {
			t.Errorf("%s does not settle %s", text, name)
		}
	}
	for text, want := range map[string]bool{"那第二次呢": true, "还不改呢": true, "罚多少": false, "": false} {
		if q := (&Question{Cues: QuestionCues(text)}); q.Again() != want {
			t.Errorf("%s: again is %v", text, q.Again())
		}
	}
	if QuestionCues("") != 0 || ClauseCues("") != 0 {
		t.Error("cues of nothing")
	}
}
