package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"greendesk/internal/testenv/meilistub"
	"greendesk/internal/wechat/simulator"
)

// ready reads /readyz.
func (h *harness) ready() (status int, search string) {
	h.t.Helper()
	res, err := http.Get(h.url + "/readyz")
	must(h.t, err)
	defer func() { must(h.t, res.Body.Close()) }()
	var body struct{ Search string }
	must(h.t, json.NewDecoder(res.Body).Decode(&body))
	return res.StatusCode, body.Search
}

// metric is a line of /metrics, without its value.
func (h *harness) metric(name string) string {
	h.t.Helper()
	rec := httptest.NewRecorder()
	metricsOf(h.service.engine, h.service.desk).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(rec.Body.String()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (h *harness) waitForSearch(want string) {
	h.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		status, search := h.ready()
		if status != http.StatusOK {
			h.t.Fatalf("/readyz says %d", status)
		}
		if search == want {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("search is %s, never %s", search, want)
		}
	}
}

// The server may be slow by ten seconds: the callback is answered in time, with
// the same clause, and the metrics and /readyz tell.
func TestAnEnterpriseIsAnsweredInTimeWhateverTheSearchServerDoes(t *testing.T) {
	backends(t, func(t *testing.T, o options) {
		o.search = meilistub.New(t)
		h := newHarness(t, o)
		h.waitForSearch("ok")
		const question = "危险废物可以贮存多久"
		want := h.says(h.person("食品厂"), question)
		served := func() bool {
			n := h.metric(`greendesk_search_seconds_count{from="server"}`)
			return n != "" && n != "0"
		}
		for end := time.Now().Add(patience); !served(); h.says(h.person("食品厂"), question) { // a loaded machine may miss the search's budget
			if time.Now().After(end) {
				t.Fatal("no search by the server")
			}
		}
		h.waitForSearch("ok")
		o.search.Misbehave(meilistub.Fault{Kind: meilistub.Hang})
		for _, name := range []string{"机械厂", "印刷厂", "化工厂"} {
			p := h.person(name)
			began := time.Now()
			x, err := h.platform.SendText(p, question)
			must(t, err)
			if took := time.Since(began); x.Outcome != simulator.Replied || took > 4500*time.Millisecond {
				t.Errorf("%s after %v", x.Outcome, took)
			}
			if b := h.platform.Transcript(p); b[len(b)-1].Text != want {
				t.Errorf("answered %q, want %q", b[len(b)-1].Text, want)
			}
		}
		if status, search := h.ready(); status != http.StatusOK || search == "ok" || search == "embedded" {
			t.Errorf("/readyz: %d, search %s", status, search)
		}
		if n := h.metric(`greendesk_search_degraded_total{reason="slow"}`); n == "" || n == "0" {
			t.Error("nothing is counted as slow")
		}
	})
}

func TestWhatIsImportedByACommandReachesTheSearchServer(t *testing.T) {
	withoutSettings(t)
	stub := meilistub.New(t)
	h := newHarness(t, options{search: stub})
	h.waitForSearch("ok")
	before := stub.Indexes()["desk-clauses"]
	file := t.TempDir() + "/青溪市河道保洁条例.md"
	must(t, os.WriteFile(file, []byte("# 青溪市河道保洁条例\n\n（2019年3月20日发布）\n\n第一条 为了河道清洁，制定本条例。\n\n第二条 河道保洁由市水务部门负责。\n"), 0o600))
	server := []string{"--data=" + h.settings.Data, "--meilisearch-url=" + stub.URL, "--meilisearch-prefix=desk-", "--meilisearch-search-key=" + meilistub.SearchKey, "--meilisearch-index-key=" + meilistub.IndexKey}
	must(t, run(append(server, "import", file)))
	for deadline := time.Now().Add(patience); stub.Indexes()["desk-clauses"] < before+2; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d documents on the server, had %d", stub.Indexes()["desk-clauses"], before)
		}
	}
	stub.Wipe()
	must(t, run(append(server, "reindex")))
	if n := stub.Indexes()["desk-clauses"]; n < before+2 {
		t.Errorf("%d documents after reindex", n)
	}
}

func TestMetricsHaveAnAddressOfTheirOwn(t *testing.T) {
	h := newHarness(t, options{})
	res, err := http.Get(h.url + "/metrics")
	must(t, err)
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("enterprises get %d for /metrics", res.StatusCode)
	}
	server := httptest.NewServer(metricsOf(h.service.engine, h.service.desk))
	defer server.Close()
	res, err = http.Get(server.URL + "/metrics")
	must(t, err)
	text, err := io.ReadAll(res.Body)
	must(t, err)
	must(t, res.Body.Close())
	for _, name := range []string{"greendesk_clauses", "greendesk_calendar_missing_year", "greendesk_index_behind", "greendesk_index_tasks_failed_total", "go_goroutines", "process_resident_memory_bytes"} {
		if !strings.Contains(string(text), "\n"+name+" ") {
			t.Errorf("no %s", name)
		}
	}
	if _, search := h.ready(); search != "embedded" {
		t.Errorf("search is %s", search)
	}
}
