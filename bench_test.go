package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/officialaccount"
	"github.com/silenceper/wechat/v2/officialaccount/config"
	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/util"

	"greendesk/internal/testenv"
	"greendesk/knowledge"
)

// corpus is the folder of real documents beside the project.
const corpus = "../shared/corpus"

func needCorpus(b *testing.B) {
	b.Helper()
	if _, err := os.Stat(corpus); err != nil {
		b.Fatalf("this benchmark reads real documents from %s: %v", corpus, err)
	}
}

// benchQuestions are labelled questions of ours.
func benchQuestions(b *testing.B) []string {
	b.Helper()
	var out []string
	for _, f := range []string{"knowledge/labelled/answers-a.jsonl", "knowledge/labelled/answers-b.jsonl"} {
		must(b, eachLine(f, func(line []byte) error {
			var q question
			err := json.Unmarshal(line, &q)
			out = append(out, q.Q)
			return err
		}))
	}
	return out
}

// push is one signed and encrypted message, made before the clock runs.
type push struct {
	query string
	body  []byte
}

func sealedPushes(b *testing.B, o *ServeSettings, n int, questions []string) []push {
	b.Helper()
	out := make([]push, n)
	now := time.Now().Unix()
	for i := range out {
		xml := fmt.Sprintf(`<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[o-bench-%d]]></FromUserName><CreateTime>%d</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[%s]]></Content><MsgId>%d</MsgId></xml>`,
			o.WechatOriginalID, i%512, now, questions[i%len(questions)], 23000000000000000+i)
		ts, nonce := fmt.Sprint(now), fmt.Sprint(100000+i)
		enc, err := util.EncryptMsg([]byte("0123456789abcdef"), []byte(xml), o.WechatAppID, o.WechatAESKey)
		must(b, err)
		q := url.Values{"timestamp": {ts}, "nonce": {nonce}, "openid": {"o"}, "encrypt_type": {"aes"}, "signature": {util.Signature(o.WechatToken, ts, nonce)},
			"msg_signature": {util.Signature(o.WechatToken, ts, nonce, string(enc))}}
		out[i] = push{query: q.Encode(), body: fmt.Appendf(nil, `<xml><ToUserName><![CDATA[%s]]></ToUserName><Encrypt><![CDATA[%s]]></Encrypt></xml>`, o.WechatOriginalID, enc)}
	}
	return out
}

// bare decrypts, answers a fixed text and encrypts with the SDK's own server
// and does nothing else: no freshness, no memory, no search.
func bare(o *ServeSettings) http.Handler {
	account := officialaccount.NewOfficialAccount(&config.Config{AppID: o.WechatAppID, AppSecret: o.WechatSecret, Token: o.WechatToken, EncodingAESKey: o.WechatAESKey, Cache: cache.NewMemory()})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := account.GetServer(r, w)
		s.SetMessageHandler(func(*message.MixMessage) *message.Reply {
			return &message.Reply{MsgType: message.MsgTypeText, MsgData: message.NewText("您好")}
		})
		if err := s.Serve(); err != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_ = s.Send()
	})
}

const benchSenders = 64

// fire posts every push once from benchSenders connections and returns how
// long all took and each one's time.
func fire(b *testing.B, address string, pushes []push) (time.Duration, []time.Duration) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchSenders}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, len(pushes))
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range benchSenders {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := next.Add(1) - 1; i < int64(len(pushes)); i = next.Add(1) - 1 {
				sent := time.Now()
				res, err := client.Post(address+"/wechat?"+pushes[i].query, "text/xml", bytes.NewReader(pushes[i].body))
				if err != nil {
					b.Error(err)
					return
				}
				reply, err := io.ReadAll(res.Body)
				if err != nil || res.StatusCode != http.StatusOK || !bytes.Contains(reply, []byte("<Encrypt>")) {
					b.Errorf("status %d, reply %.100s, %v", res.StatusCode, reply, err)
				}
				_ = res.Body.Close()
				took[i] = time.Since(sent)
			}
		}()
	}
	wg.Wait()
	return time.Since(began), took
}

func percentile(ds []time.Duration, p float64) float64 {
	slices.Sort(ds)
	return float64(ds[min(len(ds)-1, int(p*float64(len(ds))))].Microseconds()) / 1000
}

