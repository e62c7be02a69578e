package desk

import (
	"context"
	"database/sql"
	"errors"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// readable is true of the consultations that account $1 may read: it holds
// them, takes part, or is a member of their group; what has no group is for all
// leads ($2 = 1). Whoever recused from the enterprise reads none of it, whether
// the contact was bound to it then or is now.
const readable = ` (k.expert_id = $1
	OR EXISTS (SELECT 1 FROM participants rp WHERE rp.consultation_id = k.id AND rp.account_id = $1)
	OR EXISTS (SELECT 1 FROM group_members rm WHERE rm.group_id = k.group_id AND rm.account_id = $1)
	OR (k.group_id = '' AND $2 = 1))
	AND NOT EXISTS (SELECT 1 FROM recusals rr JOIN enterprises re ON re.code = rr.code
		WHERE rr.account_id = $1 AND (re.id = k.enterprise_id OR re.id = c.enterprise_id)) `

// held is a consultation before an actor who may read it.
type held struct {
	Consultation
	leads bool // the actor leads its group
	part  bool // the actor was invited to study it
}

// notSeen is the answer to whoever asks for what is not there or not theirs:
// the two must not be told apart.
func notSeen() error {
	return apperr.New(apperr.NotFound, "没有找到这件咨询，或者它不在您的办理范围内。")
}

// leadFlag is a's part of the arguments of readable.
func leadFlag(a staff.Actor) int {
	if a.Has(staff.RoleLead) {
		return 1
	}
	return 0
}

// load reads a consultation for an actor, or fails with NotFound.
func (d *Desk) load(ctx context.Context, q querier, a staff.Actor, id string) (held, error) {
	if a.Account == "" || !a.MayConsult() {
		return held{}, notSeen()
	}
	c, ok, err := found(scanConsultation(q.QueryRow(ctx, selectConsultation+` WHERE`+readable+`AND k.id = $3`, a.Account, leadFlag(a), id)))
	if err != nil {
		return held{}, err
	}
	if !ok {
		return held{}, notSeen()
	}
	var leading, invited int
	err = q.QueryRow(ctx, `SELECT (SELECT count(*) FROM group_members m WHERE m.group_id = $1 AND m.account_id = $2 AND m.leads = 1),
		(SELECT count(*) FROM participants p WHERE p.consultation_id = $3 AND p.account_id = $2)`, c.Group, a.Account, id).Scan(&leading, &invited)
	return held{Consultation: c, leads: a.Has(staff.RoleLead) && (leading > 0 || c.Group == ""), part: invited > 0}, err
}

// act runs one change of a consultation by an actor: it must be readable and as
// the actor's page showed it; what fn makes of it is stored and audited.
func (d *Desk) act(ctx context.Context, a staff.Actor, id string, version int64, action string, fn func(context.Context, *db.Tx, *held) error) error {
	return d.change(ctx, func(ctx context.Context, tx *db.Tx) (string, error) {
		k, err := d.load(ctx, tx, a, id)
		if err != nil {
			return "", err
		}
		if k.Version != version {
			return "", d.stale(ctx, tx, a, k.Consultation)
		}
		if err := fn(ctx, tx, &k); err != nil {
			return "", err
		}
		if err := d.store(ctx, tx, &k.Consultation); err != nil {
			return "", err
		}
		return id, d.audit(ctx, tx, a, action, id, k.Number)
	})
}

// stale says that a page shows an older state.
func (d *Desk) stale(ctx context.Context, q querier, a staff.Actor, c Consultation) error {
	written, err := d.draft(ctx, q, c.ID, a.Account)
	if err != nil {
		return err
	}
	kept, who := "。", ""
	if written != nil {
		kept = "，您写的草稿还在。"
	}
	if c.ExpertName != "" {
		who = "，由" + c.ExpertName + "办理"
	}
	return apperr.New(apperr.Conflict, "这件咨询刚刚有了变化（现在是“"+c.State.Name()+"”"+who+"）。请刷新页面看过之后再操作"+kept)
}

// audit records what an actor did with a consultation. detail never holds the
// text of one.
func (d *Desk) audit(ctx context.Context, tx *db.Tx, a staff.Actor, action, consultation, detail string) error {
	return staff.Record(ctx, tx, staff.Entry{At: d.now(), Actor: a.Account, Action: action, Object: "consultation:" + consultation, Detail: detail, IP: a.IP})
}

// mustHold refuses whoever does not hold the consultation.
func (k *held) mustHold(a staff.Actor) error {
	switch k.Expert {
	case a.Account:
		return nil
	case "":
		return apperr.New(apperr.Forbidden, "这件咨询还没有人受理，请先点“受理”。")
	default:
		return apperr.New(apperr.Forbidden, "这件咨询由"+k.ExpertName+"办理，请把意见写在内部备注里，或请组长转给您。")
	}
}

// mustDirect refuses whoever neither holds the consultation nor leads its group.
func (k *held) mustDirect(a staff.Actor) error {
	if k.Expert == a.Account || k.leads {
		return nil
	}
	return apperr.New(apperr.Forbidden, "只有承办专家和组长可以这样做。")
}

// colleague returns the account as a person who may be given the consultation:
// active, an expert or lead, without an enforcement role, and not recused from
// the enterprise.
func (d *Desk) colleague(ctx context.Context, tx *db.Tx, c *Consultation, account string) (Person, error) {
	p := Person{Account: account}
	var roles string
	var recused int
	err := tx.QueryRow(ctx, `SELECT a.name, a.roles, (SELECT count(*) FROM recusals r JOIN enterprises e ON e.code = r.code
			JOIN contacts c ON c.id = $2 WHERE r.account_id = a.id AND (e.id = $3 OR e.id = c.enterprise_id))
		FROM accounts a WHERE a.id = $1 AND a.state = 'active'`, account, c.Contact, c.Enterprise).Scan(&p.Name, &roles, &recused)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && !(staff.Actor{Roles: staff.SplitRoles(roles)}).MayConsult():
		return p, apperr.New(apperr.Invalid, "没有找到这位同事，请从名单里重新选择。")
	case err == nil && recused > 0:
		return p, apperr.New(apperr.Invalid, p.Name+"对这家企业需要回避，请选择另一位同事。")
	}
	return p, err
}

// NoteRead writes into the audit log that somebody reads what enterprises wrote
// outside of a consultation.
func (d *Desk) NoteRead(ctx context.Context, a staff.Actor, object string) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return staff.Record(ctx, tx, staff.Entry{At: d.now(), Actor: a.Account, Action: "read", Object: object, IP: a.IP})
	})
}
