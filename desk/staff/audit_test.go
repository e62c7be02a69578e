package staff

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

func (s *shop) note(action string) {
	s.t.Helper()
	must(s.t, s.db.InTx(s.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return Record(ctx, tx, Entry{At: s.clock(), Actor: "a1", Action: action, Object: "consultation:c1", Detail: "说明", IP: "10.0.0.1"})
	}))
}

func (s *shop) exec(query string, args ...any) {
	s.t.Helper()
	must(s.t, s.db.InTx(s.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}))
}

func (s *shop) check(known Mark) Verdict {
	s.t.Helper()
	v, err := s.VerifyAudit(s.t.Context(), CommandLine(), known)
	must(s.t, err)
	return v
}

func TestEveryWayToTamperWithTheAuditLogIsSeen(t *testing.T) {
	for name, tamper := range map[string]string{
		"a field changed":  `UPDATE audit SET detail = 'anders' WHERE seq = 4`,
		"the time changed": `UPDATE audit SET at = at + 1 WHERE seq = 4`,
		"fields shifted":   `UPDATE audit SET action = action || substr(object, 1, 1), object = substr(object, 2) WHERE seq = 4`,
		"a hash changed":   `UPDATE audit SET hash = prev WHERE seq = 4`,
		"one removed":      `DELETE FROM audit WHERE seq = 4`,
		"the start cut":    `DELETE FROM audit WHERE seq <= 3`,
		"the end cut":      `DELETE FROM audit WHERE seq >= 7`,
		"all removed":      `DELETE FROM audit`,
		"one put in":       `INSERT INTO audit SELECT 9, at, actor, action, object, detail, ip, hash, hash FROM audit WHERE seq = 8`,
	} {
		t.Run(name, func(t *testing.T) {
			shops(t, func(t *testing.T, s *shop) {
				for i := range 8 {
					s.note(fmt.Sprint("do-", i))
				}
				v := s.check(Mark{})
				if v.Broken != "" || v.Entries != 8 {
					t.Fatalf("%+v", v)
				}
				if again := s.check(v.Newest); again.Broken != "" {
					t.Fatal(again.Broken)
				}
				s.exec(tamper)
				if got := s.check(v.Newest); got.Broken == "" {
					t.Fatalf("not seen: %+v", got)
				}
			})
		})
	}
}

func TestPruningKeeps180DaysAndTheChain(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		for range 5 {
			s.note("old")
		}
		old := s.check(Mark{}).Newest
		s.move(KeepAudit + time.Hour)
		s.note("young")
		_, err := s.PruneAudit(ctx, CommandLine(), KeepAudit-time.Hour)
		wantCode(t, err, apperr.Invalid)
		_, err = s.PruneAudit(ctx, Actor{Account: "x", Roles: []Role{RoleAdministrator}}, KeepAudit)
		wantCode(t, err, apperr.Forbidden)
		for _, want := range []int64{5, 0} {
			n, err := s.PruneAudit(ctx, CommandLine(), KeepAudit)
			must(t, err)
			if n != want {
				t.Fatalf("%d removed, want %d", n, want)
			}
		}
		v := s.check(old)
		if v.Broken != "" || v.Removed != 5 || v.Entries != 2 {
			t.Fatalf("%+v", v)
		}
		s.exec(`DELETE FROM audit WHERE seq = 6`) // one more than was pruned
		if got := s.check(Mark{}); got.Broken == "" {
			t.Fatal("not seen")
		}
	})
	shops(t, func(t *testing.T, s *shop) { // nothing young: the newest stays, the chain goes on
		s.note("old")
		s.note("old")
		s.move(2 * KeepAudit)
		n, err := s.PruneAudit(t.Context(), CommandLine(), KeepAudit)
		must(t, err)
		s.note("young")
		if v := s.check(Mark{}); n != 1 || v.Broken != "" || v.Entries != 3 {
			t.Fatalf("%d removed, %+v", n, v)
		}
	})
}

