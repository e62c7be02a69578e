package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Enterprise is a firm as its contacts describe it. Nobody has checked it.
type Enterprise struct {
	ID       string
	Code     string // 统一社会信用代码
	Company  string // name
	Industry string // GB/T 4754 code, "" if not said
	County   string
	Permit   string // key, simplified, registered, none; "" if not said
}

// Card is what a contact has said of itself and its enterprise. The zero card
// is that of a contact who has said nothing.
type Card struct {
	Enterprise
	Name     string
	Position string
	Phone    string
	AgreedAt time.Time // to the notice on personal data
	Agreed   string    // fingerprint of the notice agreed to
}

// Bound reports whether the contact belongs to an enterprise.
func (c Card) Bound() bool { return c.ID != "" }

// Get returns a field.
func (c *Card) Get(f Field) string { return *c.field(f) }

// Set changes a field; Clean makes it fit to be kept.
func (c *Card) Set(f Field, value string) { *c.field(f) = value }

func (c *Card) field(f Field) *string {
	switch f {
	case FieldCode:
		return &c.Code
	case FieldCompany:
		return &c.Company
	case FieldName:
		return &c.Name
	case FieldPosition:
		return &c.Position
	case FieldPhone:
		return &c.Phone
	case FieldIndustry:
		return &c.Industry
	case FieldCounty:
		return &c.County
	case FieldPermit:
		return &c.Permit
	}
	panic("desk: no field " + string(f))
}

// Clean makes every field as it is kept and tells, by field, what is wrong with
// those that cannot be. Wrong fields stay as they were written.
func (c *Card) Clean() map[Field]string {
	wrong := map[Field]string{}
	for _, f := range Fields() {
		value, err := f.Clean(c.Get(f))
		if err != nil {
			wrong[f] = apperr.MessageOf(err)
			continue
		}
		c.Set(f, value)
	}
	return wrong
}

// Privacy is the notice on personal data that a contact agrees to before any
// is kept.
type Privacy struct{ Text, Fingerprint string }

// settingPrivacy is the name of the notice's text among the desk's settings.
const settingPrivacy = "notice"

// defaultPrivacy is the notice until an administrator writes another.
const defaultPrivacy = `为了让专家了解您的情况并联系到您，我们会保存：企业名称和统一社会信用代码、行业、县区、排污许可类别，您的姓名、职务和电话，以及您咨询时发来的文字和图片。

只有答复您咨询的专家能看到，不提供给执法人员，不用于处罚。您可以随时在“我的资料”里查看、改正或删除；取消关注后，这些个人信息会自动删除。

不填写也可以照常咨询。`

// Privacy returns the notice as it stands.
func (d *Desk) Privacy(ctx context.Context) (Privacy, error) {
	return readPrivacy(d.db.QueryRow(ctx, selectSetting, settingPrivacy))
}

// fingerprint of a text, to tell later which one was agreed to.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Card returns what a contact has said of itself; the zero card for a contact
// who is not known.
func (d *Desk) Card(ctx context.Context, openid string) (Card, error) {
	c, _, err := scanCard(d.db.QueryRow(ctx, selectCard+` WHERE c.openid = $1`, openid))
	return c, err
}

// Bind keeps a card, new or corrected: it binds the contact to the enterprise
// of that code. agreed is the fingerprint of the notice that the contact has
// agreed to; when that is not the present one, or a field is wrong, nothing is
// kept and the error says what to do.
func (d *Desk) Bind(ctx context.Context, openid string, c Card, agreed string) error {
	wrong := c.Clean()
	for _, f := range Fields() {
		if message, bad := wrong[f]; bad {
			return apperr.New(apperr.Invalid, message)
		}
	}
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return d.bind(ctx, tx, openid, c, agreed) })
}

// Unbind erases what a contact has said of itself; consultations stay. A
// contact who has said nothing is no error.
func (d *Desk) Unbind(ctx context.Context, openid string) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return d.unbind(ctx, tx, openid) })
}
