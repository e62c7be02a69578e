package simulator

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Mode is how pushes travel (the account's 消息加解密方式).
type Mode string

// The three modes of the platform.
const (
	Plain  Mode = "plain"  // 明文模式: no encryption
	Compat Mode = "compat" // 兼容模式: plaintext and ciphertext together; the reply may be either
	Safe   Mode = "safe"   // 安全模式: ciphertext only
)

// Options describe the simulated account and platform. AppID, Secret and Token are required.
type Options struct {
	AppID, Secret, Token string
	// AESKeys are EncodingAESKeys of 43 characters, the current one first. Needed unless Mode is Plain.
	AESKeys []string
	// Mode defaults to Safe with a key and to Plain without.
	Mode Mode
	// OriginalID is the account's gh_… id, the ToUserName of every push. Default gh_greendesk01.
	OriginalID string
	// CallbackURL is where pushes go. It may be set later with SetCallbackURL.
	CallbackURL string
	// Verified is whether the account is 已认证. An unverified one has no 客服, template, QR, media, user or OAuth rights.
	Verified bool
	// AccountName is shown on the phone. Default 绿企服务台.
	AccountName string
	// BaseURL is where the program reaches this simulator; picture links (PicUrl) start with it.
	BaseURL string
	// OAuthHost, when set, is the only host that redirect_uri may name (the account's 网页授权域名).
	OAuthHost string
	Log       *slog.Logger
	// PassiveTimeout is how long one delivery may take, in real time. Default 5 s.
	PassiveTimeout time.Duration
	// Deliveries is how often a push without an answer is sent in all. Default 3.
	Deliveries int
	// Seed makes nonces, ids and fault dice repeatable; 0 seeds from the system.
	Seed uint64
	// People are the phones that exist at the start. Default: Presets.
	People []Person
	// Templates are the account's message templates. Default: DefaultTemplates.
	Templates []Template
	// Keep is how many exchanges and API calls the logs hold. Default 500.
	Keep int
}

// Platform is one simulated WeChat platform with one official account. All methods are safe for concurrent use.
type Platform struct {
	clock  Clock
	opt    Options
	log    *slog.Logger
	client *http.Client
	faults *Faults
	hub    hub

	ctx     context.Context
	cancel  context.CancelFunc
	pending sync.WaitGroup // deliveries under way

	mu          sync.Mutex
	rng         *rand.Rand
	mode        Mode
	verified    bool
	callbackURL string
	keys        []string
	users       map[string]*user
	order       []string // openids in the order they appeared
	nextMsgID   int64
	nextBubble  int64
	exchanges   ring[Exchange]
	calls       ring[APICall]
	inFlight    int
	menu        *Menu
	tokens      tokenStore
	codes       map[string]*oauthGrant
	media       map[string]*Media
	tickets     map[string]*qrTicket
	templates   map[string]Template
	clientMsgs  map[string]time.Time
	jsTicket    timedSecret
}

// New makes a platform. It fails on missing credentials, an unknown mode or a malformed AES key.
func New(opt Options) (*Platform, error) {
	if err := opt.complete(); err != nil {
		return nil, err
	}
	seed := opt.Seed
	if seed == 0 {
		var b [8]byte
		_, _ = crand.Read(b[:]) // never fails, see crypto/rand
		seed = binary.LittleEndian.Uint64(b[:])
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Platform{
		opt: opt, log: opt.Log, ctx: ctx, cancel: cancel,
		client: callbackClient(),
		rng:    rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)), //nolint:gosec // a repeatable simulation, no secret
		mode:   opt.Mode, verified: opt.Verified, callbackURL: opt.CallbackURL,
		keys:      append([]string(nil), opt.AESKeys...),
		users:     map[string]*user{},
		nextMsgID: 24_000_000_000_000_000,
		codes:     map[string]*oauthGrant{}, media: map[string]*Media{}, tickets: map[string]*qrTicket{},
		templates: map[string]Template{}, clientMsgs: map[string]time.Time{},
	}
	p.nextMsgID += p.rng.Int64N(1_000_000_000_000)
	p.exchanges.limit, p.calls.limit = opt.Keep, opt.Keep
	p.faults = newFaults(p.chance, p.changed)
	for _, t := range opt.Templates {
		p.templates[t.ID] = t
	}
	for _, person := range opt.People {
		p.AddPerson(person)
	}
	return p, nil
}

