package bot

import (
	"fmt"
	"strings"

	"greendesk/desk"
)

// mostOptions is how many values of a field are offered at once.
const mostOptions = 6

// maxShownNotice is how much of the notice is shown in a message, in characters;
// its page has the whole.
const maxShownNotice = 420

// bindingHelps stands once under what a contact without an enterprise is told
// of its question.
const bindingHelps = "\n\n愿意的话，点“绑定企业”填一下企业情况，专家答得更准；不填也照样答复。"

func agreeTo(notice string, page Link) Reply {
	if rs := []rune(notice); len(rs) > maxShownNotice {
		notice = strings.TrimSpace(string(rs[:maxShownNotice])) + "……（全文见下面的网页）"
	}
	return Reply{Text: "绑定企业前，请先看《个人信息告知书》：\n\n" + notice + "\n\n同意请点“同意”。不绑定也可以照常提问。", Links: []Link{page}, Taps: []Tap{TapAgree, TapDisagree}}
}

// agreeFirst answers who tells something before having agreed to its being kept.
func agreeFirst() Reply {
	return Reply{Text: "先不急填。您看过告知书，同意的话点“同意”，我再一项一项问您；不同意就点“不同意”，照常可以提问。", Taps: []Tap{TapAgree, TapDisagree}}
}

func profileLink(label string) Link { return Link{Label: label, Path: ProfilePath} }

// askField asks for the field at which the dialogue stands; a correction shows
// what is kept.
func askField(d *binding) Reply {
	f := desk.Field(d.Step)
	r := Reply{Text: question(f)}
	if now := fieldValue(&d.Profile, f); now != "" {
		r.Text += "\n（现在是：" + now + "）"
	}
	switch f {
	case desk.FieldCounty:
		for i, c := range desk.Counties() {
			r.Choices = append(r.Choices, Tap{ID: firstOption + i, Label: c})
		}
	case desk.FieldPermit:
		for i, p := range desk.Permits() {
			r.Choices = append(r.Choices, Tap{ID: firstOption + i, Label: desk.PermitName(p)})
		}
	}
	if f.Optional() {
		r.Taps = []Tap{TapSkip}
	}
	return r
}

func question(f desk.Field) string {
	switch f {
	case desk.FieldCode:
		return "请发统一社会信用代码，18 位，数字和字母，在营业执照上。"
	case desk.FieldCompany:
		return "请发企业名称，照营业执照写。"
	case desk.FieldCounty:
		return "企业在哪个县区？"
	case desk.FieldIndustry:
		return "企业做什么？说产品就行，比如“方便面”“电镀”“造纸”。"
	case desk.FieldPermit:
		return "排污许可是哪一类？不清楚就跳过。"
	case desk.FieldName:
		return "请问您贵姓大名？"
	case desk.FieldPosition:
		return "您的职务？比如“环保专员”。"
	default:
		return "最后一项：您的联系电话，手机或带区号的座机。"
	}
}

func fieldWrong(f desk.Field, message string) Reply {
	r := Reply{Text: message + "\n请再发一次；不想填了，发“退出”。"}
	if f.Optional() {
		r.Taps = []Tap{TapSkip}
	}
	return r
}

// fieldExpected answers what is no value of the field that was asked for;
// expert tells that an expert waits for a reply, too.
func fieldExpected(f desk.Field, text string, expert bool) Reply {
	r := Reply{Text: fmt.Sprintf("现在等您填%s，“%s”好像不是。\n%s\n\n不想填了，发“退出”就停；要问别的，点“这是新问题”。", strings.TrimPrefix(f.Title(), "您的"), shorten(text, 20), question(f)), Taps: []Tap{TapNew}}
	if f.Optional() {
		r.Taps = append(r.Taps, TapSkip)
	}
	if expert {
		r.Taps = append(r.Taps, TapReply)
	}
	return r
}

// begun opens the first question.
func begun(first Reply) Reply {
	first.Text = "好的，一共 8 项，几项可以跳过，随时发“退出”就停。\n\n" + first.Text
	return first
}

// goOn reminds under an answer of the binding that waits.
func goOn(d *binding) string {
	return "\n\n绑定企业还没填完，接着请发：" + strings.TrimPrefix(desk.Field(d.Step).Title(), "您的") + "（发“退出”就停）。"
}

func chooseIndustry(words string, found []desk.Industry) Reply {
	if len(found) == 0 {
		return Reply{Text: "没有找到“" + shorten(words, 12) + "”对应的行业。换个说法，比如产品名；也可以跳过。", Taps: []Tap{TapSkip}}
	}
	r := Reply{Text: "是下面哪一个？点一下；都不是，换个说法再发，或者跳过。", Taps: []Tap{TapSkip}}
	for i, in := range found {
		r.Choices = append(r.Choices, Tap{ID: firstOption + i, Label: in.Name})
	}
	return r
}

// fieldValue is a field as people read it.
func fieldValue(c *desk.Profile, f desk.Field) string {
	switch f {
	case desk.FieldIndustry:
		return desk.IndustryName(c.Industry)
	case desk.FieldPermit:
		return desk.PermitName(c.Permit)
	}
	return c.Get(f)
}

// profileLines are a profile's fields that were said, a line each.
func profileLines(c desk.Profile) string {
	var b strings.Builder
	for _, f := range desk.Fields() {
		if v := fieldValue(&c, f); v != "" {
			fmt.Fprintf(&b, "\n%s：%s", strings.TrimPrefix(f.Title(), "您的"), v)
		}
	}
	return b.String()
}

func boundTo(c desk.Profile, page Link) Reply {
	return Reply{Text: "绑定好了，谢谢您。以后转专家时，专家能直接看到企业情况。\n" + profileLines(c), Links: []Link{page}, Taps: []Tap{TapProfile}}
}

// notYetKept answers who asks for its data in the middle of the binding.
func notYetKept() Reply {
	return Reply{Text: "您正在绑定企业。已经说的先记着，答完最后一项才保存；接着回答刚才那一项就行，不想绑定了就说“不绑了”。"}
}

func shownProfile(c desk.Profile, page Link) Reply {
	if !c.Bound() {
		return Reply{Text: "您还没有绑定企业，我们没有保存您的姓名和电话。不绑定也可以照常提问。", Taps: []Tap{TapBind}}
	}
	return Reply{Text: "您的资料：\n" + profileLines(c), Links: []Link{page}, Taps: []Tap{TapBind, TapErase}}
}

func askErase() Reply {
	return Reply{Text: "要删除您的姓名、职务、电话和企业绑定吗？删除后不能恢复，咨询记录还在，也可以照常提问。", Taps: []Tap{TapSure, TapKeep}}
}

func erasedProfile() Reply {
	return Reply{Text: "已经删除了您的资料。\n要连同咨询记录一起删除，请在“我的资料”网页上操作，或者取消关注。", Taps: []Tap{TapBind}}
}

func bindingLeft(step string) Reply {
	if step == stepErase {
		return Reply{Text: "好的，资料都还在。", Taps: []Tap{TapProfile}}
	}
	return Reply{Text: "好的，不绑定了，刚才填的没有保存。有问题照常问我。", Taps: []Tap{TapHelp}}
}
