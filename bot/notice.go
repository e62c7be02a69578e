package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/knowledge"
)

// Addresses of a contact's own pages.
const (
	MyPath      = "/my"         // all their consultations
	ProfilePath = "/my/profile" // what they have said of themselves
)

// ConsultationPath is the page of one consultation, for its contact.
func ConsultationPath(id string) string { return MyPath + "/consultations/" + id }

// Noticed is what a contact is told of a consultation, at the time now.
func Noticed(n desk.Notice, now time.Time) Reply {
	if n.Notice == desk.NoticeLost {
		return notArrived(n, now)
	}
	r := Reply{Links: []Link{{Label: "打开这件咨询", Path: ConsultationPath(n.Consultation)}}}
	which := fmt.Sprintf("您%s的咨询（编号 %s）", ago(n.Asked, now), n.Number)
	switch n.Notice {
	case desk.NoticeAsk:
		r.Text = fmt.Sprintf("%s，%s想向您了解：\n\n%s\n\n直接回复文字、照片或语音就行，我会转给专家；照片也可以打开下面的网页传。", which, whose(n), n.Text)
	case desk.NoticeClosed:
		r.Text = fmt.Sprintf("%s已办结：\n\n%s", which, n.Text)
	default:
		r.Text = fmt.Sprintf("%s已答复：\n问：%s\n\n%s%s\n\n—— %s", which, shorten(n.Question, 40), n.Text, basis(n.Citations), whose(n))
		r.Taps = rating(n.Number)
	}
	return r
}

// notArrived says that a photo or the like did not arrive, and where it can be
// sent again.
func notArrived(n desk.Notice, now time.Time) Reply {
	what := map[string]string{desk.AttachedImage: "图片", desk.AttachedVoice: "语音", desk.AttachedVideo: "视频"}[n.Question]
	if what == "" {
		what = "文件"
	}
	page := Link{Label: "打开网页再传", Path: MyPath}
	if n.Consultation != "" {
		page.Path = ConsultationPath(n.Consultation)
	}
	return Reply{Text: fmt.Sprintf("对不起，您%s发的%s我们没有收到：%s", ago(n.Asked, now), what, n.Text), Links: []Link{page}}
}

// whose names who speaks.
func whose(n desk.Notice) string {
	if n.Expert == "" {
		return "专家咨询服务组"
	}
	return "专家咨询服务组 " + n.Expert
}

// basis is the clauses that an answer rests on, word for word.
func basis(cs []desk.Cited) string {
	if len(cs) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n\n依据：")
	for _, c := range cs {
		c.Ref = shortRef(c.Ref)
		quote := "“" + c.Quote + "”"
		if c.Own {
			quote = c.Quote
		}
		fmt.Fprintf(&b, "\n%s\n%s", c.Name(), quote)
	}
	return b.String()
}

// rating asks what an answer is worth. Each tap names the consultation, so
// that it rates the answer under which it stands.
func rating(number string) []Tap {
	var out []Tap
	for i, name := range starNames() {
		out = append(out, Tap{ID: firstStar + i, Label: fmt.Sprintf("%d分%s", i+1, name), Say: fmt.Sprintf("评%d分 %s", i+1, number)})
	}
	return append(out, Tap{ID: tapReopen, Label: "没解决，再问", Say: "重新办理 " + number})
}

// starNames are what one star to five stars say.
func starNames() []string { return []string{"没用", "不太行", "一般", "不错", "很好"} }

// day is one day, by the bureau's calendar.
const day = 24 * time.Hour

// ago says how long ago a day was: 今天, 昨天, 3日前.
func ago(at, now time.Time) string {
	at, now = desk.China(at), desk.China(now)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case !at.Before(midnight):
		return "今天"
	case !at.Before(midnight.Add(-day)):
		return "昨天"
	}
	return fmt.Sprintf(" %d 日前", int(midnight.Sub(at)/day)+1)
}

// promised says who has a consultation and until when, as far as that is known.
func promised(c desk.Consultation) string {
	out := ""
	if c.GroupName != "" {
		out += "\n办理：" + c.GroupName
	}
	if !c.AnswerDue.IsZero() {
		out += "\n预计答复：" + until(c.AnswerDue)
	}
	return out
}

// until writes a deadline: 11月27日（周五）17:30前.
func until(at time.Time) string {
	at = desk.China(at)
	weekday := []string{"日", "一", "二", "三", "四", "五", "六"}[at.Weekday()]
	return at.Format("1月2日") + "（周" + weekday + "）" + at.Format("15:04") + "前"
}

