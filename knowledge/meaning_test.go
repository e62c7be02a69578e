package knowledge

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"greendesk/internal/db"
	"greendesk/internal/embeddings"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
)

// vectorServer speaks the wire format of /v1/embeddings. Its model knows two
// things: who cleans a river, and everything else.
type vectorServer struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	texts  []string      // that were given a vector
	asked  int           // requests
	slow   time.Duration // before each answer
	status int           // instead of an answer
	places int           // of a vector
	refuse string        // a request with this word is refused
}

func newVectorServer(t *testing.T) *vectorServer {
	t.Helper()
	v := &vectorServer{t: t, places: 3}
	v.Server = httptest.NewServer(http.HandlerFunc(v.answer))
	t.Cleanup(v.Close)
	return v
}

func (v *vectorServer) set(change func(*vectorServer)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change(v)
}

// given takes the texts that were given a vector since the last call.
func (v *vectorServer) given() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	texts := v.texts
	v.texts = nil
	slices.Sort(texts)
	return texts
}

func (v *vectorServer) answer(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Input []string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		v.t.Error(err)
	}
	v.mu.Lock()
	v.asked++
	slow, status, places, refuse := v.slow, v.status, v.places, v.refuse
	v.mu.Unlock()
	select {
	case <-time.After(slow):
	case <-r.Context().Done():
		return
	}
	if refuse != "" && strings.Contains(strings.Join(asked.Input, ""), refuse) {
		status = http.StatusBadRequest
	}
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	type item struct {
		Index     int       `json:"index"`
		Embedding []float64 `json:"embedding"`
	}
	var data []item
	for i, text := range asked.Input {
		e := make([]float64, places)
		e[0], e[1] = 0.1, 1
		if strings.Contains(text, "保洁由") || strings.Contains(text, "沟渠") {
			e[0], e[1] = 1, 0.1
		}
		data = append(data, item{i, e})
	}
	v.set(func(v *vectorServer) { v.texts = append(v.texts, asked.Input...) })
	if err := json.NewEncoder(w).Encode(map[string]any{"data": data}); err != nil {
		v.t.Error(err)
	}
}

func (v *vectorServer) client(model string) *embeddings.Client {
	v.t.Helper()
	c, err := embeddings.New(embeddings.Config{URL: v.URL + "/v1", Model: model, QueryPrefix: "q:", PassagePrefix: "p:"})
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(c.Close)
	return c
}

// testWait is how long questions of these tests wait for a vector, of a server
// that answers at once: what a loaded machine needs, not what people would wait.
const testWait = time.Minute

// meaningEngine is a synced engine with a model of meaning.
func meaningEngine(t *testing.T, s *Store, v *vectorServer, model string, queue *jobs.Queue) *Engine {
	t.Helper()
	e := testEngine(t, s)
	e.UseMeaning(v.client(model), testWait, queue)
	return synced(t, e)
}

func embedded(t *testing.T, e *Engine) *Engine {
	t.Helper()
	if err := e.Embed(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return e
}

// wordless shares no character with the clause that answers it.
const wordless = "谁打扫沟渠"

func TestAQuestionWithoutAWordOfTheClauseFindsItByMeaning(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s, v := riverStore(t, d), newVectorServer(t)
		if res := ask(t, synced(t, testEngine(t, s)), Ask{Text: wordless}); len(res.Citations) != 0 {
			t.Fatalf("found by words: %+v", res.Citations)
		}
		e := meaningEngine(t, s, v, "m", nil)
		if got := e.MeaningStats(); got.Missing != 3 || got.Vectors != 0 || got.Model != "m" {
			t.Fatalf("before: %+v", got)
		}
		ask(t, e, Ask{Text: wordless}) // without a vector there is nothing to compare with
		var last [2]int
		if err := e.Embed(t.Context(), func(done, total int) { last = [2]int{done, total} }); err != nil || last != [2]int{3, 3} {
			t.Fatal(last, err)
		}
		if got := v.given(); len(got) != 3 || got[2] != "p:青溪市河道保洁条例 第二条\n河道保洁由市水务部门负责。" {
			t.Errorf("asked for the vectors of %q", got)
		}
		res := ask(t, e, Ask{Text: wordless})
		if len(res.Citations) == 0 || res.Citations[0].Ref != "第二条" || res.Citations[0].Quote.String() != "河道保洁由市水务部门负责。" {
			t.Errorf("%+v %+v", res.Citations, res.Confidence)
		}
		if why := strings.Join(res.Explain(3), ""); !strings.Contains(why, " meant_text -") {
			t.Errorf("the explanation says nothing of meaning: %s", why)
		}
		if got := v.given(); len(got) != 1 || got[0] != "q:"+wordless {
			t.Errorf("asked for the vectors of %q", got)
		}
		if got := e.MeaningStats(); got.Used != 1 || got.Missing != 0 || got.Vectors != 3 {
			t.Errorf("after: %+v", got)
		}
		again := meaningEngine(t, s, v, "m", nil) // another start
		if got := again.MeaningStats(); got.Missing != 0 || got.Vectors != 3 || len(v.given()) != 0 {
			t.Errorf("after another start: %+v", got)
		}
	})
}

