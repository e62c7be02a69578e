package desk

import (
	"context"
	"fmt"
	"strings"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// maxReason is the longest reason for a change, in characters.
const maxReason = 300

// Accept takes a consultation that nobody works on yet; one that was assigned
// to a colleague who has not begun may be claimed by whoever may read it.
func (d *Desk) Accept(ctx context.Context, a staff.Actor, id string, version int64) error {
	return d.act(ctx, a, id, version, "accept", func(ctx context.Context, tx *db.Tx, k *held) error {
		if k.State != StateNew && k.State != StateAssigned && k.State != StateReopened {
			return stale(k.Consultation)
		}
		reason := "受理"
		if k.Expert != "" && k.Expert != a.Account {
			reason = "认领（原承办：" + k.ExpertName + "）"
		}
		p, err := d.colleague(ctx, tx, &k.Consultation, a.Account)
		if err != nil {
			return err
		}
		if before := k.Expert; before != a.Account {
			k.Routed = p.Name + reason
			if err := d.alert(ctx, tx, &k.Consultation, StaffClaimed, fmt.Sprintf("claimed:%s:%d", id, k.Version), "已由"+p.Name+"认领。", before); err != nil {
				return err
			}
		}
		k.Expert, k.ExpertName = a.Account, p.Name
		return d.move(ctx, tx, &k.Consultation, StateAnswering, a.Account, reason)
	})
}

// Transfer gives a consultation to another expert: by who holds it, or by a
// lead of its group. An answer that waits for a signature is withdrawn and
// stays its author's draft.
func (d *Desk) Transfer(ctx context.Context, a staff.Actor, id string, version int64, to, reason string) error {
	reason, err := checkText(reason, "转办的原因", maxReason)
	if err != nil {
		return err
	}
	return d.act(ctx, a, id, version, "transfer", func(ctx context.Context, tx *db.Tx, k *held) error {
		if err := k.mustDirect(a); err != nil {
			return err
		}
		p, err := d.colleague(ctx, tx, &k.Consultation, to)
		if err != nil {
			return err
		}
		if to == k.Expert {
			return apperr.New(apperr.Invalid, "这件咨询已经由"+p.Name+"承办，请选择另一位同事。")
		}
		if err := d.withdraw(ctx, tx, id, "转办"); err != nil {
			return err
		}
		k.Expert, k.ExpertName, k.Routed = to, p.Name, a.Name+"转办："+reason
		if err := d.move(ctx, tx, &k.Consultation, StateAssigned, a.Account, "转给"+p.Name+"："+reason); err != nil {
			return err
		}
		if err := d.startClocks(ctx, tx, &k.Consultation); err != nil {
			return err
		}
		return d.tellAssigned(ctx, tx, &k.Consultation)
	})
}

// Invite asks a colleague to study a consultation together with who holds it:
// they may read it, write notes, and sign. Who was invited before stays so.
func (d *Desk) Invite(ctx context.Context, a staff.Actor, id, account string) error {
	return d.aside(ctx, a, id, "invite", func(ctx context.Context, tx *db.Tx, k *held) error {
		if err := k.mustDirect(a); err != nil {
			return err
		}
		p, err := d.colleague(ctx, tx, &k.Consultation, account)
		if err != nil {
			return err
		}
		n, err := affected(tx.Exec(ctx, `INSERT INTO participants (consultation_id, account_id, invited_by, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (consultation_id, account_id) DO NOTHING`, id, account, a.Account, d.millis()))
		if err != nil || n == 0 {
			return err
		}
		if err := d.alert(ctx, tx, &k.Consultation, StaffInvited, fmt.Sprintf("invited:%s:%d", id, d.millis()), a.Name+"请您一起研究。", account); err != nil {
			return err
		}
		return d.remark(ctx, tx, &k.Consultation, a.Account, "邀请"+p.Name+"一起研究")
	})
}

// Leave ends the actor's taking part.
func (d *Desk) Leave(ctx context.Context, a staff.Actor, id string) error {
	return d.aside(ctx, a, id, "leave", func(ctx context.Context, tx *db.Tx, k *held) error {
		if !k.part {
			return nil
		}
		if _, err := tx.Exec(ctx, `DELETE FROM participants WHERE consultation_id = $1 AND account_id = $2`, id, a.Account); err != nil {
			return err
		}
		return d.remark(ctx, tx, &k.Consultation, a.Account, "退出一起研究")
	})
}

// Note adds a note that only staff see.
func (d *Desk) Note(ctx context.Context, a staff.Actor, id, body string) error {
	body, err := checkText(body, "备注", maxPost)
	if err != nil {
		return err
	}
	return d.aside(ctx, a, id, "note", func(ctx context.Context, tx *db.Tx, _ *held) error {
		_, err := d.insertPost(ctx, tx, id, &Post{Kind: PostNote, Author: a.Account, Body: body}, "")
		return err
	})
}

// aside is act for what makes no page stale: notes and guests.
func (d *Desk) aside(ctx context.Context, a staff.Actor, id, action string, fn func(context.Context, *db.Tx, *held) error) error {
	return d.change(ctx, func(ctx context.Context, tx *db.Tx) (string, error) {
		k, err := d.load(ctx, tx, a, id)
		if err != nil {
			return "", err
		}
		if err := fn(ctx, tx, &k); err != nil {
			return "", err
		}
		return id, d.audit(ctx, tx, a, action, id, k.Number)
	})
}

// AskBack sends the enterprise a question. The clock rests until it replies.
func (d *Desk) AskBack(ctx context.Context, a staff.Actor, id string, version int64, body string) error {
	body, err := checkText(body, "要问企业的话", maxPost)
	if err != nil {
		return err
	}
	return d.act(ctx, a, id, version, "ask", func(ctx context.Context, tx *db.Tx, k *held) error {
		if err := k.mustHold(a); err != nil {
			return err
		}
		if k.State == StateWaiting {
			err = d.remark(ctx, tx, &k.Consultation, a.Account, "再次请企业补充")
		} else {
			err = d.move(ctx, tx, &k.Consultation, StateWaiting, a.Account, "请企业补充情况")
		}
		if err != nil {
			return err
		}
		p := Post{Kind: PostAsk, Author: a.Account, Body: body}
		if _, err := d.insertPost(ctx, tx, id, &p, ""); err != nil {
			return err
		}
		return d.inform(ctx, tx, &k.Consultation, "ask:"+p.ID, Notice{Notice: NoticeAsk, Text: body})
	})
}

// Close ends a consultation. Without an answer the reason is said to the
// contact; after one it is for the record and may be empty.
func (d *Desk) Close(ctx context.Context, a staff.Actor, id string, version int64, reason string) error {
	return d.act(ctx, a, id, version, "close", func(ctx context.Context, tx *db.Tx, k *held) error {
		if err := k.mustDirect(a); err != nil {
			return err
		}
		unanswered := k.State != StateReplied
		said, err := checkText(reason, "办结的原因（会告诉企业）", maxReason)
		if err != nil && (unanswered || apperr.CodeOf(err) == apperr.TooLarge) {
			return err
		}
		if said == "" {
			said = "已答复，办结"
		}
		if err := d.withdraw(ctx, tx, id, "办结"); err != nil {
			return err
		}
		if err := d.move(ctx, tx, &k.Consultation, StateClosed, a.Account, said); err != nil || !unanswered {
			return err
		}
		return d.inform(ctx, tx, &k.Consultation, "closed:"+db.NewID(), Notice{Notice: NoticeClosed, Text: said})
	})
}

// SetUrgency changes how soon an answer is due.
func (d *Desk) SetUrgency(ctx context.Context, a staff.Actor, id string, version int64, urgency, reason string) error {
	if urgency != UrgencyNormal && urgency != UrgencyUrgent {
		return apperr.New(apperr.Invalid, "请选择“一般”或“紧急”。")
	}
	reason, err := checkText(reason, "调整缓急的原因", maxReason)
	if err != nil {
		return err
	}
	return d.act(ctx, a, id, version, "urgency", func(ctx context.Context, tx *db.Tx, k *held) error {
		if err := k.mustDirect(a); err != nil {
			return err
		}
		if !k.State.Open() {
			return stale(k.Consultation)
		}
		before := k.Urgency
		k.Urgency = urgency
		if err := d.redate(ctx, tx, &k.Consultation, before); err != nil {
			return err
		}
		return d.remark(ctx, tx, &k.Consultation, a.Account, UrgencyName(urgency)+"："+reason)
	})
}

// UrgencyName is how people call an urgency.
func UrgencyName(urgency string) string {
	if urgency == UrgencyUrgent {
		return "紧急"
	}
	return "一般"
}

// Share releases a text of an answer to enterprises that ask alike; an empty
// text takes it back. Whoever releases it has taken out who asked.
func (d *Desk) Share(ctx context.Context, a staff.Actor, id, text string) error {
	if text = strings.TrimSpace(text); text != "" {
		var err error
		if text, err = checkText(text, "公开的答复", maxPost); err != nil {
			return err
		}
	}
	return d.aside(ctx, a, id, "share", func(ctx context.Context, tx *db.Tx, k *held) error {
		if k.State.Open() || k.AnsweredAt.IsZero() {
			return apperr.New(apperr.Conflict, "这件咨询还没有答复，答复之后再公开。")
		}
		if _, err := tx.Exec(ctx, `UPDATE consultations SET shared = $2 WHERE id = $1`, id, text); err != nil {
			return err
		}
		if text == "" {
			return d.remark(ctx, tx, &k.Consultation, a.Account, "收回公开的答复")
		}
		return d.remark(ctx, tx, &k.Consultation, a.Account, "公开答复，供问类似问题的企业参考")
	})
}

// Proposed records that an answer was handed to the curators, and as what; they
// see it without who asked.
func (d *Desk) Proposed(ctx context.Context, a staff.Actor, id, as string) error {
	return d.aside(ctx, a, id, "propose", func(ctx context.Context, tx *db.Tx, k *held) error {
		return d.remark(ctx, tx, &k.Consultation, a.Account, "推荐给知识管理员："+as)
	})
}
