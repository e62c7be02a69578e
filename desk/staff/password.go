package staff

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// hashers is how many passwords are hashed at a time in one process: each
// takes 19 MiB and about 80 ms.
const hashers = 4

// hashing are OWASP's parameters for argon2id.
func hashing() *argon2id.Params {
	return &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// temporaryFor is how long a temporary password opens anything.
const temporaryFor = 7 * 24 * time.Hour

const (
	minPassword = 10
	maxPassword = 128
)

// randomWord is a password that nobody chose: 130 bits as 26 letters and digits.
func randomWord() string { return strings.ToLower(rand.Text()) }

func (s *Store) hash(ctx context.Context, password string) (string, error) {
	if err := s.enter(ctx); err != nil {
		return "", err
	}
	defer s.leave()
	hash, err := argon2id.CreateHash(password, hashing())
	if err != nil {
		return "", fmt.Errorf("staff: hash: %w", err)
	}
	return hash, nil
}

func (s *Store) matches(ctx context.Context, password, hash string) (bool, error) {
	if err := s.enter(ctx); err != nil {
		return false, err
	}
	defer s.leave()
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("staff: compare: %w", err)
	}
	return ok, nil
}

func (s *Store) enter(ctx context.Context) error {
	select {
	case s.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) leave() { <-s.hashing }

// common are the pieces that people and guessers put passwords together from,
// longer ones before the pieces of them.
var common = []string{"1234567890", "password", "qwertyuiop", "asdfghjkl", "zxcvbnm", "123456", "654321", "qwerty", "5201314", "abcdef", "abc123",
	"admin", "huanbao", "luohe", "greendesk", "woaini", "1314", "2024", "2025", "2026", "2027", "1234", "123", "abc", "qwe", "asd", "zxc", "qaz", "wsx", "!@#"}

// CheckPassword says what is wrong with a password that somebody wants for a
// login: too short, or put together from what is guessed first.
func CheckPassword(login, password string) error {
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword || !utf8.ValidString(password) {
		return apperr.New(apperr.Invalid, "密码要有 10 到 128 个字符。可以用几个不相干的词连起来，好记又难猜。")
	}
	rest := strings.ReplaceAll(strings.ToLower(password), strings.ToLower(login), "")
	for _, c := range common {
		rest = strings.ReplaceAll(rest, c, "")
	}
	letters := []rune(rest)
	slices.Sort(letters)
	if len(slices.Compact(letters)) < 5 {
		return apperr.New(apperr.Invalid, "这个密码太容易猜到（含账号、连续数字、常用词或重复太多）。请换一个，可以用几个不相干的词连起来。")
	}
	return nil
}

// SetPassword gives an account the password that its owner chose, and ends all
// sessions. old is the one before, unless that is temporary or it is the
// command line that acts.
func (s *Store) SetPassword(ctx context.Context, by Actor, id, old, password string) error {
	a, k, err := scanAccount(s.db.QueryRow(ctx, selectAccount+` WHERE id = $1`, id))
	if err != nil {
		return err
	}
	if by.Account != id && by.Account != CommandLine().Account {
		return apperr.New(apperr.Forbidden, "只能改自己的密码。")
	}
	if err := CheckPassword(a.Login, password); err != nil {
		return err
	}
	if by.Account == id && !a.Temporary {
		ok, err := s.matches(ctx, old, k.hash)
		if err != nil {
			return err
		}
		if !ok {
			return apperr.New(apperr.Invalid, "原来的密码不对，没有改。")
		}
	}
	if same, err := s.matches(ctx, password, k.hash); err != nil || same {
		return orInvalid(err, "新密码和原来的一样，请换一个。")
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, id, func(ctx context.Context, tx *db.Tx, a Account) error {
		if err := s.update(ctx, tx, id, `password = $2, password_at = $3, temporary = 0, epoch = epoch + 1`, hash, s.now().UnixMilli()); err != nil {
			return err
		}
		return s.record(ctx, tx, by, "password", id, a.Login)
	})
}

func orInvalid(err error, message string) error {
	if err != nil {
		return err
	}
	return apperr.New(apperr.Invalid, message)
}
