package staff

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

// shop is a store with a clock that the test moves.
type shop struct {
	*Store
	t  *testing.T
	mu sync.Mutex
	at time.Time
}

func (s *shop) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *shop) move(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

// shops runs a test on both databases.
func shops(t *testing.T, fn func(t *testing.T, s *shop)) {
	t.Helper()
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := &shop{t: t, at: time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)}
		var err error
		s.Store, err = New(d, s.clock, s.clock)
		must(t, err)
		fn(t, s)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code apperr.Code) {
	t.Helper()
	if apperr.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}

const good = "correct horse 电池 钉书针"

// hire makes an account that can sign in, with its secret.
func (s *shop) hire(login string, roles ...Role) (Account, string) {
	s.t.Helper()
	ctx := s.t.Context()
	a, word, err := s.Create(ctx, CommandLine(), Person{Login: login, Name: "某人", Roles: roles})
	must(s.t, err)
	secret := NewSecret()
	must(s.t, s.SetPassword(ctx, a.Actor(""), a.ID, word, good))
	must(s.t, s.Enrol(ctx, CommandLine(), a.ID, secret, ""))
	a, err = s.Account(ctx, a.ID)
	must(s.t, err)
	return a, secret
}

func (s *shop) code(secret string) string {
	s.t.Helper()
	code, err := Code(secret, s.clock())
	must(s.t, err)
	return code
}

func TestSigningInTakesLoginPasswordAndAFreshCode(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		a, secret := s.hire("li.na", RoleExpert)
		in := Attempt{Login: " Li.Na ", Password: good, Code: s.code(secret), IP: "10.0.0.9"}
		got, err := s.Verify(ctx, in)
		must(t, err)
		if got.ID != a.ID || got.Temporary || !got.Enrolled {
			t.Fatalf("%+v", got)
		}
		_, again := s.Verify(ctx, in)
		s.move(30 * time.Second)
		for name, try := range map[string]Attempt{
			"no such login":  {Login: "nobody", Password: good, Code: s.code(secret)},
			"wrong password": {Login: "li.na", Password: good + "!", Code: s.code(secret)},
			"no password":    {Login: "li.na", Code: s.code(secret)},
			"no code":        {Login: "li.na", Password: good},
			"wrong code":     {Login: "li.na", Password: good, Code: "000000"},
			"empty":          {},
		} {
			if _, err := s.Verify(ctx, try); apperr.CodeOf(err) != apperr.Invalid || apperr.MessageOf(err) != apperr.MessageOf(again) {
				t.Errorf("%s: %v, want the same answer as for a used code: %v", name, err, again)
			}
		}
		// A code of the step before and the one after are right, too: clocks differ.
		early, err := Code(secret, s.clock().Add(30*time.Second))
		must(t, err)
		_, err = s.Verify(ctx, Attempt{Login: "li.na", Password: good, Code: early[:3] + " " + early[3:]})
		must(t, err)
		far, err := Code(secret, s.clock().Add(90*time.Second))
		must(t, err)
		_, err = s.Verify(ctx, Attempt{Login: "li.na", Password: good, Code: far})
		wantCode(t, err, apperr.Invalid)
	})
}

// TestACodeWorksOnce: of many tries at the same moment with one code, one gets
// in.
func TestACodeWorksOnce(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		_, secret := s.hire("li.na", RoleExpert)
		code := s.code(secret)
		var wg sync.WaitGroup
		in := make([]bool, 8)
		for i := range in {
			wg.Go(func() {
				_, err := s.Verify(context.WithoutCancel(t.Context()), Attempt{Login: "li.na", Password: good, Code: code})
				in[i] = err == nil
			})
		}
		wg.Wait()
		n := 0
		for _, ok := range in {
			if ok {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%d got in", n)
		}
	})
}

func TestATemporaryPasswordOpensOnlyItsChangeAndNotForEver(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		a, word, err := s.Create(ctx, CommandLine(), Person{Login: "wang", Name: "王", Roles: []Role{RoleExpert}})
		must(t, err)
		got, err := s.Verify(ctx, Attempt{Login: "wang", Password: word})
		must(t, err)
		if !got.Temporary || got.Enrolled {
			t.Fatalf("%+v", got)
		}
		wantCode(t, s.SetPassword(ctx, a.Actor(""), a.ID, "", word), apperr.Invalid) // the same again
		s.move(temporaryFor + time.Minute)
		_, err = s.Verify(ctx, Attempt{Login: "wang", Password: word})
		wantCode(t, err, apperr.Invalid)
		word, err = s.Reset(ctx, CommandLine(), a.ID)
		must(t, err)
		_, err = s.Verify(ctx, Attempt{Login: "wang", Password: word})
		must(t, err)
		must(t, s.SetPassword(ctx, a.Actor(""), a.ID, "", good))
		wantCode(t, s.SetPassword(ctx, a.Actor(""), a.ID, "not the old one", good+"2"), apperr.Invalid)
		must(t, s.SetPassword(ctx, a.Actor(""), a.ID, good, good+"2"))
	})
}