// TestEntriesOfManyAtOnceMakeOneChain: no number twice, none left out.
func TestEntriesOfManyAtOnceMakeOneChain(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					err := s.db.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *db.Tx) error {
						return Record(ctx, tx, Entry{At: s.clock(), Actor: "a", Action: "read", Object: "consultation:1"})
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if v := s.check(Mark{}); v.Broken != "" || v.Entries != 40 {
			t.Fatalf("%+v", v)
		}
	})
}

func TestTheExportHasNoFormulasAndIsItselfNoted(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		must(t, s.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return Record(ctx, tx, Entry{At: s.clock(), Actor: "contact:1", Action: "word", Object: "consultation:1", Detail: "=HYPERLINK(\"http://x\",\"点我\"), 第二\n行"})
		}))
		var b strings.Builder
		must(t, s.ExportAudit(t.Context(), CommandLine(), AuditFilter{}, &b))
		if !strings.Contains(b.String(), `"'=HYPERLINK(""http://x"",""点我""), 第二`) || !strings.HasPrefix(b.String(), "\ufeff序号,") {
			t.Error(b.String())
		}
		got, err := s.Audit(t.Context(), CommandLine(), AuditFilter{Action: "audit-export"})
		must(t, err)
		if len(got) != 1 {
			t.Errorf("the export left %d entries", len(got))
		}
		_, err = s.Audit(t.Context(), Actor{Account: "x", Roles: []Role{RoleAdministrator}}, AuditFilter{})
		wantCode(t, err, apperr.Forbidden)
	})
	for in, want := range map[string]string{"=1": "'=1", " +1": "' +1", "@x": "'@x", "\t=1": "'\t=1", "－1": "'－1", "普通": "普通", "": "", "a=1": "a=1", "-": "'-", "\u3000=1": "'\u3000=1"} {
		if got := PlainCell(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestTheAuditLogIsFilteredAndPaged(t *testing.T) {
	shops(t, func(t *testing.T, s *shop) {
		s.note("read")
		s.move(time.Hour)
		from := s.clock()
		s.note("answer")
		s.note("read")
		for _, c := range []struct {
			f    AuditFilter
			want int
		}{{AuditFilter{}, 3}, {AuditFilter{Action: "read"}, 2}, {AuditFilter{From: from}, 2}, {AuditFilter{Before: from}, 1}, {AuditFilter{Object: "consultation:"}, 3},
			{AuditFilter{Object: "consultation_"}, 0}, {AuditFilter{Actor: "a1", Under: 3, Limit: 1}, 1}, {AuditFilter{Actor: "a2"}, 0}} {
			got, err := s.Audit(t.Context(), CommandLine(), c.f)
			must(t, err)
			if len(got) != c.want {
				t.Errorf("%+v: %d entries, want %d", c.f, len(got), c.want)
			}
		}
	})
}

func TestAMarkReadsBack(t *testing.T) {
	m := Mark{Seq: 1042, Hash: strings.Repeat("5f", 32)}
	got, err := ParseMark(m.String())
	must(t, err)
	if got != m {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{"", "12", "12:", "x:y", m.String() + "0", " " + m.String()} {
		if _, err := ParseMark(bad); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNoCellIsTakenForAFormula(t *testing.T) {
	for _, s := range []string{"=1+1", "+1", "-2+3", "@SUM(1)", "\t=1", "\tx", "\r=1", "\n=1", " =1", "\u00a0=1", "\u3000=1", "\u200b=1", "\ufeff=1", " \u202e =1", "＝1", "　＋1", "\u200b＠x", "|calc", "%0A=1"} {
		if got := PlainCell(s); got != "'"+s {
			t.Errorf("%q became %q", s, got)
		}
	}
	for _, s := range []string{"", " ", "李娜", "2026-11-25", "a=1", "名称：=1", "<b>"} {
		if got := PlainCell(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}
