package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"greendesk/internal/testenv"
	"greendesk/internal/wechat/simulator"
	"greendesk/knowledge/reader"
)

// childVariable makes the test binary act as the program, so that a test can
// kill it.
const childVariable = "GREENDESK_TEST_CHILD"

func TestMain(m *testing.M) {
	if reader.Asked(os.Args) {
		if err := reader.Serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if args := os.Getenv(childVariable); args != "" {
		if err := run(strings.Split(args, "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is the program as a process of its own.
type child struct {
	t    *testing.T
	args []string
	url  string
	cmd  *exec.Cmd
}

func (c *child) start() {
	c.t.Helper()
	c.cmd = exec.Command(os.Args[0])
	c.cmd.Env = append(os.Environ(), childVariable+"="+strings.Join(c.args, "\n"))
	c.cmd.Stderr = os.Stderr
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(c.t, c.cmd.Start())
	deadline := time.Now().Add(patience)
	for {
		if res, err := http.Get(c.url + "/healthz"); err == nil {
			must(c.t, res.Body.Close())
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatal("the program does not answer")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// end sends a signal and waits.
func (c *child) end(sig syscall.Signal) error {
	if err := c.cmd.Process.Signal(sig); err != nil {
		return err
	}
	return c.cmd.Wait()
}

// freePort finds a port that is free now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { must(t, l.Close()) }()
	return l.Addr().String()
}

// newChild makes a program beside a platform of its own.
func newChild(t *testing.T) (*child, *simulator.Platform, *Settings) {
	t.Helper()
	addr := freePort(t)
	server, url := unstarted(t)
	o, err := demoSettings(url)
	must(t, err)
	platform, err := simulator.New(simulator.Options{AppID: o.WechatAppID, Secret: o.WechatSecret, Token: o.WechatToken, AESKeys: o.aesKeys(), OriginalID: o.WechatOriginalID,
		CallbackURL: "http://" + addr + "/wechat", BaseURL: url, Verified: true, Log: testenv.Log(t), Seed: 7})
	must(t, err)
	t.Cleanup(platform.Close)
	server.Config.Handler = platform.Handler()
	server.Start()
	s := &Settings{Data: t.TempDir()}
	c := &child{t: t, url: "http://" + addr, args: []string{"serve", "--data=" + s.Data, "--listen=" + addr, "--base-url=http://" + addr, "--wechat-api=" + url,
		"--wechat-app-id=" + o.WechatAppID, "--wechat-secret=" + o.WechatSecret, "--wechat-token=" + o.WechatToken, "--wechat-aes-key=" + o.WechatAESKey,
		"--wechat-original-id=" + o.WechatOriginalID, "--log-level=error"}}
	return c, platform, s
}

// state reads the child's database from outside.
func state(t *testing.T, s *Settings, query string) int {
	t.Helper()
	c, err := openCore(context.Background(), s, testenv.Log(t), time.Now)
	must(t, err)
	defer func() { must(t, c.db.Close()) }()
	var n int
	must(t, c.db.QueryRow(context.Background(), query).Scan(&n))
	return n
}

func TestKillingTheProgramLosesNothingThatWasAcknowledged(t *testing.T) {
	c, platform, s := newChild(t)
	core, err := openCore(context.Background(), s, testenv.Log(t), time.Now)
	must(t, err)
	must(t, core.store.ImportStarter(context.Background()))
	must(t, core.db.Close())
	c.start()
	const people, messages, kills = 6, 8, 6
	var mu sync.Mutex
	acknowledged := 0
	var wg sync.WaitGroup
	for i := range people {
		openid := platform.AddPerson(simulator.Person{Name: fmt.Sprintf("企业%d", i)})
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := platform.Follow(openid, ""); err != nil {
				t.Error(err)
			}
			for j := range messages {
				x, err := platform.SendText(openid, fmt.Sprintf("废气超标会罚多少钱，第%d问", j))
				if err != nil {
					t.Error(err)
					continue
				}
				if x.Outcome != simulator.Failed {
					mu.Lock()
					acknowledged++
					mu.Unlock()
				}
				time.Sleep(60 * time.Millisecond)
			}
		}()
	}
	for range kills {
		time.Sleep(150 * time.Millisecond)
		_ = c.end(syscall.SIGKILL) // its exit status is the kill
		c.start()
	}
	wg.Wait()
	deadline := time.Now().Add(60 * time.Second) // rescue within 60 s
	for {
		open := state(t, s, `SELECT (SELECT count(*) FROM inbound WHERE state = 'received') + (SELECT count(*) FROM deliveries WHERE state = 'queued')`)
		if open == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d messages or deliveries are still open", open)
		}
		time.Sleep(300 * time.Millisecond)
	}
	stored := state(t, s, `SELECT count(*) FROM inbound WHERE kind = 'text' AND state IN ('answered', 'owed')`)
	if stored < acknowledged {
		t.Errorf("%d of %d acknowledged messages are answered", stored, acknowledged)
	}
	if n := state(t, s, `SELECT count(*) FROM (SELECT dedupe FROM inbound GROUP BY dedupe HAVING count(*) > 1) d`); n != 0 {
		t.Errorf("%d messages are stored twice", n)
	}
	must(t, c.end(syscall.SIGTERM))
	t.Logf("%d sent, %d acknowledged, %d answered, %d kills", people*messages, acknowledged, stored, kills)
}

func TestSIGTERMAnswersWhatIsUnderWay(t *testing.T) {
	c, platform, s := newChild(t)
	c.start()
	openid := platform.AddPerson(simulator.Person{Name: "企业"})
	_, err := platform.Follow(openid, "")
	must(t, err)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			x, err := platform.SendText(openid, fmt.Sprintf("你好 %d", i))
			if err != nil || x.Outcome == simulator.Failed && len(x.Attempts) < 3 {
				t.Errorf("message %d: %+v %v", i, x, err)
			}
		}()
	}
	time.Sleep(30 * time.Millisecond)
	must(t, c.end(syscall.SIGTERM))
	if n := state(t, s, `SELECT count(*) FROM inbound WHERE state = 'received'`); n != 0 {
		t.Errorf("%d messages were left without an answer", n)
	}
	platform.Close()
	wg.Wait()
	if _, err := os.Stat(filepath.Join(s.Data, "greendesk.db")); err != nil {
		t.Error(err)
	}
}
