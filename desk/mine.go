package desk

import (
	"context"
	"fmt"
	"strconv"
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
		t.Similar, err = d.similar(ctx, c.Question, id, similarShown)
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
	if !fresh {
		c.Existed = true
		return nil
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
	return d.store(ctx, tx, c)
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

// maxRatingWord is the longest word that goes with a rating, in characters.
const maxRatingWord = 500

// RateAnswer keeps what a contact thinks of an answer: 1 to 5 stars and a word,
// which may be empty. The latest stands; one or two stars come before the
// group's leads.
func (d *Desk) RateAnswer(ctx context.Context, openid, id string, stars int, word string) error {
	if stars < 1 || stars > 5 {
		return apperr.New(apperr.Invalid, "请点 1 到 5 颗星。")
	}
	if strings.TrimSpace(word) != "" {
		var err error
		if word, err = checkText(word, "评价", maxRatingWord); err != nil {
			return err
		}
	}
	return d.change(ctx, func(ctx context.Context, tx *db.Tx) (string, error) {
		c, err := d.mine(ctx, tx, openid, id)
		if err != nil {
			return "", err
		}
		if c.State.Open() || c.AnsweredAt.IsZero() {
			return "", apperr.New(apperr.Conflict, "这件咨询还没有答复，等收到答复后再评价吧。")
		}
		c.Rating, c.RatingWord = stars, strings.TrimSpace(word)
		if err := d.remark(ctx, tx, &c, actorContact, strings.TrimRight("评分 "+strconv.Itoa(stars)+" 星："+c.RatingWord, "：")); err != nil {
			return "", err
		}
		if err := d.store(ctx, tx, &c); err != nil {
			return "", err
		}
		_, err = tx.Exec(ctx, `UPDATE consultations SET rated_at = $2, attended_at = 0 WHERE id = $1`, id, d.millis())
		return id, err
	})
}

// Reopen takes a consultation up again whose answer did not satisfy, within the
// working days that the desk's settings name. The reason stands in the thread.
func (d *Desk) Reopen(ctx context.Context, openid, id, reason string) error {
	reason, err := checkText(reason, "还没解决的问题", maxPost)
	if err != nil {
		return err
	}
	return d.change(ctx, func(ctx context.Context, tx *db.Tx) (string, error) {
		c, err := d.mine(ctx, tx, openid, id)
		if err != nil {
			return "", err
		}
		if c.State.Open() {
			return "", apperr.New(apperr.Conflict, "这件咨询正在办理，有要补充的直接写在下面就行。")
		}
		until, err := d.reopenUntil(ctx, tx, &c)
		if err != nil {
			return "", err
		}
		if !d.now().Before(until) {
			return "", apperr.New(apperr.Conflict, "答复已经超过可以重新办理的期限，请直接发一个新问题，我们会尽快处理。")
		}
		if err := d.move(ctx, tx, &c, StateReopened, actorContact, shorten(reason, maxReason)); err != nil {
			return "", err
		}
		p := Post{Kind: PostWord, Author: actorContact, Body: reason}
		if _, err := d.insertPost(ctx, tx, id, &p, ""); err != nil {
			return "", err
		}
		return id, d.store(ctx, tx, &c)
	})
}

// reopenUntil is until when a consultation may be reopened, zero when it has
// not ended.
func (d *Desk) reopenUntil(ctx context.Context, q querier, c *Consultation) (time.Time, error) {
	end := c.AnsweredAt
	if end.IsZero() {
		end = c.ClosedAt
	}
	if end.IsZero() {
		return end, nil
	}
	text, err := d.setting(ctx, q, SettingReopenDays)
	if err != nil {
		return end, err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return end, fmt.Errorf("desk: setting %s: %w", SettingReopenDays, err)
	}
	return workingDaysAfter(end.In(d.zone), n), nil
}

// workingDaysAfter is the end of the n-th weekday after a time.
func workingDaysAfter(t time.Time, n int) time.Time {
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if day := t.Weekday(); day != time.Saturday && day != time.Sunday {
			n--
		}
	}
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, t.Location())
}
