package admin

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

// auditPage is how many entries a page shows.
const auditPage = 50

// auditView is the audit log as it was asked for.
type auditView struct {
	Asked   auditQuery
	Entries []auditEntry
	Actions []actionName
	People  []staff.Account
	Older   string // the next page, "" at the end
	Verdict *staff.Verdict
	Mark    string // what the person gave to be checked
}

// auditQuery is the form of the filter, as it was typed.
type auditQuery struct{ Actor, Action, Object, From, To string }

type auditEntry struct {
	staff.Entry
	Who, Did string
}

type actionName struct{ Action, Name string }

// actions are the words of the log and what people call them.
func actions() []actionName {
	return []actionName{{"sign-in", "登录"}, {"sign-in-refused", "登录失败"}, {"sign-out", "退出"}, {"password", "改密码"}, {"totp", "设动态码"},
		{"wechat-bind", "绑定微信"}, {"wechat-unbind", "解绑微信"}, {"account-create", "新建账号"}, {"account-change", "改账号"},
		{"account-disable", "停用账号"}, {"account-enable", "恢复账号"}, {"account-reset", "重置账号"}, {"read", "查看咨询"},
		{"audit-export", "导出审计记录"}, {"audit-prune", "清理审计记录"}}
}

// filter reads the form. Days are China's and inclusive.
func (q auditQuery) filter() (staff.AuditFilter, error) {
	f := staff.AuditFilter{Actor: q.Actor, Action: q.Action, Object: strings.TrimSpace(q.Object)}
	zone := time.FixedZone("CST", 8*60*60)
	for _, d := range []struct {
		text string
		to   *time.Time
		add  int
	}{{q.From, &f.From, 0}, {q.To, &f.Before, 1}} {
		if d.text == "" {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, d.text, zone)
		if err != nil {
			return f, apperr.Wrap(apperr.Invalid, "日期要像 2026-11-25。", err)
		}
		*d.to = day.AddDate(0, 0, d.add)
	}
	return f, nil
}

func auditForm(c echo.Context) auditQuery {
	return auditQuery{Actor: c.FormValue("actor"), Action: c.FormValue("action"), Object: c.FormValue("object"), From: c.FormValue("from"), To: c.FormValue("to")}
}

// audit shows the log, newest first.
func (k *Console) audit(c echo.Context) error { return k.auditWith(c, auditView{}) }

func (k *Console) auditWith(c echo.Context, v auditView) error {
	v.Asked = auditForm(c)
	f, problem := v.Asked.filter()
	f.Under, _ = strconv.ParseInt(c.QueryParam("under"), 10, 64) // what is no number is the first page
	f.Limit = auditPage
	ctx := c.Request().Context()
	var err error
	if v.People, err = k.staff.Accounts(ctx); err != nil {
		return err
	}
	v.Actions = actions()
	if problem == nil {
		entries, err := k.staff.Audit(ctx, actor(c), f)
		if err != nil {
			return err
		}
		v.Entries = explained(entries, v.People, v.Actions)
		if len(entries) == auditPage {
			v.Older = v.Asked.link(entries[auditPage-1].Seq)
		}
	}
	return k.renderProblem(c, "audit.html", "审计", v, problem)
}

func (q auditQuery) link(under int64) string {
	v := url.Values{"actor": {q.Actor}, "action": {q.Action}, "object": {q.Object}, "from": {q.From}, "to": {q.To}, "under": {strconv.FormatInt(under, 10)}}
	return "/admin/audit?" + v.Encode()
}

// explained puts names beside ids and words.
func explained(entries []staff.Entry, people []staff.Account, words []actionName) []auditEntry {
	who, did := map[string]string{"system": "系统"}, map[string]string{}
	for _, a := range people {
		who[a.ID] = a.Name
	}
	for _, w := range words {
		did[w.Action] = w.Name
	}
	out := make([]auditEntry, len(entries))
	for i, e := range entries {
		out[i] = auditEntry{Entry: e, Who: who[e.Actor], Did: did[e.Action]}
		if kind, id, _ := strings.Cut(e.Object, ":"); kind == "account" && who[id] != "" {
			out[i].Object = "账号：" + who[id]
		}
		if out[i].Who == "" {
			out[i].Who = e.Actor
		}
		if out[i].Did == "" {
			out[i].Did = e.Action
		}
	}
	return out
}

// exportAudit sends the entries of the filter as a file for a spreadsheet.
func (k *Console) exportAudit(c echo.Context) error {
	f, err := auditForm(c).filter()
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="audit-`+k.cfg.Now().Format("20060102-150405")+`.csv"`)
	err = k.staff.ExportAudit(c.Request().Context(), actor(c), f, c.Response())
	if err != nil {
		h.Del(echo.HeaderContentDisposition) // the error is a page
	}
	return err
}

// verifyAudit checks the chain.
func (k *Console) verifyAudit(c echo.Context) error {
	v := auditView{Mark: strings.TrimSpace(c.FormValue("mark"))}
	var known staff.Mark
	if v.Mark != "" {
		var err error
		if known, err = staff.ParseMark(v.Mark); err != nil {
			return err
		}
	}
	verdict, err := k.staff.VerifyAudit(c.Request().Context(), actor(c), known)
	if err != nil {
		return err
	}
	v.Verdict = &verdict
	return k.auditWith(c, v)
}
