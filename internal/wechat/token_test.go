package wechat

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"
)

// everywhere runs do on every client from n goroutines at once and returns the errors.
func everywhere(clients []*Client, n int, do func(*Client) error) (errs []error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	start := make(chan struct{})
	for _, c := range clients {
		for range n {
			wg.Go(func() {
				<-start
				if err := do(c); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			})
		}
	}
	close(start)
	wg.Wait()
	return errs
}

func sendText(c *Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return c.Send(ctx, TextMessage(testUser, "好"))
}

func TestReplicasRefreshATokenOncePerExpiry(t *testing.T) {
	p := newPlatform(t)
	shared := newMemory(p.clock.Now)
	clients := []*Client{p.client(shared), p.client(shared), p.client(shared)}
	for expiry := range 100 {
		if errs := everywhere(clients, 4, sendText); len(errs) > 0 {
			t.Fatalf("expiry %d: %v", expiry, errs)
		}
		if fetched, _, _ := p.counts(); fetched != expiry+1 {
			t.Fatalf("expiry %d: %d refreshes", expiry, fetched)
		}
		p.clock.advance(7200 * time.Second)
	}
	if fetched, forced, refused := p.counts(); fetched != 100 || forced != 0 || refused != 0 {
		t.Fatalf("100 expiries: %d refreshes, %d of them forced, %d calls refused", fetched, forced, refused)
	}
}

func TestATokenRevokedMidFlightIsRefetchedOnceByAllReplicas(t *testing.T) {
	p := newPlatform(t)
	shared := newMemory(p.clock.Now)
	clients := []*Client{p.client(shared), p.client(shared), p.client(shared)}
	for round := range 20 {
		if errs := everywhere(clients, 8, sendText); len(errs) > 0 {
			t.Fatalf("round %d: %v", round, errs)
		}
		if fetched, forced, _ := p.counts(); fetched != round+1 || forced != 0 {
			t.Fatalf("round %d: %d refreshes, %d forced", round, fetched, forced)
		}
		p.revoke(false)
	}
}

func TestTokenCodesAreRetriedOnceAndNoMore(t *testing.T) {
	for _, code := range []string{"40001", "40014", "42001"} {
		p := newPlatform(t)
		calls := 0
		p.handle("/cgi-bin/message/custom/send", func(w http.ResponseWriter, _ request) {
			if calls++; calls == 1 {
				p.revoke(false)
				_, _ = w.Write([]byte(`{"errcode":` + code + `,"errmsg":"x"}`))
				return
			}
			_, _ = w.Write([]byte(`{"errcode":0,"errmsg":"ok"}`))
		})
		if err := sendText(p.newClient()); err != nil || calls != 2 {
			t.Fatalf("%s: %d calls, %v", code, calls, err)
		}
		p.answer("/cgi-bin/message/custom/send", `{"errcode":`+code+`,"errmsg":"x"}`)
		before := p.count("/cgi-bin/message/custom/send")
		err := sendText(p.newClient())
		if n := p.count("/cgi-bin/message/custom/send") - before; ClassOf(err) != ClassToken || n != 2 {
			t.Fatalf("%s for ever: %d calls, %v", code, n, err)
		}
	}
}

func TestADeadTokenThatNormalModeRepeatsIsForcedWithinThePlatformsLimits(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	if err := sendText(c); err != nil {
		t.Fatal(err)
	}
	p.revoke(true)
	if err := sendText(c); err != nil {
		t.Fatal(err)
	}
	if _, forced, _ := p.counts(); forced != 1 {
		t.Fatalf("%d forced", forced)
	}
	p.clock.advance(29 * time.Second)
	p.revoke(true)
	if err := sendText(c); ClassOf(err) != ClassToken { // within 30 s of the last
		t.Fatal(err)
	}
	for range 60 {
		p.clock.advance(31 * time.Second)
		_ = sendText(c)
		p.revoke(true)
	}
	if _, forced, _ := p.counts(); forced != maxForced {
		t.Fatalf("%d forced in a day", forced)
	}
}

func TestAWaitForAnotherReplicasRefreshEndsWithTheDeadline(t *testing.T) {
	p := newPlatform(t)
	shared := newMemory(p.clock.Now)
	c := p.client(shared)
	_, _ = shared.SetNX(context.Background(), c.token.key+":lock", []byte("a replica that died"), time.Minute)
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
	defer cancel()
	if err := c.Send(ctx, TextMessage(testUser, "好")); !errors.Is(err, context.DeadlineExceeded) || ClassOf(err) != ClassRetry {
		t.Fatal(err)
	}
	p.clock.advance(time.Minute) // the dead replica's lock runs out
	if err := sendText(c); err != nil {
		t.Fatal(err)
	}
}

