package desk

import (
	"context"
	"strings"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Thread is a consultation as its contact sees it: no notes, nothing of how it
// was routed, and of the staff only the expert's name and group.
type Thread struct {
	Consultation
	Attachments []Attachment // that came with the question
	Posts       []Post
	Similar     []Similar // earlier answers to questions like this one, as long as it has none
	MayWrite    bool
	MayRate     bool
	MayReopen   bool
	ReopenUntil time.Time // zero when it has no answer
}

// minePage is the most consultations that a contact is shown.
const minePage = 200

// Mine lists a contact's consultations as the contact may see them, newest
// first.
func (d *Desk) Mine(ctx context.Context, openid string) ([]Consultation, error) {
	all, err := d.Consultations(ctx, openid, minePage)
	for i := range all {
		all[i] = all[i].forContact()
	}
	return all, err
}

// forContact leaves out what is internal.
func (c Consultation) forContact() Consultation {
	c.Routed, c.Expert, c.Group, c.AcceptDue = "", "", "", time.Time{}
	return c
}

// mine reads a consultation of openid. Another's is NotFound.
func (d *Desk) mine(ctx context.Context, q querier, openid, id string) (Consultation, error) {
	return scanConsultation(q.QueryRow(ctx, selectConsultation+` WHERE k.id = $1 AND c.openid = $2`, id, openid))
}

// Thread reads one of a contact's consultations; another's is NotFound.
func (d *Desk) Thread(ctx context.Context, openid, id string) (Thread, error) {
	c, err := d.mine(ctx, d.db, openid, id)
	if err != nil {
		return Thread{}, err
	}
	posts, attachments, err := d.posts(ctx, d.db, id)
	if err != nil {
		return Thread{}, err
	}
	until, err := d.reopenUntil(ctx, d.db, &c)
	if err != nil {
		return Thread{}, err
	}
	t := Thread{Consultation: c.forContact(), Attachments: attachments, MayWrite: c.State.Open(),
		MayRate: !c.State.Open() && !c.AnsweredAt.IsZero(), MayReopen: !c.State.Open() && d.now().Before(until), ReopenUntil: until}
	for _, p := range posts {
		if p.Kind == PostNote {
			continue
		}
		if p.Author != actorContact {
			p.Author = ""
		}
		p.SignedBy, p.SignedByName = "", ""
		t.Posts = append(t.Posts, p)
	}
	if c.State.Open() {
		t.Similar, err = d.similar(ctx, c.Question, id, true, similarShown)
		for i := range t.Similar {
			t.Similar[i].Consultation = ""
		}
	}
	return t, err
}

// Word adds what the contact says to one of its open consultations; when the
// enterprise had been asked, the expert goes on and the clock runs again. The
// same inbound message is never said twice: then, and when it made the
// consultation, that is returned as Existed. inbound may also be the token of a
// form, "" if there is nothing to tell a repetition by. attachments are the ids
// of the contact's uploads; those that came with the message need no mention.
func (d *Desk) Word(ctx context.Context, openid, id, inbound, body string, attachments []string) (Consultation, error) {
	body = strings.TrimSpace(strings.ReplaceAll(body, "\x00", ""))
	if body != "" {
		var err error
		if body, err = checkText(body, "补充的内容", maxPost); err != nil {
			return Consultation{}, err
		}
	}
	var out Consultation
	err := d.change(ctx, func(ctx context.Context, tx *db.Tx) (string, error) {
		out = Consultation{}
		c, err := d.mine(ctx, tx, openid, id)
		if err != nil {
			return "", err
		}
		if inbound != "" {
			old, ok, err := found(handedOver(ctx, tx, openid, inbound))
			if err != nil || ok {
				old.Existed = ok
				out = old
				return "", err
			}
		}
		if !c.State.Open() {
			return "", apperr.New(apperr.Conflict, "这件咨询"+c.State.Name()+"，不能再补充。还有疑问可以点“重新办理”，或直接发一个新问题。")
		}
		if err := d.hear(ctx, tx, &c, Post{Body: body}, inbound, attachments); err != nil {
			return "", err
		}
		out = c
		return id, nil
	})
	return out, err
}

// hear puts a word of the contact into the thread and wakes who waits for it.
func (d *Desk) hear(ctx context.Context, tx *db.Tx, c *Consultation, p Post, inbound string, attachments []string) error {
	p.Kind, p.Author = PostWord, actorContact
	fresh, err := d.insertPost(ctx, tx, c.ID, &p, inbound)
	if err != nil {
		return err
	}
	if !fresh { // its own repetition is found before: this is a token of somebody else's
		return apperr.New(apperr.Conflict, "这条内容没有保存成功，请刷新页面后再发一次。")
	}
	n, err := d.attachTo(ctx, tx, c, p.ID, inbound, attachments)
	if err != nil {
		return err
	}
	if p.Body == "" && n == 0 {
		return apperr.New(apperr.Invalid, "请写几句话，或者附一张照片。")
	}
	if c.State == StateWaiting {
		if err := d.move(ctx, tx, c, StateAnswering, actorContact, "企业已补充"); err != nil {
			return err
		}
	}
	if err := d.alertWord(ctx, tx, c, p.ID); err != nil {
		return err
	}
	return d.store(ctx, tx, c)
}

// alertWord tells who holds a consultation that the contact has said something,
// once until they look.
func (d *Desk) alertWord(ctx context.Context, tx *db.Tx, c *Consultation, post string) error {
	var told int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM staff_notices WHERE account_id = $1 AND consultation_id = $2 AND kind = 'word' AND seen_at = 0`,
		c.Expert, c.ID).Scan(&told)
	if err != nil || told > 0 {
		return err
	}
	return d.alert(ctx, tx, c, StaffWord, "word:"+post, "企业有新的补充。", c.Expert)
}

// attachTo gives a post the uploads of its contact and what came with its
// message, and counts them.
func (d *Desk) attachTo(ctx context.Context, tx *db.Tx, c *Consultation, post, inbound string, attachments []string) (int64, error) {
	var sum int64
	for _, id := range attachments {
		n, err := affected(tx.Exec(ctx, `UPDATE attachments SET consultation_id = $1, post_id = $2
			WHERE id = $3 AND contact_id = $4 AND post_id = '' AND consultation_id IN ('', $1)`, c.ID, post, id, c.Contact))
		if err != nil {
			return 0, err
		}
		if n != 1 {
			return 0, apperr.New(apperr.Invalid, "有一个附件没有找到，请重新上传后再提交。")
		}
		sum += n
	}
	if inbound == "" {
		return sum, nil
	}
	n, err := affected(tx.Exec(ctx, `UPDATE attachments SET consultation_id = $1, post_id = $2
		WHERE inbound_id = $3 AND contact_id = $4 AND post_id = ''`, c.ID, post, inbound, c.Contact))
	return sum + n, err
}
