package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"greendesk/desk"
	"greendesk/internal/testenv"
)

// kept is the whole state store, one line an entry.
func (h *harness) kept() string {
	h.t.Helper()
	var b strings.Builder
	if m, ok := h.service.state.(inProcess); ok {
		for key, val := range m.All() {
			fmt.Fprintf(&b, "%s=%s\n", key, val)
		}
		return b.String()
	}
	opt, err := redis.ParseURL(h.settings.Redis)
	must(h.t, err)
	client := redis.NewClient(opt)
	defer func() { must(h.t, client.Close()) }()
	keys := client.Scan(h.t.Context(), 0, "*", 100).Iterator()
	for keys.Next(h.t.Context()) {
		val, err := client.Get(h.t.Context(), keys.Val()).Result()
		must(h.t, err)
		fmt.Fprintf(&b, "%s=%s\n", keys.Val(), val)
	}
	must(h.t, keys.Err())
	return b.String()
}

// TestAnErasedContactStandsNowhereInTheStateStore: neither its openid nor what
// stands for it, and what let it in lets nobody in any more.
func TestAnErasedContactStandsNowhereInTheStateStore(t *testing.T) {
	erasures := map[string]func(h *harness, openid string, v *visitor){
		"unsubscribed": func(h *harness, openid string, _ *visitor) {
			_, err := h.platform.Unfollow(openid)
			must(h.t, err)
		},
		"on the page": func(_ *harness, _ string, v *visitor) {
			v.post("/my/erase", url.Values{"what": {"all"}}).has(v.t, "已经删除")
		},
	}
	for name, erase := range erasures {
		for _, store := range []string{"in process", "redis"} {
			t.Run(name+", "+store, func(t *testing.T) {
				o := options{}
				if store == "redis" {
					o.redis = testenv.Redis(t)
				}
				h := newHarness(t, o)
				openid := h.person("食品厂")
				h.asked(t, openid, "冷却塔噪声怎么测")
				_, err := h.platform.Click(openid, "MINE")
				must(t, err)
				said := h.platform.Transcript(openid)
				link := regexp.MustCompile(`/my\?pass=\w+`).FindString(fmt.Sprint(said[len(said)-1]))
				v, byLink, elsewhere := h.visitor(t, openid), h.visitor(t, ""), h.visitor(t, openid)
				for _, in := range []page{v.get("/my"), byLink.get(link), elsewhere.get("/my")} {
					if in.status != http.StatusOK || in.path != "/my" {
						t.Fatalf("not let in before: %d %s", in.status, in.path)
					}
				}
				if before := h.kept(); !strings.Contains(before, "window:word:"+desk.Fingerprint(openid)) || strings.Contains(before, openid) {
					t.Errorf("before: the ledger's window is not there, or the openid is:\n%s", before)
				}
				erase(h, openid, v)
				if after := h.kept(); strings.Contains(after, openid) || strings.Contains(after, "window:word:"+desk.Fingerprint(openid)) || strings.Contains(after, "session:"+desk.Fingerprint(openid)) {
					t.Errorf("still there:\n%s", after)
				}
				if got := h.visitor(t, "").get(link); got.path == "/my" {
					t.Error("the old link still lets in")
				}
				// Who comes back is another contact: the sessions of before are not theirs.
				_, err = h.platform.Follow(openid, "")
				must(t, err)
				h.asked(t, openid, "油烟净化器多久洗一次")
				if got := byLink.post("/my/profile", url.Values{}); got.status != http.StatusForbidden {
					t.Errorf("the session of before: %d", got.status)
				}
			})
		}
	}
}
