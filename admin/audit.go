package admin

import (
	"cmp"
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
	Who, Did, What string
	Same           string // address of all entries about the same object
}

type actionName struct{ Action, Name string }

// actions are the words of the log and what people call them.
func actions() []actionName {
	return []actionName{{"sign-in", "登录"}, {"sign-in-refused", "登录失败"}, {"sign-out", "退出"}, {"password", "改密码"}, {"totp", "设动态码"},
		{"wechat-bind", "绑定微信"}, {"wechat-unbind", "解绑微信"}, {"account-create", "新建账号"}, {"account-change", "改账号"},
		{"account-disable", "停用账号"}, {"account-enable", "恢复账号"}, {"account-reset", "重置账号"},
		{"list", "查看队列"}, {"read", "查看咨询"}, {"accept", "受理"}, {"transfer", "转办"}, {"invite", "邀请会商"}, {"leave", "退出会商"}, {"note", "内部备注"},
		{"ask", "问企业"}, {"attend", "接待"}, {"submit", "提交答复"}, {"sign", "复核签名"}, {"return", "退回"}, {"withdraw", "撤回"}, {"close", "办结"},
		{"topic", "改主题"}, {"propose", "提知识建议"}, {"accept-proposal", "采纳知识建议"}, {"reject-proposal", "不采纳知识建议"}, {"remove", "移除"}, {"import", "导入"}, {"export", "导出"}, {"urgency", "改紧急程度"}, {"save", "保存"}, {"drop", "删除"}, {"set", "改设置或词条"}, {"bind", "绑定企业"}, {"unbind", "解绑企业"}, {"enterprise", "改企业资料"},
		{"add-leave", "登记请假"}, {"drop-leave", "取消请假"}, {"recuse", "登记回避"}, {"drop-recusal", "取消回避"},
		{"audit-export", "导出审计记录"}, {"audit-prune", "清理审计记录"}}
}

// filter reads the form. Days are China's and inclusive.
func (q auditQuery) filter() (staff.AuditFilter, error) {
	f := staff.AuditFilter{Actor: q.Actor, Action: q.Action, Object: strings.TrimSpace(q.Object)}
	zone := china(time.Time{}).Location()
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
		v.Entries = explained(entries, v.People)
		if len(entries) == auditPage {
			v.Older = v.Asked.link(entries[auditPage-1].Seq)
		}
	}
	return k.renderProblem(c, "audit.html", "审计", v, problem)
}

// link is the address of what the query finds, under a number if it is not 0.
func (q auditQuery) link(under int64) string {
	v := url.Values{}
	for name, value := range map[string]string{"actor": q.Actor, "action": q.Action, "object": q.Object, "from": q.From, "to": q.To} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if under > 0 {
		v.Set("under", strconv.FormatInt(under, 10))
	}
	return "/admin/audit?" + v.Encode()
}

// objectKinds are the words before the colon of an object, for people.
func objectKinds() map[string]string {
	return map[string]string{"account": "账号", "expert": "专家", "group": "专家组", "consultation": "咨询", "queue": "队列", "setting": "设置", "canned": "常用语", "question": "问法", "questions": "问法", "entry": "建议的条目", "proposals": "知识建议",
		"term": "词条", "terms": "词库", "gap": "没答好的问题", "gaps": "没答好的问题",
		"enterprise": "企业", "audit": "审计记录", "weights": "权重"}
}

// explained puts names beside ids and words.
func explained(entries []staff.Entry, people []staff.Account) []auditEntry {
	names, did, kinds := map[string]string{"system": "系统"}, map[string]string{}, objectKinds()
	for _, a := range people {
		names[a.ID] = a.Name
	}
	for _, w := range actions() {
		did[w.Action] = w.Name
	}
	out := make([]auditEntry, len(entries))
	for i, e := range entries {
		who := names[e.Actor]
		if strings.HasPrefix(e.Actor, "contact:") {
			who = "企业联系人"
		}
		kind, id, _ := strings.Cut(e.Object, ":")
		out[i] = auditEntry{Entry: e, Who: cmp.Or(who, e.Actor), Did: cmp.Or(did[e.Action], e.Action), What: cmp.Or(kinds[kind], e.Object),
			Same: auditQuery{Object: e.Object}.link(0)}
		switch {
		case kind == "term":
			out[i].What += "：" + id
		case names[id] != "":
			out[i].What += "：" + names[id]
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
