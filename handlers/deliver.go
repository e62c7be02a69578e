package handlers

import (
	"context"
	"log/slog"
	"time"

	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/internal/jobs"
	"greendesk/internal/wechat"
)

// Courier sends what is owed by the first way that is open: a customer-service
// message, a template message, or with the answer to the contact's next
// message (Exchange). Whatever happens, it stands on the page as well.
type Courier struct {
	Desk     *desk.Desk
	Client   *wechat.Client
	Render   Renderer
	Ledger   *Ledger
	Template Template
	Log      *slog.Logger
	Now      func() time.Time
}

const (
	// quotaRest is how long a delivery rests when a quota of the platform is used up.
	quotaRest = 10 * time.Minute
	// maxPieces is how many messages one answer may take at a time: the window
	// takes five, and a question back to the contact must still fit.
	maxPieces = 3
)

// Deliver is the job that sends one delivery. It may run more than once for a
// delivery: the platform may have taken a message whose answer was lost.
func (c *Courier) Deliver(ctx context.Context, job jobs.Job) error {
	var payload desk.DeliverPayload
	if err := job.Decode(&payload); err != nil {
		return jobs.Cancel(err)
	}
	d, err := c.Desk.Delivery(ctx, payload.Delivery)
	if apperr.CodeOf(err) == apperr.NotFound {
		return jobs.Cancel(err)
	}
	if err != nil || d.State != desk.DeliveryQueued {
		return err
	}
	lastWord, err := c.Desk.LastWord(ctx, d.OpenID)
	if err != nil {
		return err
	}
	a := c.Ledger.Left(ctx, d.OpenID, lastWord)
	if a.Left == 0 {
		return c.elsewhere(ctx, job, d, "对方 48 小时内没有来过，微信不让发")
	}
	if err := c.push(ctx, &d, min(maxPieces, max(1, a.Left-1))); err != nil {
		return c.failed(ctx, job, d, err)
	}
	return nil
}

// push sends a delivery as at most limit messages; what does not fit is a tap
// away. Each message that has left is recorded before the next.
func (c *Courier) push(ctx context.Context, d *desk.Delivery, limit int) error {
	reply, render := owed(d.Body, c.Now()), c.Render.For(ctx, d.OpenID)
	for n := 1; ; n++ {
		p := render.portion(reply, d.Said, wechat.MaxTextBytes, n < limit)
		if err := c.Client.Send(ctx, wechat.TextMessage(d.OpenID, p.text)); err != nil {
			return err
		}
		c.Ledger.Spent(ctx, d.OpenID)
		d.Said = p.upto
		done := p.left == 0 || n == limit
		progress := desk.Progress{Way: desk.WayCustom, Said: p.upto, Rest: p.left}
		if done {
			progress.State = desk.DeliverySent
		}
		if err := c.Desk.Progressed(ctx, d.ID, progress); err != nil || done {
			return err
		}
	}
}

// failed decides what becomes of a delivery after the platform refused it.
func (c *Courier) failed(ctx context.Context, job jobs.Job, d desk.Delivery, err error) error {
	class := wechat.ClassOf(err)
	c.Log.WarnContext(ctx, "delivery not sent", "delivery", d.ID, "contact", desk.MaskOpenID(d.OpenID), "class", class, "attempt", job.Attempt, "error", err)
	switch class {
	case wechat.ClassWindowClosed, wechat.ClassNoPermission:
		return c.elsewhere(ctx, job, d, refusedBecause(err))
	case wechat.ClassTooLong, wechat.ClassBadField, wechat.ClassConsent:
		return c.wait(ctx, d, desk.Progress{Problem: refusedBecause(err)})
	case wechat.ClassPermanent:
		return c.Desk.Progressed(ctx, d.ID, desk.Progress{State: desk.DeliveryFailed, Problem: refusedBecause(err)})
	case wechat.ClassRetryLater:
		return jobs.Snooze(quotaRest)
	}
	if job.Last() {
		return c.wait(ctx, d, desk.Progress{Problem: refusedBecause(err)})
	}
	return err
}

// elsewhere tries the ways other than a customer-service message: a template
// message tells the contact where the text stands; in any case the text is the
// first thing said at the next contact.
func (c *Courier) elsewhere(ctx context.Context, job jobs.Job, d desk.Delivery, problem string) error {
	n, isNotice := desk.NoticeOf(d.Body)
	if c.Template.ID == "" || !isNotice || n.Notice == desk.NoticeLost || d.Way == desk.WayTemplate {
		return c.wait(ctx, d, desk.Progress{Problem: problem})
	}
	receipt, err := c.Client.SendTemplate(ctx, c.Template.message(d, n, c.Render))
	if err == nil {
		return c.wait(ctx, d, desk.Progress{Way: desk.WayTemplate, Receipt: receipt, Problem: problem + "；已发模板消息"})
	}
	c.Log.WarnContext(ctx, "template message not sent", "delivery", d.ID, "attempt", job.Attempt, "error", err)
	switch wechat.ClassOf(err) {
	case wechat.ClassPermanent:
		return c.Desk.Progressed(ctx, d.ID, desk.Progress{State: desk.DeliveryFailed, Problem: refusedBecause(err)})
	case wechat.ClassRetry, wechat.ClassToken:
		if !job.Last() {
			return err
		}
	}
	return c.wait(ctx, d, desk.Progress{Problem: problem + "；模板消息也没有发出：" + refusedBecause(err)})
}

// wait keeps a delivery for the contact's next message.
func (c *Courier) wait(ctx context.Context, d desk.Delivery, p desk.Progress) error {
	p.State, p.Said = desk.DeliveryWaiting, d.Said
	return c.Desk.Progressed(ctx, d.ID, p)
}

// refusedBecause says to staff why the platform did not take a message; the
// platform's own words stand in the log.
func refusedBecause(err error) string {
	switch wechat.ClassOf(err) {
	case wechat.ClassWindowClosed:
		return "对方 48 小时内没有来过，或者可发的条数用完了，微信不让发"
	case wechat.ClassNoPermission:
		return "公众号没有发这种消息的权限（未认证）"
	case wechat.ClassPermanent:
		return "对方已取消关注，或者联系不上了"
	case wechat.ClassTooLong:
		return "内容超过微信允许的长度"
	case wechat.ClassBadField, wechat.ClassConsent:
		return "模板或字段与公众号后台的不一致，请管理员检查设置"
	case wechat.ClassToken, wechat.ClassOperator:
		return "公众号的配置（AppSecret、IP 白名单等）有问题，请管理员检查"
	case wechat.ClassRetryLater:
		return "微信接口今天的次数用完了"
	}
	return "微信接口暂时不通"
}
