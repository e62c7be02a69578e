package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"greendesk/desk"
	"greendesk/internal/testenv"
	"greendesk/internal/wechat/simulator"
)

// backends are the places state can live; every dialogue runs on both.
func backends(t *testing.T, fn func(t *testing.T, o options)) {
	t.Helper()
	t.Run("sqlite and in process", func(t *testing.T) { fn(t, options{}) })
	t.Run("postgres and redis", func(t *testing.T) {
		fn(t, options{database: testenv.PostgreSQL(t), redis: testenv.Redis(t)})
	})
}

// says sends a text and returns what the account answers to it.
func (h *harness) says(openid, text string) string {
	h.t.Helper()
	mark := h.platform.LastBubble()
	x, err := h.platform.SendText(openid, text)
	must(h.t, err)
	if x.Outcome == simulator.Failed {
		h.t.Fatalf("%q failed: %+v", text, x)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	b, err := h.platform.WaitBubble(ctx, openid, mark, fromAccount)
	if err != nil {
		h.t.Fatalf("no answer to %q: %v", text, err)
	}
	return b.Text
}

func fromAccount(b simulator.Bubble) bool { return b.From == simulator.FromAccount }

// count runs a query that yields one number.
func (h *harness) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	must(h.t, h.service.db.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

func (h *harness) noFault(openid string) {
	h.t.Helper()
	for _, b := range h.platform.Transcript(openid) {
		if strings.Contains(b.Text, simulator.FaultLine) {
			h.t.Errorf("the fault line was shown: %+v", b)
		}
	}
}

func TestEveryMessageIsStoredOnceHoweverOftenItIsDelivered(t *testing.T) {
	backends(t, func(t *testing.T, o options) {
		h := newHarness(t, o)
		p := h.person("食品厂")
		must(t, h.platform.Faults().Set(simulator.FaultDuplicate, simulator.Injection{Probability: 1}))
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if _, err := h.platform.SendText(p, fmt.Sprintf("排污许可证怎么办第%d问", i)); err != nil {
					t.Error(err)
				}
			}()
		}
		wg.Wait()
		h.platform.Faults().Clear()
		if n := h.count(`SELECT count(*) FROM inbound WHERE kind = 'text'`); n != 10 {
			t.Errorf("10 messages delivered twice each are %d rows", n)
		}
		if n := h.count(`SELECT count(*) FROM contacts`); n != 1 {
			t.Errorf("one person is %d contacts", n)
		}
		h.noFault(p)
	})
}

func TestAnAnswerThatTakesTooLongLeavesLaterThroughAJob(t *testing.T) {
	h := newHarness(t, options{database: testenv.PostgreSQL(t), redis: testenv.Redis(t)})
	p := h.person("喷漆车间")
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, h.settings.Database)
	must(t, err)
	defer func() { must(t, conn.Close(ctx)) }()
	tx, err := conn.Begin(ctx)
	must(t, err)
	// Nobody can read a clause while this lock is held.
	_, err = tx.Exec(ctx, `LOCK TABLE clauses IN ACCESS EXCLUSIVE MODE`)
	must(t, err)
	mark := h.platform.LastBubble()
	sent := time.Now()
	x, err := h.platform.SendText(p, "锅炉冒黑烟会被罚多少钱")
	must(t, err)
	if took := time.Since(sent); took > 5*time.Second { // the platform's patience
		t.Errorf("the callback took %v", took)
	}
	if x.Outcome != simulator.Acknowledged {
		t.Errorf("the callback was not acknowledged: %+v", x)
	}
	must(t, tx.Rollback(ctx))
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	b, err := h.platform.WaitBubble(wait, p, mark, fromAccount)
	must(t, err)
	if b.Via != "custom" || !strings.Contains(b.Text, "罚款") {
		t.Errorf("the late answer is %q by %s", b.Text, b.Via)
	}
	h.noFault(p)
}

