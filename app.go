package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"greendesk/admin"
	"greendesk/bot"
	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/handlers"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/embeddings"
	"greendesk/internal/jobs"
	"greendesk/internal/kv"
	"greendesk/internal/wechat"
	"greendesk/knowledge"
	"greendesk/knowledge/meili"
)

// core is what every command that touches the knowledge base needs.
type core struct {
	log    *slog.Logger
	now    func() time.Time
	db     *db.DB
	queue  *jobs.Queue
	store  *knowledge.Store
	engine *knowledge.Engine

	embeddings *embeddings.Client // nil without a server of vectors
}

// openCore opens and migrates the database. The index is empty until synced.
func openCore(ctx context.Context, s *Settings, log *slog.Logger, now func() time.Time) (*core, error) {
	d, err := db.Open(ctx, s.databaseURL(), log)
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	queue, err := jobs.New(d, log, jobs.Options{})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	store := knowledge.New(d, log, now)
	engine, err := knowledge.NewEngine(store, log, now)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	engine.FollowWeights(bot.Form(), func(k *knowledge.Kept) error {
		_, err := bot.ReadKept(k, engine.Folder())
		return err
	})
	c := &core{log: log, now: now, db: d, queue: queue, store: store, engine: engine}
	if s.MeilisearchURL != "" {
		engine.UseServer(meili.New(meili.Config{URL: s.MeilisearchURL, SearchKey: s.MeilisearchSearchKey, IndexKey: s.MeilisearchIndexKey, Prefix: s.MeilisearchPrefix}))
		queue.Handle(knowledge.KindIndex, engine.FollowServer)
		store.Announce(queue)
	}
	if c.embeddings, err = s.client(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if c.embeddings != nil {
		engine.UseMeaning(c.embeddings, s.EmbeddingsWait, queue)
	}
	return c, nil
}

// close closes what openCore opened.
func (c *core) close() error {
	if c.embeddings != nil {
		c.embeddings.Close()
	}
	return c.db.Close()
}

// ready fills the index.
func (c *core) ready(ctx context.Context, s *Settings) error {
	err := c.engine.Open(ctx, s.snapshot())
	collectLater()
	return err
}

// sessionStore is the store of dialogue state, with how to ping and close it.
type sessionStore interface {
	kv.Store
	Ping(ctx context.Context) error
}

// inProcess is a kv.Memory that is always there.
type inProcess struct{ *kv.Memory }

// Ping implements sessionStore.
func (inProcess) Ping(context.Context) error { return nil }

func openSessions(s *Settings) (sessionStore, func(), error) {
	if s.Redis == "" {
		m := kv.NewMemory()
		return inProcess{m}, m.Close, nil
	}
	r, err := kv.NewRedis(s.Redis)
	if err != nil {
		return nil, nil, err
	}
	return r, func() { _ = r.Close() }, nil
}

// service is a running desk.
type service struct {
	*core
	settings *Settings
	client   *wechat.Client
	state    sessionStore
	desk     *desk.Desk
	exchange *handlers.Exchange
	staff    *staff.Store
	console  *admin.Console
	handler  http.Handler
	closers  []func()
	stop     context.CancelFunc
	behind   sync.WaitGroup // the background work
}

// followEvery is how soon an import by another process shows.
const followEvery = 3 * time.Second

// newService wires a desk over an opened core. Start begins its work.
func newService(c *core, s *Settings, o *ServeSettings) (*service, error) {
	sv := &service{core: c, settings: s}
	sessions, closeSessions, err := openSessions(s)
	if err != nil {
		return nil, err
	}
	sv.state, sv.closers = sessions, append(sv.closers, closeSessions)
	callback, err := wechat.NewCallback(wechat.Config{AppID: o.WechatAppID, Token: o.WechatToken, AESKeys: o.aesKeys(), OriginalID: o.WechatOriginalID}, c.now)
	if err != nil {
		return nil, err
	}
	sv.client, err = wechat.NewClient(wechat.ClientConfig{AppID: o.WechatAppID, Secret: o.WechatSecret, BaseURL: o.WechatAPI, Cache: sessions, Now: c.now})
	if err != nil {
		return nil, err
	}
	router, err := bot.LoadRouter(c.engine.Folder())
	if err != nil {
		return nil, err
	}
	d := desk.New(c.db, c.queue, c.log, c.now)
	sv.desk = d
	render := handlers.Renderer{BaseURL: o.BaseURL, Passes: handlers.Passes{Store: sessions, Desk: d, Log: c.log}}
	ledger := &handlers.Ledger{Store: sessions, Log: c.log, Now: c.now}
	sv.exchange = handlers.NewExchange(bot.New(c.engine, d, sessions, router, c.log, c.now), d, render, ledger, c.log, c.now)
	template, err := handlers.ParseTemplate(o.WechatTemplate, o.WechatTemplateFields)
	if err != nil {
		return nil, err
	}
	sv.handleJobs(d, &handlers.Courier{Desk: d, Client: sv.client, Render: render, Ledger: ledger, Template: template, Log: c.log, Now: c.now})
	edge, err := handlers.New(handlers.Config{Callback: callback, Exchange: sv.exchange, Desk: d, Store: c.store, Engine: c.engine, State: sessions, Client: sv.client,
		BaseURL: o.BaseURL, OAuth: o.WechatOAuth, Ready: map[string]handlers.Pinger{"database": c.db.Ping, "sessions": sessions.Ping},
		TrustedProxies: prefixes(o.TrustedProxies), Log: c.log, Now: c.now})
	if err != nil {
		return nil, err
	}
	if sv.console, err = sv.newConsole(sessions, o); err != nil {
		return nil, err
	}
	sv.handler = twoEdges(edge, sv.console)
	return sv, nil
}

// handleJobs says who does the desk's jobs.
func (s *service) handleJobs(d *desk.Desk, courier *handlers.Courier) {
	s.queue.Handle(desk.KindDeliver, courier.Deliver)
	d.KeepFilesIn(s.settings.uploads())
	fetcher := &handlers.Fetcher{Desk: d, Client: s.client, Log: s.log, Now: s.now}
	s.queue.Handle(desk.KindFetch, fetcher.Fetch)
	s.queue.Handle(desk.KindShred, d.Shred)
}

// newConsole wires the staff's edge.
func (s *service) newConsole(state kv.Store, o *ServeSettings) (*admin.Console, error) {
	var err error
	if s.staff, err = staff.New(s.db, s.now, time.Now); err != nil {
		return nil, err
	}
	return admin.New(admin.Config{Staff: s.staff, Desk: s.desk, Engine: s.engine, Knowledge: s.store, State: state, BaseURL: o.BaseURL, OAuth: o.WechatOAuth,
		TrustedProxies: prefixes(o.TrustedProxies), Log: s.log, Now: s.now,
		AuthorizeURL: func(back, state string) (string, error) { return s.client.AuthorizeURL(back, wechat.ScopeBase, state) },
		OpenID: func(ctx context.Context, code string) (string, error) {
			who, err := s.client.OAuthExchange(ctx, code)
			if err != nil {
				return "", apperr.Wrap(apperr.Unavailable, "微信没有确认您的身份，请回到上一页再试一次。", err)
			}
			if who.Snapshot {
				return "", apperr.New(apperr.Forbidden, "现在是“快照页”，微信没有给出您的身份。请点页面右下角的“使用完整服务”，再试一次。")
			}
			return who.OpenID, nil
		}})
}

// twoEdges gives the staff's paths to the console and the rest to the
// enterprises' edge.
func twoEdges(enterprises, console http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/admin":
			http.Redirect(w, r, "/admin/", http.StatusSeeOther)
		case strings.HasPrefix(r.URL.Path, "/admin/"):
			console.ServeHTTP(w, r)
		default:
			enterprises.ServeHTTP(w, r)
		}
	})
}