// BenchmarkCallback measures questions a second through the whole callback
// (safe mode, SQLite on disk, the real laws and rules) beside a bare handler,
// in one run, over loopback HTTP with 64 connections, in turns. It prints the
// median ratio, the percentiles, and where the CPU time went.
func BenchmarkCallback(b *testing.B) {
	needCorpus(b)
	h := newHarness(b, options{noStart: true})
	_, err := h.service.store.Import(context.Background(), knowledge.ImportOptions{Paths: []string{corpus + "/laws", corpus + "/rules", corpus + "/files/漯环办〔2021〕52号.txt"}})
	must(b, err)
	must(b, h.service.Start(context.Background()))
	const rounds, size = 12, 1000
	questions := benchQuestions(b)
	pushes := sealedPushes(b, h.serve, (rounds+1)*size, questions)
	plain := httptest.NewServer(bare(h.serve))
	defer plain.Close()
	fire(b, h.url, pushes[:size]) // warm
	var profiles []*profile.Profile
	var full, only time.Duration
	var times []time.Duration
	var ratios []float64
	b.ResetTimer()
	for r := 1; r <= rounds; r++ {
		part := pushes[r*size : (r+1)*size]
		alone, _ := fire(b, plain.URL, part)
		only += alone
		var cpu bytes.Buffer
		must(b, pprof.StartCPUProfile(&cpu))
		d, ts := fire(b, h.url, part)
		pprof.StopCPUProfile()
		one, err := profile.Parse(&cpu)
		must(b, err)
		profiles = append(profiles, one)
		full += d
		ratios = append(ratios, alone.Seconds()/d.Seconds())
		times = append(times, ts...)
	}
	b.StopTimer()
	qps, bareQPS := rounds*size/full.Seconds(), rounds*size/only.Seconds()
	b.ReportMetric(qps, "questions/s")
	b.ReportMetric(bareQPS, "bare/s")
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio") // the median of the rounds' ratios
	b.ReportMetric(percentile(times, 0.5), "p50_ms")
	b.ReportMetric(percentile(times, 0.99), "p99_ms")
	all, err := profile.Merge(profiles)
	must(b, err)
	if file := os.Getenv("GREENDESK_TEST_PROFILE"); file != "" { // for go tool pprof
		out, err := os.Create(file)
		must(b, err)
		must(b, all.Write(out))
		must(b, out.Close())
	}
	for name, share := range shares(all) {
		b.ReportMetric(share, "cpu_"+name)
	}
	b.ReportMetric(0, "ns/op")
}

// rooms tell by the names on a stack, innermost first, whose time it is.
var rooms = []struct{ name, part string }{
	{"search", "greendesk/knowledge/rank"}, {"search", "greendesk/knowledge/index"}, {"search", "greendesk/knowledge/lang"}, {"search", "greendesk/knowledge.quoteOf"},
	{"router", "greendesk/bot.(*Router)"}, {"database", "modernc.org/"}, {"database", "database/sql"}, {"database", "greendesk/internal/db"},
	{"client", "testing.(*B)"}, {"client", "greendesk.fire"}, {"client", "net/http.(*persistConn)"}, {"client", "net/http.(*Transport)"},
	{"edge", "greendesk/internal/wechat"}, {"edge", "github.com/labstack/echo"}, {"edge", "net/http.(*conn)"},
}

// shares reads a CPU profile: the share of each room in all samples.
func shares(p *profile.Profile) map[string]float64 {
	out := map[string]float64{}
	var all float64
	for _, s := range p.Sample {
		value := float64(s.Value[len(s.Value)-1])
		all += value
		out[room(s)] += value
	}
	for k := range out {
		out[k] /= all
	}
	return out
}

func room(s *profile.Sample) string {
	for _, loc := range s.Location {
		for _, line := range loc.Line {
			for _, r := range rooms {
				if strings.HasPrefix(line.Function.Name, r.part) {
					return r.name
				}
			}
		}
	}
	return "runtime"
}

// What is promised of size and speed on one core, whatever else the machine
// does: clauses are those of the scale corpus.
const (
	mostP50     = 3.0   // ms for a question over 58 thousand clauses
	mostP99     = 15.0  // ms
	mostSeconds = 120.0 // to import and index 147 thousand clauses
	mostPeak    = 700.0 // MiB, the whole process
)

