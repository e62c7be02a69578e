package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
)

// States of an attachment.
const (
	AttachmentFetching = "fetching" // a job is getting it from the platform
	AttachmentKept     = "kept"     // it is there
	AttachmentRefused  = "refused"  // too large, or nothing that is taken
	AttachmentLost     = "lost"     // the platform no longer has it
	AttachmentErased   = "erased"
)

// Kinds of jobs about attachments, with the same payload.
const (
	KindFetch = "fetch" // gets one from the platform
	KindShred = "shred" // deletes the bytes of one that is erased, or that nobody handed to an expert
)

// AttachmentPayload is the payload of those jobs.
type AttachmentPayload struct {
	Attachment string `json:"attachment"`
}

const (
	// MediaKept is how long the platform keeps what people send.
	MediaKept = 3 * 24 * time.Hour
	// looseKept is how long an attachment is kept that belongs to no consultation.
	looseKept = 7 * 24 * time.Hour
	// fetchAttempts outlast MediaKept at the queue's pauses of at most an hour.
	fetchAttempts = 100
)

// Media is what came with a message, as the platform names it.
type Media struct {
	Kind string // AttachedImage …; "" for none
	ID   string // at the platform; "" for a place
	Name string // of a place
}

// insertMedia stores what came with a message, and queues its fetching in the
// same transaction. A place has no bytes: it is there at once.
func (d *Desk) insertMedia(ctx context.Context, tx *db.Tx, contact, inbound string, m Media) error {
	if m.Kind == "" {
		return nil
	}
	a := Attachment{ID: db.NewID(), Contact: contact, Inbound: inbound, Kind: m.Kind, Media: m.ID, Name: cleanFileName(m.Name), State: AttachmentFetching}
	if m.Kind == AttachedLocation {
		a.State = AttachmentKept
	}
	if err := d.insertAttachment(ctx, tx, a); err != nil || a.State == AttachmentKept {
		return err
	}
	return d.jobs.Enqueue(ctx, tx, KindFetch, AttachmentPayload{Attachment: a.ID}, jobs.EnqueueOptions{UniqueKey: a.ID, MaxAttempts: fetchAttempts})
}

// insertAttachment stores an attachment and sees to it that it does not stay
// for ever when nobody hands it to an expert.
func (d *Desk) insertAttachment(ctx context.Context, tx *db.Tx, a Attachment) error {
	_, err := tx.Exec(ctx, `INSERT INTO attachments (id, contact_id, inbound_id, kind, media_id, name, type, size, sha256, state, problem, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11)`,
		a.ID, a.Contact, a.Inbound, a.Kind, a.Media, a.Name, a.Type, a.Size, a.SHA256, a.State, d.millis())
	if err != nil {
		return err
	}
	return d.jobs.Enqueue(ctx, tx, KindShred, AttachmentPayload{Attachment: a.ID}, jobs.EnqueueOptions{UniqueKey: "loose:" + a.ID, At: d.now().Add(looseKept)})
}

// Attach keeps a file that openid uploads on a page, for a word that it is
// about to write (Word). The name is the sender's, the type is read from the
// bytes. Errors for people: too large, not taken, not known.
func (d *Desk) Attach(ctx context.Context, openid, name string, r io.Reader) (Attachment, error) {
	_, contact, err := scanProfile(d.db.QueryRow(ctx, selectProfile+` WHERE c.openid = $1`, openid))
	if err != nil {
		return Attachment{}, err
	}
	if contact == "" {
		return Attachment{}, apperr.New(apperr.NotFound, "请先在公众号里给我们发一条消息。")
	}
	// The row comes first: whatever happens, the bytes are found again and erased.
	a := Attachment{ID: db.NewID(), Contact: contact, Kind: AttachedFile, Name: cleanFileName(name), State: AttachmentFetching, At: d.now()}
	if err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return d.insertAttachment(ctx, tx, a) }); err != nil {
		return Attachment{}, err
	}
	if err := d.keep(&a, r, MaxAttachment); err != nil {
		refused := Attachment{ID: a.ID, Kind: a.Kind, State: AttachmentRefused, Problem: apperr.MessageOf(err)}
		return Attachment{}, errors.Join(err, d.settleAttachment(ctx, refused))
	}
	a.State = AttachmentKept
	return a, d.settleAttachment(ctx, a)
}

// keep writes the bytes of an attachment and fills in what they tell.
func (d *Desk) keep(a *Attachment, r io.Reader, limit int64) error {
	k, err := d.files.keep(a.ID, r, limit)
	if errors.Is(err, errTooLarge) {
		return apperr.New(apperr.TooLarge, fmt.Sprintf("文件太大了，最大 %d MB。照片可以先裁剪，或者截图后再发。", limit>>20))
	}
	if err != nil {
		return err
	}
	kind, mediaType, err := judge(k.head)
	if err != nil {
		return errors.Join(err, d.files.remove(a.ID))
	}
	a.Kind, a.Type, a.Size, a.SHA256 = kind, mediaType, k.size, k.sha256
	return nil
}

// Fetching returns an attachment that is to be fetched. It reports false when
// there is nothing left to do.
func (d *Desk) Fetching(ctx context.Context, id string) (Attachment, bool, error) {
	a, err := d.attachment(ctx, id)
	if apperr.CodeOf(err) == apperr.NotFound {
		return a, false, nil
	}
	return a, a.State == AttachmentFetching, err
}

