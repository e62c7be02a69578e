package parse

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumeralsAreReadInEveryWriting(t *testing.T) {
	for s, want := range map[string]int{"一": 1, "十": 10, "十五": 15, "二十": 20, "一百零五": 105, "一百一十": 110, "一千二百六十": 1260,
		"三百二十一": 321, "两千": 2000, "二〇二一": 2021, "42": 42, "４２": 42} {
		if n, ok := Numeral(s); n != want || !ok {
			t.Errorf("%s: %d %v", s, n, ok)
		}
	}
	for _, s := range []string{"", "甲", "十甲", "-1", "1234567", "一千零一夜"} {
		if n, ok := Numeral(s); ok {
			t.Errorf("%s: %d", s, n)
		}
	}
}

func TestChineseNumeralsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9999).Draw(t, "n")
		if got, ok := Numeral(Chinese(n)); got != n || !ok {
			t.Fatalf("%d is written %s and read %d", n, Chinese(n), got)
		}
	})
	if got := ArticleRef(110, 2); got != "第一百一十条之二" {
		t.Error(got)
	}
}

func TestTitleKeysJoinVersionsAndKeepTrialsApart(t *testing.T) {
	same := [][]string{
		{"中华人民共和国水法", "水法", "《水法》", "水法(2016-07-02)", "水法（2016年修订）"},
		{"最高人民法院 最高人民检察院关于办理某案的解释", "最高人民法院、最高人民检察院关于办理某案的解释"},
		{"国家名录（2021年版）", "国家名录(2025年版)", "国家名录"},
		{"某规定(试行)", "某规定（试行）"},
		{"关于适用《中华人民共和国行政诉讼法》的解释", "关于适用〈行政诉讼法〉的解释"},
	}
	seen := map[string]int{}
	for i, group := range same {
		for _, title := range group {
			key := TitleKey(title)
			if j, ok := seen[key]; ok && j != i {
				t.Errorf("%s falls together with group %d", title, j)
			}
			seen[key] = i
		}
	}
	if len(seen) != len(same) {
		t.Errorf("%d keys for %d documents: %v", len(seen), len(same), seen)
	}
	if TitleKey("某规定（试行）") == TitleKey("某规定") {
		t.Error("a trial is not the final text")
	}
}

func TestNumbersAreFoundAndNormalised(t *testing.T) {
	for s, want := range map[string]string{
		"法释〔2023〕7号": "法释〔2023〕7号", "（法释[2016]29号）": "法释〔2016〕29号", "漯环办〔２０２１〕５２号": "漯环办〔2021〕52号",
		"2021年1月24日 中华人民共和国国务院令第736号公布":                      "国务院令第736号",
		"（2004年5月27日卫生部、国家环境保护总局令第21号发布）":                    "卫生部、国家环境保护总局令第21号",
		"（2006年1月18日环境保护总局令第31号公布 2008年12月6日环境保护部令第3号第一次修正）": "环境保护总局令第31号",
		"2007年4月5日 国务院令第492号公布\n2019年4月3日 国务院令第711号修订":       "国务院令第711号",
		"根据豫环办〔2021〕59号文件":                                   "豫环办〔2021〕59号", "没有文号": "",
	} {
		if got := FindNumber(s); got != want {
			t.Errorf("%s: %q", s, got)
		}
	}
}