// complete fills in defaults and checks the rest.
func (o *Options) complete() error {
	if o.AppID == "" || o.Secret == "" || o.Token == "" {
		return errors.New("simulator: AppID, Secret and Token are required")
	}
	if o.Mode == "" {
		o.Mode = Plain
		if len(o.AESKeys) > 0 {
			o.Mode = Safe
		}
	}
	if o.Mode != Plain && o.Mode != Compat && o.Mode != Safe {
		return fmt.Errorf("simulator: unknown mode %q", o.Mode)
	}
	if o.Mode != Plain && len(o.AESKeys) == 0 {
		return fmt.Errorf("simulator: mode %s needs an AES key", o.Mode)
	}
	for _, k := range o.AESKeys {
		if err := checkAESKey(k); err != nil {
			return err
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.OriginalID = orDefault(o.OriginalID, "gh_greendesk01")
	o.AccountName = orDefault(o.AccountName, "绿企服务台")
	o.BaseURL = strings.TrimRight(orDefault(o.BaseURL, "http://mmbiz.qpic.cn"), "/")
	if o.PassiveTimeout <= 0 {
		o.PassiveTimeout = 5 * time.Second
	}
	if o.Deliveries <= 0 {
		o.Deliveries = 3
	}
	if o.Keep <= 0 {
		o.Keep = 500
	}
	if o.People == nil {
		o.People = Presets()
	}
	if o.Templates == nil {
		o.Templates = DefaultTemplates()
	}
	return nil
}

// Close cancels deliveries under way and waits for them. Live phone pages are disconnected.
func (p *Platform) Close() {
	p.mu.Lock() // no push begins after this
	p.cancel()
	p.mu.Unlock()
	p.pending.Wait()
	p.hub.close()
	p.client.CloseIdleConnections()
}

// Clock is the platform's virtual clock.
func (p *Platform) Clock() *Clock { return &p.clock }

// Faults are what goes wrong on purpose.
func (p *Platform) Faults() *Faults { return p.faults }

// SetCallbackURL changes where pushes go (服务器地址). It fails when u is no absolute http(s) URL.
func (p *Platform) SetCallbackURL(u string) error {
	parsed, err := url.Parse(u)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return fmt.Errorf("simulator: callback %q is no http(s) URL", u)
	}
	p.mu.Lock()
	p.callbackURL = u
	p.mu.Unlock()
	p.changed("")
	return nil
}

// SetVerified switches the account between 已认证 and 未认证.
func (p *Platform) SetVerified(v bool) {
	p.mu.Lock()
	p.verified = v
	p.mu.Unlock()
	p.changed("")
}

// Verified tells whether the account is 已认证.
func (p *Platform) Verified() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.verified
}

// SetMode changes how the next pushes travel. Compat and Safe need an AES key.
func (p *Platform) SetMode(m Mode) error {
	if m != Plain && m != Compat && m != Safe {
		return fmt.Errorf("simulator: unknown mode %q", m)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if m != Plain && len(p.keys) == 0 {
		return fmt.Errorf("simulator: mode %s needs an AES key", m)
	}
	p.mode = m
	return nil
}

// RotateKey makes newKey the key of all further pushes; the former one stays known as the previous.
func (p *Platform) RotateKey(newKey string) error {
	if err := checkAESKey(newKey); err != nil {
		return err
	}
	p.mu.Lock()
	p.keys = append([]string{newKey}, p.keys...)
	p.mu.Unlock()
	return nil
}

// callbackClient is the platform's own HTTP client: no redirects, no proxy, a limit by context only.
func callbackClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			MaxIdleConns: 512, MaxIdleConnsPerHost: 256, IdleConnTimeout: 30 * time.Second, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// chance is true with probability prob.
func (p *Platform) chance(prob float64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rng.Float64() < prob
}

// randomText is n letters and digits. The caller holds p.mu.
func (p *Platform) randomText(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[p.rng.IntN(len(letters))]
	}
	return string(b)
}

// changed tells live pages and waiters that something changed, for one person ("" means everybody).
func (p *Platform) changed(openid string) { p.hub.notify(openid) }

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}