func TestWhatEndsSessionsRaisesTheEpoch(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		ctx, by := t.Context(), CommandLine()
		s.hire("boss", RoleAdministrator)
		a, _ := s.hire("li.na", RoleExpert)
		epoch := a.Epoch
		raised := func(what string, want bool, err error) {
			t.Helper()
			must(t, err)
			now, err := s.Account(ctx, a.ID)
			must(t, err)
			if (now.Epoch > epoch) != want {
				t.Errorf("%s: epoch %d after %d", what, now.Epoch, epoch)
			}
			epoch = now.Epoch
		}
		raised("a new name", false, s.SetPerson(ctx, by, a.ID, Person{Name: "李娜", Roles: []Role{RoleExpert}}))
		raised("new roles", true, s.SetPerson(ctx, by, a.ID, Person{Name: "李娜", Roles: []Role{RoleExpert, RoleLead}}))
		raised("disabled", true, s.SetActive(ctx, by, a.ID, false))
		raised("enabled", true, s.SetActive(ctx, by, a.ID, true))
		raised("password", true, s.SetPassword(ctx, a.Actor(""), a.ID, good, good+"3"))
		raised("bound", false, s.Bind(ctx, a.Actor(""), "o-li"))
		raised("unbound", true, s.Unbind(ctx, a.Actor("")))
		raised("TOTP", true, s.Enrol(ctx, by, a.ID, NewSecret(), ""))
		_, err := s.Reset(ctx, by, a.ID)
		raised("reset", true, err)
	})
}

func TestOnlyAdministratorsKeepAccountsAndOneAlwaysStays(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		boss, _ := s.hire("boss", RoleAdministrator)
		lead, _ := s.hire("lead", RoleLead, RoleExpert)
		by := lead.Actor("")
		_, _, err := s.Create(ctx, by, Person{Login: "x1", Name: "x", Roles: []Role{RoleExpert}})
		wantCode(t, err, apperr.Forbidden)
		wantCode(t, s.SetPerson(ctx, by, lead.ID, Person{Name: "x", Roles: []Role{RoleAdministrator}}), apperr.Forbidden)
		wantCode(t, s.SetActive(ctx, by, boss.ID, false), apperr.Forbidden)
		_, err = s.Reset(ctx, by, boss.ID)
		wantCode(t, err, apperr.Forbidden)
		wantCode(t, s.SetPassword(ctx, by, boss.ID, good, good+"4"), apperr.Forbidden)
		wantCode(t, s.Enrol(ctx, by, boss.ID, NewSecret(), "123456"), apperr.Forbidden)
		by = boss.Actor("")
		wantCode(t, s.SetActive(ctx, by, boss.ID, false), apperr.Conflict)
		wantCode(t, s.SetPerson(ctx, by, boss.ID, Person{Name: "b", Roles: []Role{RoleAuditor}}), apperr.Conflict)
		must(t, s.SetPerson(ctx, by, lead.ID, Person{Name: "l", Roles: []Role{RoleAdministrator}}))
		must(t, s.SetActive(ctx, by, boss.ID, false))
		_, _, err = s.Create(ctx, by, Person{Login: "LEAD", Name: "x", Roles: []Role{RoleExpert}})
		wantCode(t, err, apperr.Conflict)
	})
}

func TestAWeChatUserSignsInToOneAccount(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		s.hire("boss", RoleAdministrator)
		a, _ := s.hire("li.na", RoleExpert)
		b, _ := s.hire("wang", RoleExpert)
		_, err := s.VerifyOpenID(ctx, "", "")
		wantCode(t, err, apperr.Forbidden)
		must(t, s.Bind(ctx, a.Actor(""), "o-1"))
		wantCode(t, s.Bind(ctx, b.Actor(""), "o-1"), apperr.Conflict)
		got, err := s.VerifyOpenID(ctx, "o-1", "")
		must(t, err)
		if got.ID != a.ID {
			t.Fatalf("got %s", got.Login)
		}
		must(t, s.SetActive(ctx, CommandLine(), a.ID, false))
		_, err = s.VerifyOpenID(ctx, "o-1", "")
		wantCode(t, err, apperr.Forbidden)
	})
}

func TestGuessablePasswordsAndBrokenPersonsAreRefused(t *testing.T) {
	for _, word := range []string{"", "short-1", "1234567890", "aaaaaaaaaaaa", "password123!", "admin123456", "li.na2026li.na", "qwertyuiop123", strings.Repeat("长", 129), "abcdefg\xff\xfehij"} {
		if err := CheckPassword("li.na", word); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("%q: %v", word, err)
		}
	}
	for _, word := range []string{good, "hé-quan-mǎ-tóu", "Tr0ub4dor&3-dog", "一二三四五六七八九十"} {
		must(t, CheckPassword("li.na", word))
	}
	for _, p := range []Person{{Login: "a", Name: "x"}, {Login: "a b", Name: "x"}, {Login: "ab", Name: " "}, {Login: "ab", Name: strings.Repeat("名", 21)},
		{Login: "ab", Name: "x", Phone: "<b>"}, {Login: "ab", Name: "x"}, {Login: "ab", Name: "x", Roles: []Role{"king"}}} {
		if _, err := p.clean(); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("%+v: %v", p, err)
		}
	}
}
