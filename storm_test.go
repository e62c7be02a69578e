package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
	"greendesk/internal/wechat/simulator"
)

// The storm: messages come in under the platform's retry rules with faults
// injected, an expert answers, and replicas are killed all the while. make
// prove runs it with 2,000 messages and 50 kills.
var (
	stormMessages = fromEnv("GREENDESK_TEST_STORM_MESSAGES", 200)
	stormKills    = fromEnv("GREENDESK_TEST_STORM_KILLS", 6)
)

func fromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// cluster is some replicas behind one address.
type cluster struct {
	t        *testing.T
	replicas []*child
	platform *simulator.Platform
	settings *Settings
	desk     *desk.Desk // over the same database, for the expert and for counting
	db       *db.DB
	next     atomic.Int64
}

func newCluster(t *testing.T, replicas int, o options) *cluster {
	t.Helper()
	k := &cluster{t: t, settings: &Settings{Data: t.TempDir(), Database: o.database, Redis: o.redis, LogLevel: "error"}}
	front, frontURL := unstarted(t)
	server, apiURL := unstarted(t)
	serve, err := demoSettings(apiURL)
	must(t, err)
	k.platform, err = simulator.New(simulator.Options{AppID: serve.WechatAppID, Secret: serve.WechatSecret, Token: serve.WechatToken, AESKeys: serve.aesKeys(),
		OriginalID: serve.WechatOriginalID, CallbackURL: frontURL + "/wechat", BaseURL: apiURL, Verified: true, Log: testenv.Log(t), Seed: 11})
	must(t, err)
	t.Cleanup(k.platform.Close)
	server.Config.Handler = k.platform.Handler()
	server.Start()
	core, err := openCore(t.Context(), k.settings, testenv.Log(t), time.Now)
	must(t, err)
	t.Cleanup(func() { must(t, core.db.Close()) })
	must(t, core.store.ImportStarter(t.Context()))
	core.queue.Handle(desk.KindDeliver, func(context.Context, jobs.Job) error { return errors.New("the replicas do this") })
	k.db, k.desk = core.db, desk.New(core.db, core.queue, testenv.Log(t), time.Now)
	for range replicas {
		addr := freePort(t)
		c := &child{t: t, url: "http://" + addr, args: []string{"serve", "--data=" + k.settings.Data, "--database=" + o.database, "--redis=" + o.redis,
			"--listen=" + addr, "--base-url=" + frontURL, "--wechat-api=" + apiURL, "--wechat-app-id=" + serve.WechatAppID, "--wechat-secret=" + serve.WechatSecret,
			"--wechat-token=" + serve.WechatToken, "--wechat-aes-key=" + serve.WechatAESKey, "--wechat-original-id=" + serve.WechatOriginalID, "--log-level=error"}}
		c.start()
		t.Cleanup(func() { _ = c.end(syscall.SIGKILL) }) // it may have ended
		k.replicas = append(k.replicas, c)
	}
	front.Config.Handler = k.balance()
	front.Start()
	return k
}

// balance hands requests to the replicas in turn. While one does not listen,
// the next is tried, as a proxy in front does; a request that breaks off is a
// 502, and the platform's to repeat.
func (k *cluster) balance() http.Handler {
	targets := make([]*url.URL, len(k.replicas))
	for i, c := range k.replicas {
		var err error
		targets[i], err = url.Parse(c.url)
		must(k.t, err)
	}
	dialer := &net.Dialer{}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(targets[0]) },
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			for {
				conn, err := dialer.DialContext(ctx, network, targets[int(k.next.Add(1))%len(targets)].Host)
				if err == nil || ctx.Err() != nil {
					return conn, err
				}
				time.Sleep(20 * time.Millisecond)
			}
		}},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
}

func (k *cluster) count(query string, args ...any) int {
	k.t.Helper()
	var n int
	must(k.t, k.db.QueryRow(k.t.Context(), query, args...).Scan(&n))
	return n
}

// replicated runs a test on SQLite with one replica, and on PostgreSQL and
// Redis with two.
func replicated(t *testing.T, fn func(t *testing.T, k *cluster)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, newCluster(t, 1, options{})) })
	t.Run("postgres and redis, two replicas", func(t *testing.T) {
		fn(t, newCluster(t, 2, options{database: testenv.PostgreSQL(t), redis: testenv.Redis(t)}))
	})
}