func TestRegionsAreReadFromNames(t *testing.T) {
	for s, want := range map[string]string{
		"河南省大气污染防治条例": "河南省", "漯河市散煤污染防治条例": "漯河市", "河南省漯河市某办法": "漯河市", "广西壮族自治区某条例": "广西壮族自治区",
		"深圳经济特区环境保护条例": "深圳市", "城市绿化条例": "", "市场主体登记管理条例": "", "房地产市场管理规定": "", "证券市场禁入规定": "",
		"中华人民共和国水法": "", "江门市生态环境局": "江门市", "彭水苗族土家族自治县某条例": "彭水苗族土家族自治县", "县级以上政府办法": "",
	} {
		if got := RegionOf(s); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

func TestRepealsAreThoseDirectlyBeforeTheWord(t *testing.T) {
	for s, want := range map[string][]Repeal{
		"本法自2022年6月5日起施行。《中华人民共和国甲法》同时废止。":              {{"中华人民共和国甲法", ""}},
		"本解释施行后，《甲解释》（法释〔2016〕29号）同时废止；以前的解释不一致的，不再适用。": {{"甲解释", "法释〔2016〕29号"}},
		"《甲》（环发〔1999〕23号）和《关于〈乙〉第三条的复函》（环函〔2004〕470号）同时废止。": {
			{"甲", "环发〔1999〕23号"}, {"关于《乙》第三条的复函", "环函〔2004〕470号"}},
		"2006年通过、根据《修改决定》修正的《甲条例》同时废止。":                    {{"甲条例", ""}},
		"2003年1月2日国务院公布的《甲》、2005年市政府发布的《乙》同时废止。":           {{"甲", ""}, {"乙", ""}},
		"修订前的《甲条例》（自1998年起施行，2017年10月1日废止，以下简称旧条例）第二十八条规定": nil,
		"根据《关于废止、修改部分规章的决定》修正":                             nil, "合同变更或者废止的，适用《甲法》": nil,
		"原《甲标准(试行)》废止。": {{"甲标准(试行)", ""}}, "将“《甲》同时废止”删去。": nil,
		"最高人民法院、最高人民检察院《关于某案的解释》（法释〔2013〕15号）同时废止": nil,
	} {
		got := repealsIn(s)
		if strings.HasPrefix(s, "最高") {
			want = []Repeal{{"最高人民法院、最高人民检察院关于某案的解释", "法释〔2013〕15号"}}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %v\nwant %v", s, got, want)
		}
	}
}

func TestOpeningsOfArticlesAndMentionsOfThem(t *testing.T) {
	for s, want := range map[string]bool{
		"第一条 为了": true, "第一条　为了": true, "第十条之一 甲": true, "第3条 甲": true, "第一条【目的】甲": true, "第一条为了": true,
		"第三条规定的": false, "第九十九条第二项": false, "第三条、第四条": false, "第一百一十七条规定：“甲”": false, "第三条的规定": false, "第一款 甲": false,
	} {
		if _, ok := articleAt(s); ok != want {
			t.Errorf("%s: %v", s, ok)
		}
	}
}

func TestPartsOfAClause(t *testing.T) {
	text := "有下列情形之一的，处罚款：\n（一）未申领的；\n（二）设施未建成，包括：\n1.未开工的；\n2.停工的。\n情节严重的，责令关闭。拒不关闭的，“从重”处罚。"
	var got []string
	for _, p := range Parts(text) {
		got = append(got, string(p.Kind)+p.Label+":"+text[p.Start:p.End])
	}
	want := []string{
		"款第一款:有下列情形之一的，处罚款：\n（一）未申领的；\n（二）设施未建成，包括：\n1.未开工的；\n2.停工的。",
		"句:有下列情形之一的，处罚款：",
		"项第一项:（一）未申领的；", "句:（一）未申领的；",
		"项第二项:（二）设施未建成，包括：\n1.未开工的；\n2.停工的。", "句:（二）设施未建成，包括：",
		"目第1目:1.未开工的；", "句:1.未开工的；", "目第2目:2.停工的。", "句:2.停工的。",
		"款第二款:情节严重的，责令关闭。拒不关闭的，“从重”处罚。", "句:情节严重的，责令关闭。", "句:拒不关闭的，“从重”处罚。",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDatesAndTerms(t *testing.T) {
	for s, want := range map[string]string{"2021年1月24日": "2021-01-24", "二〇二一年一月二十四日": "2021-01-24", "２０２１年３月１日": "2021-03-01",
		"2020年3月1月": "2020-03-01", "2021-02-30": "", "2021.7.15": "2021-07-15", "没有": ""} {
		if got := firstDate(s); got != want {
			t.Errorf("%s: %q", s, got)
		}
	}
	for s, want := range map[string][2]string{
		"本规定自2022年1月1日起施行，有效期五年。":           {"2022-01-01", "2027-01-01"},
		"本规定自2022年1月1日起施行，有效期至2025年12月31日。": {"2022-01-01", "2026-01-01"},
		"《甲条例》自2020年1月1日起施行。":               {"", ""},
		"新条例（自2017年10月1日起施行）出台后，许可证有效期三年。":  {"", ""},
	} {
		var d Document
		if d.effectFromText(s); d.Effective != want[0] || d.Repealed != want[1] {
			t.Errorf("%s: %s %s", s, d.Effective, d.Repealed)
		}
	}
}
