package staff

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Account is a member of staff who may sign in. It holds no secrets.
type Account struct {
	ID        string
	Login     string // lower case
	Name      string
	Phone     string
	Roles     []Role
	Active    bool
	Enrolled  bool  // it has a TOTP secret
	Temporary bool  // its password was given out and must be changed at the next sign-in
	Bound     bool  // a WeChat user is bound to it
	Epoch     int64 // raised to end all its sessions
	CreatedAt time.Time
}

// Actor is the account as one who does something, from an address.
func (a Account) Actor(ip string) Actor {
	return Actor{Account: a.ID, Name: a.Name, Roles: a.Roles, IP: ip}
}

// Store keeps accounts and their secrets. It is safe for concurrent use, by
// several processes on one database too.
type Store struct {
	db       *db.DB
	now      func() time.Time
	codeTime func() time.Time
	decoy    string        // the hash that a password for an unknown login is compared with
	hashing  chan struct{} // bounds the memory of password hashing
}

// New makes a Store. now is the clock by which everything is dated; codeTime
// the one that people's telephones show, by which TOTP codes are made (a demo
// moves only the first).
func New(d *db.DB, now, codeTime func() time.Time) (*Store, error) {
	s := &Store{db: d, now: now, codeTime: codeTime, hashing: make(chan struct{}, hashers)}
	var err error
	if s.decoy, err = argon2id.CreateHash(randomWord(), hashing()); err != nil {
		return nil, fmt.Errorf("staff: %w", err)
	}
	return s, nil
}

// CommandLine is who acts when somebody at the server runs a command.
func CommandLine() Actor {
	return Actor{Account: "system", Name: "命令行", Roles: []Role{RoleAdministrator}}
}

// Person is what an account says of its owner.
type Person struct {
	Login string // 2 to 32 of a–z, 0–9, '.', '_' and '-', lower case
	Name  string
	Phone string // may be ""
	Roles []Role
}

var (
	goodLogin = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,31}$`)
	goodPhone = regexp.MustCompile(`^[0-9+ -]{0,20}$`)
)

// maxName is the longest name, in characters.
const maxName = 20

// clean trims a person's fields and refuses what cannot be.
func (p Person) clean() (Person, error) {
	p.Login, p.Name, p.Phone = strings.ToLower(strings.TrimSpace(p.Login)), strings.TrimSpace(p.Name), strings.TrimSpace(p.Phone)
	switch {
	case !goodLogin.MatchString(p.Login):
		return p, apperr.New(apperr.Invalid, "账号要用 2 到 32 个小写字母、数字或 . _ -，以字母或数字开头。")
	case p.Name == "" || len([]rune(p.Name)) > maxName:
		return p, apperr.New(apperr.Invalid, "请填姓名，最多 20 个字。")
	case !goodPhone.MatchString(p.Phone):
		return p, apperr.New(apperr.Invalid, "电话只能有数字、空格、+ 和 -，最多 20 位。")
	}
	return p, checkRoles(p.Roles)
}

func checkRoles(roles []Role) error {
	if len(roles) == 0 {
		return apperr.New(apperr.Invalid, "请至少选一个角色。")
	}
	for _, r := range roles {
		if !slices.Contains(Roles(), r) {
			return apperr.New(apperr.Invalid, "没有“"+string(r)+"”这个角色。")
		}
	}
	return nil
}

// administers refuses everybody but administrators.
func (a Actor) administers() error {
	if !a.Has(RoleAdministrator) {
		return apperr.New(apperr.Forbidden, "只有管理员可以管理账号。")
	}
	return nil
}

// Create makes an account and returns a temporary password for its owner. A
// login that exists is apperr.Conflict.
func (s *Store) Create(ctx context.Context, by Actor, p Person) (Account, string, error) {
	if err := by.administers(); err != nil {
		return Account{}, "", err
	}
	p, err := p.clean()
	if err != nil {
		return Account{}, "", err
	}
	password := randomWord()
	hash, err := s.hash(ctx, password)
	if err != nil {
		return Account{}, "", err
	}
	id := db.NewID()
	err = s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.insert(ctx, tx, id, p, hash); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "account-create", id, p.Login+"："+roleNames(p.Roles))
	})
	if err != nil {
		return Account{}, "", err
	}
	a, err := s.Account(ctx, id)
	return a, password, err
}

// SetPerson changes name, telephone and roles; the login stays. New roles end
// the account's sessions.
func (s *Store) SetPerson(ctx context.Context, by Actor, id string, p Person) error {
	if err := by.administers(); err != nil {
		return err
	}
	return s.change(ctx, id, func(ctx context.Context, tx *db.Tx, a Account) error {
		p.Login = a.Login
		p, err := p.clean()
		if err != nil {
			return err
		}
		changed := JoinRoles(p.Roles) != JoinRoles(a.Roles)
		if err := s.update(ctx, tx, id, `name = $2, phone = $3, roles = $4, epoch = epoch + $5`, p.Name, p.Phone, JoinRoles(p.Roles), truth(changed)); err != nil {
			return err
		}
		if err := s.keepsAdministrator(ctx, tx); err != nil {
			return err
		}
		detail := a.Login
		if changed {
			detail += "：" + roleNames(a.Roles) + " 改为 " + roleNames(p.Roles)
		}
		return s.record(ctx, tx, by, "account-change", id, detail)
	})
}

// SetActive lets an account sign in, or ends its sessions and keeps it out.
func (s *Store) SetActive(ctx context.Context, by Actor, id string, active bool) error {
	if err := by.administers(); err != nil {
		return err
	}
	state, action := "disabled", "account-disable"
	if active {
		state, action = "active", "account-enable"
	}
	return s.change(ctx, id, func(ctx context.Context, tx *db.Tx, a Account) error {
		if err := s.update(ctx, tx, id, `state = $2, epoch = epoch + 1`, state); err != nil {
			return err
		}
		if err := s.keepsAdministrator(ctx, tx); err != nil {
			return err
		}
		return s.record(ctx, tx, by, action, id, a.Login)
	})
}

// Reset gives an account a temporary password, takes its TOTP secret and its
// WeChat user away and ends its sessions: for one who lost them.
func (s *Store) Reset(ctx context.Context, by Actor, id string) (string, error) {
	if err := by.administers(); err != nil {
		return "", err
	}
	password := randomWord()
	hash, err := s.hash(ctx, password)
	if err != nil {
		return "", err
	}
	return password, s.change(ctx, id, func(ctx context.Context, tx *db.Tx, a Account) error {
		err := s.update(ctx, tx, id, `password = $2, password_at = $3, temporary = 1, totp = '', totp_used = 0, openid = '', epoch = epoch + 1`,
			hash, s.now().UnixMilli())
		if err != nil {
			return err
		}
		return s.record(ctx, tx, by, "account-reset", id, a.Login)
	})
}

// record writes an entry about an account into the audit log.
func (s *Store) record(ctx context.Context, tx *db.Tx, by Actor, action, id, detail string) error {
	return Record(ctx, tx, Entry{At: s.now(), Actor: by.Account, Action: action, Object: "account:" + id, Detail: detail, IP: by.IP})
}

func roleNames(roles []Role) string {
	var names []string
	for _, r := range Roles() {
		if slices.Contains(roles, r) {
			names = append(names, r.Name())
		}
	}
	return strings.Join(names, "、")
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
