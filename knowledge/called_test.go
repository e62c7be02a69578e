package knowledge

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"greendesk/internal/db"
	"greendesk/internal/testenv"
	"greendesk/knowledge/index"
)

// lamps is a law, the law that it replaced, and one whose name begins alike.
func lamps(t *testing.T, s *Store) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"孔明灯管理法(2015-03-20)":         "# 中华人民共和国孔明灯管理法\n\n2015年3月20日通过\n\n<!-- INFO END -->\n\n第一条 为了管理孔明灯，制定本法。\n\n第二条 燃放孔明灯的，处五十元罚款。\n\n第三条 本法自2015年5月1日起施行。\n",
		"孔明灯管理法(2020-03-20)":         "# 中华人民共和国孔明灯管理法\n\n2015年3月20日通过，2020年3月20日修订\n\n<!-- INFO END -->\n\n第一条 为了管理孔明灯，制定本法。\n\n第二条 燃放孔明灯的，处五百元罚款。\n\n第三条 本法自2020年5月1日起施行。\n",
		"灯笼办法(2010-03-20)":           "# 灯笼安全管理办法\n\n2010年3月20日通过\n\n<!-- INFO END -->\n\n第一条 为了管理灯笼，制定本办法。\n\n第二条 挂灯笼的，应当登记。\n\n第三条 本办法自2010年5月1日起施行。\n",
		"灯笼和灯会管理办法(2018-03-20)":      "# 灯笼和灯会管理办法\n\n2018年3月20日通过\n\n<!-- INFO END -->\n\n第一条 为了管理灯会，制定本办法。\n\n第二条 办灯会的，应当备案。\n\n第三条 本办法自2018年5月1日起施行。《灯笼安全管理办法》同时废止。\n",
		"水法(2016-07-02)":             "# 中华人民共和国水法\n\n2016年7月2日通过\n\n<!-- INFO END -->\n\n第一条 为了合理开发水资源，制定本法。\n\n第二条 水资源属于国家所有。\n\n第三条 本法自2016年7月2日起施行。\n",
		"水污染防治法(2017-06-27)":         "# 中华人民共和国水污染防治法\n\n2017年6月27日通过\n\n<!-- INFO END -->\n\n第一条 为了防治水污染，制定本法。\n\n第二条 本法适用于水污染的防治。\n\n第三条 本法自2017年6月27日起施行。\n",
		"行政处罚法(2021-01-22)":          "# 中华人民共和国行政处罚法\n\n2021年1月22日通过\n\n<!-- INFO END -->\n\n第一条 为了规范行政处罚，制定本法。\n\n第二条 行政处罚由行政机关决定。\n\n第三条 本法自2021年7月15日起施行。\n",
		"最高人民法院关于处罚法的解释(2022-01-22)": "# 最高人民法院关于适用《中华人民共和国行政处罚法》的解释\n\n2022年1月22日通过\n\n<!-- INFO END -->\n\n第一条 为了适用法律，制定本解释。\n\n第二条 处罚按日计算。\n\n第三条 本解释自2022年7月15日起施行。\n",
	} {
		mustImport(t, s, write(t, dir, name+".md", text))
	}
}