func added(c desk.Consultation) Reply {
	return Reply{Text: fmt.Sprintf("收到，已加到您的咨询（编号 %s）里，专家会一起看。", c.Number), Taps: []Tap{TapNew, TapMine}}
}

// stillWaiting adds to an answer that an expert waits for one, too.
func stillWaiting(r Reply, t talk) Reply {
	if t.waits {
		r.Text += fmt.Sprintf("\n\n———\n专家还在等您回复（咨询编号 %s）：“%s”\n知道了直接发给我就行。", t.Number, shorten(t.asked, maxAsked))
	}
	r.Taps = append(r.Taps, TapReply)
	return r
}

// maxAsked is how much of an expert's question is said again, in characters.
const maxAsked = 60

// passedOn says that an expert gets the message, and how to ask the bot instead.
func passedOn(c desk.Consultation) Reply {
	who := "专家"
	if c.ExpertName != "" {
		who = c.ExpertName
	}
	return Reply{Text: fmt.Sprintf("收到，已转给%s（咨询编号 %s）。", who, c.Number), Taps: []Tap{TapNew, TapMine}}
}

func nothingNew() Reply {
	return Reply{Text: "好的，新问题请直接发给我。", Taps: []Tap{TapHelp}}
}

// askAbout asks for the words to photos that are kept.
func askAbout() Reply {
	return Reply{Text: "好的，算新的一件。请用一句话说说想问什么，我连同刚才发的一起转给专家。"}
}

// nothingMore stands for a rest that is not there.
func nothingMore() Reply {
	return Reply{Text: "后面没有了，上面就是全部内容。", Taps: []Tap{TapMine}, More: true}
}

func noAnswerYet() Reply {
	return Reply{Text: "没有找到这件已答复的咨询。点“我的咨询”看看进度。", Taps: []Tap{TapMine}}
}

func ratedWell(c desk.Consultation) Reply {
	return Reply{Text: fmt.Sprintf("谢谢您的评价（编号 %s），已告诉专家。", c.Number)}
}

func ratedPoorly(c desk.Consultation) Reply {
	return Reply{Text: "很抱歉没让您满意。哪里没答好？回我一句话，组长会看。\n不想说就回“不用”。",
		Taps: []Tap{{ID: tapReopen, Label: "没解决，再问", Say: "重新办理 " + c.Number}}}
}

func wordNoted() Reply { return Reply{Text: "记下了，组长会看到您这句话。谢谢您。"} }

func whyReopen(c desk.Consultation) Reply {
	return Reply{Text: fmt.Sprintf("好的，重新办理编号 %s。请用一段话说说哪里没解决，我转给专家。\n改主意了就回“不用”。", c.Number)}
}

func reopened(c desk.Consultation) Reply {
	return Reply{Text: fmt.Sprintf("已重新交给专家咨询服务组（编号 %s）。%s", c.Number, promised(c)), Taps: []Tap{TapMine}}
}

// refusal says to the contact why something cannot be done, when that is
// theirs to know.
func refusal(err error) Reply { return Reply{Text: apperr.MessageOf(err), Taps: []Tap{TapMine}} }

// fault is nil for an error that the contact has been told of.
func fault(err error) error {
	switch apperr.CodeOf(err) {
	case apperr.Conflict, apperr.Invalid, apperr.NotFound, apperr.TooLarge, apperr.Forbidden:
		return nil
	}
	return err
}

// maxEarlier is how much of an earlier answer is shown, in characters.
const maxEarlier = 160

// earlierLooked is how many earlier answers are looked through for one that
// still holds.
const earlierLooked = 3

// StillRight leaves out the earlier answers that rest on a clause which is no
// longer in force or no longer says what they quote.
func (b *Bot) StillRight(ctx context.Context, earlier []desk.Similar) ([]desk.Similar, error) {
	var out []desk.Similar
	for _, e := range earlier {
		right := true
		for _, c := range e.Citations {
			current, err := b.engine.Current(ctx, c.Clause, knowledge.ReadQuote(c.Quote))
			if err != nil {
				return nil, err
			}
			right = right && current
		}
		if right {
			out = append(out, e)
		}
	}
	return out, nil
}

// earlierAnswer shows what experts answered to a question like this one.
func earlierAnswer(e desk.Similar) string {
	out := fmt.Sprintf("\n\n以前有企业问过类似的问题，专家的答复供您先参考（情况不同，以给您的答复为准）：\n“%s”", shorten(e.Answer, maxEarlier))
	for _, c := range e.Citations {
		c.Document, c.Ref = shorten(c.Document, maxShownTitle), shortRef(c.Ref)
		out += "\n依据：" + c.Name()
	}
	return out
}
