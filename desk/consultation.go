package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Reasons for handing a question to the experts.
const (
	ReasonRequested = "requested" // the contact tapped 转专家
	ReasonAbstained = "abstained" // nothing quotable settles it
	ReasonPerson    = "person"    // the contact asked for a person
	ReasonMaterial  = "material"  // a photo, a voice message or a place came in
	ReasonUseless   = "useless"   // two answers in a row were of no use
)

// Urgencies of a consultation.
const (
	UrgencyNormal = "normal"
	UrgencyUrgent = "urgent"
)

// Escalation is a question on its way to the experts.
type Escalation struct {
	OpenID   string
	Inbound  string // id of the message that holds the question: it is handed over once
	Question string
	Context  []Turn // the conversation before it
	Reason   string
	Grounds  Grounds // why nothing was quoted, when that is the reason
	Urgent   bool    // an emergency: its clocks are the short ones
	Join     bool    // a message that comes within two minutes of the last one of an open consultation joins it
}

// Consultation is a question handed to the experts. A time that has not come
// is the zero time.
type Consultation struct {
	ID             string
	Number         string // shown to the contact: year, month, day and a count of the day
	OpenID         string
	Contact        string // id of the contact
	Enterprise     string // id of the enterprise for which the contact asked, "" if it was not bound
	EnterpriseName string
	Question       string
	Reason         string // ReasonRequested …
	Topic          string
	Urgency        string // UrgencyNormal or UrgencyUrgent
	Group          string // id of the advisory group, "" if none has it
	GroupName      string
	Expert         string // account that holds it, "" if nobody does
	ExpertName     string
	Routed         string // why this group and expert, for staff
	State          State
	AcceptDue      time.Time // zero: no clock runs
	AnswerDue      time.Time
	AnsweredAt     time.Time
	ClosedAt       time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Paused         bool // the clock rests: the enterprise has been asked
	Rating         int  // 1 to 5, 0 if not rated
	RatingWord     string
	Version        int64 // methods that change it take the version that the page had
	Existed        bool  // by Escalate and Word: this message had been handed over before
	Joined         bool  // by Escalate: the message joined a consultation that was open already
	Full           bool  // by Escalate: it joined because the contact has made as many as fit into a day

	pausedAt, warnedAt, escalatedAt time.Time
}

const (
	// maxQuestion is the longest question that is kept, in characters.
	maxQuestion = 2000
	// together is how long after the last message of a contact the next one still
	// belongs to the same consultation.
	together = 2 * time.Minute
	// daily is how many consultations one contact makes within 24 hours; what
	// comes after them is added to the newest that is open.
	daily = 20
)

// Escalate hands a question to the experts. The same message makes one
// consultation, however often and by whatever way it is handed over. With
// e.Join, rapid messages of one contact make one consultation: the first makes
// it and the others are words in its thread; and so are those that come after
// many of one day, unless it is an emergency.
func (d *Desk) Escalate(ctx context.Context, e Escalation) (Consultation, error) {
	e.Question = strings.TrimSpace(e.Question)
	if e.Question == "" {
		return Consultation{}, apperr.New(apperr.Invalid, "请先用文字说明要咨询的问题，再转专家。")
	}
	if e.Inbound == "" {
		return Consultation{}, errors.New("desk: an escalation without a message")
	}
	e.Question = shorten(e.Question, maxQuestion)
	history, err := encode(e.Context)
	if err != nil {
		return Consultation{}, fmt.Errorf("desk: context of a consultation: %w", err)
	}
	var out Consultation
	err = d.change(ctx, func(ctx context.Context, tx *db.Tx) (string, error) {
		c, err := d.escalate(ctx, tx, e, history)
		out = c
		if c.Existed {
			return "", err
		}
		return c.ID, err
	})
	if err != nil {
		return Consultation{}, err
	}
	return out, nil
}

// Consultations lists openid's consultations, newest first, at most limit.
// Nobody else's are ever among them.
func (d *Desk) Consultations(ctx context.Context, openid string, limit int) ([]Consultation, error) {
	rows, err := d.db.Query(ctx, selectConsultation+` WHERE c.openid = $1 ORDER BY k.created_at DESC, k.id DESC LIMIT $2`, openid, limit)
	return list(rows, err, scanConsultation)
}

// Awaiting returns openid's consultation in which an expert has asked and has
// no reply yet; of several, the one that was asked last. It reports false when
// there is none.
func (d *Desk) Awaiting(ctx context.Context, openid string) (Consultation, bool, error) {
	return found(scanConsultation(d.db.QueryRow(ctx, selectConsultation+` WHERE c.openid = $1 AND k.state = 'waiting'
		ORDER BY k.paused_at DESC, k.id DESC LIMIT 1`, openid)))
}

// found turns a NotFound error into false.
func found(c Consultation, err error) (Consultation, bool, error) {
	if apperr.CodeOf(err) == apperr.NotFound {
		return Consultation{}, false, nil
	}
	return c, err == nil, err
}

// shorten cuts a text to at most n characters.
func shorten(text string, n int) string {
	if rs := []rune(text); len(rs) > n {
		return string(rs[:n])
	}
	return text
}
