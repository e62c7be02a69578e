package admin

import (
	"fmt"
	"time"

	"greendesk/desk"
)

// china is the time in which people read dates.
func china(t time.Time) time.Time { return desk.China(t) }

// due is a deadline in words, with the class of its tag: "bad" when it has
// passed, "hot" when it is near.
type due struct{ Text, Class string }

// nearDue is how long before a deadline it is shown as near.
const nearDue = 2 * time.Hour

// dueOf says what is due next of a consultation.
func dueOf(c desk.Consultation, now time.Time) due {
	switch {
	case c.State == desk.StateReplied:
		return due{Text: momentWords(c.AnsweredAt, now) + "答复"}
	case c.State == desk.StateClosed:
		return due{Text: momentWords(c.ClosedAt, now) + "办结"}
	case c.Paused:
		return due{Text: "等企业补充，暂不计时"}
	case !c.AcceptDue.IsZero():
		return deadline(c.AcceptDue, now, "受理")
	case !c.AnswerDue.IsZero():
		return deadline(c.AnswerDue, now, "答复")
	}
	return due{}
}

func deadline(at, now time.Time, what string) due {
	left := at.Sub(now)
	switch {
	case left < 0:
		return due{Text: what + "已超时 " + spanWords(-left), Class: "bad"}
	case left < nearDue:
		return due{Text: momentWords(at, now) + "前" + what + "，还有 " + spanWords(left), Class: "hot"}
	}
	return due{Text: momentWords(at, now) + "前" + what}
}

// spanWords is a duration as people say it, in its largest unit.
func spanWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "不到 1 分钟"
	case d < time.Hour:
		return fmt.Sprintf("%d 分钟", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d 小时", int(d.Hours()))
	}
	return fmt.Sprintf("%d 天", int(d.Hours()/24))
}

// momentWords is a moment as people say it: 今天 16:30.
func momentWords(at, now time.Time) string {
	at, now = china(at), china(now)
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	}
	day := at.Format("1月2日")
	if at.Year() != now.Year() {
		day = at.Format("2006年1月2日")
	}
	switch days := int(midnight(at).Sub(midnight(now)).Hours() / 24); days {
	case -1:
		day = "昨天"
	case 0:
		day = "今天"
	case 1:
		day = "明天"
	case 2:
		day = "后天"
	}
	return day + " " + at.Format("15:04")
}

// reasonWords is why a question came to the experts; other texts stay.
func reasonWords(reason string) string {
	switch reason {
	case desk.ReasonRequested:
		return "企业点了“转专家”"
	case desk.ReasonAbstained:
		return "知识库里没有可以引用的条文"
	case desk.ReasonPerson:
		return "企业要求人工答复"
	case desk.ReasonMaterial:
		return "企业发来了图片、语音或位置"
	case desk.ReasonUseless:
		return "企业两次说没用"
	}
	return reason
}

// postName is what a post is called.
func postName(kind string) string {
	switch kind {
	case desk.PostWord:
		return "企业补充"
	case desk.PostAsk:
		return "请企业补充"
	case desk.PostAnswer:
		return "答复"
	case desk.PostNote:
		return "内部备注"
	}
	return kind
}

// deliveryWords says what was sent and what became of it.
func deliveryWords(d desk.Delivery) (what, state, class string) {
	what = "消息"
	if n, ok := desk.NoticeOf(d.Body); ok {
		switch n.Notice {
		case desk.NoticeAnswer:
			what = "答复"
		case desk.NoticeAsk:
			what = "请企业补充的话"
		case desk.NoticeClosed:
			what = "办结说明"
		}
	}
	switch d.State {
	case desk.DeliveryQueued:
		state = "正在发送"
	case desk.DeliverySent:
		state, class = "已发出", "good"
	case desk.DeliveryWaiting:
		state, class = "等企业下次联系时先说", "hot"
	case desk.DeliveryRead:
		state, class = "企业已打开", "good"
	case desk.DeliveryFailed:
		state, class = "送不到", "bad"
	default:
		state = d.State
	}
	return what, state, class
}

// wayWords is how a delivery went.
func wayWords(way string) string {
	switch way {
	case desk.WayPassive:
		return "随企业的消息回复"
	case desk.WayCustom:
		return "客服消息"
	case desk.WayTemplate:
		return "模板消息提醒"
	case desk.WayPage:
		return "“我的咨询”页面"
	}
	return way
}

// attachmentWords is what an attachment is and, when it is not there, why.
func attachmentWords(a desk.Attachment) string {
	kind := map[string]string{desk.AttachedImage: "图片", desk.AttachedVoice: "语音", desk.AttachedVideo: "视频", desk.AttachedFile: "文件", desk.AttachedLocation: "位置"}[a.Kind]
	if a.Name != "" && (a.Kind == desk.AttachedFile || a.Kind == desk.AttachedLocation) { // names of the others are the platform's
		kind += " " + a.Name
	}
	switch {
	case a.State == desk.AttachmentFetching:
		return kind + "（正在从微信取回）"
	case a.Problem != "":
		return kind + "（" + a.Problem + "）"
	case a.State != desk.AttachmentKept:
		return kind + "（已删除）"
	}
	return kind
}