func TestALongClauseIsFoundByItsParts(t *testing.T) {
	text := strings.Repeat("本单位的设备应当定期检查，发现问题及时维修，做好记录备查，不得带病运行。", 6) + "\n" + "沟渠由社区清扫。"
	ps := passages("中华人民共和国环境法", Clause{Ref: "第九条", Heading: "清扫", Text: text})
	if len(ps) < 3 || ps[0] != "环境法 第九条 清扫\n"+text || !strings.HasPrefix(ps[1], "环境法 第九条 清扫\n本单位") {
		t.Fatalf("%q", ps)
	}
	joined := ""
	for _, p := range ps[1:] {
		part := strings.TrimPrefix(p, "环境法 第九条 清扫\n")
		if n := len([]rune(part)); n > partLength {
			t.Errorf("a part of %d characters", n)
		}
		joined += part
	}
	if joined != text {
		t.Errorf("the parts make %q", joined)
	}
	if ps := passages("甲", Clause{Ref: "一、总则", Heading: "总则", Text: "短。"}); len(ps) != 1 || ps[0] != "甲 一、总则\n短。" {
		t.Errorf("%q", ps)
	}
	if ps := passages("甲", Clause{Text: strings.Repeat("\n一百六十个字以内的句子很多很多很多很多很多很多很多很多。", 400)}); len(ps) != 1+mostParts {
		t.Errorf("%d passages", len(ps))
	}
}

func TestTheLawOfThatDayIsFoundByMeaning(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	s, v := riverStore(t, d), newVectorServer(t)
	e := embedded(t, meaningEngine(t, s, v, "m", nil))
	v.given()
	mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
	embedded(t, synced(t, e))
	if got := v.given(); len(got) != 2 { // 第一条 says what it said
		t.Errorf("asked for the vectors of %q", got)
	}
	for question, version := range map[string]string{wordless: "2024-03-15", "2020年的时候" + wordless: "2019-03-20"} {
		res := ask(t, e, Ask{Text: question})
		if len(res.Citations) == 0 || res.Citations[0].Ref != "第二条" || res.Citations[0].Version != version {
			t.Errorf("%s: %+v", question, res.Citations)
		}
	}
}

