package handlers

import (
	"context"
	"log/slog"
	"time"

	"greendesk/desk"
	"greendesk/internal/jobs"
	"greendesk/internal/wechat"
)

// Fetcher gets the photos, voice messages and videos that people send, before
// the platform forgets them.
type Fetcher struct {
	Desk   *desk.Desk
	Client *wechat.Client
	Log    *slog.Logger
	Now    func() time.Time
}

// Fetch is the job that gets one attachment. It may run more than once.
func (f *Fetcher) Fetch(ctx context.Context, job jobs.Job) error {
	var payload desk.AttachmentPayload
	if err := job.Decode(&payload); err != nil {
		return err
	}
	a, due, err := f.Desk.Fetching(ctx, payload.Attachment)
	if err != nil || !due {
		return err
	}
	media, err := f.media(ctx, a.Media)
	switch {
	case err == nil:
		return f.Desk.Fetched(ctx, a, media.FileName, media.Data)
	case wechat.ClassOf(err) == wechat.ClassGone, f.Now().Sub(a.At) > desk.MediaKept:
		f.Log.ErrorContext(ctx, "attachment lost", "attachment", a.ID, "attempt", job.Attempt, "error", err)
		return f.Desk.Lost(ctx, a, "没能从微信取到，微信只保留 3 天。请再发一次。")
	case wechat.ClassOf(err) == wechat.ClassRetryLater:
		return jobs.Snooze(quotaRest)
	case job.Last():
		return jobs.Snooze(time.Hour) // MediaKept ends it
	}
	f.Log.WarnContext(ctx, "attachment not fetched yet", "attachment", a.ID, "attempt", job.Attempt, "error", err)
	return err
}

func (f *Fetcher) media(ctx context.Context, id string) (wechat.Media, error) {
	media, err := f.Client.MediaGet(ctx, id)
	if err != nil || media.VideoURL == "" {
		return media, err
	}
	return f.Client.MediaDownload(ctx, media.VideoURL)
}