func prefixes(in []string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range in {
		if p, err := netip.ParsePrefix(s); err == nil { // checked at start
			out = append(out, p)
		}
	}
	return out
}

// Start fills the index and begins the background work.
func (s *service) Start(ctx context.Context) error {
	if err := s.ready(ctx, s.settings); err != nil {
		return err
	}
	if err := s.engine.CheckServer(ctx); err != nil {
		return err
	}
	if err := s.queue.Start(ctx); err != nil {
		return err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.behind.Go(func() { s.engine.Follow(background, followEvery) })
	s.behind.Go(func() { s.exchange.Sweep(background) })
	s.behind.Go(func() { s.desk.Keep(background) })
	context.AfterFunc(ctx, s.console.Close) // open pages' streams must not hold up the stop
	return nil
}

// drainLimit is how long a stop waits for requests and jobs under way.
const drainLimit = 20 * time.Second

// Close drains answers and jobs and closes everything, in that order.
func (s *service) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	s.console.Close()
	s.exchange.Drain(ctx)
	if s.stop != nil {
		s.stop()
		s.behind.Wait()
	}
	err := s.queue.Stop(ctx)
	s.client.Close()
	for _, c := range s.closers {
		c()
	}
	return errors.Join(err, s.core.close())
}

// serve answers HTTP on l until ctx ends, then drains the requests under way.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 0, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
