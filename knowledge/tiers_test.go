package knowledge

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

// lanternRules are four rules on one thing: the state's, the province's, the
// city's, and another province's.
func lanternRules(t *testing.T, s *Store) {
	t.Helper()
	dir := t.TempDir()
	for title, fine := range map[string]string{"中华人民共和国孔明灯管理法": "五千元以上二万元以下", "河南省孔明灯管理条例": "一万元以上五万元以下", "漯河市孔明灯管理条例": "二千元以上一万元以下",
		"江苏省孔明灯管理条例": "十万元以上五十万元以下"} {
		mustImport(t, s, write(t, dir, title+"(2020-03-20).md", fmt.Sprintf("# %s\n\n2020年3月20日通过\n\n<!-- INFO END -->\n\n第一条 为了管理孔明灯，制定本规定。\n\n第二条 燃放孔明灯的，由公安机关责令停止燃放，处%s罚款。\n\n第三条 本规定自2020年5月1日起施行。\n", title, fine)))
	}
}

func TestOfRulesOfSeveralLevelsTheChosenOneIsQuotedAndTheOthersNamed(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := testStore(t, d)
		lanternRules(t, s)
		e := synced(t, testEngine(t, s))
		check := func(question, first string, chosen Precedence, also ...string) {
			t.Helper()
			res := ask(t, synced(t, e), Ask{Text: question})
			var names []string
			for _, c := range res.Also {
				names = append(names, c.Document+c.Ref)
			}
			if res.Citations[0].Document != first || res.Citations[0].Ref != "第二条" || res.Chosen != chosen || strings.Join(names, " ") != strings.Join(also, " ") {
				t.Errorf("%s: %s %s, chosen %q, also %q", question, res.Citations[0].Document, res.Citations[0].Ref, res.Chosen, names)
			}
		}
		const question = "燃放孔明灯罚多少"
		check(question, "漯河市孔明灯管理条例", MoreSpecific, "河南省孔明灯管理条例第二条", "中华人民共和国孔明灯管理法第二条")
		must(t, s.Set(t.Context(), "precedence", string(Stricter)))
		check(question, "河南省孔明灯管理条例", Stricter, "漯河市孔明灯管理条例第二条", "中华人民共和国孔明灯管理法第二条")
		for _, wrong := range [][2]string{{"precedence", "random"}, {"order", "stricter"}} {
			if err := s.Set(t.Context(), wrong[0], wrong[1]); apperr.CodeOf(err) != apperr.Invalid {
				t.Errorf("%v: %v", wrong, err)
			}
		}
		all, err := s.Settings(t.Context())
		must(t, err)
		if len(all) != 1 || all[0].Value != string(Stricter) {
			t.Errorf("%+v", all)
		}
		if res := ask(t, e, Ask{Text: "按孔明灯管理法第二条燃放孔明灯罚多少"}); res.Citations[0].Document != "中华人民共和国孔明灯管理法" {
			t.Errorf("the law that is named is not quoted but %s", res.Citations[0].Document)
		}
	})
}

func TestSomeoneElsewhereIsAnsweredByNoRuleOfAnotherPlace(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := testStore(t, d)
		lanternRules(t, s)
		e := synced(t, testEngine(t, s))
		for _, x := range []struct {
			ask  Ask
			want string
		}{
			{Ask{Text: "深圳燃放孔明灯罚多少"}, "中华人民共和国孔明灯管理法"},
			{Ask{Text: "江苏燃放孔明灯罚多少"}, "江苏省孔明灯管理条例"},
			{Ask{Text: "郑州燃放孔明灯罚多少"}, "河南省孔明灯管理条例"},
			{Ask{Text: "漯河燃放孔明灯罚多少"}, "漯河市孔明灯管理条例"},
			{Ask{Text: "那罚多少呢", Prev: "我在陕西，能不能燃放孔明灯"}, "中华人民共和国孔明灯管理法"},
			{Ask{Text: "河南省孔明灯管理条例第二条在深圳管用吗"}, "河南省孔明灯管理条例"},
		} {
			res := ask(t, e, x.ask)
			if res.Citations[0].Document != x.want {
				t.Errorf("%s: %s", x.ask.Text, res.Citations[0].Document)
			}
			for _, c := range res.Also {
				if p, ok := e.regions.Place(c.Region); ok && !p.Binds(res.Question.Places) {
					t.Errorf("%s: also %s", x.ask.Text, c.Document)
				}
			}
		}
	})
}

func TestTheHighestFineOfAClause(t *testing.T) {
	for text, want := range map[string]float64{
		"处五千元以上二万元以下罚款；情节严重的，处十万元以上一百万元以下罚款": 1e6,
		"处5000元以上2万元以下的罚款": 20000,
		"并处货值金额一倍以上三倍以下罚款": 0,
		"处三千元罚款":           3000,
		"":                 0,
	} {
		if got := highestFine(text); got != want {
			t.Errorf("%s: %f, want %f", text, got, want)
		}
	}
}

