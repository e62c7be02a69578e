package rank

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"greendesk/knowledge/lang"
)

func surfaces(q *Question) (out []string) {
	for _, c := range q.Concepts {
		out = append(out, c.Surface)
	}
	return out
}

func TestAQuestionIsReadForItsWordsLawsArticlesAndPlaces(t *testing.T) {
	r := newReader(t)
	q := r.Read("漯河的厂，按大气法第 99 条 VOCs超标罚多少", "", numbered{})
	if !slices.Contains(q.Laws, "大气污染防治法") {
		t.Errorf("laws %q", q.Laws)
	}
	if !slices.Equal(q.Articles, []lang.Article{{Number: 99}}) {
		t.Errorf("articles %v", q.Articles)
	}
	if !slices.Contains(q.Regions, "漯河") {
		t.Errorf("regions %q", q.Regions)
	}
	if !q.Cues.has(0) || q.FollowUp {
		t.Errorf("cues %b, follow-up %v", q.Cues, q.FollowUp)
	}
}

func TestALatinWordIsAWordWhereverItStands(t *testing.T) {
	r := newReader(t)
	for _, text := range []string{"xyz超标", "厂里xyz超标", "超标xyz", "xyz", "XYZ 超标", "（ＸＹＺ）超标"} {
		q := r.Read(text, "", numbered{})
		if got := surfaces(q); !slices.Contains(got, "xyz") {
			t.Errorf("%s: %q", text, got)
		}
	}
	if got := surfaces(r.Read("pm2.5和da001", "", numbered{})); !slices.Contains(got, "pm2.5") || !slices.Contains(got, "da001") {
		t.Errorf("%q", got)
	}
}

func TestAFollowUpTakesTheMessageBeforeWithIt(t *testing.T) {
	r := newReader(t)
	const before = "锅炉冒黑烟会被罚多少钱"
	for text, want := range map[string]bool{
		"那第二次呢":   true,
		"还不改呢":    true,
		"那依据是哪一条": true,
		"那要是危险废物贮存超过一年还没有转移出去应该怎么处理才不违法":                  true,
		"我们是一家屠宰企业，污水处理站的排口安装了在线监测设备，请问数据传输率有什么要求，多久比对一次": false,
	} {
		q := r.Read(text, before, numbered{})
		if q.FollowUp != want {
			t.Errorf("%s: follow-up is %v", text, q.FollowUp)
		}
		if has := slices.Contains(surfaces(q), "锅炉"); has != want {
			t.Errorf("%s: %q", text, surfaces(q))
		}
		if alone := r.Read(text, "", numbered{}); alone.FollowUp || slices.Contains(surfaces(alone), "锅炉") {
			t.Errorf("%s: leans on nothing", text)
		}
	}
	q := r.Read("那第二次呢", before, numbered{})
	for _, c := range q.Concepts {
		if c.Surface == "锅炉" && (!c.Earlier || c.Weight <= 0) {
			t.Errorf("%+v", c)
		}
	}
	if !q.Cues.has(0) {
		t.Error("the penalty of the message before is forgotten")
	}
}

func TestEveryTermOfAQuestionCarriesWeight(t *testing.T) {
	r := newReader(t)
	x := small(t, r.Folder)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("锅炉冒黑烟罚款超标排放那第二次呢VOCs 99条，")))).Draw(t, "text")
		q := r.Read(text, rapid.String().Draw(t, "prev"), x)
		seen := map[string]bool{}
		for _, c := range q.Concepts {
			if c.Surface == "" || seen[c.Surface] || !(c.Weight > 0) || !(c.Sure > 0) || c.Sure > 1 {
				t.Fatalf("%+v in %+v", c, q.Concepts)
			}
			seen[c.Surface] = true
		}
		for _, term := range q.Terms() {
			if term.Text == "" || !(term.Weight > 0) || term.Weight > 1 {
				t.Fatalf("%+v", term)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, s := range [][2]string{{"那第二次呢", "锅炉冒黑烟罚多少"}, {"VOCs", ""}, {"\xff", "\xff"}, {"第99条第一百零八条", "大气法"}, {"呢", "呢"}} {
		f.Add(s[0], s[1])
	}
	r := newReader(f)
	x := small(f, r.Folder)
	f.Fuzz(func(t *testing.T, text, prev string) {
		q := r.Read(text, prev, x)
		measureAll(t, x, q)
	})
}
