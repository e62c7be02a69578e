package desk

import (
	"context"
	"database/sql"
	"time"
)

type Attachment struct {
	ID           string
	Contact      string // id
	Inbound      string // id of the message that it came with, "" for an upload
	Consultation string // id, "" as long as it belongs to none
	Post         string // id, "" when it came with the question itself
	Kind         string // image, voice, video, file, location
	Media        string // id at the platform, "" for an upload
	Name         string // as the sender called it: escape it wherever it is shown
	Type         string // media type, as found in the bytes
	Size         int64  // bytes
	SHA256       string
	State        string // fetching, kept, refused, lost, erased
	Problem      string // for people: why it is not there
	At           time.Time
}

const selectAttachment = `SELECT t.id, t.contact_id, t.inbound_id, t.consultation_id, t.post_id, t.kind, t.media_id, t.name, t.type, t.size, t.sha256,
	t.state, t.problem, t.at FROM attachments t`

func scanAttachment(r row) (Attachment, error) {
	var a Attachment
	var at int64
	err := r.Scan(&a.ID, &a.Contact, &a.Inbound, &a.Consultation, &a.Post, &a.Kind, &a.Media, &a.Name, &a.Type, &a.Size, &a.SHA256,
		&a.State, &a.Problem, &at)
	a.At = time.UnixMilli(at)
	return a, err
}

type querier interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}