// Fetched keeps the bytes of an attachment that was fetched; what is too large
// or not taken is refused, with the reason shown in its place.
func (d *Desk) Fetched(ctx context.Context, a Attachment, name string, data []byte) error {
	limit := int64(MaxAttachment)
	if a.Kind == AttachedVideo {
		limit = maxVideo
	}
	a.Name, a.State = cleanFileName(name), AttachmentKept
	err := d.keep(&a, bytes.NewReader(data), limit)
	if code := apperr.CodeOf(err); code == apperr.Invalid || code == apperr.TooLarge {
		return d.settleAttachment(ctx, Attachment{ID: a.ID, Kind: a.Kind, State: AttachmentRefused, Problem: apperr.MessageOf(err)})
	}
	if err != nil {
		return err
	}
	return d.settleAttachment(ctx, a)
}

// Lost gives up an attachment that cannot be fetched any more; its sender is
// told. problem is for people.
func (d *Desk) Lost(ctx context.Context, a Attachment, problem string) error {
	return d.settleAttachment(ctx, Attachment{ID: a.ID, Kind: a.Kind, State: AttachmentLost, Problem: problem})
}

// settleAttachment ends the fetching of an attachment; bytes of one that was
// erased meanwhile are deleted.
func (d *Desk) settleAttachment(ctx context.Context, a Attachment) error {
	var settled bool
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.Exec(ctx, `UPDATE attachments SET kind = $1, name = $2, type = $3, size = $4, sha256 = $5, state = $6, problem = $7
			WHERE id = $8 AND state = 'fetching'`, a.Kind, a.Name, a.Type, a.Size, a.SHA256, a.State, a.Problem, a.ID)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		settled = n == 1
		if err != nil || !settled || a.State == AttachmentKept {
			return err
		}
		return d.tellLost(ctx, tx, a.ID, a.Problem)
	})
	if err != nil || settled {
		return err
	}
	if now, err := d.attachment(ctx, a.ID); err != nil || now.State == AttachmentKept {
		return err // another run of the job has kept it
	}
	return d.files.remove(a.ID)
}

// tellLost owes the sender of an attachment a word that it did not arrive, and
// why: the chat said that it had. Of several, one is told of at a time. What was
// uploaded on a page was refused there.
func (d *Desk) tellLost(ctx context.Context, tx *db.Tx, attachment, problem string) error {
	a, err := scanAttachment(tx.QueryRow(ctx, selectAttachment+` WHERE t.id = $1`, attachment))
	if err != nil || a.Inbound == "" {
		return err
	}
	var openid string
	var owed int
	err = tx.QueryRow(ctx, `SELECT c.openid, (SELECT count(*) FROM deliveries d WHERE d.contact_id = c.id AND d.cause LIKE 'lost:%' AND d.state IN ('queued', 'waiting'))
		FROM contacts c WHERE c.id = $1`, a.Contact).Scan(&openid, &owed)
	if err != nil || owed > 0 {
		return err
	}
	body, err := encode(Notice{Notice: NoticeLost, Consultation: a.Consultation, Question: a.Kind, Asked: a.At, Text: problem, At: d.now()})
	if err != nil {
		return fmt.Errorf("desk: notice: %w", err)
	}
	return d.deliver(ctx, tx, "lost:"+a.ID, openid, body)
}

// AttachmentOf returns an attachment of openid's own, with its bytes, which the
// caller closes. Nobody else's is found, nor one whose bytes are not there.
func (d *Desk) AttachmentOf(ctx context.Context, openid, id string) (Attachment, *os.File, error) {
	a, err := scanAttachment(d.db.QueryRow(ctx, selectAttachment+` JOIN contacts c ON c.id = t.contact_id WHERE t.id = $1 AND c.openid = $2`, id, openid))
	if err != nil {
		return a, nil, noAttachment(err)
	}
	f, err := d.openAttachment(a)
	return a, f, err
}

// AttachmentFor returns an attachment of a consultation that an actor may read,
// with its bytes, which the caller closes. The read is in the audit log.
func (d *Desk) AttachmentFor(ctx context.Context, a staff.Actor, id string) (Attachment, *os.File, error) {
	var out Attachment
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err := scanAttachment(tx.QueryRow(ctx, selectAttachment+` WHERE t.id = $1 AND t.consultation_id <> ''`, id))
		if err != nil {
			return noAttachment(err)
		}
		if _, err := d.load(ctx, tx, a, found.Consultation); err != nil {
			return err
		}
		out = found
		return d.audit(ctx, tx, a, "read-file", found.Consultation, found.Kind+" "+found.ID)
	})
	if err != nil {
		return Attachment{}, nil, err
	}
	f, err := d.openAttachment(out)
	return out, f, err
}

// openAttachment opens the bytes of an attachment.
func (d *Desk) openAttachment(a Attachment) (*os.File, error) {
	if a.State != AttachmentKept || a.Kind == AttachedLocation {
		return nil, noAttachment(nil)
	}
	f, err := d.files.open(a.ID)
	if err != nil {
		return nil, noAttachment(err)
	}
	return f, nil
}