// BenchmarkScale measures import, index and questions on one core at 5, 58 and
// 147 thousand clauses, and how the time for a question grows from the first
// to the last: exponent 1 would be as fast as the clauses. It fails when less
// is reached than is promised.
func BenchmarkScale(b *testing.B) {
	needCorpus(b)
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	var all []scale
	for _, n := range []int{5000, 58000, 147283} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { all = append(all, benchScale(b, n)) })
	}
	if len(all) < 3 {
		return // only some were asked for
	}
	b.Run("growth", func(b *testing.B) {
		small, middle, large := all[0], all[1], all[2]
		clauses := large.clauses / small.clauses
		b.ReportMetric(clauses, "clauses_ratio")
		b.ReportMetric(large.p50/small.p50, "p50_ratio")
		b.ReportMetric(large.p99/small.p99, "p99_ratio")
		b.ReportMetric(math.Log(large.p50/small.p50)/math.Log(clauses), "p50_exponent")
		b.ReportMetric(0, "ns/op")
		if middle.p50 > mostP50 || middle.p99 > mostP99 {
			b.Errorf("a question over %.0f clauses takes %.2f ms, one in a hundred %.2f ms; %.0f and %.0f are promised", middle.clauses, middle.p50, middle.p99, mostP50, mostP99)
		}
		if large.p50/small.p50 >= clauses || large.p99/small.p99 >= clauses {
			b.Errorf("the time for a question grows as fast as the clauses")
		}
		if large.seconds > mostSeconds || large.peak > mostPeak {
			b.Errorf("%.0f clauses take %.0f s and %.0f MiB; %.0f and %.0f are promised", large.clauses, large.seconds, large.peak, mostSeconds, mostPeak)
		}
	})
}

// scale is what was measured at one size.
type scale struct {
	clauses  float64
	seconds  float64 // to import and index
	peak     float64 // MiB, the questions included
	p50, p99 float64 // ms for a question, answer and quotes included
}

func benchScale(b *testing.B, n int) scale {
	dir := b.TempDir()
	file := firstLines(b, dir, n)
	s := &Settings{Data: dir}
	ctx := context.Background()
	debug.SetGCPercent(100) // as at the start
	forgetPeak(b)
	c, err := openCore(ctx, s, testenv.Log(b), time.Now)
	must(b, err)
	defer func() { must(b, c.db.Close()) }()
	began := time.Now()
	rep, err := c.store.Import(ctx, knowledge.ImportOptions{Paths: []string{file}})
	must(b, err)
	imported := time.Since(began)
	before := heap()
	began = time.Now()
	must(b, c.ready(ctx, s))
	built := time.Since(began)
	used := heap() - before
	out := scale{clauses: float64(rep.NewClauses), seconds: (imported + built).Seconds()}
	took := askAll(b, c.engine)
	out.peak = peak(b)
	out.p50, out.p99 = percentile(took, 0.5), percentile(took, 0.99)
	b.ReportMetric(out.clauses, "clauses")
	b.ReportMetric(imported.Seconds(), "import_s")
	b.ReportMetric(built.Seconds(), "index_s")
	b.ReportMetric(used, "index_MiB")
	b.ReportMetric(out.peak, "peak_MiB")
	b.ReportMetric(megabytes(b, filepath.Join(dir, "greendesk.db*")), "sqlite_MiB")
	b.ReportMetric(megabytes(b, filepath.Join(dir, "index.snapshot*")), "snapshot_MiB")
	b.ReportMetric(out.p50, "p50_ms")
	b.ReportMetric(out.p99, "p99_ms")
	b.ReportMetric(0, "ns/op")
	return out
}

// askAll puts every question as in a conversation, where some lean on the
// message before and search twice. A question's time is the middle one of
// three, so that what else the machine does counts little.
func askAll(b *testing.B, e *knowledge.Engine) []time.Duration {
	b.Helper()
	questions := benchQuestions(b)
	times := make([][3]time.Duration, len(questions))
	for round := range 3 {
		prev := ""
		for i, q := range questions {
			began := time.Now()
			_, err := e.Ask(context.Background(), knowledge.Ask{Text: q, Prev: prev})
			must(b, err)
			times[i][round] = time.Since(began)
			prev = q
		}
	}
	took := make([]time.Duration, len(questions))
	for i := range times {
		slices.Sort(times[i][:])
		took[i] = times[i][1]
	}
	return took
}

// forgetPeak begins a new measurement of peak.
func forgetPeak(b *testing.B) {
	b.Helper()
	debug.FreeOSMemory()
	must(b, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600))
}

// heap is the memory in use after a collection, in MiB.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// peak is the most memory this process has had since forgetPeak, in MiB.
func peak(b *testing.B) float64 {
	b.Helper()
	data, err := os.ReadFile("/proc/self/status")
	must(b, err)
	var kib float64
	for _, line := range strings.Split(string(data), "\n") {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			_, err := fmt.Sscanf(v, "%f", &kib)
			must(b, err)
		}
	}
	return kib / 1024
}

// megabytes is the size of all files of a pattern.
func megabytes(b *testing.B, pattern string) float64 {
	b.Helper()
	files, err := filepath.Glob(pattern)
	must(b, err)
	var n int64
	for _, f := range files {
		info, err := os.Stat(f)
		must(b, err)
		n += info.Size()
	}
	return float64(n) / (1 << 20)
}
