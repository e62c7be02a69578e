package desk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

func (d *Desk) privacy(ctx context.Context, q querier) (Privacy, error) {
	text, err := d.setting(ctx, q, SettingNotice)
	return Privacy{Text: text, Fingerprint: fingerprint(text)}, err
}

const selectProfile = `SELECT c.id, c.name, c.position, c.phone, c.agreed_at, c.agreed_notice, COALESCE(e.id, ''), COALESCE(e.code, ''), COALESCE(e.name, ''),
	COALESCE(e.industry, ''), COALESCE(e.county, ''), COALESCE(e.permit, '')
	FROM contacts c LEFT JOIN enterprises e ON e.id = c.enterprise_id`

// scanProfile reads a profile and its contact's id, "" for a contact who is not known.
func scanProfile(r row) (c Profile, contact string, err error) {
	var agreed int64
	err = r.Scan(&contact, &c.Name, &c.Position, &c.Phone, &agreed, &c.Agreed, &c.ID, &c.Code, &c.Company, &c.Industry, &c.County, &c.Permit)
	if errors.Is(err, sql.ErrNoRows) {
		return Profile{}, "", nil
	}
	c.AgreedAt = instant(agreed)
	return c, contact, err
}

// bind keeps a profile. Consultations that are under way and name no enterprise
// yet get this one, so that their experts see whom they advise.
func (d *Desk) bind(ctx context.Context, tx *db.Tx, openid string, c Profile, agreed string) error {
	notice, err := d.privacy(ctx, tx)
	if err != nil {
		return err
	}
	if agreed != notice.Fingerprint {
		return apperr.New(apperr.Conflict, "个人信息告知书刚刚更新了，请看过新的内容，同意后再提交一次。")
	}
	before, contact, err := scanProfile(tx.QueryRow(ctx, selectProfile+` WHERE c.openid = $1`, openid))
	if err != nil {
		return err
	}
	if contact == "" {
		return apperr.New(apperr.NotFound, "请先在公众号里给我们发一条消息，再来填写资料。")
	}
	id, err := d.keepEnterprise(ctx, tx, contact, c.Enterprise)
	if err != nil {
		return err
	}
	now := d.millis()
	_, err = tx.Exec(ctx, `UPDATE contacts SET enterprise_id = $1, name = $2, position = $3, phone = $4, agreed_at = $5, agreed_notice = $6 WHERE id = $7`,
		id, c.Name, c.Position, c.Phone, now, agreed, contact)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE consultations SET enterprise_id = $1 WHERE contact_id = $2 AND enterprise_id = '' AND state NOT IN ('answered', 'closed')`, id, contact)
	if err != nil {
		return err
	}
	if before.ID != "" && before.ID != id {
		if err := dropForsaken(ctx, tx, before.ID); err != nil {
			return err
		}
	}
	return d.recordContact(ctx, tx, contact, "bind", id, "")
}

// keepEnterprise stores what a contact says of its enterprise: the latest word
// stands, and the audit log has what it took the place of.
func (d *Desk) keepEnterprise(ctx context.Context, tx *db.Tx, contact string, e Enterprise) (string, error) {
	var old Enterprise
	err := tx.QueryRow(ctx, `SELECT id, name, industry, county, permit FROM enterprises WHERE code = $1`, e.Code).
		Scan(&old.ID, &old.Company, &old.Industry, &old.County, &old.Permit)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	var id string
	now := d.millis()
	err = tx.QueryRow(ctx, `INSERT INTO enterprises (id, code, name, industry, county, permit, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, industry = excluded.industry, county = excluded.county, permit = excluded.permit, updated_at = excluded.updated_at
		RETURNING id`, db.NewID(), e.Code, e.Company, e.Industry, e.County, e.Permit, now).Scan(&id)
	if err != nil || old.ID == "" {
		return id, err
	}
	var changes []string
	for _, c := range []struct{ name, from, to string }{{"名称", old.Company, e.Company}, {"行业", old.Industry, e.Industry}, {"县区", old.County, e.County}, {"许可", old.Permit, e.Permit}} {
		if c.from != c.to {
			changes = append(changes, fmt.Sprintf("%s：%s → %s", c.name, c.from, c.to))
		}
	}
	if len(changes) == 0 {
		return id, nil
	}
	return id, d.recordContact(ctx, tx, contact, "enterprise", id, strings.Join(changes, "；"))
}

func (d *Desk) unbind(ctx context.Context, tx *db.Tx, openid string) error {
	c, contact, err := scanProfile(tx.QueryRow(ctx, selectProfile+` WHERE c.openid = $1`, openid))
	if err != nil || contact == "" || !c.Bound() && c.Agreed == "" {
		return err
	}
	if err := eraseProfile(ctx, tx, contact, c.ID); err != nil {
		return err
	}
	return d.recordContact(ctx, tx, contact, "unbind", c.ID, "")
}

// eraseProfile forgets what a contact has said of itself, and its enterprise when
// nothing else refers to that.
func eraseProfile(ctx context.Context, tx *db.Tx, contact, enterprise string) error {
	_, err := tx.Exec(ctx, `UPDATE contacts SET enterprise_id = '', name = '', position = '', phone = '', agreed_at = 0, agreed_notice = '' WHERE id = $1`, contact)
	if err != nil {
		return err
	}
	return dropForsaken(ctx, tx, enterprise)
}

// dropForsaken deletes an enterprise that no contact and no consultation names.
func dropForsaken(ctx context.Context, tx *db.Tx, enterprise string) error {
	_, err := tx.Exec(ctx, `DELETE FROM enterprises WHERE id = $1
		AND NOT EXISTS (SELECT 1 FROM contacts WHERE enterprise_id = $1) AND NOT EXISTS (SELECT 1 FROM consultations WHERE enterprise_id = $1)`, enterprise)
	return err
}

// recordContact writes what a contact did with an enterprise into the audit
// log, which is never erased: it names the contact by its id only.
func (d *Desk) recordContact(ctx context.Context, tx *db.Tx, contact, action, enterprise, detail string) error {
	return staff.Record(ctx, tx, staff.Entry{At: d.now(), Actor: "contact:" + contact, Action: action, Object: "enterprise:" + enterprise, Detail: detail})
}
