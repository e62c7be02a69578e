package desk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greendesk/desk/staff"
	"greendesk/desk/worktime"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// poorStars is the most stars that still come before the lead.
const poorStars = 2

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
		if _, err = tx.Exec(ctx, `UPDATE consultations SET rated_at = $2, attended_at = 0 WHERE id = $1`, id, d.millis()); err != nil || stars > poorStars {
			return id, err
		}
		to, err := leadsOf(ctx, tx, &c)
		if err != nil {
			return "", err
		}
		return id, d.alert(ctx, tx, &c, StaffPoor, fmt.Sprintf("poor:%s:%d", id, c.Version), "的答复企业不满意（"+strconv.Itoa(stars)+" 星），请看一看。", append(to, c.Expert)...)
	})
}

// Reopen takes a consultation up again whose answer did not satisfy, within the
// working days that the desk's settings name. The reason stands in the thread;
// saying the same again changes nothing.
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
		if said, err := d.saidSince(ctx, tx, &c, reason); err != nil || said {
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
		if _, err := tx.Exec(ctx, `UPDATE consultations SET shared = '' WHERE id = $1`, id); err != nil { // what did not satisfy is no example
			return "", err
		}
		if err := d.assign(ctx, tx, &c); err != nil {
			return "", err
		}
		return id, d.store(ctx, tx, &c)
	})
}

// saidSince reports whether the contact has said a text since the answer: then
// asking for the same again is a repetition.
func (d *Desk) saidSince(ctx context.Context, q querier, c *Consultation, text string) (bool, error) {
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM posts WHERE consultation_id = $1 AND kind = 'word' AND body = $2 AND at >= $3`,
		c.ID, text, max(stored(c.AnsweredAt), stored(c.ClosedAt))).Scan(&n)
	return c.State.Open() && n > 0, err
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
	cal, err := d.calendar(ctx, q)
	if err != nil {
		return end, err
	}
	until, err := cal.AddDays(end, n)
	if unknown := (worktime.UnknownYearError{}); errors.As(err, &unknown) {
		// As long as nobody knows when the time is over, it is not.
		return d.now().AddDate(0, 0, 1), nil
	}
	return until, err
}

// Attend records what a lead of the group did about a rating of one or two
// stars; it leaves ScopePoor.
func (d *Desk) Attend(ctx context.Context, a staff.Actor, id string, version int64, remark string) error {
	remark, err := checkText(remark, "处理情况", maxReason)
	if err != nil {
		return err
	}
	return d.act(ctx, a, id, version, "attend", func(ctx context.Context, tx *db.Tx, k *held) error {
		if !k.leads {
			return apperr.New(apperr.Forbidden, "低分评价由组长处理。")
		}
		n, err := affected(tx.Exec(ctx, `UPDATE consultations SET attended_at = $2 WHERE id = $1 AND rating BETWEEN 1 AND 2 AND attended_at = 0`, id, d.millis()))
		if err != nil {
			return err
		}
		if n == 0 {
			return apperr.New(apperr.Conflict, "这件咨询没有待处理的低分评价，可能同事刚处理过，请刷新看看。")
		}
		return d.remark(ctx, tx, &k.Consultation, a.Account, "低分评价已处理："+remark)
	})
}
