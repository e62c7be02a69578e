package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// codePeriod is how long a code is shown.
const codePeriod = 30 * time.Second

// NewSecret is a random TOTP secret, as authenticator apps read it.
func NewSecret() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // never fails
	return base32.StdEncoding.EncodeToString(b)
}

// SecretURL is the address that authenticator apps scan.
func SecretURL(login, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {"绿企服务台"}}
	return "otpauth://totp/" + url.PathEscape("绿企服务台:"+login) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// Code is what an authenticator shows for a secret at a time.
func Code(secret string, at time.Time) (string, error) {
	code, err := totp.GenerateCodeCustom(secret, at, totp.ValidateOpts{Period: uint(codePeriod / time.Second), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", fmt.Errorf("staff: code: %w", err)
	}
	return code, nil
}

// step is the time step in which a code of a secret is right, now or up to one
// step away from now, and after the step used; 0 if none.
func (s *Store) step(secret, code string, used int64) (int64, error) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	now, found := s.codeTime(), int64(0)
	for _, d := range []time.Duration{-codePeriod, 0, codePeriod} {
		at := now.Add(d)
		want, err := Code(secret, at)
		if err != nil {
			return 0, err
		}
		if n := at.Unix() / int64(codePeriod/time.Second); n > used && found == 0 && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = n
		}
	}
	return found, nil
}

// Enrol gives an account the TOTP secret for which code is right, in place of
// the one before, and ends all sessions. The command line needs no code.
func (s *Store) Enrol(ctx context.Context, by Actor, id, secret, code string) error {
	if by.Account != id && by.Account != CommandLine().Account {
		return apperr.New(apperr.Forbidden, "只能设自己的动态码。")
	}
	var step int64
	if by.Account == id {
		var err error
		if step, err = s.step(secret, code, 0); err != nil {
			return err
		}
		if step == 0 {
			return apperr.New(apperr.Invalid, "动态码不对。请看手机上“绿企服务台”那一项现在的 6 位数字；手机的时间要准。")
		}
	}
	return s.change(ctx, id, func(ctx context.Context, tx *db.Tx, a Account) error {
		if err := s.update(ctx, tx, id, `totp = $2, totp_used = $3, epoch = epoch + 1`, secret, step); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "totp", id, a.Login)
	})
}
