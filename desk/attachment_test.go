package desk

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
)

var png = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89")

// photo is a message with a photo.
func (c *clock) photo(openid, key string) Inbound {
	in := c.message(openid, key)
	in.Kind, in.Media = "image", Media{Kind: AttachedImage, ID: "media-" + key}
	return in
}

// theAttachment is the one attachment there is.
func theAttachment(t *testing.T, d *Desk) Attachment {
	t.Helper()
	a, err := scanAttachment(d.db.QueryRow(context.Background(), selectAttachment))
	must(t, err)
	return a
}

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

func attachmentJob(id string) jobs.Job {
	return jobs.Job{Payload: []byte(`{"attachment":"` + id + `"}`)}
}

func TestAPhotoIsFetchedOnceHoweverOftenItsMessageComes(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx, dir := context.Background(), t.TempDir()
		d.KeepFilesIn(dir)
		before := queued(t, d)
		for range 3 {
			_, err := d.Receive(ctx, c.photo("o-p", "m:1"))
			must(t, err)
		}
		if n := queued(t, d) - before; n != 2 { // fetch and, in a week, shred
			t.Errorf("%d jobs", n)
		}
		a := theAttachment(t, d)
		if a.State != AttachmentFetching || a.Media != "media-m:1" || a.Inbound == "" {
			t.Fatalf("%+v", a)
		}
		if _, _, err := d.AttachmentOf(ctx, "o-p", a.ID); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("served before it is there: %v", err)
		}
		must(t, d.Fetched(ctx, a, `..\..\etc/烟囱<img src=x>.png`, png))
		must(t, d.Fetched(ctx, a, "again.png", png)) // the job may run twice
		kept, f, err := d.AttachmentOf(ctx, "o-p", a.ID)
		must(t, err)
		data, err := io.ReadAll(f)
		must(t, err)
		must(t, f.Close())
		if kept.Name != "烟囱img src=x.png" || kept.Type != "image/png" || !kept.Shown() || !bytes.Equal(data, png) {
			t.Errorf("%+v", kept)
		}
		if _, _, err := d.AttachmentOf(ctx, "o-other", a.ID); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("somebody else reads it: %v", err)
		}
		names := filesIn(t, dir)
		if len(names) != 1 {
			t.Fatalf("files %v", names)
		}
		if info, err := os.Stat(names[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	})
}

func TestWhatCannotBeKeptSaysWhy(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx, dir := context.Background(), t.TempDir()
		d.KeepFilesIn(dir)
		for i, c2 := range []struct {
			data  []byte
			state string
			word  string
		}{
			{[]byte("<html><script>alert(1)</script></html>"), AttachmentRefused, "收不了"},
			{[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), AttachmentRefused, "收不了"},
			{append([]byte("MZ"), make([]byte, 200)...), AttachmentRefused, "收不了"},
			{append(png, make([]byte, MaxAttachment)...), AttachmentRefused, "10 MB"},
			{nil, AttachmentLost, "3 天"},
		} {
			r, err := d.Receive(ctx, c.photo("o-r", "m:"+string(rune('a'+i))))
			must(t, err)
			a, err := scanAttachment(d.db.QueryRow(ctx, selectAttachment+` WHERE t.inbound_id = $1`, r.ID))
			must(t, err)
			if c2.data == nil {
				must(t, d.Lost(ctx, a, "微信只保留 3 天"))
			} else {
				must(t, d.Fetched(ctx, a, "x.png", c2.data))
			}
			a, err = d.attachment(ctx, a.ID)
			must(t, err)
			if a.State != c2.state || !strings.Contains(a.Problem, c2.word) || a.Type != "" {
				t.Errorf("%d: %+v", i, a)
			}
		}
		if names := filesIn(t, dir); len(names) != 0 {
			t.Errorf("files %v", names)
		}
		_, err := d.Attach(ctx, "o-r", "x.html", strings.NewReader("<html><body>"))
		if apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("an uploaded page is taken: %v", err)
		}
		_, err = d.Attach(ctx, "o-nobody", "x.png", bytes.NewReader(png))
		if apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("a stranger uploads: %v", err)
		}
	})
}

