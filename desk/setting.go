package desk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greendesk/desk/staff"
	"greendesk/desk/worktime"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Names of what administrators set for the desk.
const (
	SettingNotice       = "notice"        // the notice on personal data to which a contact agrees
	SettingSignWords    = "sign_words"    // words that need a second signature
	SettingSignTopics   = "sign_topics"   // topics that need a second signature
	SettingAcceptNormal = "accept_normal" // working hours until an expert accepts
	SettingAcceptUrgent = "accept_urgent"
	SettingAnswerNormal = "answer_normal" // working hours until the answer
	SettingAnswerUrgent = "answer_urgent"
	SettingWorkHours    = "work_hours"  // worktime.ParseHours
	SettingHolidays     = "holidays"    // worktime.ParseNotices, in addition to those the program brings along
	SettingReopenDays   = "reopen_days" // working days after the answer in which it may be reopened
	SettingAnswerFoot   = "answer_foot" // what is said below every answer
)

// Setting is one thing that administrators set for the desk.
type Setting struct {
	Name      string // SettingNotice …
	Title     string // for people
	Help      string // for people
	Value     string
	Default   string
	Long      bool // a text of several lines
	ChangedBy string
	ChangedAt time.Time // zero: as it came

	check func(string) error
}

// settingList is what can be set, with what holds until it is.
func settingList() []Setting {
	return []Setting{
		{Name: SettingNotice, Title: "个人信息告知书", Help: "企业联系人绑定企业前看到并同意的文字。改了之后，新绑定的人按新文字同意。", Long: true, Default: noticeText, check: checkNotice},
		{Name: SettingSignWords, Title: "需要复核签名的词", Help: "问题、答复或引用的条文里出现其中一个词，答复就要另一位专家签名才发出。用空格隔开。", Long: true,
			Default: "罚 免罚 豁免 从轻 减轻 不予行政处罚 按日计罚 停产 停业 限产 查封 扣押 拘留 吊销 没收", check: lengthUpTo(2000)},
		{Name: SettingSignTopics, Title: "需要复核签名的主题", Help: "这些主题的答复都要另一位专家签名才发出。用空格隔开。", Default: "处罚信用", check: lengthUpTo(2000)},
		{Name: SettingAcceptNormal, Title: "一般咨询的受理时限", Help: "单位：工作小时。", Default: "4", check: checkHours},
		{Name: SettingAcceptUrgent, Title: "紧急咨询的受理时限", Help: "单位：工作小时。", Default: "1", check: checkHours},
		{Name: SettingAnswerNormal, Title: "一般咨询的答复时限", Help: "单位：工作小时，一个工作日约 7 小时。", Default: "21", check: checkHours},
		{Name: SettingAnswerUrgent, Title: "紧急咨询的答复时限", Help: "单位：工作小时，一个工作日约 7 小时。", Default: "7", check: checkHours},
		{Name: SettingWorkHours, Title: "工作时间", Help: "每行一周的作息；某段日子作息不同，另起一行写，例如“6月1日至9月30日 周一至周五 08:30-12:00 15:00-18:30”。", Long: true,
			Default: worktime.DefaultHours, check: checkWorkHours},
		{Name: SettingHolidays, Title: "放假安排", Help: "把国务院办公厅每年的放假通知（标题和正文）原样粘贴在这里，几年的接着贴。2026 年的已经有了。", Long: true, check: checkHolidays},
		{Name: SettingReopenDays, Title: "答复后可以重新办理的天数", Help: "单位：工作日。", Default: "7", check: checkDays},
		{Name: SettingAnswerFoot, Title: "答复末尾的话", Help: "附在每份答复的末尾，例如“以上答复供您参考，具体以现行法律法规为准。”留空就不附。", Long: true, check: lengthUpTo(200)},
	}
}

const noticeText = `为了把答复送到您手里，我们需要保存：您的微信用户标识、企业名称和统一社会信用代码、您的姓名、职务和电话，以及您咨询的内容和发来的材料。
这些信息只用于生态环境帮扶服务，由承办咨询的专家查看，不用于执法检查，也不提供给其他单位。
您可以随时在“我的资料”里查看、更正和删除；取消关注后，我们会删除您的个人信息。`

// DeskSettings lists what administrators set, in the order in which people see
// it.
func (d *Desk) DeskSettings(ctx context.Context) ([]Setting, error) {
	list := settingList()
	for i := range list {
		s := &list[i]
		var at int64
		err := d.db.QueryRow(ctx, `SELECT s.value, COALESCE(a.name, s.changed_by), s.changed_at FROM desk_settings s
			LEFT JOIN accounts a ON a.id = s.changed_by WHERE s.name = $1`, s.Name).Scan(&s.Value, &s.ChangedBy, &at)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			s.Value = s.Default
		case err != nil:
			return nil, err
		}
		s.ChangedAt = instant(at)
	}
	return list, nil
}

// DeskSetting returns the value that holds for a name; an unknown name is an
// error.
func (d *Desk) DeskSetting(ctx context.Context, name string) (string, error) {
	return d.setting(ctx, d.db, name)
}

func (d *Desk) setting(ctx context.Context, q querier, name string) (string, error) {
	s, err := settingOf(name)
	if err != nil {
		return "", err
	}
	value := s.Default
	err = q.QueryRow(ctx, `SELECT value FROM desk_settings WHERE name = $1`, name).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	return value, nil
}

// SetDeskSetting changes a setting, by an administrator.
func (d *Desk) SetDeskSetting(ctx context.Context, a staff.Actor, name, value string) error {
	if !a.Has(staff.RoleAdministrator) {
		return apperr.New(apperr.Forbidden, "只有管理员可以改设置。")
	}
	s, err := settingOf(name)
	if err != nil {
		return err
	}
	value = strings.TrimSpace(strings.ReplaceAll(value, "\x00", ""))
	if err := s.check(value); err != nil {
		return err
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO desk_settings (name, value, changed_by, changed_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
			name, value, a.Account, d.millis())
		if err != nil {
			return err
		}
		return staff.Record(ctx, tx, staff.Entry{At: d.now(), Actor: a.Account, Action: "set", Object: "setting:" + name, Detail: s.Title + "：" + shorten(value, 500), IP: a.IP})
	})
}

func settingOf(name string) (Setting, error) {
	list := settingList()
	i := slices.IndexFunc(list, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return Setting{}, apperr.New(apperr.NotFound, "没有这一项设置。")
	}
	return list[i], nil
}

func lengthUpTo(most int) func(string) error {
	return func(v string) error {
		if n := len([]rune(v)); n > most {
			return apperr.New(apperr.TooLarge, fmt.Sprintf("这里最多 %d 个字，现在有 %d 个，请删减一些。", most, n))
		}
		return nil
	}
}

func checkHours(v string) error {
	if h, err := strconv.ParseFloat(v, 64); err != nil || !(h > 0 && h <= 500) {
		return apperr.New(apperr.Invalid, "请填写大于 0、不超过 500 的小时数，例如 4 或 1.5。")
	}
	return nil
}

func checkDays(v string) error {
	if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 60 {
		return apperr.New(apperr.Invalid, "请填写 1 到 60 之间的整数。")
	}
	return nil
}