func TestALawIsTakenByItsWholeNameOrNotAtAll(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := testStore(t, d)
		lamps(t, s)
		e := synced(t, testEngine(t, s))
		for question, want := range map[string]string{
			"水法第二条":          "中华人民共和国水法 2016-07-02",
			"《中华人民共和国水法》第2条": "中华人民共和国水法 2016-07-02",
			"水污染防治法第二条":      "中华人民共和国水污染防治法 2017-06-27",
			"请问处罚法第二条":       "中华人民共和国行政处罚法 2021-01-22",
			"最高人民法院关于适用《行政处罚法》的解释第二条": "最高人民法院关于适用《中华人民共和国行政处罚法》的解释 2022-01-22",
			"孔明灯管理法第二条":               "中华人民共和国孔明灯管理法 2020-03-20",
			"孔明灯管理法2015年版第二条":         "中华人民共和国孔明灯管理法 2015-03-20",
			"孔明灯管理法2020年修订版第二条":       "中华人民共和国孔明灯管理法 2020-03-20",
			"原孔明灯管理法第二条":              "中华人民共和国孔明灯管理法 2015-03-20",
			"旧的孔明灯管理法怎么罚燃放孔明灯":        "中华人民共和国孔明灯管理法 2015-03-20",
			"2017年的时候孔明灯管理法第二条":       "中华人民共和国孔明灯管理法 2015-03-20",
			"2016年的时候灯笼和灯会管理办法第二条":    "灯笼安全管理办法 2010-03-20",
			"原灯笼安全管理办法第二条":            "灯笼安全管理办法 2010-03-20",
			"我们违反了行政处罚法第二条，治安管理处罚法另说": "中华人民共和国行政处罚法 2021-01-22",
		} {
			res := ask(t, e, Ask{Text: question})
			if res.Absent != "" || len(res.Citations) == 0 || res.Citations[0].Document+" "+res.Citations[0].Version != want || res.Citations[0].Ref != "第二条" {
				t.Errorf("%s: absent %q, %+v", question, res.Absent, res.Citations)
			}
		}
		for question, want := range map[string][3]string{
			"治安管理处罚法第二条":      {"治安管理处罚法"},
			"公安处罚法第二条":        {"公安处罚法"},
			"《渔船管理办法》怎么说":     {"渔船管理办法"},
			"湖泊灯笼安全管理办法第二条":   {"湖泊灯笼安全管理办法"},
			"民法典第二条":          {"民法典"},
			"海洋环境保护法怎么规定排污":   {"海洋环境保护法"},
			"灯笼安全管理办法第二条":     {"灯笼安全管理办法", "2018-05-01"},
			"孔明灯管理法2011年版第二条": {"中华人民共和国孔明灯管理法（2011年版）"},
			"水法第九十条":          {"中华人民共和国水法", "", "第九十条"},
			"原水法第二条":          {"中华人民共和国水法（旧版）"},
		} {
			if res := ask(t, e, Ask{Text: question}); [3]string{res.Absent, res.Ended, res.AbsentArticle} != want {
				t.Errorf("%s: absent %q ended %q article %q, %+v", question, res.Absent, res.Ended, res.AbsentArticle, res.Citations)
			}
		}
		for _, question := range []string{"废水法律责任有哪些", "第三条是什么", "这个办法第二条", "挂灯笼要登记吗"} {
			if res := ask(t, e, Ask{Text: question}); res.Absent != "" {
				t.Errorf("%s: absent %q", question, res.Absent)
			}
		}
	})
}

func TestAnArticleAskedByItsNumberIsWholeOrAnExcerpt(t *testing.T) {
	s, dir := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t))), t.TempDir()
	body := func(n int) string {
		return "# 纸鸢管理办法\n\n2020年3月20日通过\n\n<!-- INFO END -->\n\n第一条 为了管理纸鸢，制定本办法。\n\n第二条 有下列情形之一的，予以奖励：\n（一）" + strings.Repeat("爱护纸鸢", n) + "的；\n（二）" + strings.Repeat("放飞纸鸢", n) + "的。\n\n第三条 本办法自2020年5月1日起施行。\n"
	}
	for n, excerpt := range map[int]bool{30: false, 60: true} {
		mustImport(t, s, write(t, dir, "纸鸢管理办法(2020-03-20).md", body(n)))
		c := first(t, synced(t, testEngine(t, s)), "纸鸢管理办法第二条")
		if c.Excerpt != excerpt || excerpt != strings.Contains(c.Quote.String(), Ellipsis) || len(c.Quote) != 1 && !excerpt {
			t.Errorf("%d: excerpt %v, %q", n, c.Excerpt, c.Quote)
		}
	}
}

// On the real laws: every article that is asked for by its law is that law's.
func TestEveryRealLawIsFoundByItsName(t *testing.T) {
	dir := corpusDir(t)
	if dir == "" {
		return
	}
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	mustImport(t, s, filepath.Join(dir, "laws"), filepath.Join(dir, "rules"))
	e := synced(t, testEngine(t, s))
	for _, v := range e.local.Versions() {
		entries := e.local.Of(v.ID)
		i := slices.IndexFunc(entries, func(x *index.Entry) bool { return x.Article > 2 && !x.Quoted })
		if i < 0 || !v.InForce(e.Today()) {
			continue
		}
		for _, name := range []string{"《" + v.Name + "》", v.Name, strings.TrimPrefix(v.Name, "中华人民共和国")} {
			res := ask(t, e, Ask{Text: name + entries[i].Ref})
			if !res.Named || res.Absent != "" || res.Citations[0].Document != v.Name || res.Citations[0].Ref != entries[i].Ref {
				t.Errorf("%s%s: absent %q, %+v", name, entries[i].Ref, res.Absent, res.Citations[0])
			}
		}
	}
}
