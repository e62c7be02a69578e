package bot

import "greendesk/knowledge"

// How sure the router must be of a message that came where something else was
// expected, or of a wish that somebody then works on.
const (
	sureWish      = 0.9
	sureQuestion  = 0.8 // a question for a clause
	clearQuestion = 0.5 // a question for a clause or an expert
)

// interrogative are words of somebody who asks rather than tells.
var interrogative = grammar(words("吗", "呢", "怎么", "怎样", "咋", "啥", "多少", "多久", "多长", "多大", "多远", "多高", "为什么", "为何", "如何", "是否", "能不能", "可不可以", "可以不", "要不要", "用不用", "需不需要", "是不是", "算不算", "该不该", "有没有", "行不行",
	"什么", "哪", "几(?:年|天|个|次|倍|吨|米|条|级|类|万|号|月)", "罚", `\?`, "？"))

// asks reports whether a text has the form of a question.
func asks(text string) bool { return interrogative.MatchString(text) }

// clearly reports whether a message clearly wants something of the desk,
// whatever was expected of it: a question of the field, or a wish that is sure.
// Small talk does not, nor what would be declined.
func clearly(text string, d Decision, res *knowledge.Result) bool {
	switch d.Action {
	case ActAnswer, ActExpert, ActClarify:
		return sure(text, d, res) || asks(text) && d.Probabilities[ActAnswer]+d.Probabilities[ActExpert] >= clearQuestion
	case ActGreet, ActThanks, ActMenu, ActDecline:
		return false
	}
	return d.Probabilities[d.Action] >= sureWish
}

// sure reports whether a message is a question that a clause surely answers.
func sure(text string, d Decision, res *knowledge.Result) bool {
	return d.Action == ActAnswer && (res.Named || res.Repeats || asks(text) && d.Probabilities[ActAnswer] >= sureQuestion)
}
