package bot

import (
	"fmt"
	"strings"
	"time"

	"greendesk/desk"
	"greendesk/knowledge"
	"greendesk/knowledge/parse"
)

// Texts for people, short and kind.

func welcome() Reply {
	return Reply{Text: "您好，这里是绿企服务台。\n\n环保方面的问题，直接用大白话问我，比如：\n“锅炉冒黑烟会被罚多少钱”\n“排污许可证快到期了怎么办”\n\n我按条文回答，并注明出处；找不到条文的，转给专家咨询服务组。",
		Taps: []Tap{TapHelp, TapExpert, TapMine}}
}

func greeting() Reply {
	return Reply{Text: "您好！请直接说您的问题，一句话就行。例如：“排污许可证过期了还在生产，罚多少”。", Taps: []Tap{TapHelp, TapExpert}}
}

func thanks() Reply {
	return Reply{Text: "不客气，能帮上忙就好。有新问题随时问我。"}
}

func help() Reply {
	return Reply{Text: "我能帮您：\n1. 查条文：直接问，我给您条文和出处\n2. 转专家：工艺、设计、整改方案这类问题，交给专家咨询服务组\n3. 查进度：点“我的咨询”",
		Taps: []Tap{TapHelp, TapExpert, TapMine}}
}

func howToAsk() Reply {
	return Reply{Text: "怎么问更容易查到：\n• 一次问一件事\n• 说清是什么行业、哪一环节，比如“喷漆废气没收集就排，罚多少”\n• 想知道处罚，就问“罚多少”\n• 接着问“那第二次呢”也可以"}
}

func declined() Reply {
	return Reply{Text: "这个问题好像不在环保服务台的范围内，我帮不上忙，请谅解。\n和企业环保有关的，换个说法再问，或者点“转专家”；举报污染可以打 12369。", Taps: []Tap{TapHelp, TapExpert}}
}

// materialReply names what came in, for experts, and what to do about it.
func materialReply(m Message) (what string, r Reply) {
	label := shorten(m.Label, 60)
	switch m.Kind {
	case KindVoice:
		return "（发来一段语音）", voice()
	case KindImage:
		return "（发来一张图片）", photo("图片")
	case KindVideo:
		return "（发来一段视频）", photo("视频")
	case KindLocation:
		return "（发来一个位置：" + label + "）", location(label)
	case KindLink:
		return "（发来一个链接：" + label + "）", link()
	}
	return "（发来一条看不懂的消息）", unreadable()
}

func unreadable() Reply {
	return Reply{Text: "这种消息我还看不懂。\n请用一两句话打字问我。", Taps: []Tap{TapHelp, TapExpert}}
}

func voice() Reply {
	return Reply{Text: "语音收到了，可我还听不懂语音。\n请长按那条语音，选“转文字”，复制后发给我；或者直接打字。", Taps: []Tap{TapHelp, TapExpert}}
}

func photo(what string) Reply {
	return Reply{Text: what + "收到了，可我看不了" + what + "里的内容。\n请用一两句话说明是什么情况、想问什么；要请专家看，点“转专家”。", Taps: []Tap{TapHelp, TapExpert}}
}

func location(label string) Reply {
	where := ""
	if label != "" {
		where = "（" + label + "）"
	}
	return Reply{Text: "位置收到了" + where + "。\n请再用一两句话说明您要问什么；要请专家看，点“转专家”。", Taps: []Tap{TapHelp, TapExpert}}
}

func link() Reply {
	return Reply{Text: "链接收到了，可我不能打开外面的网页。\n请把要问的内容用一两句话发给我。", Taps: []Tap{TapHelp}}
}

func askQuestion() Reply {
	return Reply{Text: "好的。请用一段话写下您的问题（什么行业、什么情况、想知道什么），下一条消息我就转给专家咨询服务组。"}
}

func calledOff() Reply {
	return Reply{Text: "好的，不转了。有问题随时直接问我。", Taps: []Tap{TapHelp, TapExpert}}
}

func abstained(c desk.Consultation) Reply {
	return Reply{Text: fmt.Sprintf("这个问题，我没有找到能直接引用的条文。为了不误导您，已转给专家咨询服务组。\n\n咨询编号：%s%s\n有照片、语音、补充说明，直接接着发。", c.Number, promised(c)),
		Taps: []Tap{TapMine, TapHelp}}
}

// clarified asks back which reading is meant.
func clarified(readings []string) Reply {
	r := Reply{Text: "您问的是下面哪一种？点一下，我给您条文；都不是，点“转专家”。", Taps: []Tap{TapExpert}}
	for i, q := range readings {
		r.Choices = append(r.Choices, Tap{ID: firstReading + i, Label: shorten(q, maxShownReading)})
	}
	return r
}

// naming opens an answer with the question that it answers, unless it says that
// already.
func naming(question, answer string) string {
	question = shorten(question, maxNamed)
	if strings.Contains(answer, question) {
		return answer
	}
	return "您问“" + question + "”：\n" + answer
}

