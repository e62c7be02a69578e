package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Kinds of posts.
const (
	PostWord   = "word"   // the contact says something
	PostAsk    = "ask"    // the expert asks the enterprise
	PostAnswer = "answer" // the answer
	PostNote   = "note"   // among staff: the enterprise never sees it
)

// Post is one thing said in a consultation.
type Post struct {
	ID           string
	Kind         string // PostWord …
	Author       string // account, or "contact"
	AuthorName   string
	Body         string
	Citations    []Cited
	SignedBy     string // account that gave the second signature, "" if none was needed
	SignedByName string
	Attachments  []Attachment
	At           time.Time
}

// Attachment is a photo, voice message, video, file or place that came with a
// question or a word.
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

// Person is a member of staff who has to do with a consultation.
type Person struct {
	Account string
	Name    string
	At      time.Time // since when
}

// Event is a change of a consultation.
type Event struct {
	Actor     string // account, "contact" or "system"
	ActorName string
	From, To  State
	Reason    string // of the first event one of ReasonRequested …, else a text for people
	At        time.Time
}

// maxPost is the longest text of a post, in characters.
const maxPost = 5000

// checkText trims a text that somebody has written and refuses an empty or too
// long one; what names it for people.
func checkText(text, what string, most int) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\x00", ""))
	if text == "" {
		return "", apperr.New(apperr.Invalid, "请填写"+what+"。")
	}
	if n := len([]rune(text)); n > most {
		return "", apperr.New(apperr.TooLarge, fmt.Sprintf("%s有 %d 个字，最多 %d 个字，请分几次写，或删减一些。", what, n, most))
	}
	return text, nil
}

// insertPost stores a post and gives it its id and time. It reports false when
// the message that says it has been stored before.
func (d *Desk) insertPost(ctx context.Context, tx *db.Tx, consultation string, p *Post, inbound string) (bool, error) {
	cites, err := encode(p.Citations)
	if err != nil {
		return false, fmt.Errorf("desk: citations: %w", err)
	}
	p.ID, p.At = db.NewID(), d.now()
	n, err := affected(tx.Exec(ctx, `INSERT INTO posts (id, consultation_id, kind, author, body, citations, signed_by, inbound_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		p.ID, consultation, p.Kind, p.Author, p.Body, cites, p.SignedBy, inbound, p.At.UnixMilli()))
	return n == 1, err
}

// posts reads a thread in order, with its attachments. Attachments that came
// with the question itself are returned apart.
func (d *Desk) posts(ctx context.Context, q querier, consultation string) ([]Post, []Attachment, error) {
	rows, err := q.Query(ctx, `SELECT p.id, p.kind, p.author, COALESCE(a.name, ''), p.body, p.citations, p.signed_by, COALESCE(s.name, ''), p.at
		FROM posts p LEFT JOIN accounts a ON a.id = p.author LEFT JOIN accounts s ON s.id = p.signed_by
		WHERE p.consultation_id = $1 ORDER BY p.at, p.id`, consultation)
	out, err := list(rows, err, func(r row) (Post, error) {
		var p Post
		var cites string
		var at int64
		if err := r.Scan(&p.ID, &p.Kind, &p.Author, &p.AuthorName, &p.Body, &cites, &p.SignedBy, &p.SignedByName, &at); err != nil {
			return p, err
		}
		p.At = instant(at)
		var err error
		p.Citations, err = decodeCited(cites)
		return p, err
	})
	if err != nil {
		return nil, nil, err
	}
	return attach(ctx, q, consultation, out)
}

func decodeCited(text string) ([]Cited, error) {
	var out []Cited
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("desk: citations: %w", err)
	}
	return out, nil
}

const selectAttachment = `SELECT t.id, t.contact_id, t.inbound_id, t.consultation_id, t.post_id, t.kind, t.media_id, t.name, t.type, t.size, t.sha256,
	t.state, t.problem, t.at FROM attachments t`

func scanAttachment(r row) (Attachment, error) {
	var a Attachment
	var at int64
	err := r.Scan(&a.ID, &a.Contact, &a.Inbound, &a.Consultation, &a.Post, &a.Kind, &a.Media, &a.Name, &a.Type, &a.Size, &a.SHA256,
		&a.State, &a.Problem, &at)
	a.At = instant(at)
	return a, err
}

// attach gives posts their attachments and returns those of the question.
func attach(ctx context.Context, q querier, consultation string, posts []Post) ([]Post, []Attachment, error) {
	rows, err := q.Query(ctx, selectAttachment+` WHERE t.consultation_id = $1 ORDER BY t.at, t.id`, consultation)
	found, err := list(rows, err, scanAttachment)
	at := map[string]int{}
	for i, p := range posts {
		at[p.ID] = i
	}
	var rest []Attachment
	for _, a := range found {
		if i, ok := at[a.Post]; ok {
			posts[i].Attachments = append(posts[i].Attachments, a)
		} else {
			rest = append(rest, a)
		}
	}
	return posts, rest, err
}
