package desk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Review is an answer that waits for a second signature, or waited.
type Review struct {
	ID         string
	Author     string // account
	AuthorName string
	Body       string
	Citations  []Cited
	Why        string // which words or topic ask for the signature, for people
	State      string // pending, signed, returned, withdrawn
	Reviewer   string // account, "" while it is pending
	Remark     string // of the reviewer
	CreatedAt  time.Time
	DecidedAt  time.Time
}

const reviewPending = "pending"

// Submitted tells what became of an answer.
type Submitted struct {
	NeedsSignature bool
	Why            string // for people, "" when it needs none
}

// Submit gives the answer, by who holds the consultation. It goes to the
// enterprise at once, unless it speaks of what needs a second signature: then a
// colleague has to sign it first. The caller has checked the quotes.
func (d *Desk) Submit(ctx context.Context, a staff.Actor, id string, version int64, body string, cites []Cited) (Submitted, error) {
	body, err := checkText(body, "答复", maxPost)
	if err != nil {
		return Submitted{}, err
	}
	if err := checkCited(cites); err != nil {
		return Submitted{}, err
	}
	var out Submitted
	err = d.act(ctx, a, id, version, "submit", func(ctx context.Context, tx *db.Tx, k *held) error {
		if err := k.mustHold(a); err != nil {
			return err
		}
		why, err := d.needsSignature(ctx, tx, &k.Consultation, body, cites)
		if err != nil {
			return err
		}
		out = Submitted{NeedsSignature: why != "", Why: why}
		if why == "" {
			return d.reply(ctx, tx, &k.Consultation, a.Account, Post{Author: a.Account, Body: body, Citations: cites}, "答复")
		}
		return d.askSignature(ctx, tx, k, Review{Author: a.Account, Body: body, Citations: cites, Why: why})
	})
	return out, err
}