func TestWithoutVerificationALateAnswerIsTheFirstThingSaidNext(t *testing.T) {
	h := newHarness(t, options{database: testenv.PostgreSQL(t), unverified: true})
	p := h.person("养猪场")
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, h.settings.Database)
	must(t, err)
	defer func() { must(t, conn.Close(ctx)) }()
	tx, err := conn.Begin(ctx)
	must(t, err)
	_, err = tx.Exec(ctx, `LOCK TABLE clauses IN ACCESS EXCLUSIVE MODE`)
	must(t, err)
	_, err = h.platform.SendText(p, "锅炉冒黑烟会被罚多少钱")
	must(t, err)
	must(t, tx.Rollback(ctx))
	deadline := time.Now().Add(patience)
	for h.count(`SELECT count(*) FROM deliveries WHERE state = 'waiting'`) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("the refused delivery does not wait for the next contact")
		}
		time.Sleep(50 * time.Millisecond)
	}
	said := h.says(p, "你好")
	if !strings.HasPrefix(said, "您之前问的") || !strings.Contains(said, "10万元以上100万元以下") || !strings.Contains(said, "您好") {
		t.Errorf("the next contact hears %q", said)
	}
	if n := h.count(`SELECT count(*) FROM deliveries WHERE state = 'sent'`); n != 1 {
		t.Errorf("%d deliveries are sent", n)
	}
}

func TestForgedPushesChangeNothing(t *testing.T) {
	h := newHarness(t, options{})
	p := h.person("加油站")
	before := h.count(`SELECT count(*) FROM inbound`)
	for _, f := range []simulator.Fault{simulator.FaultStale, simulator.FaultBadSignature, simulator.FaultWrongAppID, simulator.FaultDowngrade} {
		a, err := h.platform.Forge(context.Background(), p, f)
		must(t, err)
		if a.Status < 400 {
			t.Errorf("%s was answered %d", f, a.Status)
		}
	}
	if after := h.count(`SELECT count(*) FROM inbound`); after != before {
		t.Errorf("forged pushes made %d rows", after-before)
	}
}

func TestLeavingErasesWhatThePersonWrote(t *testing.T) {
	backends(t, func(t *testing.T, o options) {
		h := newHarness(t, o)
		p := h.person("印刷厂")
		h.says(p, "我们沸石转轮老是堵，风压怎么调")
		_, err := h.platform.Unfollow(p)
		must(t, err)
		for _, q := range []string{`SELECT count(*) FROM contacts WHERE openid = $1`, `SELECT count(*) FROM inbound i JOIN contacts c ON c.id = i.contact_id WHERE c.openid = $1`} {
			if n := h.count(q, p); n != 0 {
				t.Errorf("%s finds %d", q, n)
			}
		}
		if n := h.count(`SELECT count(*) FROM inbound WHERE content LIKE '%沸石%' OR reply LIKE '%沸石%'`); n != 0 {
			t.Errorf("%d messages still hold what was written", n)
		}
		if n := h.count(`SELECT count(*) FROM consultations WHERE question LIKE '%沸石%' OR context LIKE '%沸石%'`); n != 0 {
			t.Errorf("%d consultations still hold what was written", n)
		}
	})
}

func TestAMessageThatADeadProcessStoredIsAnsweredByTheNextOne(t *testing.T) {
	h := newHarness(t, options{})
	p := h.person("化肥厂")
	ctx := context.Background()
	d := desk.New(h.service.db, h.service.queue, testenv.Log(t), h.platform.Clock().Now)
	mark := h.platform.LastBubble()
	r, err := d.Receive(ctx, desk.Inbound{Key: "m:left-behind", OpenID: p, Kind: "text", Content: `{"kind":"text","text":"锅炉冒黑烟会被罚多少钱"}`, SentAt: h.platform.Clock().Now()})
	must(t, err)
	if !r.New {
		t.Fatal("the message was there already")
	}
	h.platform.Clock().Advance(30 * time.Second) // its lease has run out
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	b, err := h.platform.WaitBubble(wait, p, mark, fromAccount)
	must(t, err)
	if b.Via != "custom" || !strings.Contains(b.Text, "罚款") {
		t.Errorf("rescued answer %q by %s", b.Text, b.Via)
	}
}
