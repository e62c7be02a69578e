package bot

import "strings"

// distress are words of somebody who may be in danger: no desk declines them.
var distress = []string{"不想活", "活不下去", "活着没意思", "活得没意思", "想死", "自杀", "轻生", "跳楼", "结束生命"}

// danger are words of an accident with people in it.
var danger = []string{"救命", "有人中毒", "人中毒了", "中毒晕", "晕倒", "昏迷", "掉进", "人掉下"}

func inDanger(text string) bool {
	for _, w := range danger {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// rescue says who helps now. 12369 is the environment bureaus' line.
func rescue() Reply {
	return Reply{Text: "有人受伤或有危险，请马上拨打 120、119，先救人，不要贸然下池、进罐施救。\n有污染泄漏的，同时拨打 12369 报告。\n这里不能代替报警。", Taps: []Tap{TapExpert}}
}

func inDistress(text string) bool {
	for _, w := range distress {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// consoled names the national helpline for psychological aid (12356).
func consoled() Reply {
	return Reply{Text: "听您这么说，我很担心您。请先联系身边的家人朋友，或者拨打全国统一心理援助热线 12356；情况紧急请打 110 或 120。\n也可以点“转专家”，给工作人员留言。", Taps: []Tap{TapExpert}}
}
