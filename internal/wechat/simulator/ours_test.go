package simulator

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"greendesk/internal/wechat"
)

// The project's own codec and client on one side, the simulator with the SDK's utilities on the other: two
// implementations of the same contract that have to understand each other.

// memory is the smallest wechat.Cache.
type memory struct {
	mu   sync.Mutex
	vals map[string][]byte
}

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.vals[key], nil
}

func (m *memory) Set(_ context.Context, key string, val []byte, _ time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.vals[key] = val
	return nil
}

func (m *memory) SetNX(ctx context.Context, key string, val []byte, ttl time.Duration) (bool, error) {
	if old, _ := m.Get(ctx, key); old != nil {
		return false, nil
	}
	return true, m.Set(ctx, key, val, ttl)
}

func (m *memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.vals, key)
	return nil
}

// desk serves the callback with the project's own code and keeps what it opened.
type desk struct {
	callback *wechat.Callback
	mu       sync.Mutex
	pushes   []wechat.Push
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		echo, err := d.callback.VerifyURL(r.URL.Query())
		if err != nil {
			http.Error(w, "refused", http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, echo)
		return
	}
	body, err := wechat.ReadBody(r.Body)
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	push, err := d.callback.Open(r.URL.Query(), r.Header.Get("Content-Type"), body)
	if err != nil {
		http.Error(w, "refused", http.StatusForbidden)
		return
	}
	d.mu.Lock()
	d.pushes = append(d.pushes, *push)
	d.mu.Unlock()
	answer := wechat.Reply{}
	if !push.IsEvent() {
		answer = wechat.TextReply("收到：" + push.Content + wechat.MenuLink(101, "转专家", "转专家"))
	}
	sealed, err := d.callback.Seal(push, answer)
	if err != nil {
		http.Error(w, "seal", http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(sealed)
}

// ours is a table whose account is the project's own code.
func ours(t *testing.T, mode Mode) (*table, *desk) {
	t.Helper()
	s := newTable(t, func(o *Options) { o.Mode = mode })
	cfg := wechat.Config{AppID: testAppID, Token: testToken, OriginalID: testGH, AESKeys: []string{keyTwo, keyOne}}
	if mode == Plain {
		cfg.AESKeys = nil
	}
	callback, err := wechat.NewCallback(cfg, s.Clock().Now)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{callback: callback}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	if err := s.SetCallbackURL(server.URL); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Follow(s.openid, "park-3"); err != nil {
		t.Fatal(err)
	}
	return s, d
}

func TestOurCodecUnderstandsThePlatformInEveryMode(t *testing.T) {
	for _, mode := range []Mode{Plain, Compat, Safe} {
		t.Run(string(mode), func(t *testing.T) {
			s, d := ours(t, mode)
			if err := s.VerifyURL(context.Background()); err != nil {
				t.Error(err)
			}
			e := s.text("危废间]]>要求 & <b>？")
			if want := "收到：危废间]]>要求 & <b>？转专家"; e.Outcome != Replied || !strings.HasPrefix(e.ReplyText(), "收到：危废间") || e.ReplyText() != want {
				t.Errorf("outcome %s (%s), reply %q", e.Outcome, e.Why, e.ReplyText())
			}
			if parts := e.Reply.Parts; len(parts) == 0 || parts[len(parts)-1].MenuID != "101" {
				t.Errorf("parts %+v", parts)
			}
			if p := d.pushes[0]; p.Event != wechat.EventSubscribe || p.EventKey != "qrscene_park-3" || p.Ticket == "" {
				t.Errorf("subscribe %+v", p)
			}
			if p := d.pushes[1]; p.MsgID != e.MsgID || p.FromUser != s.openid || p.Content != "危废间]]>要求 & <b>？" {
				t.Errorf("text %+v", p)
			}
			if mode != Plain {
				if err := s.RotateKey(keyTwo); err != nil {
					t.Fatal(err)
				}
				if e := s.text("换钥匙"); e.Outcome != Replied {
					t.Errorf("rotated key: %s", e.Why)
				}
			}
		})
	}
}

func TestOurCodecSurvivesEveryPushFault(t *testing.T) {
	for _, f := range newFaults(nil, nil).kinds {
		if f.group != groupPush || f.name == FaultReorder {
			continue
		}
		t.Run(string(f.name), func(t *testing.T) {
			s, d := ours(t, Safe)
			s.Faults().Once(f.name, 1)
			e := s.text("真话")
			if f.name != FaultOversized && e.Outcome != Replied {
				t.Errorf("outcome %s: %s", e.Outcome, e.Why)
			}
			for _, p := range d.pushes {
				if strings.Contains(p.Content, ForgedText) || strings.ContainsAny(p.Content, "\b\x01\x1f") {
					t.Errorf("opened %q", p.Content)
				}
			}
			for _, x := range s.Exchanges() {
				if x.Forged && x.Outcome != Failed {
					t.Errorf("a forgery ended %s", x.Outcome)
				}
			}
		})
	}
}

func TestOurClientUnderstandsThePlatform(t *testing.T) {
	s, _ := ours(t, Safe)
	client, err := wechat.NewClient(wechat.ClientConfig{
		AppID: testAppID, Secret: testSecret, BaseURL: s.api.URL, Cache: &memory{vals: map[string][]byte{}}, Now: s.Clock().Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	ctx := context.Background()
	send := func() error { return client.Send(ctx, wechat.TextMessage(s.openid, "专家已回复")) }
	if err := send(); err != nil || s.last().Text != "专家已回复" {
		t.Fatalf("send: %v, last %q", err, s.last().Text)
	}
	for _, fault := range []Fault{FaultTokenExpired, FaultTokenRevoked, FaultTokenStorm} {
		s.text("再开窗口")
		s.Faults().Once(fault, 1)
		if err := send(); err != nil {
			t.Errorf("%s: %v", fault, err)
		}
	}
	for fault, class := range map[Fault]wechat.Class{
		FaultWindowClosed: wechat.ClassWindowClosed, FaultQuotaUsed: wechat.ClassWindowClosed, FaultNotFollowing: wechat.ClassPermanent,
		FaultNoPermission: wechat.ClassNoPermission, FaultIPNotAllowed: wechat.ClassOperator, FaultBusy: wechat.ClassRetry,
		FaultHTTP502: wechat.ClassRetry, FaultTruncatedJSON: wechat.ClassRetry, FaultDailyQuota: wechat.ClassRetryLater,
	} {
		s.text("再开窗口")
		s.Faults().Once(fault, 1)
		if got := wechat.ClassOf(send()); got != class {
			t.Errorf("%s: class %q, want %q", fault, got, class)
		}
	}
	code, err := client.CreateQRCode(ctx, "visit-9", time.Hour)
	if err != nil || code.Ticket == "" {
		t.Errorf("QR code %+v: %v", code, err)
	}
	user, err := client.UserInfo(ctx, s.openid)
	if err != nil {
		t.Errorf("user %+v: %v", user, err)
	}
	login, err := client.AuthorizeURL("https://green.example/bind", wechat.ScopeUserInfo, "state")
	if err != nil {
		t.Fatal(err)
	}
	back, err := s.Authorize(s.openid, login)
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(back, "code=")
	issued, _, _ := strings.Cut(query, "&")
	who, err := client.OAuthExchange(ctx, issued)
	if err != nil || who.OpenID != s.openid {
		t.Errorf("identity %+v: %v", who, err)
	}
	if _, err := client.OAuthExchange(ctx, issued); wechat.ClassOf(err) != wechat.ClassOAuthCode {
		t.Errorf("used code: %v", err)
	}
}
