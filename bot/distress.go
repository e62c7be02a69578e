package bot

import (
	"context"
	"regexp"
	"strings"

	"greendesk/desk"
)

// Somebody who is in danger is told who helps before anything else. An
// emergency is told from a question about emergencies by a small grammar: an
// event (fire, leak, somebody hurt or trapped) that is happening, in a message
// that does not ask what a rule says. What is doubtful counts as an emergency:
// three telephone numbers too many cost less than one too few.

// words joins the alternatives of a pattern.
func words(alternatives ...string) string { return "(?:" + strings.Join(alternatives, "|") + ")" }

func grammar(parts ...string) *regexp.Regexp { return regexp.MustCompile(strings.Join(parts, "")) }

// Words that the grammar is made of.
var (
	people = words("人", "工人", "员工", "职工", "师傅", "工友", "同事", "司机", "民工", "临时工", "操作工", "电工", "焊工", "保安", "门卫", "大爷", "大叔", "大姐", "阿姨", "家属", "亲戚", "我爸", "我妈", "老公", "老婆", "伙计", "老板", "厂长", "主任", "徒弟", "学徒", "孩子", "老人",
		"村民", "居民", "学生", "群众", "兄弟", "同伴", "我们的人", "[一二两三四五六七八九十几好多0-9]+个")
	vessel = words("罐", "桶", "槽", "釜", "塔", "炉", "管", "阀", "泵", "法兰", "接头", "焊缝", "钢瓶", "气瓶", "油库", "油箱", "车", "船", "储", "池", "坝", "渣场", "尾矿库", "围堰", "防渗膜", "瓶", "缸", "容器", "装置")
	stuff  = words("硫酸", "盐酸", "硝酸", "氢氟酸", "酸", "碱", "氨", "氯", "硫化氢", "煤气", "天然气", "燃气", "沼气", "液化气", "瓦斯", "一氧化碳", "氢气", "毒气", "气体", "苯", "甲醇", "甲醛", "酒精", "乙醇", "丙酮",
		"溶剂", "油", "沥青", "农药", "化学品", "化工", "危化品", "药剂", "原料", "物料", "废液", "废水", "污水", "母液", "渗滤液", "危废", "危险废物", "氰", "双氧水", "次氯酸钠", "污泥", "泥浆", "浆", "放射源", "辐射", "毒", "剂", "液")
	depths = words("池", "罐", "井", "坑", "窖", "塔", "炉", "槽", "仓", "釜", "沟", "洞", "渠", "储槽", "料斗", "地下", "下面", "底下", "里面", "里头", "机器")
	fire   = words("着火", "着了火", "起火", "起了火", "失火", "火灾", "爆炸", "爆燃", "闪爆", "炸了", "炸开", "爆了", "烧起来", "燃起来", "烧着了", "自燃", "窜火", "冒火", "火势", "大火", "起明火", "冒浓烟")
	spill  = words("泄漏", "泄露", "外泄", "喷出", "喷了", "喷得", "溢出", "溢流", "洒了", "撒了", "洒出", "洒一地", "撒一地", "侧翻", "倾翻", "翻车", "翻了", "破裂", "裂了", "裂开", "炸裂", "溃坝", "决口", "垮了", "破了", "漏(?:了|啦|得|油|酸|碱|氨|氯|液|料|出|到|进|着|个不停)")
	hurt   = words("烧伤", "烫伤", "灼伤", "烧着", "受伤", "重伤", "砸伤", "炸伤", "压伤", "摔伤", "伤着", "伤到", "烫着", "烫了", "中毒", "毒倒", "熏倒", "呛倒", "倒下", "倒地", "倒在", "昏倒", "昏迷", "昏过去", "晕倒", "晕过去", "晕了", "头晕", "恶心", "呕吐", "吐了", "休克", "窒息", "抽搐",
		"喘不上气", "喘不过气", "呼吸困难", "没呼吸", "没有呼吸", "没气了", "没反应", "叫不醒", "喊不应", "叫不应", "不省人事", "触电", "电着", "电倒", "溺水", "淹了", "死了", "死亡", "没了", "不行了", "流血", "血流", "断了", "溅到", "溅了", "喷到", "夹住", "卷进", "绞进", "被埋", "被压", "被砸", "被困", "被烧", "被烫", "被炸")
)