// askSignature puts an answer before those who may sign it; it stays its
// author's draft.
func (d *Desk) askSignature(ctx context.Context, tx *db.Tx, k *held, r Review) error {
	cites, err := encode(r.Citations)
	if err != nil {
		return fmt.Errorf("desk: review: %w", err)
	}
	if err := d.move(ctx, tx, &k.Consultation, StateReview, r.Author, r.Why); err != nil {
		return err
	}
	if err := d.saveDraft(ctx, tx, k.ID, r.Author, r.Body, r.Citations); err != nil {
		return err
	}
	r.ID = db.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO reviews (id, consultation_id, author, body, citations, why, state, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7)`, r.ID, k.ID, r.Author, r.Body, cites, r.Why, d.millis())
	if err != nil {
		return err
	}
	to, err := leadsOf(ctx, tx, &k.Consultation)
	if err != nil {
		return err
	}
	guests, err := participants(ctx, tx, k.ID)
	if err != nil {
		return err
	}
	for _, g := range guests {
		to = append(to, g.Account)
	}
	to = slices.DeleteFunc(to, func(account string) bool { return account == r.Author })
	return d.alert(ctx, tx, &k.Consultation, StaffReview, "review:"+r.ID, "的答复等您复核签名。", to...)
}

func checkCited(cites []Cited) error {
	if len(cites) > maxCited {
		return apperr.New(apperr.TooLarge, fmt.Sprintf("依据最多 %d 条，请只留最要紧的。", maxCited))
	}
	if slices.ContainsFunc(cites, func(c Cited) bool { return c.Clause == "" || strings.TrimSpace(c.Quote) == "" }) {
		return apperr.New(apperr.Invalid, "有一条依据没有原文，请从右侧检索结果里重新插入。")
	}
	return nil
}

// reply gives the answer: into the thread, to the contact, and the state.
func (d *Desk) reply(ctx context.Context, tx *db.Tx, c *Consultation, actor string, p Post, reason string) error {
	foot, err := d.setting(ctx, tx, SettingAnswerFoot)
	if err != nil {
		return err
	}
	p.Kind, p.Body = PostAnswer, strings.TrimSpace(p.Body+"\n\n"+foot)
	if err := d.move(ctx, tx, c, StateReplied, actor, reason); err != nil {
		return err
	}
	if _, err := d.insertPost(ctx, tx, c.ID, &p, ""); err != nil {
		return err
	}
	if err := d.dropDraft(ctx, tx, c.ID, p.Author); err != nil {
		return err
	}
	return d.inform(ctx, tx, c, "answer:"+p.ID, Notice{Notice: NoticeAnswer, Text: p.Body, Citations: p.Citations})
}

// Sign gives the second signature: the answer goes to the enterprise. The
// signer may read the consultation and is not the author.
func (d *Desk) Sign(ctx context.Context, a staff.Actor, id string, version int64) error {
	return d.act(ctx, a, id, version, "sign", func(ctx context.Context, tx *db.Tx, k *held) error {
		r, err := d.toDecide(ctx, tx, a, k)
		if err != nil {
			return err
		}
		if err := d.decide(ctx, tx, &k.Consultation, r, Review{State: "signed", Reviewer: a.Account}, "的答复已由"+a.Name+"签名，发给企业了。"); err != nil {
			return err
		}
		return d.reply(ctx, tx, &k.Consultation, a.Account, Post{Author: r.Author, Body: r.Body, Citations: r.Citations, SignedBy: a.Account}, "复核签名")
	})
}

// ReturnReview gives an answer back to its author, with what is to be mended.
func (d *Desk) ReturnReview(ctx context.Context, a staff.Actor, id string, version int64, remark string) error {
	remark, err := checkText(remark, "退回的意见", maxReason)
	if err != nil {
		return err
	}
	return d.act(ctx, a, id, version, "return", func(ctx context.Context, tx *db.Tx, k *held) error {
		r, err := d.toDecide(ctx, tx, a, k)
		if err != nil {
			return err
		}
		if err := d.decide(ctx, tx, &k.Consultation, r, Review{State: "returned", Reviewer: a.Account, Remark: remark}, "的答复由"+a.Name+"退回修改。"); err != nil {
			return err
		}
		return d.move(ctx, tx, &k.Consultation, StateAnswering, a.Account, "退回修改："+remark)
	})
}

// WithdrawReview takes an answer back that nobody has signed yet, by who holds
// the consultation. It is their draft again.
func (d *Desk) WithdrawReview(ctx context.Context, a staff.Actor, id string, version int64) error {
	return d.act(ctx, a, id, version, "withdraw", func(ctx context.Context, tx *db.Tx, k *held) error {
		if err := k.mustHold(a); err != nil {
			return err
		}
		if k.State != StateReview {
			return d.stale(ctx, tx, a, k.Consultation)
		}
		if err := d.withdraw(ctx, tx, id, "撤回"); err != nil {
			return err
		}
		return d.move(ctx, tx, &k.Consultation, StateAnswering, a.Account, "撤回修改")
	})
}

// toDecide is the pending review that the actor may decide.
func (d *Desk) toDecide(ctx context.Context, tx *db.Tx, a staff.Actor, k *held) (*Review, error) {
	r, err := d.review(ctx, tx, k.ID)
	if err != nil {
		return nil, err
	}
	if r == nil || r.State != reviewPending {
		return nil, d.stale(ctx, tx, a, k.Consultation)
	}
	if r.Author == a.Account {
		return nil, apperr.New(apperr.Forbidden, "这份答复是您自己写的，需要另一位专家复核签名。")
	}
	return r, nil
}

// decide records what became of a review and tells its author.
func (d *Desk) decide(ctx context.Context, tx *db.Tx, c *Consultation, r *Review, as Review, say string) error {
	_, err := tx.Exec(ctx, `UPDATE reviews SET state = $2, reviewer = $3, remark = $4, decided_at = $5 WHERE id = $1`,
		r.ID, as.State, as.Reviewer, as.Remark, d.millis())
	if err != nil {
		return err
	}
	return d.alert(ctx, tx, c, StaffDecided, "decided:"+r.ID, say, r.Author)
}

// withdraw ends a pending review, if there is one.
func (d *Desk) withdraw(ctx context.Context, tx *db.Tx, consultation, remark string) error {
	_, err := tx.Exec(ctx, `UPDATE reviews SET state = 'withdrawn', remark = $2, decided_at = $3 WHERE consultation_id = $1 AND state = 'pending'`,
		consultation, remark, d.millis())
	return err
}

// review returns the latest review of a consultation, nil if there is none.
func (d *Desk) review(ctx context.Context, q querier, consultation string) (*Review, error) {
	var r Review
	var cites string
	var created, decided int64
	err := q.QueryRow(ctx, `SELECT r.id, r.author, COALESCE(a.name, ''), r.body, r.citations, r.why, r.state, r.reviewer, r.remark, r.created_at, r.decided_at
		FROM reviews r LEFT JOIN accounts a ON a.id = r.author WHERE r.consultation_id = $1 ORDER BY r.created_at DESC, r.id DESC LIMIT 1`, consultation).
		Scan(&r.ID, &r.Author, &r.AuthorName, &r.Body, &cites, &r.Why, &r.State, &r.Reviewer, &r.Remark, &created, &decided)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.CreatedAt, r.DecidedAt = instant(created), instant(decided)
	r.Citations, err = decodeCited(cites)
	return &r, err
}

// needsSignature says why an answer needs a second signature, "" if it does
// not: the consultation's topic, or a word in the question, the answer or the
// quotes.
func (d *Desk) needsSignature(ctx context.Context, q querier, c *Consultation, body string, cites []Cited) (string, error) {
	topics, err := d.setting(ctx, q, SettingSignTopics)
	if err != nil {
		return "", err
	}
	if c.Topic != "" && slices.Contains(words(topics), c.Topic) {
		return "“" + c.Topic + "”类的答复需要另一位专家复核签名", nil
	}
	list, err := d.setting(ctx, q, SettingSignWords)
	if err != nil {
		return "", err
	}
	text := []string{body, c.Question}
	for _, v := range cites {
		text = append(text, v.Quote)
	}
	all := strings.Join(text, "\n")
	found := slices.DeleteFunc(words(list), func(w string) bool { return !strings.Contains(all, w) })
	why := ""
	for _, w := range found {
		if !slices.ContainsFunc(found, func(o string) bool { return o != w && strings.Contains(o, w) }) { // 处罚 says more than 罚
			why += "“" + w + "”"
		}
	}
	if why == "" {
		return "", nil
	}
	return "答复涉及" + why + "，需要另一位专家复核签名", nil
}

// words reads a list as people write it: parted by spaces, commas or 、.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(" \t\r\n\u3000、，,；;", r) })
}
