package staff

import (
	"context"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"greendesk/internal/apperr"
)

// TestEveryRefusedSignInDoesTheSameWork: by the time it takes nobody can tell
// whether there is such a login. While all places for hashing are taken, a
// sign-in that hashes cannot end; the clock decides nothing here, for one that
// does not hash ends with another error, however slow the machine.
func TestEveryRefusedSignInDoesTheSameWork(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		decoy, _, _, err := argon2id.DecodeHash(s.decoy)
		must(t, err)
		if *decoy != *hashing() {
			t.Errorf("the decoy is hashed with %+v, passwords with %+v", *decoy, *hashing())
		}
		s.hire("boss", RoleAdministrator)
		s.hire("li.na", RoleExpert)
		gone, _ := s.hire("zhang", RoleExpert)
		must(t, s.SetActive(t.Context(), CommandLine(), gone.ID, false))
		for range hashers {
			s.hashing <- struct{}{}
		}
		defer func() {
			for range hashers {
				<-s.hashing
			}
		}()
		for name, try := range map[string]Attempt{
			"an unknown login":   {Login: "nobody", Password: good, Code: "000000"},
			"a wrong password":   {Login: "li.na", Password: good + "!", Code: "000000"},
			"a disabled account": {Login: "zhang", Password: good, Code: "000000"},
			"no login":           {Password: good},
			"no password":        {Login: "li.na"},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := s.Verify(ctx, try)
			cancel()
			if err == nil || apperr.CodeOf(err) == apperr.Invalid {
				t.Errorf("%s: %v without hashing", name, err)
			}
		}
	})
}
