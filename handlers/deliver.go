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

// Courier sends what is owed, by customer-service message.
type Courier struct {
	Desk   *desk.Desk
	Client *wechat.Client
	Render Renderer
	Log    *slog.Logger
}

// How long a delivery rests when a quota of the platform is used up.
const quotaRest = 10 * time.Minute

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
	err = c.Client.Send(ctx, wechat.Message{ToUser: d.OpenID, Type: wechat.MessageText, Text: c.Render.Owed(d.Body)})
	return c.settle(ctx, job, d, err)
}

// settle turns the platform's answer into the delivery's state.
func (c *Courier) settle(ctx context.Context, job jobs.Job, d desk.Delivery, err error) error {
	if err == nil {
		return c.Desk.MarkDelivery(ctx, d.ID, desk.DeliverySent, "")
	}
	class := wechat.ClassOf(err)
	c.Log.WarnContext(ctx, "delivery not sent", "delivery", d.ID, "contact", desk.MaskOpenID(d.OpenID), "class", class, "attempt", job.Attempt, "error", err)
	switch class {
	case wechat.ClassWindowClosed, wechat.ClassNoPermission, wechat.ClassTooLong, wechat.ClassBadField:
		return c.Desk.MarkDelivery(ctx, d.ID, desk.DeliveryWaiting, err.Error())
	case wechat.ClassPermanent:
		return c.Desk.MarkDelivery(ctx, d.ID, desk.DeliveryFailed, err.Error())
	case wechat.ClassRetryLater:
		return jobs.Snooze(quotaRest)
	}
	if job.Attempt >= job.MaxAttempts {
		return c.Desk.MarkDelivery(ctx, d.ID, desk.DeliveryWaiting, err.Error())
	}
	return err
}
