package bot

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"greendesk/desk"
)

// A detail says who or where the contact is, or how to reach it, and asks for
// nothing: a number, a place, "we are a … works".
var (
	subject = words("我", "我们", "俺", "俺们", "咱", "咱们", "我厂", "我公司", "本公司", "我们厂", "我们公司", "我单位", "我们单位", "我这", "我们这", "我们这里", "厂", "厂子", "公司", "单位", "地址", "位置")
	count   = `[0-9一二三四五六七八九十百两几来多好]{1,5}`
	details = grammar("^", words(
		`(?:我的?|俺的?|联系)?(?:电话|手机|手机号|微信|微信号|号码|联系方式|联系人|编号)?(?:号码)?(?:是|：|:)?[0-9+()（）-]{1,22}`,
		subject+`就?`+words("是", "叫", "姓", "在", "位于", "做", "搞", "干", "生产", "加工", "属于", "有")+`.{1,24}`,
		words("是", "做", "搞", "干", "生产", "加工")+`.{1,16}的`,
		words("联系人", "地址", "企业名称", "公司名称", "单位名称", "厂名", "行业", "姓名")+`(?:是|：|:)?.{1,30}`,
		`.{2,26}(?:有限公司|有限责任公司|股份公司|合作社)`,
		words(counties()...)+`的?`,
		count+words("个人", "人", "名员工", "号人", "条线", "条生产线"),
		words("(?:今|明|后|大后)天", "(?:本|这|下)?(?:周|星期|礼拜)[一二三四五六日天]", "[0-9]{1,2}月[0-9]{1,2}[日号]", "上午", "下午", "早上", "中午", "晚上", "[0-9一二三四五六七八九十两]{1,2}点半?")+`{1,3}`+words("以后", "以前", "之后", "之前")+`?(?:都)?(?:行|可以|有空|方便|在)?`), "$")

	// A question or a wish says more than a detail.
	more = grammar(words("吗", "么", "呢", "嘛", "吧", "怎", "咋", "啥", "什么", "多少", "多久", "哪", "谁", "如何", "是否", "为何", "为啥", "不", "没", "无", "未", "罚", "违", "超标", "投诉", "举报", "取消", "改", "预约", "约", "请", "帮", "想", "要", "办", "查", "第.{1,6}条", "被", "漏", "坏", "停", "超", `\?`, "？"))
)

// bare is a question that says only what it wants to know.
var bare = grammar("^", words("那", "请问", "我想问", "想问", "问下", "问一下", "这个", "这")+"?", words("要", "会", "得", "该", "能", "需要", "大概", "最多", "一般")+"?",
	words("罚多少钱?", "罚款多少", "罚几万", "多少钱", "多少", "多久", "几天", "怎么办理?", "咋办", "怎么罚", "咋罚", "怎么弄", "咋弄", "怎么处罚", "怎么处理", "为什么", "为啥", "找谁", "行吗", "可以吗", "合法吗", "违法吗"), `[?？。！!~～]*$`)

// visible leaves out the marks that nobody sees: joiners and turns of direction
// that came along with a copied text.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

// counties are the names of the city's counties and zones, in full and short.
func counties() []string {
	out := desk.Counties()
	for _, c := range desk.Counties() {
		out = append(out, strings.TrimRight(c, "区县"))
	}
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// isDetail reports whether a message is a bare detail.
func isDetail(text string) bool {
	if more.MatchString(text) {
		return false
	}
	told := 0
	for _, part := range parts.Split(text, -1) {
		if part == "" {
			continue
		}
		if told++; !details.MatchString(part) {
			return false
		}
	}
	return told > 0
}

// tellsWho reports whether a message names a person, a post or a works.
func (b *Bot) tellsWho(ctx context.Context, s *session, text string) (bool, error) {
	_, person := isPerson(text)
	_, job := isJob(text)
	_, firm := isFirm(text)
	if job || firm || !person {
		return job || firm, nil
	}
	d, res, err := b.decide(ctx, b.reading(s, text))
	return err == nil && !noPerson(d, res), err
}

// detail adds a bare detail to the consultation that the contact has just made;
// when there is none, it is asked what the question is. done is false for
// everything else.
func (b *Bot) detail(ctx context.Context, m Message, s *session, text string) (reply Reply, done bool, err error) {
	if b.chosen(m, s, text) != "" {
		return Reply{}, false, nil
	}
	if s.before() == "" && bare.MatchString(text) {
		return askWhat(), true, nil
	}
	if !isDetail(text) {
		if tells, err := b.tellsWho(ctx, s, text); !tells || err != nil {
			return Reply{}, false, err
		}
	}
	if reply, done, err = b.addTo(ctx, m, s, text); done || err != nil {
		s.Word = text
		return reply, done, err
	}
	return askWhat(), true, nil
}
