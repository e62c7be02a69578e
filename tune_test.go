package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greendesk/bot"
	"greendesk/desk/staff"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
	"greendesk/knowledge"
	"greendesk/knowledge/rank"
)

// replica is one of several desks over one database.
func replica(t *testing.T, s *Settings) (*core, *bot.Bot) {
	t.Helper()
	c, err := openCore(t.Context(), s, testenv.Log(t), time.Now)
	must(t, err)
	t.Cleanup(func() { must(t, c.close()) })
	b, err := asker(t.Context(), c, s)
	must(t, err)
	return c, b
}

// eachStore runs fn on an empty database of either kind.
func eachStore(t *testing.T, fn func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, testenv.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, testenv.PostgreSQL(t)) })
}

// TestKeptWeightsDecideAnswers: a bureau's own weights change what is answered, on
// every replica and after a restart, until the program's are chosen again; those
// of another program are refused.
func TestKeptWeightsDecideAnswers(t *testing.T) {
	const question = "危废能在厂里放多久"
	eachStore(t, func(t *testing.T, url string) {
		s := &Settings{Data: t.TempDir(), Database: url, LogLevel: "error"}
		must(t, withCore(t.Context(), s, func(c *core) error { return c.store.ImportStarter(t.Context()) }))
		c, one := replica(t, s)
		other, two := replica(t, s)
		says := func(b *bot.Bot, c *core) string {
			t.Helper()
			must(t, c.engine.Sync(t.Context()))
			d, res, err := b.Decide(t.Context(), knowledge.Ask{Text: question})
			must(t, err)
			return fmt.Sprintf("%s %s", d.Action, res.Citations[0].Ref)
		}
		all := func(want, name string) {
			t.Helper()
			again, three := replica(t, s)
			for i, got := range []string{says(one, c), says(two, other), says(three, again)} {
				if got != want {
					t.Errorf("%s: desk %d says %q, want %q", name, i, got, want)
				}
			}
			if got := again.engine.Weights().Name(); !strings.Contains(got, name) {
				t.Errorf("used: %s, want %s", got, name)
			}
		}
		shipped := says(one, c)
		router, err := bot.LoadRouter(c.engine.Folder())
		must(t, err)
		var routes strings.Builder
		_, err = router.WriteTo(&routes)
		must(t, err)
		never := "0\t-99\t-99\t-99\t-99\n" // is an answer sure enough
		for i := 1; i < strings.Count(string(router.Trust().Format()), "\n"); i++ {
			never += fmt.Sprintf("%d\t0\t0\t0\t0\n", i)
		}
		order, err := rank.LoadWeights()
		must(t, err)
		for i := range order.Words {
			order.Words[i] = -order.Words[i]
		}
		k := knowledge.Kept{Ranking: string(order.Format()), Routing: routes.String(), Trust: never, Figures: "好", By: "王工"}
		number, err := c.engine.KeepWeights(t.Context(), k, chosenBy(c, "王工"))
		must(t, err)
		own := says(one, c)
		if number != 1 || own == shipped || !strings.HasPrefix(own, string(bot.ActExpert)+" ") || own == string(bot.ActExpert)+shipped[strings.IndexByte(shipped, ' '):] {
			t.Fatalf("number %d; shipped %q, own %q: order and decision are to change", number, shipped, own)
		}
		all(own, "自己的第 1 份权重")
		must(t, c.engine.ChooseWeights(t.Context(), 0, chosenBy(c, "王工")))
		all(shipped, "程序自带的权重")
		must(t, other.engine.ChooseWeights(t.Context(), 1, chosenBy(c, "李工")))
		all(own, "自己的第 1 份权重")

		must(t, c.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { // as a program with other features kept them
			_, err := tx.Exec(ctx, `UPDATE weights SET form = 'other'`)
			return err
		}))
		again, three := replica(t, s)
		if got, name := says(three, again), again.engine.Weights().Name(); got != shipped || !strings.Contains(name, "tune --keep") {
			t.Errorf("of another program: %q, %s", got, name)
		}
		err = c.engine.ChooseWeights(t.Context(), 1, chosenBy(c, "王工"))
		if err == nil || !strings.Contains(explain(err), "另一版程序") {
			t.Errorf("chosen all the same: %v", err)
		}
		if err = c.engine.ChooseWeights(t.Context(), 7, chosenBy(c, "王工")); err == nil || !strings.Contains(explain(err), "没有第 7 份") {
			t.Errorf("weights that are not there: %v", err)
		}
		st, err := staff.New(c.db, time.Now, time.Now)
		must(t, err)
		log, err := st.Audit(t.Context(), staff.CommandLine(), staff.AuditFilter{Limit: 9})
		must(t, err)
		if len(log) != 3 || log[0].Object != "weights:1" || log[0].Detail != "李工" || log[1].Object != "weights:0" {
			t.Errorf("the audit log has %+v", log)
		}
	})
}

// TestABureauTunesWithTheProgramAlone: two hundred questions are learned in a
// folder without the project, twice with the same figures, kept and given up.
func TestABureauTunesWithTheProgramAlone(t *testing.T) {
	dir := t.TempDir()
	s := &Settings{Data: dir, LogLevel: "error"}
	var labelled strings.Builder
	must(t, withCore(t.Context(), s, func(c *core) error {
		must(t, c.store.ImportStarter(t.Context()))
		return c.store.EachClause(t.Context(), 0, func(e knowledge.Entry) error {
			if e.Heading != "" {
				fmt.Fprintf(&labelled, "{\"id\":%q,\"q\":%q,\"gold\":[{\"doc\":%q,\"ref\":%q}]}\n", e.ID, "想问一下"+e.Heading, e.Title, e.Ref)
			}
			return nil
		})
	}))
	file := filepath.Join(dir, "own.jsonl")
	must(t, os.WriteFile(file, []byte(labelled.String()), 0o600))
	t.Chdir(dir)
	for range 2 {
		must(t, run([]string{"tune", "--data", dir, "--keep", "--by", "王工", file}))
	}
	must(t, run([]string{"tune", "list", "--data", dir}))
	must(t, withCore(t.Context(), s, func(c *core) error {
		list, chosen, err := c.store.KeptWeights(t.Context())
		must(t, err)
		if len(list) != 2 || chosen != 2 || list[0].By != "王工" || list[0].Figures != list[1].Figures || !strings.Contains(list[0].Figures, "第一条就对") || !c.engine.Fits(list[0]) {
			t.Errorf("chosen %d of %+v", chosen, list)
		}
		t.Log(list[0].Figures)
		return nil
	}))
	must(t, run([]string{"tune", "use", "--data", dir, "shipped"}))
	must(t, withCore(t.Context(), s, func(c *core) error {
		_, chosen, err := c.store.KeptWeights(t.Context())
		if chosen != 0 {
			t.Errorf("chosen %d", chosen)
		}
		return err
	}))
	if err := run([]string{"tune", "use", "--data", dir, "自带"}); err == nil || !strings.Contains(err.Error(), "shipped") {
		t.Errorf("%v", err)
	}
}