// The grammar.
var (
	plea = grammar(words("救命", "快来人", "来人[啊呀]", "快(?:点|来)?救", "救救", "人快不行"))

	// An event of each kind. The words before it say who or what.
	burning    = grammar(fire)
	leaking    = grammar(words(vessel, stuff), `.{0,6}`, spill, "|", words("泄漏", "泄露"), `.{0,4}`, stuff, "|", words("漏", "跑", "冒", "喷"), words("酸", "碱", "氨", "氯", "油", "气", "液", "料", "毒"), words("了", "啦", "得", "严重", "厉害"), "|", words("正在", "还在", "一直在", "不停地?", "往外", "哗哗", "呼呼"), `.{0,3}`, words("漏", "喷", "淌", "涌"), "|放射源.{0,4}(?:丢|失窃|被盗|找不到|不见)")
	lostSource = grammar(words("放射源", "放射性物质", "同位素", "铯源", "钴源", "铱源", "探伤源"), ".{0,4}", words("丢", "失窃", "被盗", "被偷", "找不到", "不见"))
	flowing    = grammar(words("流", "淌", "漏", "跑", "冲", "溢", "渗", "灌", "倒灌"), words("到", "进", "入", "往"), `了?.{0,4}`, words("河", "沟", "渠", "湖", "塘", "水库", "江", "溪", "农田", "庄稼地", "麦地", "地里", "井里", "水源", "雨水", "马路", "村"), `.{0,3}`, words("了", "去", "啦", "！", "!"))
	wounded    = grammar(people, `.{0,8}`, hurt, "|", words("伤", "死", "毒倒", "熏倒", "晕", "晕倒", "烧伤", "烫伤", "中毒", "埋", "困", "压", "伤亡"), `了?`, `[一二两三四五六七八九十几好多0-9]+个`, "|",
		words("脸", "眼睛", "眼", "手", "胳膊", "腿", "脚", "身上", "皮肤", "头"), `.{0,6}`, words("烧伤", "烫伤", "灼伤", "溅", "烧了", "烫了", "夹住", "卷进", "断了", "流血"), "|", words("溅", "喷", "烧", "烫"), "(?:到|进|了)?", words("脸", "眼睛", "眼", "手", "身上", "皮肤"), "|", words("埋", "困", "压", "夹", "卷"), "(?:住|进|在).{0,6}", people, "|煤气中毒|有人中毒|食物中毒")
	trapped = grammar(depths, `.{0,12}`, words("没上来", "没有上来", "上不来", "没出来", "没有出来", "出不来", "没动静", "没有动静", "没声音", "没反应", "叫不应", "喊不应", "联系不上", "不应声"), "|",
		people, `.{0,8}`, words("掉进", "掉到", "掉下", "跌进", "跌入", "跌落", "摔进", "摔下", "栽进", "栽到", "落水", "失联", "失踪", "困在", "被困", "陷在", "陷进", "下落不明", "找不到了", "不见了", "滑进", "滑下"), "|",
		words("掉进", "跌进", "摔进", "栽进", "滑进"), `.{0,8}`, depths)
	disaster = grammar(`(?:厂|车间|公司|工地|仓库|单位|我们|这里|这边)(?:里|这)?出(?:大)?(?:事|事故)了|出人命|死人了|死了人(?:[^的]|$)`)

	// Who asks what a rule says is not asking for help.
	ofRules = grammar(words("罚", "判几年", "判刑", "坐牢", "入刑", "入罪", "量刑", "刑事", "刑责", "拘留", "责任", "追责", "赔", "保险", "工伤", "补偿", "鉴定", "预案", "备案", "演练", "条例", "规定", "标准", "法律", "法规", "依据",
		"第.{1,5}条", "哪条", "哪一条", "哪部", "等级", "分级", "分几级", "几级", "定义", "什么叫", "什么是", "啥叫", "怎么算", "咋算", "怎么认定", "怎么界定", "怎么定性", "算不算", "属不属于", "是不是属于", "要不要", "用不用", "需不需要", "该不该", "需要.{0,12}吗", "要.{0,10}吗", "必须", "应当",
		"能不能", "可不可以", "可以.{0,8}吗", "会不会", "会.{0,8}吗", "多久", "多长时间", "几小时", "几个小时", "几天", "几年", "多大", "多少米", "多远", "间距", "距离", "多少钱", "怎么写", "怎么填", "怎么编", "咋编", "哪些", "有什么要求", "啥要求", "要求是", "手续", "登记", "许可", "验收", "环评", "台账", "培训", "投诉", "谁负责", "谁来?管", "归", "举报", "索赔", "起诉"))

	// Events that may come, came long ago, or are only talked of; and words that
	// look like an event and are none.
	ofTalk = grammar(words("如果", "假如", "假设", "要是", "万一", "一旦", "若是", "倘若", "防止", "预防", "避免", "防范", "谨防", "杜绝", "以防", "怕", "担心", "容易", "可能", "风险", "隐患", "以免", "不会", "没有泄漏", "原因", "老是?着火", "总是?着火", "内漏", "还是.{0,6}[漏坏堵]", "排查", "没泄漏", "没漏", "没着火", "没有着火", "没人受伤", "无人受伤", "没有人受伤",
		"去年", "前年", "上个月", "上月", "上周", "上次", "以前", "曾经", "往年", "历史上", "早年", "那次", "那年", "之前那", "新闻", "听说", "电影", "电视", "游戏", "小说", "视频里", "网上",
		"(?:危险|爆炸|火灾)(?:性|物|场所|区域|环境|极限|下限|上限|危险)", "易燃", "防爆", "防火", "防泄", "防渗", "防漏", "防溢", "消防", "灭火器", "火灾(?:报警|自动|探测|显示)", "泄[漏露](?:检测|修复|监测|报警|率|量|点|口|源|收集|物|液)", "溢流(?:堰|口|管|井|阀|槽|坝)", "事故(?:池|应急池|水池|罐|柜|处理|调查|分级|等级)",
		"跑冒滴漏", "催化剂", "细菌", "菌种", "生化", "活性污泥", "布袋", "滤袋", "信息", "数据", "秘密", "隐私", "密码", "资料", "名单", "文件", "账号", "爆满", "爆款", "爆料", "爆仓", "爆表", "爆胎", "轮胎", "车胎", "手机", "电脑", "屏幕", "疏漏", "遗漏", "漏[报填登缴记写项税检测洞斗评批交申做传录掉签盖算了]?(?:一项|一条|一个|项|报|填|登|缴|评|批)", "漏风", "屋顶", "房顶", "雨棚",
		"(?:累|热|气|烦|急|愁|臭|吵|冷|困|忙|笑|难受|恨|吓|贵|熏|呛)死", "生意.{0,3}火", "上火", "发火", "恼火", "怎么死", "鱼死", "树死", "苗死"))

	// An event that is said to be going on, whatever is asked beside.
	ofNow = grammar(words("正在", "现在", "此刻", "刚刚", "刚才", "还在", "一直在", "赶紧", "赶快", "紧急", "急急", "十万火急", "快[！!]", "[！!]{2,}"))

	parts = regexp.MustCompile(`[，。！？；、,.!?;\s]+`)
)

