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
	if class := wechat.ClassOf(err); a.Kind == desk.AttachedImage && (class == wechat.ClassNoPermission || class == wechat.ClassGone) {
		if shown, err := f.picture(ctx, a); err == nil {
			return f.Desk.Fetched(ctx, a, shown.FileName, shown.Data)
		} else if job.Attempt < pictureTries {
			return err
		}
	}
	switch {
	case err == nil:
		return f.Desk.Fetched(ctx, a, media.FileName, media.Data)
	case wechat.ClassOf(err) == wechat.ClassGone, f.Now().Sub(a.At) > desk.MediaKept:
		f.Log.ErrorContext(ctx, "attachment lost", "attachment", a.ID, "attempt", job.Attempt, "error", err)
		return f.Desk.Lost(ctx, a, "没能从微信取到，微信只保留 3 天。请再发一次。")
	case wechat.ClassOf(err) == wechat.ClassNoPermission:
		f.Log.ErrorContext(ctx, "the account may not fetch what people send", "attachment", a.ID, "error", err)
		return f.Desk.Lost(ctx, a, "公众号没有认证，取不到聊天里发的文件。请从“我的咨询”打开网页，在网页上再传一次。")
	case wechat.ClassOf(err) == wechat.ClassRetryLater:
		return jobs.Snooze(quotaRest)
	case job.Last():
		return jobs.Snooze(time.Hour) // MediaKept ends it
	}
	f.Log.WarnContext(ctx, "attachment not fetched yet", "attachment", a.ID, "attempt", job.Attempt, "error", err)
	return err
}

// pictureTries is how often a photo is asked for where the platform shows it.
const pictureTries = 3

// picture gets a photo from the address at which the platform shows it
// (PicUrl): that needs no right, and an account without verification has no
// other way.
func (f *Fetcher) picture(ctx context.Context, a desk.Attachment) (wechat.Media, error) {
	in, err := f.Desk.Message(ctx, a.Inbound)
	if err != nil {
		return wechat.Media{}, err
	}
	m, err := message(in)
	if err != nil {
		return wechat.Media{}, err
	}
	return f.Client.MediaDownload(ctx, m.Picture)
}

func (f *Fetcher) media(ctx context.Context, id string) (wechat.Media, error) {
	media, err := f.Client.MediaGet(ctx, id)
	if err != nil || media.VideoURL == "" {
		return media, err
	}
	return f.Client.MediaDownload(ctx, media.VideoURL)
}
