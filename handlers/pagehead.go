package handlers

import (
	"strings"
	"time"

	"greendesk/knowledge"
	"greendesk/knowledge/parse"
)

// fact is one line of what is known of a version.
type fact struct{ Name, Value string }

// documentHead is the top of both pages.
type documentHead struct {
	Title      string
	Badge      string // 现行有效, 已废止, …
	Tone       string // good, bad or calm: how the badge looks
	Brief      string // 法律 · 全国
	Ended      string // since when it does not apply, "" while in force
	Pending    bool   // it does not apply yet
	Successor  *successor
	FAQ        bool
	Incomplete string
	ToCheck    string
	Original   string
	Facts      []fact
}

// successor is the version that took another's place.
type successor struct{ Title, Label, Path string }

type otherVersion struct{ Label, State, Tone, Path string }

// newHead describes a version whose state is known.
func newHead(v knowledge.Version, d knowledge.Document, state string) documentHead {
	h := documentHead{Title: v.Title, Badge: state, Tone: tone(state), Incomplete: v.IncompleteWhy, ToCheck: v.ToCheck, FAQ: d.Level == parse.QA,
		Original: safeURL(v.Original), Facts: facts(v, d), Ended: ended(v, state), Pending: state == knowledge.StatePending}
	if !h.FAQ {
		h.Brief = joined(" · ", string(d.Level), d.Region)
	}
	// 现行有效 is said of rules; what is none does not get it.
	if state == knowledge.StateInForce && h.FAQ {
		h.Badge, h.Tone = "服务台问答", "calm"
	}
	if state == knowledge.StateInForce && d.Level == parse.Other {
		h.Badge, h.Tone = "参考资料", "calm"
	}
	return h
}

func tone(state string) string {
	switch state {
	case knowledge.StateInForce:
		return "good"
	case knowledge.StatePending:
		return "calm"
	}
	return "bad"
}

// ended says since when a version does not apply, "" for one in force.
func ended(v knowledge.Version, state string) string {
	since := ""
	if v.ValidTo != "" {
		since = chineseDate(v.ValidTo) + "起"
	}
	switch state {
	case knowledge.StateInForce:
		return ""
	case knowledge.StatePending:
		return "这个文本" + chineseDate(v.ValidFrom) + "起才施行，现在还不适用。"
	case knowledge.StateAmended:
		return "这是修订前的旧版本，" + since + "不再适用。"
	case knowledge.StateRepealed:
		return "这份文件" + since + "已经废止。"
	}
	return "这份文件有效期已满，" + since + "不再适用。"
}

// facts are the lines of 文件信息. A text that was amended after it took
// effect carries both dates, and their names must not contradict each other.
func facts(v knowledge.Version, d knowledge.Document) []fact {
	adopted, effective := "通过", "施行"
	if v.Effective != "" && v.Adopted > v.Effective {
		adopted, effective = "最近修改", "最早施行"
	}
	label := v.Label
	if label == v.Adopted || label == v.Published || label == v.Effective {
		label = ""
	}
	var out []fact
	for _, f := range []fact{{"文号", v.Number}, {"发布机关", v.Issuer}, {"效力级别", string(d.Level)}, {"适用地区", d.Region}, {"本版日期", chineseDate(label)},
		{adopted, chineseDate(v.Adopted)}, {"公布", chineseDate(v.Published)}, {effective, chineseDate(v.Effective)}, {"停止适用", chineseDate(v.ValidTo)}} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// chineseDate writes 2021-01-24 as 2021年1月24日; what is no such date stays.
func chineseDate(s string) string {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Format("2006年1月2日")
	}
	if t, err := time.Parse("2006", s); err == nil {
		return t.Format("2006年")
	}
	return s
}

// edition names a version by its label: 2021年1月24日版.
func edition(label string) string {
	return chineseDate(label) + "版"
}

func joined(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}
