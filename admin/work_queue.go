package admin

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

// queueView is a list of consultations.
type queueView struct {
	Notices    []notice // that are not seen yet
	Tabs       []tab
	Scope      string
	Text       string // what is searched for
	Rows       []row
	Empty      string // what is said when there are none
	Prev, Next string // addresses, "" for none
	Pulse      string // of what is shown
}

type tab struct {
	Name, Path string
	Count      int
	Here       bool
}

// row is a consultation in the list.
type row struct {
	desk.Consultation
	Due due
}

// Urgent reports whether it is urgent.
func (r row) Urgent() bool { return r.Urgency == desk.UrgencyUrgent }

// scope is a list that staff may choose.
type scope struct {
	name, title, empty string
}

func scopes() []scope {
	return []scope{
		{desk.ScopeMine, "我的", "您手上没有待办的咨询。可以看看“本组”里有没有还没人受理的。"},
		{desk.ScopeGroup, "本组", "您的组里没有待办的咨询。"},
		{desk.ScopeOverdue, "超时", "没有超时的咨询。"},
		{desk.ScopeReview, "待复核", "没有等您复核签名的答复。"},
		{desk.ScopePoor, "低分", "没有企业评 1、2 星、还没跟进的咨询。"},
		{desk.ScopeAnswered, "已答复", "还没有答复过的咨询。"},
		{desk.ScopeAll, "全部", "还没有咨询。"},
	}
}

// perPage is how many consultations a page of the queue shows.
const perPage = 50

// queue lists consultations.
func (k *Console) queue(c echo.Context) error {
	ctx, a := c.Request().Context(), actor(c)
	v := queueView{Scope: c.QueryParam("scope"), Text: c.QueryParam("q")}
	if v.Scope == "" {
		v.Scope = desk.ScopeMine
	}
	skip, _ := strconv.Atoi(c.QueryParam("skip")) // what is no number is the first page
	skip = max(0, min(skip, 100_000))
	var err error
	if v.Pulse, err = k.desk.QueuePulse(ctx, a); err != nil {
		return err
	}
	list, err := k.desk.Queue(ctx, a, desk.Filter{Scope: v.Scope, Text: v.Text, Limit: perPage + 1, Skip: skip, Follows: follows(c)})
	if err != nil {
		return err
	}
	if len(list) > perPage {
		list, v.Next = list[:perPage], queuePath(v.Scope, v.Text, skip+perPage)
	}
	if skip > 0 {
		v.Prev = queuePath(v.Scope, v.Text, max(0, skip-perPage))
	}
	v.Rows = rows(list, k.cfg.Now())
	if v.Notices, err = k.notices(ctx, a); err != nil {
		return err
	}
	counts, err := k.desk.Counts(ctx, a)
	if err != nil {
		return err
	}
	for _, s := range scopes() {
		if s.name == v.Scope {
			v.Empty = s.empty
		}
		v.Tabs = append(v.Tabs, tab{Name: s.title, Path: queuePath(s.name, "", 0), Count: counts[s.name], Here: s.name == v.Scope})
	}
	if v.Text != "" {
		v.Empty = "没有找到。可以试试编号、问题里的词、企业或专家的名字。"
	}
	return k.render(c, "queue.html", "咨询", v)
}

// noticesRead is how many notices are looked at for what stands above the
// queue.
const noticesRead = 100

// notice is what an actor has been told of one consultation: the newest, and
// how much there is before it.
type notice struct {
	desk.StaffNotice
	More int
}

// notices are what an actor has been told and not seen, newest first, in one
// line for each consultation.
func (k *Console) notices(ctx context.Context, a staff.Actor) ([]notice, error) {
	list, err := k.desk.StaffNotices(ctx, a, noticesRead)
	var out []notice
	for _, n := range list {
		if n.Seen {
			continue
		}
		i := slices.IndexFunc(out, func(o notice) bool { return n.Consultation != "" && o.Consultation == n.Consultation })
		if i < 0 {
			out = append(out, notice{StaffNotice: n})
		} else {
			out[i].More++
		}
	}
	return out, err
}

// seeNotices marks as seen what the page showed, and what was before it.
func (k *Console) seeNotices(c echo.Context) error {
	var until int64
	if err := echo.FormFieldBinder(c).MustInt64("until", &until).BindError(); err != nil {
		return apperr.Wrap(apperr.Invalid, "页面上的内容不完整，请刷新页面再试。", err)
	}
	if err := k.desk.SeeStaffNotices(c.Request().Context(), actor(c), time.UnixMilli(until)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/work")
}

// seeNotice marks a notice as seen and opens what it is about.
func (k *Console) seeNotice(c echo.Context) error {
	if err := k.desk.SeeStaffNotice(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	if id := c.FormValue("open"); id != "" {
		return c.Redirect(http.StatusSeeOther, "/admin/work/"+url.PathEscape(id))
	}
	return c.Redirect(http.StatusSeeOther, "/admin/work")
}

func rows(list []desk.Consultation, now time.Time) []row {
	out := make([]row, len(list))
	for i, c := range list {
		out[i] = row{Consultation: c, Due: dueOf(c, now)}
	}
	return out
}

func queuePath(scope, text string, skip int) string {
	q := url.Values{"scope": {scope}}
	if text != "" {
		q.Set("q", text)
	}
	if skip > 0 {
		q.Set("skip", strconv.Itoa(skip))
	}
	return "/admin/work?" + q.Encode()
}