func TestUnfollowingShredsWhatWasSent(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx, dir := context.Background(), t.TempDir()
		d.KeepFilesIn(dir)
		_, err := d.Receive(ctx, c.photo("o-e", "m:1"))
		must(t, err)
		late := theAttachment(t, d)
		_, err = d.Attach(ctx, "o-e", "厂区.png", bytes.NewReader(png))
		must(t, err)
		must(t, d.Erase(ctx, "o-e", c.now()))
		must(t, d.Fetched(ctx, late, "late.png", png)) // it was under way
		rows, err := d.db.Query(ctx, `SELECT id FROM attachments WHERE state = 'erased' AND name = ''`)
		must(t, err)
		ids, err := collect(rows)
		must(t, err)
		if len(ids) != 2 {
			t.Fatalf("%d erased", len(ids))
		}
		for _, id := range ids {
			must(t, d.Shred(ctx, attachmentJob(id)))
			must(t, d.Shred(ctx, attachmentJob(id)))
		}
		if names := filesIn(t, dir); len(names) != 0 {
			t.Errorf("files %v", names)
		}
	})
}

func TestWhatNobodyHandedOverGoesAfterAWeek(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx, dir := context.Background(), t.TempDir()
		d.KeepFilesIn(dir)
		_, err := d.Receive(ctx, c.message("o-w", "m:1"))
		must(t, err)
		loose, err := d.Attach(ctx, "o-w", "a.png", bytes.NewReader(png))
		must(t, err)
		joined, err := d.Attach(ctx, "o-w", "b.png", bytes.NewReader(png))
		must(t, err)
		must(t, d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE attachments SET consultation_id = 'k' WHERE id = $1`, joined.ID)
			return err
		}))
		shred := func() {
			must(t, d.Shred(ctx, attachmentJob(loose.ID)))
			must(t, d.Shred(ctx, attachmentJob(joined.ID)))
		}
		shred()
		if n := len(filesIn(t, dir)); n != 2 {
			t.Errorf("%d files on the first day", n)
		}
		c.move(looseKept)
		shred()
		if names := filesIn(t, dir); len(names) != 1 || filepath.Base(names[0]) != joined.ID {
			t.Errorf("after a week: %v", names)
		}
	})
}

func TestStaffReadTheFilesOfConsultationsTheyMayReadAndTheReadIsRecorded(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		o.KeepFilesIn(t.TempDir())
		c := o.asked("o-file", "喷漆房怎么收集废气")
		a, err := o.Attach(ctx, "o-file", "现场.png", bytes.NewReader(png))
		must(t, err)
		for _, actor := range []staff.Actor{o.li, o.qian} {
			if _, _, err := o.AttachmentFor(ctx, actor, a.ID); apperr.CodeOf(err) != apperr.NotFound {
				t.Errorf("%s reads a file of no consultation: %v", actor.Name, err)
			}
		}
		_, err = o.Word(ctx, "o-file", c.ID, "page:1", "", []string{a.ID})
		must(t, err)
		got, f, err := o.AttachmentFor(ctx, o.li, a.ID)
		must(t, err)
		must(t, f.Close())
		if got.Name != "现场.png" {
			t.Errorf("%+v", got)
		}
		for _, actor := range []staff.Actor{o.qian, o.sun, o.admin} {
			if _, _, err := o.AttachmentFor(ctx, actor, a.ID); apperr.CodeOf(err) != apperr.NotFound {
				t.Errorf("%s reads it: %v", actor.Name, err)
			}
		}
		if n := o.count(`SELECT count(*) FROM audit WHERE actor = 'li' AND action = 'read-file' AND object = $1`, "consultation:"+c.ID); n != 1 {
			t.Errorf("%d reads in the log", n)
		}
	})
}

func TestWhatWasSentBeforeTheQuestionBelongsToIt(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		o.KeepFilesIn(t.TempDir())
		_, err := o.Receive(ctx, o.clock.photo("o-g", "old"))
		must(t, err)
		o.clock.move(gathered + 1)
		_, err = o.Receive(ctx, o.clock.photo("o-g", "new"))
		must(t, err)
		_, err = o.Receive(ctx, o.clock.photo("o-else", "else"))
		must(t, err)
		c := o.asked("o-g", "这个烟囱算不算有组织排放")
		rows, err := o.db.Query(ctx, `SELECT media_id FROM attachments WHERE consultation_id = $1`, c.ID)
		must(t, err)
		if media, err := collect(rows); err != nil || len(media) != 1 || media[0] != "media-new" {
			t.Errorf("%v, %v", media, err)
		}
	})
}
