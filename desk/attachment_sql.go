package desk

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
)

func noAttachment(err error) error {
	if err != nil && !errors.Is(err, sql.ErrNoRows) && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return apperr.Wrap(apperr.NotFound, "没有找到这个文件，它可能已经删除。", err)
}

func (d *Desk) attachment(ctx context.Context, id string) (Attachment, error) {
	a, err := scanAttachment(d.db.QueryRow(ctx, selectAttachment+` WHERE t.id = $1`, id))
	if err != nil {
		return a, noAttachment(err)
	}
	return a, nil
}

// gathered is how long before a question a photo may have come that belongs to
// it: as long as a conversation lasts.
const gathered = 30 * time.Minute

// gather gives a new consultation what came with its message and what its
// contact sent in the conversation before.
func (d *Desk) gather(ctx context.Context, tx *db.Tx, consultation, inbound string) error {
	_, err := tx.Exec(ctx, `UPDATE attachments SET consultation_id = $1 WHERE consultation_id = '' AND inbound_id <> '' AND state <> 'erased'
		AND (inbound_id = $2 OR at > $3 AND contact_id = (SELECT k.contact_id FROM consultations k WHERE k.id = $1))`,
		consultation, inbound, d.now().Add(-gathered).UnixMilli())
	return err
}

// eraseAttachments forgets what a contact has sent; the bytes are deleted by a
// job that exists if and only if that is committed.
func (d *Desk) eraseAttachments(ctx context.Context, tx *db.Tx, contact string) error {
	rows, err := tx.Query(ctx, `UPDATE attachments SET state = 'erased', name = '', media_id = '', sha256 = '', problem = ''
		WHERE contact_id = $1 AND state <> 'erased' RETURNING id`, contact)
	if err != nil {
		return err
	}
	ids, err := collect(rows)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := d.jobs.Enqueue(ctx, tx, KindShred, AttachmentPayload{Attachment: id}, jobs.EnqueueOptions{UniqueKey: id}); err != nil {
			return err
		}
	}
	return nil
}

// Shred is the job that deletes the bytes of an attachment that is erased, and
// erases one that nobody has handed to an expert.
func (d *Desk) Shred(ctx context.Context, job jobs.Job) error {
	var p AttachmentPayload
	if err := job.Decode(&p); err != nil {
		return err
	}
	var gone bool
	err := d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE attachments SET state = 'erased', name = '', media_id = '', sha256 = '', problem = ''
			WHERE id = $1 AND consultation_id = '' AND at <= $2`, p.Attachment, d.now().Add(-looseKept).UnixMilli())
		if err != nil {
			return err
		}
		var n int
		err = tx.QueryRow(ctx, `SELECT count(*) FROM attachments WHERE id = $1 AND state <> 'erased'`, p.Attachment).Scan(&n)
		gone = n == 0
		return err
	})
	if err != nil || !gone {
		return err
	}
	return d.files.remove(p.Attachment)
}