// expert answers every consultation until ctx ends and everything is answered.
func (k *cluster) expert(ctx context.Context, a staff.Actor) {
	for {
		open, err := k.open(a)
		if err != nil {
			if k.t.Context().Err() == nil {
				k.t.Error(err)
			}
			return
		}
		for _, c := range open {
			k.answer(a, c)
		}
		if len(open) == 0 && ctx.Err() != nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// open lists the consultations that wait for an answer.
func (k *cluster) open(a staff.Actor) ([]desk.Consultation, error) {
	const page = 200
	var out []desk.Consultation
	for skip := 0; ; skip += page {
		cs, err := k.desk.Queue(context.Background(), a, desk.Filter{Scope: desk.ScopeAll, Limit: page, Skip: skip})
		if err != nil {
			return nil, err
		}
		for _, c := range cs {
			if c.State.Open() {
				out = append(out, c)
			}
		}
		if len(cs) < page {
			return out, nil
		}
	}
}

// answer takes a consultation and answers it; a word that came meanwhile makes
// the page stale, and it is tried again on the next round.
func (k *cluster) answer(a staff.Actor, c desk.Consultation) {
	ctx := context.Background()
	if c.State == desk.StateNew {
		_ = k.desk.Accept(ctx, a, c.ID, c.Version) // a stale page is tried again
		return
	}
	_, _ = k.desk.Submit(ctx, a, c.ID, c.Version, "答复"+c.Number+"：按说明书换。", nil)
}

func TestTheStorm(t *testing.T) {
	replicated(t, func(t *testing.T, k *cluster) {
		must(t, hire(k.db))
		faults := k.platform.Faults()
		for f, p := range map[simulator.Fault]float64{simulator.FaultDuplicate: 0.1, simulator.FaultEarlyRetry: 0.05, simulator.FaultBusy: 0.05, simulator.FaultHTTP502: 0.05} {
			must(t, faults.Set(f, simulator.Injection{Probability: p}))
		}
		working, stop := context.WithCancel(t.Context())
		defer stop()
		var expert sync.WaitGroup
		expert.Add(1)
		go func() { defer expert.Done(); k.expert(working, li) }()
		acknowledged := k.send(t)
		faults.Clear()
		k.settled(t)
		stop()
		expert.Wait()
		k.settled(t)
		k.judge(t, acknowledged)
		for _, c := range k.replicas {
			must(t, c.end(syscall.SIGTERM))
		}
	})
}

// marker names one message, so that it can be found wherever it went.
func marker(i int) string { return fmt.Sprintf("第%05d号喷漆房", i) }

// send sends all messages while replicas are killed, and returns those that
// the platform saw acknowledged.
func (k *cluster) send(t *testing.T) map[int]string {
	const people = 20
	random := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	acknowledged := map[int]string{}
	var senders sync.WaitGroup
	for who := range people {
		p := k.platform.AddPerson(simulator.Person{Name: fmt.Sprintf("企业%d", who)})
		senders.Add(1)
		go func() {
			defer senders.Done()
			if _, err := k.platform.Follow(p, ""); err != nil {
				t.Error(err)
			}
			for i := who; i < stormMessages; i += people {
				x, err := k.platform.SendText(p, "我们厂"+marker(i)+"的活性炭箱风量怎么设计才合适")
				if err != nil {
					t.Error(err)
				}
				if x.Outcome != simulator.Failed {
					mu.Lock()
					acknowledged[i] = p
					mu.Unlock()
				}
			}
		}()
	}
	done := make(chan struct{})
	go func() { senders.Wait(); close(done) }()
	for range stormKills {
		select {
		case <-done:
		case <-time.After(time.Duration(100+random.IntN(400)) * time.Millisecond):
		}
		c := k.replicas[random.IntN(len(k.replicas))]
		_ = c.end(syscall.SIGKILL) // its exit status is the kill
		c.start()
	}
	<-done
	return acknowledged
}

// settled waits until no message and no delivery is open: rescue within 60 s.
func (k *cluster) settled(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		open := k.count(`SELECT (SELECT count(*) FROM inbound WHERE state = 'received') + (SELECT count(*) FROM deliveries WHERE state = 'queued')`)
		if open == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d messages or deliveries are still open", open)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// judge counts where every acknowledged message went and what every
// consultation's contact has got.
func (k *cluster) judge(t *testing.T, acknowledged map[int]string) {
	t.Helper()
	handedOver := 0
	for i := range acknowledged {
		like := "%" + marker(i) + "%"
		n := k.count(`SELECT (SELECT count(*) FROM consultations WHERE question LIKE $1) + (SELECT count(*) FROM posts WHERE kind = 'word' AND body LIKE $1)`, like)
		if n != 1 {
			t.Errorf("message %d stands in %d consultations", i, n)
		}
		handedOver += n
	}
	if n := k.count(`SELECT count(*) FROM (SELECT dedupe FROM inbound GROUP BY dedupe HAVING count(*) > 1) d`); n != 0 {
		t.Errorf("%d messages are stored twice", n)
	}
	consultations, again := 0, 0
	for _, person := range k.platform.People() {
		cs, err := k.desk.Consultations(t.Context(), person.OpenID, stormMessages)
		must(t, err)
		all := ""
		for _, b := range k.platform.Transcript(person.OpenID) {
			if strings.Contains(b.Text, simulator.FaultLine) {
				continue // a killed replica; the message was not acknowledged
			}
			all += b.Text
		}
		for _, c := range cs {
			consultations++
			said := strings.Count(all, "答复"+c.Number)
			waiting := k.count(`SELECT count(*) FROM deliveries WHERE consultation_id = $1 AND state = 'waiting'`, c.ID)
			if c.State != desk.StateReplied || said+waiting == 0 {
				t.Errorf("consultation %s is %s, its answer was said %d times and waits %d times", c.Number, c.State, said, waiting)
			}
			if said > 1 {
				again += said - 1
			}
		}
	}
	// A push is repeated when a kill comes between the platform's taking it and our noting that: a few at a time.
	if limit := stormKills * 3; again > limit {
		t.Errorf("%d answers were said again", again)
	}
	t.Logf("%d messages, %d acknowledged, %d handed over, %d consultations, %d kills, %d answers said again",
		stormMessages, len(acknowledged), handedOver, consultations, stormKills, again)
}
