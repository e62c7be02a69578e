// Package rank reads a question, measures how well a clause answers it, and
// orders clauses by weights learned from labelled questions. It is pure: no
// SQL, no HTTP, no clock.
package rank

import "strings"

// Cues is a set of signs in a text: what a question asks for, or what a clause
// settles. One bit each, in the order of the tables below.
type Cues uint32

// cue is a sign and the folded words that give it away.
type cue struct {
	name  string
	words []string
}

// What a question asks for.
var questionCues = []cue{
	{"penalty", []string{"罚", "后果", "责任", "处理", "查到", "查出", "查住", "抓住", "逮", "坐牢", "判刑", "拘留", "违法", "追究", "算不算犯", "吊销", "没收"}},
	{"amount", []string{"多少钱", "罚多少", "几万", "几千", "最少", "最多", "最高", "最低", "多少", "金额", "标准", "比例", "几倍", "百分之"}},
	{"deadline", []string{"几天", "多少天", "多久", "多长时间", "啥时候", "什么时候", "几日", "期限", "最迟", "最晚", "几个工作日", "提前", "几年", "多少年", "有效期", "几个月", "多少日", "几小时", "到期", "过期", "时限", "哪天"}},
	{"who", []string{"谁", "哪个部门", "哪个局", "找哪", "哪家", "哪里", "去哪", "在哪", "哪一级", "部门"}},
	{"may", []string{"能不能", "可以", "行不行", "行吗", "行不", "可否", "能否", "让不让", "是否", "允许", "合法", "能不", "中不中", "成不成", "准不准", "敢不敢", "合规"}},
	{"must", []string{"要不要", "用不用", "需不需要", "需要", "必须", "得不得", "是不是得", "是不是要", "非得", "该不该", "用办", "还要", "得办"}},
	{"define", []string{"什么是", "啥叫", "啥是", "是指", "意思", "定义", "包括", "哪些", "算不算", "算啥", "什么叫", "范围", "名录"}},
	{"how", []string{"怎么", "咋", "如何", "流程", "手续", "材料", "办理", "备案", "申请", "程序"}},
	// Question.Again reads the last one.
	{"again", []string{"第二次", "再次", "又被", "屡次", "还不改", "拒不", "没改", "不整改", "按日", "每天", "连续"}},
}

// What a clause settles.
var clauseCues = []cue{
	{"fine", []string{"罚款"}},
	{"money", []string{"元以", "万元", "百分之", "倍以"}},
	{"order", []string{"责令"}},
	{"severe", []string{"拘留", "刑", "吊销", "关闭", "没收", "停业"}},
	{"days", []string{"日内", "工作日", "小时内", "月内", "年内", "日前", "有效期", "期限", "届满", "期满", "十日", "五日", "七日", "三日"}},
	{"who", []string{"主管部门负责", "部门负责", "人民政府应当", "统一监督管理", "主管全", "按照职责"}},
	{"ban", []string{"禁止", "不得", "严禁", "不准"}},
	{"duty", []string{"应当"}},
	{"allow", []string{"可以"}},
	{"define", []string{"是指", "所称", "下列用语"}},
	{"rights", []string{"有权", "陈述", "申辩", "听证", "复议", "诉讼"}},
	{"apply", []string{"申请", "备案", "登记", "材料", "报告"}},
	{"state", []string{"国务院", "各级人民政府", "县级以上人民政府"}},
	{"purpose", []string{"制定本", "适用本", "本法适用", "根据中华人民共和国"}},
	{"violate", []string{"违反本", "违反", "有下列行为之一", "有下列情形之一"}},
	{"term", []string{"一年", "二年", "两年", "三年", "四年", "五年", "六年", "八年", "十年", "个月", "小时", "十日", "五日", "七日", "三日", "十五日", "三十日", "当日", "每日", "工作日", "每年", "每季", "每月", "立即"}},
}

// Of what is asked for: the number of each cue in its table.
const (
	asksPenalty, asksAmount, asksDeadline = 0, 1, 2
	statesMoney, statesTerm               = 1, 15
)

// unstated tells that a fine or a term is asked for and the clause has no
// number of it.
func (v *Vector) unstated() float64 {
	fine := v.Question.has(asksPenalty) && v.Question.has(asksAmount) && !v.Clause.has(statesMoney)
	term := v.Question.has(asksDeadline) && !v.Question.has(asksAmount) && !v.Clause.has(statesTerm)
	return truth(fine || term)
}

func find(text string, table []cue) Cues {
	var out Cues
	for i, c := range table {
		for _, w := range c.words {
			if strings.Contains(text, w) {
				out |= 1 << i
				break
			}
		}
	}
	return out
}

// QuestionCues reads what a folded question asks for.
func QuestionCues(folded string) Cues { return find(folded, questionCues) }

// ClauseCues reads what a folded clause settles.
func ClauseCues(folded string) Cues { return find(folded, clauseCues) }

func (c Cues) has(i int) bool { return c&(1<<i) != 0 }

// Again reports whether the question asks what comes the next time: 第二次,
// 还不改.
func (q *Question) Again() bool { return q.Cues.has(len(questionCues) - 1) }

// AsksFine reports whether the question asks how one is punished.
func (q *Question) AsksFine() bool { return q.Cues&weakCues != 0 }