func TestALawThatIsNotThereAsItWasIsNotReplacedByAnother(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s, dir := testStore(t, d), t.TempDir()
		mustImport(t, s, write(t, dir, "青溪市河道保洁条例(2019-03-20).md", river), write(t, dir, "青溪市河道保洁条例(2024-03-15).md", riverNew))
		lanternRules(t, s)
		e := synced(t, testEngine(t, s))
		for question, want := range map[string]string{"2021年的时候河道保洁由谁负责": "2019-03-20", "2024年底河道保洁由谁负责": "2024-03-15", "今年河道保洁由谁负责": "2024-03-15"} {
			if res := ask(t, e, Ask{Text: question}); res.Absent != "" || res.Citations[0].Version != want || res.Citations[0].Ref != "第二条" {
				t.Errorf("%s: absent %q, %+v", question, res.Absent, res.Citations[0])
			}
		}
		for question, want := range map[string]string{"2010年的时候河道保洁由谁负责": "青溪市河道保洁条例", "18年那会儿燃放孔明灯罚多少": "孔明灯管理"} {
			if res := ask(t, e, Ask{Text: question}); !strings.Contains(res.Absent, want) {
				t.Errorf("%s: absent %q, %+v", question, res.Absent, res.Citations)
			}
		}
	})
}

// On the real laws: a clause of what was in force, and what is missing.
func TestThePastAndTheLevelsOfRealLaws(t *testing.T) {
	dir := corpusDir(t)
	if dir == "" {
		return
	}
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	mustImport(t, s, filepath.Join(dir, "laws"), filepath.Join(dir, "rules"))
	e := synced(t, testEngine(t, s))
	for _, c := range []struct{ question, first, also, absent string }{
		{question: "2020年的时候夜里施工噪声扰民罚多少", first: "中华人民共和国环境噪声污染防治法第五十六条"},
		{question: "2022年的时候知道处罚之后几天内可以申请行政复议", first: "中华人民共和国行政复议法第九条"},
		{question: "2020年的时候消耗臭氧层物质没备案就卖罚多少", first: "消耗臭氧层物质管理条例第三十八条"},
		{question: "前年3月被行政处罚了多少天内能复议", first: "中华人民共和国行政复议法第二十条"},
		{question: "2019年8月那会儿危废在厂里能放多久", absent: "中华人民共和国固体废物污染环境防治法"},
		{question: "2016年的时候卖散煤罚多少", absent: "漯河市散煤污染防治条例"},
		{question: "卖散煤要罚多少钱", first: "漯河市散煤污染防治条例第十一条"},
		{question: "冒黑烟的柴油车罚多少", first: "河南省大气污染防治条例第七十四条", also: "中华人民共和国大气污染防治法第一百一十四条"},
		{question: "小区楼下开火锅店没有专用烟道能行不", first: "河南省大气污染防治条例第五十九条", also: "中华人民共和国大气污染防治法第八十一条"},
		{question: "工地裸土没盖防尘网罚多少", first: "中华人民共和国大气污染防治法第一百一十五条", also: "漯河市扬尘污染防治条例第二十七条"},
	} {
		res := ask(t, e, Ask{Text: c.question})
		if res.Absent != c.absent {
			t.Errorf("%s: absent %q", c.question, res.Absent)
		}
		first := res.Citations[0]
		if name := first.Document + first.Ref; c.absent == "" && !strings.HasPrefix(name, c.first) {
			t.Errorf("%s: %s", c.question, name)
		}
		if day := cmp.Or(res.Day, e.Today()); day < first.Effective || first.ValidTo != "" && day >= first.ValidTo {
			t.Errorf("%s: %s is in force from %s to %s", c.question, first.Document, first.Effective, first.ValidTo)
		}
		var also []string
		for _, r := range res.Also {
			also = append(also, r.Document+r.Ref)
		}
		if c.also != "" && !strings.Contains(strings.Join(also, " "), c.also) {
			t.Errorf("%s: also %q", c.question, also)
		}
	}
	today := e.Today()
	for _, q := range []string{"夜间建筑施工噪声怎么罚", "环境噪声污染防治法怎么罚夜间施工", "行政复议申请期限多少天", "消耗臭氧层物质备案", "污染环境罪严重污染环境的情形", "环境侵权责任谁承担", "突发事件信息报告"} {
		for _, c := range ask(t, e, Ask{Text: q, Want: 10}).Citations {
			if c.ValidTo != "" && c.ValidTo <= today {
				t.Errorf("%s: %s (%s) has ended on %s", q, c.Document, c.Version, c.ValidTo)
			}
		}
	}
}
