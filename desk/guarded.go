package desk

import (
	"context"
	"slices"
	"strings"

	"greendesk/internal/apperr"
)

// noticeLeast is how short a notice on personal data may be, in characters.
const noticeLeast = 60

// checkNotice checks that a notice on personal data says what it must: who
// keeps what, what for, and how to have it erased.
func checkNotice(v string) error {
	if err := lengthUpTo(4000)(v); err != nil {
		return err
	}
	var missing []string
	for _, m := range []struct {
		says  string
		words []string
	}{
		{"谁保存（例如“我们”或单位名称）", []string{"我们", "我局", "本局", "生态环境", "服务台"}},
		{"保存哪些信息（例如姓名、电话、企业名称）", []string{"姓名", "电话", "企业名称", "信用代码", "微信"}},
		{"怎么删除（例如“可以随时在‘我的资料’里删除”）", []string{"删除", "清除", "注销"}},
	} {
		if !slices.ContainsFunc(m.words, func(w string) bool { return strings.Contains(v, w) }) {
			missing = append(missing, m.says)
		}
	}
	switch {
	case len(missing) > 0:
		return apperr.New(apperr.Invalid, "企业要看过告知书才会同意，里面还要写明："+strings.Join(missing, "；")+"。")
	case len([]rune(v)) < noticeLeast:
		return apperr.New(apperr.Invalid, "告知书太短了，请把谁保存、保存什么、用来做什么、怎么删除说清楚。")
	}
	return nil
}

// Unsigned lists the words or topics that ask for a second signature now and
// would no longer with a value for the setting, as long as it is SettingSignWords
// or SettingSignTopics: a change to be made knowingly. now is the value that
// holds.
func (d *Desk) Unsigned(ctx context.Context, name, value string) (now string, lost []string, err error) {
	if name != SettingSignWords && name != SettingSignTopics {
		return "", nil, nil
	}
	if now, err = d.DeskSetting(ctx, name); err != nil {
		return "", nil, err
	}
	kept := words(value)
	for _, w := range words(now) {
		covered := func(k string) bool { return k == w || name == SettingSignWords && strings.Contains(w, k) } // 罚 finds 免罚, too
		if !slices.ContainsFunc(kept, covered) {
			lost = append(lost, w)
		}
	}
	return now, lost, nil
}