// inDanger reports whether a message tells of an emergency that is going on.
func inDanger(text string) bool {
	if plea.MatchString(text) {
		return true
	}
	if ofRules.MatchString(text) && !ofNow.MatchString(text) {
		return false
	}
	if (trapped.MatchString(text) || wounded.MatchString(text)) && !ofTalk.MatchString(text) {
		return true
	}
	for _, part := range parts.Split(text, -1) {
		if happening(part) {
			return true
		}
	}
	return false
}

// happening reports whether a part of a message is an event.
func happening(part string) bool {
	if ofTalk.MatchString(part) {
		return false
	}
	for _, event := range []*regexp.Regexp{burning, leaking, flowing, wounded, disaster} {
		if event.MatchString(part) {
			return true
		}
	}
	return false
}

// distress are words of somebody who may do harm to himself.
var distress = []string{"不想活", "活不下去", "活着没意思", "活得没意思", "想死", "自杀", "轻生", "跳楼", "结束生命"}

func inDistress(text string) bool {
	for _, w := range distress {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// aid is what somebody in danger or despair is told before anything else; ok is
// false when a message tells of neither.
func aid(text string) (r Reply, ok bool) {
	switch {
	case inDanger(text) && lostSource.MatchString(text):
		return sourceLost(), true
	case inDanger(text):
		return rescue(), true
	case inDistress(text):
		return consoled(), true
	}
	return Reply{}, false
}

// firstAid answers somebody in danger: who helps, then the experts. A message of somebody in danger is passed on to
// the expert who is being spoken with, or handed over when a question for the
// experts is expected; otherwise 转专家 hands it over, as urgent.
func (b *Bot) firstAid(ctx context.Context, m Message, s *session, text string, first Reply) (Reply, error) {
	var then Reply
	var done bool
	t, speaks, err := b.talking(ctx, m.Contact, s)
	if speaks {
		then, done, err = b.pass(ctx, m, s, t.ID, text)
	}
	if err == nil && !done && s.Expect == expectQuestion {
		s.Expect, done = "", true
		then, err = b.handOver(ctx, m, s, turn{Asked: text, Urgent: true}, desk.ReasonRequested)
	}
	if err != nil {
		b.log.ErrorContext(ctx, "an emergency was not passed on", "error", err)
		return first, nil // who helps is said whatever fails
	}
	if done {
		first.Text += "\n\n" + then.Text
		first.Taps = then.Taps
		return first, nil
	}
	s.add(turn{Inbound: m.ID, Asked: text, Answered: "请先拨打 120、119 等电话", Urgent: true, At: m.At})
	return first, nil
}

// rescue says who helps now and who must be told (环境保护法第四十七条). 12369
// is the environment bureaus' line.
func rescue() Reply {
	return Reply{Text: "先救人！有人受伤、中毒、被困，马上打 120；着火、爆炸、泄漏，马上打 119。人撤到上风向，不要贸然下池、进罐施救。\n" +
		"有污染泄漏的，立即报告：打 12369，并报告当地生态环境局；通知周边的人，能安全做到的，关阀、围堵，别让废液和消防水流进河沟。\n" +
		"这里不能代替报警。要工作人员跟进，点“转专家”，按紧急咨询办理。", Taps: []Tap{TapExpert}}
}

// sourceLost says whom to call when a radioactive source is lost or stolen: the
// police and the bureau at once (放射性同位素与射线装置安全和防护条例第四十二条).
func sourceLost() Reply {
	return Reply{Text: "马上打 110 报警，并报告当地生态环境局（12369），有人可能照到了还要打 120、报告卫生健康部门。\n" +
		"看住现场，不让人进去；谁看到都别碰、别捡、别拆，离远一点。启动单位的辐射事故应急方案。\n" +
		"这里不能代替报警。要工作人员跟进，点“转专家”，按紧急咨询办理。", Taps: []Tap{TapExpert}}
}

// consoled names the national helpline for psychological aid (12356).
func consoled() Reply {
	return Reply{Text: "听您这么说，我很担心您。请先联系身边的家人朋友，或者拨打全国统一心理援助热线 12356；情况紧急请打 110 或 120。\n也可以点“转专家”，给工作人员留言。", Taps: []Tap{TapExpert}}
}
