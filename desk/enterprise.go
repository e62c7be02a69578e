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

// Profile is what a contact has said of itself and its enterprise. The zero profile
// is that of a contact who has said nothing.
type Profile struct {
	Enterprise
	Name     string
	Position string
	Phone    string
	AgreedAt time.Time // to the notice on personal data
	Agreed   string    // fingerprint of the notice agreed to
}

// Bound reports whether the contact belongs to an enterprise.
func (c Profile) Bound() bool { return c.ID != "" }

// Get returns a field.
func (c *Profile) Get(f Field) string { return *c.field(f) }

// Set changes a field; Clean makes it fit to be kept.
func (c *Profile) Set(f Field, value string) { *c.field(f) = value }

func (c *Profile) field(f Field) *string {
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
func (c *Profile) Clean() map[Field]string {
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

// Privacy returns the notice as it stands.
func (d *Desk) Privacy(ctx context.Context) (Privacy, error) {
	return d.privacy(ctx, d.db)
}

// fingerprint of a text, to tell later which one was agreed to.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Profile returns what a contact has said of itself; the zero profile for a contact
// who is not known.
func (d *Desk) Profile(ctx context.Context, openid string) (Profile, error) {
	c, _, err := scanProfile(d.db.QueryRow(ctx, selectProfile+` WHERE c.openid = $1`, openid))
	return c, err
}

// Bind keeps a profile, new or corrected: it binds the contact to the enterprise
// of that code. agreed is the fingerprint of the notice that the contact has
// agreed to; when that is not the present one, or a field is wrong, nothing is
// kept and the error says what to do.
func (d *Desk) Bind(ctx context.Context, openid string, c Profile, agreed string) error {
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