// maxNamed is how much of a question is said again, in characters.
const maxNamed = 40

// maxShownReading is how much of a reading is shown, in characters.
const maxShownReading = 60

func handedOver(c desk.Consultation) Reply {
	if c.Existed {
		return Reply{Text: fmt.Sprintf("这个问题已经转给专家咨询服务组了，编号 %s，不用重复提交。", c.Number), Taps: []Tap{TapMine}}
	}
	if c.Full {
		return Reply{Text: fmt.Sprintf("您这一天已经转了很多问题，这一条先加到最近的咨询（编号 %s）里，专家会一起看，不会漏。", c.Number), Taps: []Tap{TapMine}}
	}
	if c.Joined {
		return added(c)
	}
	return Reply{Text: fmt.Sprintf("已转给专家咨询服务组。\n\n咨询编号：%s\n您的问题：%s%s\n\n有照片、语音、补充说明，直接接着发。", c.Number, shorten(c.Question, 60), promised(c)), Taps: []Tap{TapMine}}
}

// wishes are what somebody may want of a person.
var wishes = map[Action]string{ActBook: "您想预约专家", ActReschedule: "您想改预约时间", ActCancel: "您想取消预约", ActHuman: "您想找工作人员"}

func wished(wish Action, c desk.Consultation) Reply {
	return Reply{Text: fmt.Sprintf("明白，%s。这件事由工作人员办理，我已把您的原话登记下来。\n\n登记编号：%s", wishes[wish], c.Number), Taps: []Tap{TapMine}}
}

// askWish asks whether a wish was understood, before anybody is set to work.
func askWish(wish Action) Reply {
	what := strings.Replace(wishes[wish], "您想", "您是想", 1)
	return Reply{Text: what + "吗？点“是的”，我就交给工作人员；不是的话，请再用一句话说您想问什么。", Taps: []Tap{TapYes, TapNo}}
}

// noVisit answers who wants a visit changed that nobody has asked for.
func noVisit() Reply {
	return Reply{Text: "没有查到您登记过的预约，所以我先不登记取消或改期。\n要工作人员来办，点“转专家”，我把您的原话交给他们；想问规定，请换个说法再问一次。", Taps: []Tap{TapExpert, TapMine}}
}

// askWhat answers a detail that belongs to no question.
func askWhat() Reply {
	return Reply{Text: "好的。请再用一句话说您想问什么，比如“我们这样的厂要不要办排污许可证”；要工作人员联系您，点“转专家”。", Taps: []Tap{TapHelp, TapExpert}}
}

func nothingToRate() Reply {
	return Reply{Text: "谢谢！您还没有问过问题，直接问我就行。", Taps: []Tap{TapHelp}}
}

func ratedAlready() Reply { return Reply{Text: "您的评价已经记下了，谢谢。"} }

func glad() Reply { return Reply{Text: "太好了，谢谢您的反馈。"} }

func sorry() Reply {
	return Reply{Text: "抱歉没帮上忙，已经记下来了。\n可以换个说法再问一次，或者转给专家。", Taps: []Tap{TapExpert, TapHelp}}
}

// sorryHandedOver follows the second useless answer.
func sorryHandedOver(c desk.Consultation) Reply {
	r := handedOver(c)
	r.Text = "连着两次没帮上忙，很抱歉。\n" + r.Text
	return r
}

func noted() Reply {
	return Reply{Text: "您的意见已经记下，会交给工作人员看。谢谢您告诉我们。", Taps: []Tap{TapExpert}}
}

// Apology is said when a message could not be answered after several tries.
func Apology() Reply {
	return Reply{Text: "抱歉，刚才没能查到结果。您的消息已经保存，请稍后再问一次，或者转给专家。", Taps: []Tap{TapExpert}}
}

// Late opens an answer that comes after the contact has gone on.
const Late = "您之前问的，答复在这里："

func consultations(cs []desk.Consultation) Reply {
	if len(cs) == 0 {
		return Reply{Text: "您还没有提交过咨询。遇到难题，点“转专家”就行。", Taps: []Tap{TapExpert}}
	}
	var b strings.Builder
	b.WriteString("您最近的咨询：")
	for _, c := range cs {
		fmt.Fprintf(&b, "\n%s（%s）%s", c.Number, c.State.Name(), shorten(c.Question, 24))
	}
	return Reply{Text: b.String(), Links: []Link{{Label: "打开全部咨询", Path: MyPath}}}
}

// Lengths of an answer's parts, in characters; WeChat's limit for the whole
// is 2,048 bytes, links and taps included.
const (
	maxShownQuote = 330
	maxShownTitle = 40
)

