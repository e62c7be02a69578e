package simulator

import (
	"errors"
	"fmt"
	"time"
)

// Person is somebody with a phone: one WeChat user of one enterprise.
type Person struct {
	OpenID string // the account's name for the user; empty = made up by AddPerson
	Name   string // shown on the phone page only; the real platform no longer tells it to the account
}

// Presets are the four enterprises of the phone page.
func Presets() []Person {
	return []Person{
		{OpenID: "oGDsim0FoodFactory0Luohe0001", Name: "漯河某食品厂"},
		{OpenID: "oGDsim0SprayPaint00Luohe0002", Name: "某家具厂喷漆车间"},
		{OpenID: "oGDsim0PigFarm00000Luohe0003", Name: "舞阳某养猪场"},
		{OpenID: "oGDsim0GasStation00Luohe0004", Name: "临颍某加油站"},
	}
}

// Errors of things a phone cannot do.
var (
	// ErrUnknownPerson means no phone has that openid.
	ErrUnknownPerson = errors.New("simulator: no such person")
	// ErrNotFollowing means the person does not follow the account and cannot write to it.
	ErrNotFollowing = errors.New("simulator: the person does not follow the account")
)

// user is what the platform knows of a person.
type user struct {
	Person
	following        bool
	blocked          bool // on the account's blacklist
	refusesTemplates bool // template messages end as failed:user block
	snapshot         bool // OAuth answers is_snapshotuser=1
	followedAt       time.Time
	scene            string // subscribe scene: "" or qrscene_…
	lastContact      time.Time
	message          grant // opened by a message: 5 in 48 h
	act              grant // opened by a menu click, a scan, following, a msgmenu tap: 3 in 1 min
	typingUntil      time.Time
	consents         map[string]int // template id → messages left; longTerm never runs out
	bubbles          []Bubble
	unseen           int
	firstReorder     chan struct{} // a held push waits for this, see FaultReorder
}

// longTerm marks a consent that is not used up (长期订阅).
const longTerm = -1

// maxBubbles bounds a chat's memory.
const maxBubbles = 400

// AddPerson puts another phone on the table and returns its openid. Adding a known openid renames its person.
func (p *Platform) AddPerson(person Person) string {
	p.mu.Lock()
	if person.OpenID == "" {
		person.OpenID = "oGDsim" + p.randomText(22)
	}
	if person.Name == "" {
		person.Name = "企业 " + person.OpenID[len(person.OpenID)-4:]
	}
	if u := p.users[person.OpenID]; u != nil {
		u.Name = person.Name
	} else {
		p.users[person.OpenID] = &user{Person: person, consents: map[string]int{}}
		p.order = append(p.order, person.OpenID)
	}
	p.mu.Unlock()
	p.changed("")
	return person.OpenID
}

// People are all phones, in the order they appeared.
func (p *Platform) People() []Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	people := make([]Person, 0, len(p.order))
	for _, id := range p.order {
		people = append(people, p.users[id].Person)
	}
	return people
}

// Following tells whether the person follows the account.
func (p *Platform) Following(openid string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[openid]
	return u != nil && u.following
}

// SetBlocked puts a person on the account's blacklist or takes them off: sending to them fails with 43019.
func (p *Platform) SetBlocked(openid string, blocked bool) error {
	return p.withUser(openid, func(u *user) { u.blocked = blocked })
}

// SetSnapshot makes OAuth answer is_snapshotuser=1 for the person, as it does when WeChat shows a page's snapshot.
func (p *Platform) SetSnapshot(openid string, snapshot bool) error {
	return p.withUser(openid, func(u *user) { u.snapshot = snapshot })
}

// GrantConsent gives n subscription messages of a template (n < 0: long-term consent).
func (p *Platform) GrantConsent(openid, templateID string, n int) error {
	return p.withUser(openid, func(u *user) { u.addConsent(templateID, n) })
}

func (u *user) addConsent(templateID string, n int) {
	switch {
	case n < 0:
		u.consents[templateID] = longTerm
	case u.consents[templateID] != longTerm:
		u.consents[templateID] += n
	}
}

func (p *Platform) withUser(openid string, f func(*user)) error {
	p.mu.Lock()
	u := p.users[openid]
	if u != nil {
		f(u)
	}
	p.mu.Unlock()
	if u == nil {
		return fmt.Errorf("%w: %s", ErrUnknownPerson, openid)
	}
	p.changed(openid)
	return nil
}

// grant is a right to send some customer-service messages until a moment.
type grant struct {
	until time.Time
	left  int
}

// Customer-service windows (客服消息下发条数限制).
const (
	messageQuota, messageWindow = 5, 48 * time.Hour
	actQuota, actWindow         = 3, time.Minute
)

func (u *user) openMessageWindow(now time.Time) {
	u.lastContact, u.message = now, grant{now.Add(messageWindow), messageQuota}
}

func (u *user) openActWindow(now time.Time) {
	u.lastContact, u.act = now, grant{now.Add(actWindow), actQuota}
}

// spend takes one customer-service message, from the window that closes first. It returns 0, 45015 (no window is open)
// or 45047 (a window is open and its messages are used up).
func (u *user) spend(now time.Time) int {
	open := false
	for _, g := range []*grant{&u.act, &u.message} {
		if now.After(g.until) || g.until.IsZero() {
			continue
		}
		open = true
		if g.left > 0 {
			g.left--
			return 0
		}
	}
	if open {
		return 45047
	}
	return 45015
}

// Quota is what the account may still send to a person by customer-service message.
type Quota struct {
	Message      int       `json:"message"`      // left of the 5 that a message opens
	MessageUntil time.Time `json:"messageUntil"` // when these lapse; zero = never opened
	Act          int       `json:"act"`          // left of the 3 that a click, a scan or following opens
	ActUntil     time.Time `json:"actUntil"`
}

// Quota reports a person's ledger at the clock's now; lapsed windows count 0.
func (p *Platform) Quota(openid string) Quota {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if u := p.users[openid]; u != nil {
		return u.quota(now)
	}
	return Quota{}
}

func (u *user) quota(now time.Time) Quota {
	q := Quota{MessageUntil: u.message.until, ActUntil: u.act.until}
	if !now.After(u.message.until) {
		q.Message = u.message.left
	}
	if !now.After(u.act.until) {
		q.Act = u.act.left
	}
	return q
}
