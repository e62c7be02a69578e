package bot

import (
	"fmt"
	"strings"

	"greendesk/desk"
	"greendesk/knowledge"
)

// Say is the text of a decision for a terminal: what the contact would read,
// without the links, and without making any record. Who is in danger reads who
// helps, and then the clause if there is one.
func Say(d Decision, res *knowledge.Result) string {
	first, ok := aid(res.Question.Text)
	switch {
	case ok && d.Action == ActAnswer:
		return first.Text + "\n\n" + decided(d, res)
	case ok:
		return first.Text
	}
	return decided(d, res)
}

// decided is the text of a decision.
func decided(d Decision, res *knowledge.Result) string {
	switch d.Action {
	case ActAnswer:
		return answered(res).Text
	case ActClarify:
		var b strings.Builder
		b.WriteString(clarified(d.Readings).Text)
		for i, q := range d.Readings {
			fmt.Fprintf(&b, "\n%d. %s", i+1, q)
		}
		return b.String()
	case ActExpert:
		if res.Absent != "" {
			return absent(res)
		}
		return "没有找到能直接引用的条文，会转给专家咨询服务组。"
	case ActHuman, ActBook, ActReschedule, ActCancel:
		return "这件事由工作人员办理，会登记您的原话。"
	case ActStatus:
		return consultations([]desk.Consultation(nil)).Text
	case ActFeedback:
		return noted().Text
	case ActDecline:
		return declined().Text
	case ActGreet:
		return greeting().Text
	case ActThanks:
		return thanks().Text
	}
	return help().Text
}