// answered is the clause in its own words, with where it stands.
func answered(res *knowledge.Result) Reply {
	first := res.Citations[0]
	var b strings.Builder
	if res.Day != "" {
		fmt.Fprintf(&b, "按%s时有效的规定：\n", dayInWords(res.Day))
	}
	if res.Vague != "" {
		fmt.Fprintf(&b, "您说的“%s”没说是哪一年，下面按今天有效的规定（%s起施行）；要那时的，请说年份，如“%d年……”。\n", shorten(res.Vague, 12), dayInWords(res.Since), lastYearBefore(res.Since))
	}
	if ourWords(first) {
		fmt.Fprintf(&b, "服务台问答｜%s\n%s", shortRef(first.Ref), quoted(first.Quote))
	} else {
		excerpt := ""
		if res.Named && (first.Excerpt || quoted(first.Quote) != first.Quote.String()) {
			excerpt = "（节选）"
		}
		fmt.Fprintf(&b, "《%s》%s%s：\n“%s”", shorten(first.Document, maxShownTitle), shortRef(first.Ref), excerpt, quoted(first.Quote))
	}
	if note := first.Note(); note != "" {
		b.WriteString("\n（" + note + "）")
	}
	b.WriteString(otherLevels(res))
	r := Reply{Links: []Link{{Label: "查看全文", Path: first.PagePath()}}, Taps: []Tap{TapUseful, TapUseless, TapExpert}}
	for _, c := range res.Citations[1:] {
		label := "另见《" + shorten(c.Document, 16) + "》" + shorten(shortRef(c.Ref), 12)
		if ourWords(c) {
			label = "另见问答：" + shorten(c.Ref, 20)
		}
		if c.Elsewhere {
			label += "（" + c.Region + "的规定）"
		}
		r.Links = append(r.Links, Link{Label: label, Path: c.PagePath()})
	}
	r.Text = b.String()
	return r
}

// otherLevels names the rules of other levels that answer the same, and why
// the first of them is quoted.
func otherLevels(res *knowledge.Result) string {
	if len(res.Also) == 0 {
		return ""
	}
	why := map[knowledge.Precedence]string{knowledge.MoreSpecific: "，上面引的是更具体的", knowledge.Stricter: "，上面引的是罚得更重的"}[res.Chosen]
	out := "\n\n别的层级也有规定" + why + "："
	for _, c := range res.Also {
		out += fmt.Sprintf("\n%s《%s》%s", levelName(c), shorten(c.Document, maxShownTitle), shortRef(c.Ref))
	}
	return out
}

// levelName is whose rule it is.
func levelName(c knowledge.Citation) string {
	if c.Region == "" || c.Region == "全国" {
		return "国家："
	}
	return c.Region + "："
}

// absent says that the law that is asked for is not there.
func absent(res *knowledge.Result) string {
	switch name := shorten(strings.TrimPrefix(res.Absent, "中华人民共和国"), maxShownTitle); {
	case res.AbsentArticle != "":
		return fmt.Sprintf("知识库里的《%s》没有%s。请看看条号对不对。", name, res.AbsentArticle)
	case res.Ended != "":
		return fmt.Sprintf("您说的《%s》从%s起不再适用，不能拿来回答现在的事，所以我不引用。\n要看旧条文，请在名称前加“原”字，比如“原%s第一条”。", name, dayInWords(res.Ended), name)
	case res.Day == "":
		return fmt.Sprintf("您说的是《%s》，知识库里没有它的文本。别的规定不能代替它，所以我不引用。", name)
	}
	return fmt.Sprintf("您问的是%s时的规定。知识库里没有《%s》那时有效的文本（也可能那时还没有这部规定），别的规定不能代替它，所以我不引用。", dayInWords(res.Day), shorten(res.Absent, maxShownTitle))
}

// ourWords reports whether a citation is one of the desk's own explanations.
// It must not look like the words of a law.
func ourWords(c knowledge.Citation) bool { return c.Level == string(parse.QA) }

// lastYearBefore is the last whole year before a day.
func lastYearBefore(day string) int {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return t.Year() - 1
}

// dayInWords writes 2020-07-01 as 2020年7月1日.
func dayInWords(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2006年1月2日")
}

// quoted fits a quote into the message. What is cut is shown as left out, so
// that what is shown stays verbatim.
func quoted(q knowledge.Quote) string {
	room := maxShownQuote
	for i, seg := range q {
		rs := []rune(seg)
		if len(rs) > room {
			short := append(knowledge.Quote{}, q[:i]...)
			if room > 0 {
				short = append(short, string(rs[:room]))
			}
			return short.String() + knowledge.Ellipsis
		}
		room -= len(rs)
	}
	return q.String()
}

// shortRef is the last part of a heading path; articles stay as they are.
func shortRef(ref string) string {
	if i := strings.LastIndex(ref, " "); i > 0 && !strings.HasPrefix(ref, "第") {
		ref = ref[i+1:]
	}
	return shorten(ref, maxShownTitle)
}

func shorten(s string, n int) string {
	rs := []rune(strings.Join(strings.Fields(s), " "))
	if len(rs) <= n {
		return string(rs)
	}
	return string(rs[:n]) + "…"
}
