package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"greendesk/desk"
)

// A contact tells who it is in its own order. What a text is can often be seen
// by its form: a telephone number, a county, a company's name. What could be
// two things is neither.

// Forms of what people say of themselves.
var (
	surnames = words("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "东方", "慕容", "令狐",
		"[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧肖程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎闫余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚庞樊兰殷施陶洪翟安颜倪严牛芦季俞章鲁葛伍韦申尤毕聂丛焦柳邢岳齐梅莫庄辛祝左涂谷祁耿牟卜詹关苗凌费纪靳童欧甄曲游裴席卫屈鲍覃霍翁隋甘景柏宁柯阮桂闵柴华冉辜吉饶刁瞿戚丘滕晋臧宫苟褚廉娄符穆党冀姬屠]")
	titles = words("总", "工", "总工", "经理", "总经理", "副总", "主任", "主管", "厂长", "场长", "店长", "院长", "校长", "站长", "所长", "处长", "科长", "部长", "队长", "班长", "组长", "董事长", "老板", "师傅", "先生", "女士", "小姐", "老师", "会计", "工程师", "书记")
	posts  = words(titles, "专员", "总监", "负责人", "法人", "法人代表", "法定代表人", "代表", "安全员", "环保员", "安环员", "管理员", "操作员", "技术员", "化验员", "统计员", "资料员", "文员", "职员", "员工", "助理", "内勤", "干事", "出纳", "秘书", "电工", "业主", "股东", "合伙人")

	calledName = regexp.MustCompile("^(?:(?:我|俺|本人)?(?:叫|姓|是)|(?:我的?)?(?:姓名|名字|联系人)(?:是|叫|：|:)?)(.+)$")
	personName = grammar("^", surnames, words(`\p{Han}{1,2}`, titles), "$")
	titled     = grammar("^", surnames, titles, "$")
	jobName    = grammar(`^(?:我是)?((?:\p{Han}{0,6})`, posts, ")$")
	firmName   = grammar(`^(?:\S.{2,54}(?:公司|合作社|集团|事务所|研究院)|\S.{3,54}(?:厂|养殖场|加工部|经营部|门市部|医院|酒店|加油站))[^\p{L}\p{N}]*$`)
	ofOneself  = grammar("^", words(subject, "本", "这", "那", "是", "在"))
	seeking    = grammar(words("找", "见", "喊", "派", "联系", "转", "给", "让", "跟", "问"))
	noName     = regexp.MustCompile(`^(?:周[一二三四五六日天末]|马上|方便|安全)`)
)

// isPerson reports whether a text has the form of a person's name, and returns
// the name. Products (方便面) have it, too: what is a trade's word is none.
func isPerson(text string) (string, bool) {
	name := strings.Trim(text, "。！!.~，, ")
	told := calledName.FindStringSubmatch(name)
	if told != nil {
		name = strings.TrimPrefix(told[1], "我")
	}
	if !personName.MatchString(name) || noName.MatchString(name) {
		return "", false
	}
	return name, told != nil || len(desk.FindIndustries(name, 1)) == 0
}

// isJob is the same for what a person does in a works. 李主任 is a person.
func isJob(text string) (string, bool) {
	text = strings.Trim(text, "。！!.~，, ")
	found := jobName.FindStringSubmatch(text)
	if found == nil || titled.MatchString(found[1]) || wants(found[1]) {
		return "", false
	}
	return found[1], true
}

// isFirm is the same for an enterprise's full name.
func isFirm(text string) (string, bool) {
	text = strings.TrimSpace(text)
	return text, firmName.MatchString(text) && !ofOneself.MatchString(text) && !wants(text)
}

// wants reports whether a text that names somebody says what is to be done, too:
// 我要找你们主任, 举报隔壁的化工厂.
func wants(text string) bool {
	return asks(text) || more.MatchString(text) || seeking.MatchString(text)
}

// fits reports whether a text, whatever was asked, is a value of a field by its
// form alone, and returns the value.
func fits(f desk.Field, text string) (string, bool) {
	switch f {
	case desk.FieldCompany:
		return isFirm(text)
	case desk.FieldName:
		return isPerson(text)
	case desk.FieldPosition:
		return isJob(text)
	case desk.FieldIndustry:
		return "", false
	case desk.FieldCounty:
		if _, firm := isFirm(text); firm || utf8.RuneCountInString(text) > longestCounty {
			return "", false
		}
	case desk.FieldPermit:
		if utf8.RuneCountInString(text) < len("登记管理")/3 {
			return "", false // 登记 is more than a class
		}
	}
	if strings.TrimSpace(text) == "" {
		return "", false
	}
	value, err := f.Clean(text)
	return value, err == nil
}

// longestCounty is how long a text may be that says the county and no more: 我们
// 厂在漯河市召陵区.
const longestCounty = 12

// fitting finds what of the open fields a text says; nothing when any part of it
// could be none or two. asked is the field that was asked for: where anything may
// be its value, only what cannot be taken for one is another's.
func fitting(text string, open []desk.Field, asked desk.Field) map[desk.Field]string {
	found := map[desk.Field]string{}
	for _, part := range pieces(text) {
		var of []desk.Field
		for _, f := range open {
			if mistakable(f, asked) {
				continue
			}
			if value, ok := fits(f, part); ok {
				of, found[f] = append(of, f), value
			}
		}
		if len(of) != 1 {
			return nil
		}
	}
	return found
}

// mistakable reports whether a value of one field may as well be one of the
// field that was asked for.
func mistakable(f, asked desk.Field) bool {
	return asked == desk.FieldIndustry && (f == desk.FieldName || f == desk.FieldPosition) || asked == desk.FieldPosition && f == desk.FieldName
}

// apartBy parts two things that are said in one message.
var apartBy = regexp.MustCompile(`[，,、；;。\n]+|[ \t　]+`)

// pieces are the things that one message tells.
func pieces(text string) []string {
	return slices.DeleteFunc(apartBy.Split(text, -1), func(s string) bool { return s == "" })
}
