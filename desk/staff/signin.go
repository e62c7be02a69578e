package staff

import (
	"context"
	"strings"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Attempt is one try to sign in.
type Attempt struct {
	Login, Password string
	Code            string // of the authenticator; not looked at before it is enrolled
	IP              string
}

// refused is the answer to every try that fails, whatever was wrong.
const refused = "账号、密码或动态码不对。请核对后再试；动态码每 30 秒换一次，用过的不能再用。"

// Verify signs an account in. Whatever is wrong (no such login, a disabled
// account, the password, a code that is wrong or was used, a temporary
// password that is too old), the answer is the same and takes as long, and the
// audit log has a line. How many tries there may be is the caller's to bound.
//
// An account that is not Enrolled or whose password is Temporary must do
// nothing but set these.
func (s *Store) Verify(ctx context.Context, t Attempt) (Account, error) {
	a, k, err := scanAccount(s.db.QueryRow(ctx, selectAccount+` WHERE login = $1`, strings.ToLower(strings.TrimSpace(t.Login))))
	known := err == nil
	if err != nil && apperr.CodeOf(err) != apperr.NotFound {
		return Account{}, err
	}
	hash := k.hash
	if hash == "" {
		hash = s.decoy
	}
	right, err := s.matches(ctx, t.Password, hash)
	if err != nil {
		return Account{}, err
	}
	right = right && known && k.hash != ""
	var in bool
	err = s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := s.admit(ctx, tx, a.ID, k.hash, right, t)
		in = ok
		return err
	})
	if err != nil {
		return Account{}, err
	}
	if !in {
		return Account{}, apperr.New(apperr.Invalid, refused)
	}
	return s.Account(ctx, a.ID)
}

// admit decides in the transaction, on the account as it is there, and spends
// the code.
func (s *Store) admit(ctx context.Context, tx *db.Tx, id, hash string, right bool, t Attempt) (bool, error) {
	a, k, err := scanAccount(tx.QueryRow(ctx, selectAccount+` WHERE id = $1`, id))
	if apperr.CodeOf(err) == apperr.NotFound { // the login is not kept: people type passwords into the wrong field
		return false, Record(ctx, tx, Entry{At: s.now(), Actor: "system", Action: "sign-in-refused", Object: "account:", Detail: "没有这个账号", IP: t.IP})
	}
	if err != nil {
		return false, err
	}
	right = right && k.hash == hash && a.Active && !(a.Temporary && s.now().UnixMilli()-k.passwordAt > temporaryFor.Milliseconds())
	by := Actor{Account: a.ID, IP: t.IP}
	if right && a.Enrolled {
		step, err := s.step(k.totp, t.Code, k.used)
		if err != nil {
			return false, err
		}
		right = step != 0
		if right {
			if err := s.update(ctx, tx, a.ID, `totp_used = $2`, step); err != nil {
				return false, err
			}
		}
	}
	if !right {
		return false, s.record(ctx, tx, by, "sign-in-refused", a.ID, a.Login)
	}
	return true, s.record(ctx, tx, by, "sign-in", a.ID, a.Login)
}

// SignOut notes that an account left.
func (s *Store) SignOut(ctx context.Context, by Actor) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.record(ctx, tx, by, "sign-out", by.Account, "")
	})
}

// Bind lets a WeChat user sign in to the actor's account, in place of the one
// before. A user who is bound to another account is apperr.Conflict.
func (s *Store) Bind(ctx context.Context, by Actor, openid string) error {
	return s.change(ctx, by.Account, func(ctx context.Context, tx *db.Tx, a Account) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM accounts WHERE openid = $1 AND id <> $2`, openid, a.ID).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return apperr.New(apperr.Conflict, "这个微信已经绑定了另一个账号。请先在那个账号里解绑。")
		}
		if err := s.update(ctx, tx, a.ID, `openid = $2`, openid); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "wechat-bind", a.ID, a.Login)
	})
}

// Unbind takes the WeChat user of the actor's account away and ends all its
// sessions.
func (s *Store) Unbind(ctx context.Context, by Actor) error {
	return s.change(ctx, by.Account, func(ctx context.Context, tx *db.Tx, a Account) error {
		if err := s.update(ctx, tx, a.ID, `openid = '', epoch = epoch + 1`); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "wechat-unbind", a.ID, a.Login)
	})
}

// VerifyOpenID signs in the account to which a WeChat user is bound;
// apperr.Forbidden when there is none that may.
func (s *Store) VerifyOpenID(ctx context.Context, openid, ip string) (Account, error) {
	var out Account
	err := s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, _, err := scanAccount(tx.QueryRow(ctx, selectAccount+` WHERE openid = $1 AND openid <> ''`, openid))
		if err != nil && apperr.CodeOf(err) != apperr.NotFound {
			return err
		}
		if err != nil || !a.Active {
			return apperr.New(apperr.Forbidden, "这个微信没有绑定可用的工作账号。请先用账号和密码登录，在“我的账号”里绑定。")
		}
		out = a
		return s.record(ctx, tx, Actor{Account: a.ID, IP: ip}, "sign-in", a.ID, a.Login+"（微信）")
	})
	return out, err
}
