package desk

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"greendesk/desk/staff"
	"greendesk/desk/worktime"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Expert is what routing knows of an account that may be given consultations.
type Expert struct {
	Account    string
	Name       string
	Topics     []string // names that Topics lists; none: all of the group's
	Industries []string // codes of GB/T 4754, 2 to 4 digits: of a class, a group or a division; preferred
	Counties   []string // none: all
	Hours      string   // worktime.ParseWeek; "" for the bureau's
	Limit      int      // most consultations at a time; 0: gets none by routing
	Load       int      // open consultations in hand
	Leaves     []Leave  // that are not over
	Recusals   []Recusal

	may bool // consult, by its roles
}

// Leave is a stretch of whole days on which an expert gets nothing.
type Leave struct {
	ID     string
	Days   worktime.Days
	Reason string
}

// Recusal is an enterprise that an expert must not serve.
type Recusal struct {
	Code   string // 统一社会信用代码
	Reason string
}

// maxLoad is the highest limit of consultations at a time that makes sense.
const maxLoad = 200

// Experts lists the active accounts that may be given consultations, by name:
// for administrators and leads all, for others themselves alone.
func (d *Desk) Experts(ctx context.Context, a staff.Actor) ([]Expert, error) {
	if a.Account == "" {
		return nil, notStaff()
	}
	all, err := d.experts(ctx, d.db)
	if err == nil && !a.Has(staff.RoleAdministrator, staff.RoleLead) {
		all = slices.DeleteFunc(all, func(e Expert) bool { return e.Account != a.Account })
	}
	return all, err
}