func TestARefreshGivesItsLockBackEvenWhenItFails(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	p.answer("/cgi-bin/stable_token", `{"errcode":-1,"errmsg":"system error"}`)
	if err := sendText(c); ClassOf(err) != ClassRetry {
		t.Fatal(err)
	}
	p.handle("/cgi-bin/stable_token", nil)
	p.answers = map[string]func(http.ResponseWriter, request){}
	// The platform's clock stands still: a lock that was kept would never run out.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := c.Send(ctx, TextMessage(testUser, "好")); err != nil {
		t.Fatal(err)
	}
}

func TestCallersWhoWaitedForAFailedRefreshShareItsFailure(t *testing.T) {
	p := newPlatform(t)
	release := make(chan struct{})
	p.handle("/cgi-bin/stable_token", func(w http.ResponseWriter, _ request) {
		<-release
		_, _ = w.Write([]byte(`{"errcode":40164,"errmsg":"invalid ip"}`))
	})
	c := p.newClient()
	var here sync.WaitGroup
	here.Add(20)
	go func() { here.Wait(); time.Sleep(200 * time.Millisecond); close(release) }()
	send := func(c *Client) error { here.Done(); return sendText(c) }
	if errs := everywhere([]*Client{c}, 20, send); len(errs) != 20 || ClassOf(errs[7]) != ClassOperator {
		t.Fatal(errs)
	}
	if n := p.count("/cgi-bin/stable_token"); n > 3 {
		t.Fatalf("%d fetches for 20 callers", n)
	}
}

func TestAClientWorksWhileTheCacheIsDown(t *testing.T) {
	p := newPlatform(t)
	shared := newMemory(p.clock.Now)
	c := p.client(shared)
	shared.down = true
	for range 3 {
		if err := sendText(c); err != nil {
			t.Fatal(err)
		}
	}
	if fetched, _, _ := p.counts(); fetched != 1 {
		t.Fatalf("%d fetches", fetched)
	}
	p.revoke(false)
	if err := sendText(c); err != nil {
		t.Fatal(err)
	}
}

func TestATokenIsNotUsedInItsLastMinutes(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{0, 1}, {6899 * time.Second, 1}, {2 * time.Second, 2}} {
		p.clock.advance(step.wait)
		if err := sendText(c); err != nil {
			t.Fatal(err)
		}
		if fetched, _, refused := p.counts(); fetched != step.want || refused != 0 {
			t.Fatalf("after %v: %d fetches, %d refused", step.wait, fetched, refused)
		}
	}
}

func TestAnswersWithoutATokenAreRetryable(t *testing.T) {
	for _, answer := range []string{`{}`, `{"access_token":"","expires_in":7200}`, `{"access_token":"T","expires_in":0}`, `{"access_token":"T","expires_in":1e18}`, `[]`, `null`} {
		p := newPlatform(t)
		p.answer("/cgi-bin/stable_token", answer)
		err := sendText(p.newClient())
		var e *APIError
		if !errors.As(err, &e) || e.Class() != ClassRetry || e.Uncertain() { // the message never left
			t.Errorf("%s: %v", answer, err)
		}
	}
}

func TestAWrongSecretIsTheOperatorsMatter(t *testing.T) {
	for _, code := range []string{"40001", "40125", "40013", "40164", "40243"} {
		p := newPlatform(t)
		p.answer("/cgi-bin/stable_token", `{"errcode":`+code+`,"errmsg":"x"}`)
		err := sendText(p.newClient())
		if n := p.count("/cgi-bin/stable_token"); ClassOf(err) != ClassOperator || n != 1 {
			t.Errorf("%s: %d fetches, %v", code, n, err)
		}
	}
}

func TestATokenStoredJustBeforeTheLockIsUsed(t *testing.T) {
	p := newPlatform(t)
	shared := newMemory(p.clock.Now)
	slow, fast := p.client(shared), p.client(shared)
	shared.beforeLock = func() {
		shared.beforeLock = nil
		if err := sendText(fast); err != nil { // looks, locks, fetches, stores and unlocks between slow's look and lock
			t.Error(err)
		}
	}
	if err := sendText(slow); err != nil {
		t.Fatal(err)
	}
	if fetched, _, _ := p.counts(); fetched != 1 {
		t.Fatalf("%d fetches", fetched)
	}
}
