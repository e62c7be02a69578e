package bot

import "strings"

// distress are words of somebody who may be in danger: no desk declines them.
var distress = []string{"不想活", "活不下去", "活着没意思", "活得没意思", "想死", "自杀", "轻生", "跳楼", "结束生命"}

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