// SaveExpert changes what an expert is given, by an administrator: topics,
// industries, counties, hours and limit.
func (d *Desk) SaveExpert(ctx context.Context, a staff.Actor, e Expert) error {
	if err := mustAdminister(a); err != nil {
		return err
	}
	topics, err := d.knownTopics(e.Topics)
	if err != nil {
		return err
	}
	week, err := worktime.ParseWeek(e.Hours)
	if err != nil {
		return apperr.Wrap(apperr.Invalid, "当班时间："+err.Error()+"。", err)
	}
	if e.Limit < 0 || e.Limit > maxLoad {
		return apperr.New(apperr.Invalid, fmt.Sprintf("同时办理的件数请填 0 到 %d。", maxLoad))
	}
	for _, code := range e.Industries {
		if !industryPattern.MatchString(code) {
			return apperr.New(apperr.Invalid, "“"+code+"”不是行业代码，请填国民经济行业分类里 2 到 4 位数字的代码。")
		}
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		name, _, err := consultant(ctx, tx, e.Account)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO experts (account_id, topics, industries, counties, hours, load_limit, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (account_id) DO UPDATE SET topics = excluded.topics, industries = excluded.industries, counties = excluded.counties,
			hours = excluded.hours, load_limit = excluded.load_limit, updated_at = excluded.updated_at`,
			e.Account, strings.Join(topics, " "), wordList(e.Industries), wordList(e.Counties), week.String(), e.Limit, d.millis())
		if err != nil {
			return err
		}
		return d.record(ctx, tx, a, "save", "expert:"+e.Account, name+"："+e.inWords(topics, week))
	})
}

// inWords is what an expert is given, for the audit log.
func (e Expert) inWords(topics []string, week worktime.Week) string {
	var out []string
	for _, part := range []struct{ title, said string }{
		{"主题", strings.Join(topics, "、")}, {"行业", strings.Join(strings.Fields(wordList(e.Industries)), "、")},
		{"县区", strings.Join(strings.Fields(wordList(e.Counties)), "、")}, {"当班", week.String()},
	} {
		if part.said != "" {
			out = append(out, part.title+" "+part.said)
		}
	}
	return strings.Join(append(out, fmt.Sprintf("最多 %d 件", e.Limit)), "；")
}

var (
	industryPattern = regexp.MustCompile(`^\d{2,4}$`)
)

// wordList is how a list is stored: sorted, each once, parted by spaces.
func wordList(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(strings.Fields(strings.Join(slices.Compact(list), " ")), " ")
}

// AddLeave enters days on which an expert gets nothing: by the expert, a lead
// of a group they are in, or an administrator.
func (d *Desk) AddLeave(ctx context.Context, a staff.Actor, account string, days worktime.Days, reason string) error {
	if days.From == "" || days.To == "" {
		return apperr.New(apperr.Invalid, "请填写请假的第一天和最后一天。")
	}
	if err := days.Check(); err != nil {
		return apperr.Wrap(apperr.Invalid, err.Error()+"。", err)
	}
	reason, err := oneWord(reason, "请假事由", 100)
	if err != nil {
		return err
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		name, err := d.mayManage(ctx, tx, a, account)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO leaves (id, account_id, day_from, day_to, reason, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			db.NewID(), account, days.From, days.To, reason, d.millis())
		if err != nil {
			return err
		}
		return d.record(ctx, tx, a, "add-leave", "expert:"+account, fmt.Sprintf("%s：%s 至 %s", name, days.From, days.To))
	})
}

// DropLeave takes a leave back, by whoever may enter it.
func (d *Desk) DropLeave(ctx context.Context, a staff.Actor, account, id string) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		name, err := d.mayManage(ctx, tx, a, account)
		if err != nil {
			return err
		}
		n, err := affected(tx.Exec(ctx, `DELETE FROM leaves WHERE id = $1 AND account_id = $2`, id, account))
		if err != nil {
			return err
		}
		if n == 0 {
			return apperr.New(apperr.NotFound, "没有找到这次请假，可能已经取消了。")
		}
		return d.record(ctx, tx, a, "drop-leave", "expert:"+account, name)
	})
}

// Recused is what came of a recusal.
type Recused struct {
	Code string // as it is kept
	Name string // of the enterprise, "" if no contact has bound itself to it
	Held int    // open consultations of it that the expert held, and that go to somebody else
}

// Recuse keeps an expert from an enterprise, by the expert or an administrator:
// what they hold of it goes to somebody else at once.
func (d *Desk) Recuse(ctx context.Context, a staff.Actor, account string, r Recusal) (Recused, error) {
	code, err := CreditCode(r.Code)
	if err != nil {
		return Recused{}, err
	}
	reason, err := oneWord(r.Reason, "回避的原因", 100)
	if err != nil {
		return Recused{}, err
	}
	if a.Account != account {
		if err := mustAdminister(a); err != nil {
			return Recused{}, err
		}
	}
	out := Recused{Code: code}
	err = d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		name, _, err := consultant(ctx, tx, account)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO recusals (account_id, code, reason, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account_id, code) DO UPDATE SET reason = excluded.reason`, account, code, reason, d.millis())
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT COALESCE((SELECT name FROM enterprises WHERE code = $2), ''), (SELECT count(*) FROM consultations k JOIN contacts c ON c.id = k.contact_id
			WHERE k.expert_id = $1`+stillOpen+` AND EXISTS (SELECT 1 FROM enterprises e WHERE e.code = $2 AND (e.id = k.enterprise_id OR e.id = c.enterprise_id)))`,
			account, code).Scan(&out.Name, &out.Held)
		if err != nil {
			return err
		}
		return d.record(ctx, tx, a, "recuse", "expert:"+account, name+"："+code)
	})
	if err != nil {
		return Recused{}, err
	}
	// Should this fail, the next tick does it.
	return out, d.Tick(ctx)
}

// DropRecusal lets an expert serve an enterprise again, by an administrator.
func (d *Desk) DropRecusal(ctx context.Context, a staff.Actor, account, code string) error {
	if err := mustAdminister(a); err != nil {
		return err
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := affected(tx.Exec(ctx, `DELETE FROM recusals WHERE account_id = $1 AND code = $2`, account, code))
		if err != nil {
			return err
		}
		if n == 0 {
			return apperr.New(apperr.NotFound, "没有找到这条回避，可能已经取消了。")
		}
		return d.record(ctx, tx, a, "drop-recusal", "expert:"+account, code)
	})
}

// mayManage checks that an actor may enter leave of an account, and returns
// the account's name.
func (d *Desk) mayManage(ctx context.Context, q querier, a staff.Actor, account string) (string, error) {
	name, _, err := consultant(ctx, q, account)
	if err != nil || a.Account == account || a.Has(staff.RoleAdministrator) {
		return name, err
	}
	var shared int
	err = q.QueryRow(ctx, `SELECT count(*) FROM group_members l JOIN group_members m ON m.group_id = l.group_id
		WHERE l.account_id = $1 AND l.leads = 1 AND m.account_id = $2`, a.Account, account).Scan(&shared)
	if err == nil && (shared == 0 || !a.Has(staff.RoleLead)) {
		err = apperr.New(apperr.Forbidden, "只有本人、组长和管理员可以登记请假。")
	}
	return name, err
}