func TestAServerThatFailsCostsNoAnswer(t *testing.T) {
	const question = "河道保洁由谁负责"
	for name, c := range map[string]struct {
		fail  func(*vectorServer)
		count func(MeaningStats) int64
	}{
		"down":          {func(v *vectorServer) { v.status = http.StatusBadGateway }, func(m MeaningStats) int64 { return m.Failed }},
		"gone":          {func(v *vectorServer) { go v.CloseClientConnections(); _ = v.Listener.Close() }, func(m MeaningStats) int64 { return m.Failed }},
		"slow":          {func(v *vectorServer) { v.slow = time.Minute }, func(m MeaningStats) int64 { return m.Slow }},
		"another model": {func(v *vectorServer) { v.places = 7 }, func(m MeaningStats) int64 { return m.Failed }},
	} {
		t.Run(name, func(t *testing.T) {
			d := testenv.OpenMigrated(t, testenv.SQLite(t))
			v := newVectorServer(t)
			e := embedded(t, meaningEngine(t, riverStore(t, d), v, "m", nil))
			const patience = 300 * time.Millisecond
			e.meaning.patience = patience
			if name == "another model" { // its answer has to come
				e.meaning.patience = testWait
			}
			v.set(func(v *vectorServer) { c.fail(v); v.asked = 0 })
			for i := range failuresInARow + 3 {
				began := time.Now()
				if got := first(t, e, question); got.Ref != "第二条" {
					t.Errorf("%+v", got)
				}
				if took := time.Since(began); took > patience+10*time.Second {
					t.Errorf("question %d took %v", i, took)
				}
			}
			v.set(func(v *vectorServer) {
				if v.asked > failuresInARow {
					t.Errorf("asked %d times", v.asked)
				}
			})
			registry := prometheus.NewPedanticRegistry()
			registry.MustRegister(e.Collectors()...)
			if got := outcomes(t, registry); got["skipped"] != 3 || got["used"] != 0 {
				t.Errorf("metrics: %v", got)
			}
			if got := e.MeaningStats(); c.count(got) != failuresInARow || got.Skipped != 3 || got.Used != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// outcomes are the questions counted by what came of their vectors.
func outcomes(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "greendesk_meaning_questions_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			out[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	return out
}

func TestAPersonWhoHangsUpIsNoFailureOfTheServer(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	v := newVectorServer(t)
	e := embedded(t, meaningEngine(t, riverStore(t, d), v, "m", nil))
	v.set(func(v *vectorServer) { v.slow = time.Hour })
	for range 2 * failuresInARow {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		_, _ = e.Ask(ctx, Ask{Text: wordless}) // nobody reads what comes of it
		cancel()
	}
	v.set(func(v *vectorServer) { v.slow = 0 })
	if res := ask(t, e, Ask{Text: wordless}); len(res.Citations) == 0 || e.MeaningStats().Used != 1 {
		t.Errorf("%+v %+v", res.Citations, e.MeaningStats())
	}
}

func TestWithAnotherModelAllVectorsAreComputedAnew(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s, v := riverStore(t, d), newVectorServer(t)
		embedded(t, meaningEngine(t, s, v, "small", nil))
		v.given()
		v.set(func(v *vectorServer) { v.places = 5 })
		large := meaningEngine(t, s, v, "large", nil)
		if got := large.MeaningStats(); got.Missing != 3 {
			t.Fatalf("%+v", got)
		}
		if n := count(t, d); n != 3 {
			t.Errorf("%d vectors are kept before the new ones are there", n)
		}
		embedded(t, large)
		if n := count(t, d); n != 3 || len(v.given()) != 3 {
			t.Errorf("%d vectors are kept", n)
		}
		if res := ask(t, large, Ask{Text: wordless}); len(res.Citations) == 0 || res.Citations[0].Ref != "第二条" {
			t.Errorf("%+v", res.Citations)
		}
	})
}

func count(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.QueryRow(t.Context(), `SELECT COUNT(*) FROM vectors`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestATextThatTheServerRefusesDoesNotHoldUpTheOthers(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	v := newVectorServer(t)
	v.refuse = "保持河道清洁"
	e := embedded(t, meaningEngine(t, riverStore(t, d), v, "m", nil))
	if got := e.MeaningStats(); got.Refused != 1 || got.Missing != 0 || got.Vectors != 2 {
		t.Errorf("%+v", got)
	}
	v = newVectorServer(t)
	v.refuse = ":" // a wrong name of the model, say
	e = meaningEngine(t, e.store, v, "other", nil)
	if err := e.Embed(t.Context(), nil); !errors.Is(err, embeddings.ErrRefused) {
		t.Errorf("error %v", err)
	}
	if got := e.MeaningStats(); got.Refused != 0 || got.Missing != 3 || count(t, d) != 2 {
		t.Errorf("%+v, %d vectors are kept", got, count(t, d))
	}
}

func TestAnotherModelUnderTheSameNameIsNotMixedIn(t *testing.T) {
	d := testenv.OpenMigrated(t, testenv.SQLite(t))
	s, v := riverStore(t, d), newVectorServer(t)
	embedded(t, meaningEngine(t, s, v, "m", nil))
	v.set(func(v *vectorServer) { v.places = 5 })
	mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2024-03-15).md", riverNew))
	e := meaningEngine(t, s, v, "m", nil)
	if err := e.Embed(t.Context(), nil); !errors.Is(err, embeddings.ErrReply) {
		t.Errorf("error %v", err)
	}
	if got := e.MeaningStats(); got.Missing != 2 || count(t, d) != 3 {
		t.Errorf("%+v, %d vectors are kept", got, count(t, d))
	}
}

// embedQueue works jobs until the test ends.
func embedQueue(t *testing.T, d *db.DB) *jobs.Queue {
	t.Helper()
	q, err := jobs.New(d, testenv.Log(t), jobs.Options{PollInterval: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestAJobComputesWhatIsMissingOnceTheServerIsBack(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s, v, q := testStore(t, d), newVectorServer(t), embedQueue(t, d)
		v.status = http.StatusServiceUnavailable
		e := meaningEngine(t, s, v, "m", q)
		e.meaning.pause = 10 * time.Millisecond
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		following := make(chan struct{})
		go func() { e.Follow(ctx, 10*time.Millisecond); close(following) }()
		t.Cleanup(func() {
			stop()
			<-following
			if err := q.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
		other := meaningEngine(t, s, v, "m", nil) // a process that only looks on
		mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
		synced(t, other)
		time.Sleep(200 * time.Millisecond)
		if n := count(t, d); n != 0 {
			t.Fatalf("%d vectors of a server that is down", n)
		}
		v.set(func(v *vectorServer) { v.status = 0 })
		for began := time.Now(); e.MeaningStats().Vectors != 3; time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > 2*time.Minute {
				t.Fatalf("%+v", e.MeaningStats())
			}
		}
		if got := synced(t, other).MeaningStats(); got.Vectors != 3 || got.Missing != 0 {
			t.Errorf("another process has %+v", got)
		}
	})
}
