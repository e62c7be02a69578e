package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"greendesk/internal/testenv"
	"greendesk/internal/testenv/meilistub"
	"greendesk/internal/wechat/simulator"
)

// harness is a whole desk beside a simulated platform, over real HTTP, wired
// by the same functions as the commands.
type harness struct {
	t        testing.TB
	platform *simulator.Platform
	service  *service
	url      string
	settings *Settings
	serve    *ServeSettings
	server   *httptest.Server
}

// options of a harness; zero values are a verified account on SQLite with the
// starter knowledge.
type options struct {
	database   string
	redis      string
	unverified bool
	passive    time.Duration // the platform's patience, default 5 s
	mode       simulator.Mode
	noStart    bool
	search     *meilistub.Stub // beside the embedded index
	empty      bool            // no knowledge to begin with
	embeddings string          // a server of vectors
}

func newHarness(t testing.TB, o options) *harness {
	t.Helper()
	h := &harness{t: t, settings: &Settings{Data: t.TempDir(), Database: o.database, Redis: o.redis, LogLevel: "error"}}
	if o.search != nil {
		h.settings.MeilisearchURL, h.settings.MeilisearchPrefix = o.search.URL, "desk-"
		h.settings.MeilisearchSearchKey, h.settings.MeilisearchIndexKey = meilistub.SearchKey, meilistub.IndexKey
	}
	if o.embeddings != "" {
		h.settings.MeaningSettings = MeaningSettings{EmbeddingsURL: o.embeddings, EmbeddingsModel: "multilingual-e5-small", EmbeddingsQueryPrefix: "query: ", EmbeddingsPassagePrefix: "passage: ", EmbeddingsWait: longestWait}
	}
	h.server, h.url = unstarted(t)
	serve, err := demoSettings(h.url)
	must(t, err)
	h.serve = serve
	h.platform, err = simulator.New(simulator.Options{AppID: serve.WechatAppID, Secret: serve.WechatSecret, Token: serve.WechatToken, AESKeys: serve.aesKeys(),
		OriginalID: serve.WechatOriginalID, CallbackURL: h.url + "/wechat", BaseURL: h.url, Verified: !o.unverified, PassiveTimeout: o.passive, Mode: o.mode,
		Log: testenv.Log(t), Seed: 1})
	must(t, err)
	t.Cleanup(h.platform.Close)
	h.service = h.open(testenv.Log(t))
	h.server.Config.Handler = beside(h.platform.Handler(), h.service.handler)
	h.server.Start()
	if !o.empty {
		must(t, h.service.store.ImportStarter(context.Background()))
	}
	if !o.noStart {
		must(t, h.service.Start(context.Background()))
	}
	t.Cleanup(func() { must(t, h.service.Close()) })
	return h
}

// unstarted listens for a server whose handler needs its address: what it
// serves is set, then it is started.
func unstarted(t testing.TB) (server *httptest.Server, url string) {
	t.Helper()
	server = httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	return server, "http://" + server.Listener.Addr().String()
}

func (h *harness) open(log *slog.Logger) *service {
	h.t.Helper()
	c, err := openCore(context.Background(), h.settings, log, h.platform.Clock().Now)
	must(h.t, err)
	sv, err := newService(c, h.settings, h.serve)
	must(h.t, err)
	return sv
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// person adds a phone that follows the account.
func (h *harness) person(name string) string {
	h.t.Helper()
	openid := h.platform.AddPerson(simulator.Person{Name: name})
	_, err := h.platform.Follow(openid, "")
	must(h.t, err)
	return openid
}
