package reader

import (
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"greendesk/internal/testenv"
	"greendesk/knowledge/parse"
	"greendesk/knowledge/reader/pdf"
)

func newReader(t testing.TB, opt Options) *Reader {
	t.Helper()
	opt.Log = testenv.Log(t)
	r := New(opt)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func mustRead(t testing.TB, r *Reader, name string, data []byte) parse.Document {
	t.Helper()
	d, err := r.Read(t.Context(), name, data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

// refused reads a file that must be refused in one Chinese line.
func refused(t testing.TB, r *Reader, name string, data []byte) string {
	t.Helper()
	d, err := r.Read(t.Context(), name, data)
	var told *Error
	if !errors.As(err, &told) {
		t.Fatalf("%s: %d clauses, %v", name, len(d.Clauses), err)
	}
	oneLine(t, name, told.Text)
	return told.Text
}

func oneLine(t testing.TB, name, text string) {
	t.Helper()
	if strings.Contains(text, "\n") || !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		t.Errorf("%s: not one Chinese line: %q", name, text)
	}
}

func refs(d parse.Document) []string {
	var out []string
	for _, c := range d.Clauses {
		out = append(out, c.Ref)
	}
	return out
}

func clause(t testing.TB, d parse.Document, ref string) parse.Clause {
	t.Helper()
	for _, c := range d.Clauses {
		if c.Ref == ref {
			return c
		}
	}
	t.Fatalf("no clause %s among %q", ref, refs(d))
	return parse.Clause{}
}

func TestPDFOfARule(t *testing.T) {
	d := mustRead(t, newReader(t, Options{}), "办法.pdf", rulePDF())
	if d.Title != "青溪市河道保洁办法" || d.Region != "青溪市" || d.Effective != "2024-03-01" || len(d.Clauses) != 4 {
		t.Fatalf("%+v", d)
	}
	for ref, text := range map[string]string{
		"第一条": "为了保持河道清洁，保护和改善水环境，保障公众健康，制定本办法，河道两岸的单位和个人都要遵守。",
		"第二条": "河道保洁由市水务部门负责，沿岸各街道办事处按照职责分工，协助做好河道保洁工作。", // over the page's end
		"第三条": "向河道倾倒垃圾的，由市水务部门责令改正，处500元以上5000元以下罚款。",
	} {
		if c := clause(t, d, ref); c.Text != text {
			t.Errorf("%s: %q", ref, c.Text)
		}
	}
}

func TestPDFTableGoesOnOverPages(t *testing.T) {
	d := mustRead(t, newReader(t, Options{}), "名录.pdf", tablePDF())
	if got, want := strings.Join(refs(d), "|"), "100-001-08|100-002-08|100-003-08|200-001-34"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	if c := clause(t, d, "100-002-08"); c.Text != "代码：100-002-08\n名称：含油抹布和含油手套" {
		t.Errorf("the row that was broken: %q", c.Text)
	}
}

func TestScanIsRefusedByNameOrReadToBeChecked(t *testing.T) {
	none := ""
	if text := refused(t, newReader(t, Options{Path: &none}), "扫描.pdf", scanPDF()); !strings.Contains(text, "扫描件") {
		t.Error(text)
	}
	r := newReader(t, Options{})
	d := mustRead(t, r, "青溪市河道保洁办法.pdf", scanOf(t, ruleDOCX(t)))
	if d.ToCheck == "" || d.Title != "青溪市河道保洁办法" || !strings.Contains(d.Clauses[len(d.Clauses)-1].Text, "施行") {
		t.Errorf("%q: %+v", d.ToCheck, d)
	}
	if text := refused(t, r, "扫描.pdf", scanPDF()); !strings.Contains(text, "没有认出文字") { // nothing on it
		t.Error(text)
	}
}

// scanOf prints a Word document to a picture, as a scanner would.
func scanOf(t *testing.T, docx []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "page.docx"), docx, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "page.docx")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	e, err := pdf.New(t.Context(), filepath.Join(cache, "greendesk"))
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	err = e.Images(readAll(t, filepath.Join(dir, "page.pdf")), func(img image.Image) error {
		out = pictureOnly(t, img)
		return nil
	})
	if err = errors.Join(err, e.Close()); err != nil || out == nil {
		t.Fatal("no page", err)
	}
	return out
}

func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v %s", program, err, out)
	}
}

func TestOldOfficeFilesAreReadWithLibreOffice(t *testing.T) {
	files := oldFiles(t)
	doc, xls := files["办法.doc"], files["名录.xls"]
	r := newReader(t, Options{})
	for _, name := range []string{"办法.doc", "办法.wps"} {
		if d := mustRead(t, r, name, doc); d.Title != "青溪市河道保洁办法" || clause(t, d, "第二条").Text != "河道保洁由市水务部门负责。" {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for _, name := range []string{"名录.xls", "名录.et"} {
		if d := mustRead(t, r, name, xls); clause(t, d, "序号 2 制糖业").Text != "序号：2\n行业类别：制糖业\n重点管理：日加工1000吨以上的\n登记管理：其他" {
			t.Errorf("%s: %+v", name, d)
		}
	}
	none := ""
	without := newReader(t, Options{Path: &none})
	for name, data := range map[string][]byte{"办法.doc": doc, "名录.et": xls} {
		if text := refused(t, without, name, data); !strings.Contains(text, "LibreOffice") || !strings.Contains(text, "另存为") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if d := mustRead(t, without, "办法.doc", ruleDOCX(t)); len(d.Clauses) != 3 { // a .docx by another name
		t.Errorf("%+v", d)
	}
	if text := refused(t, r, "坏.doc", []byte("\xd0\xcf\x11\xe0 no document")); !strings.Contains(text, "LibreOffice") {
		t.Error(text)
	}
}

// oldFiles are a .doc and an .xls, as LibreOffice writes them.
func oldFiles(t *testing.T) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	out := map[string][]byte{}
	for _, f := range []struct {
		from, to, name string
		data           []byte
	}{{"rule.docx", "doc", "办法.doc", ruleDOCX(t)}, {"list.xlsx", "xls", "名录.xls", catalogueXLSX(t)}} {
		if err := os.WriteFile(filepath.Join(dir, f.from), f.data, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, dir, "soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", f.to, f.from)
		out[f.name] = readAll(t, filepath.Join(dir, strings.TrimSuffix(f.from, filepath.Ext(f.from))+"."+f.to))
	}
	return out
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOneProcessReadsManyFiles(t *testing.T) {
	r := newReader(t, Options{})
	mustRead(t, r, "a.txt", []byte("第一条 甲。\n第二条 乙。\n"))
	pid := r.child.cmd.Process.Pid
	refused(t, r, "a.docx", []byte("no archive"))
	refused(t, r, "a.xyz", []byte("x"))
	mustRead(t, r, "b.csv", []byte("序号,名称\n1,甲\n2,乙\n"))
	if r.child.cmd.Process.Pid != pid {
		t.Error("the process was not kept")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil { // as the system does when memory runs out
		t.Fatal(err)
	}
	refused(t, r, "c.txt", []byte("第一条 甲。\n"))
	mustRead(t, r, "c.txt", []byte("第一条 甲。\n"))
}

func TestASlowFileEndsInTime(t *testing.T) {
	r := newReader(t, Options{Timeout: time.Millisecond})
	data := []byte(strings.Repeat("第一条 甲乙丙丁。\n", 200_000))
	start := time.Now()
	if text := refused(t, r, "大.txt", data); !strings.Contains(text, "还没有读完") {
		t.Error(text)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAFileThatFillsTheMemoryCostsOneLine(t *testing.T) {
	r := newReader(t, Options{})
	bomb := zipOf(t, "[Content_Types].xml", contentTypes, "word/document.xml", wordHead+strings.Repeat("<w:p><w:r><w:t>甲</w:t></w:r></w:p>", 400_000)+wordTail)
	refused(t, r, "炸弹.docx", bomb)
	huge := zipOf(t, "word/document.xml", wordHead+strings.Repeat(" ", 40<<20)+wordTail)
	if text := refused(t, r, "炸弹.docx", huge); !strings.Contains(text, "太大") {
		t.Error(text)
	}
	refused(t, r, "炸弹.xlsx", zipOf(t, "xl/workbook.xml", strings.Repeat("<a>", 45<<20)))
	mustRead(t, r, "好.docx", ruleDOCX(t))
}

func TestMemoryIsBounded(t *testing.T) {
	r := newReader(t, Options{Memory: 150 << 20, Timeout: 5 * time.Minute})
	data := zipOf(t, "word/document.xml", wordHead+strings.Repeat("<w:p><w:r><w:t>甲</w:t></w:r></w:p>", 320_000)+wordTail)
	d, err := r.Read(t.Context(), "大.docx", data)
	if withRace { // the race detector's own memory has no room under a bound
		if err != nil {
			t.Error(err)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), "内存超过 150 MB") {
		t.Errorf("%d clauses, %v", len(d.Clauses), err)
	}
	mustRead(t, r, "好.docx", ruleDOCX(t))
}

func TestBrokenPDFsCostOneLine(t *testing.T) {
	r := newReader(t, Options{})
	good := rulePDF()
	cyclic := strings.Replace(string(good), "/Kids [7 0 R", "/Kids [2 0 R 2 0 R", 1)
	for name, data := range map[string]string{
		"空.pdf": "", "头.pdf": "%PDF-1.7\n", "半.pdf": string(good[:len(good)/3]), "名.pdf": "this is no pdf at all",
		"环.pdf": strings.Replace(string(good), "/Parent 2 0 R /MediaBox", "/Parent 7 0 R /Contents 7 0 R /MediaBox", 1),
	} {
		if d, err := r.Read(t.Context(), name, []byte(data)); err == nil && name != "环.pdf" {
			t.Errorf("%s: %d clauses", name, len(d.Clauses))
		}
	}
	if _, err := r.Read(t.Context(), "环2.pdf", []byte(cyclic)); err != nil {
		oneLine(t, "环2.pdf", err.Error())
	}
	mustRead(t, r, "好.pdf", good)
}

func TestTheReadingProcessHasNoNetworkAndLittleDisk(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], probe)
	dir := t.TempDir()
	cmd.Env = append(os.Environ(), "PROBE_SOCKET="+filepath.Join(dir, "s"), "PROBE_FILE="+filepath.Join(dir, "f"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	lines := strings.Split(string(out), "\n")
	for _, want := range []string{"tcp ", "udp ", "tcp6 "} {
		found := false
		for _, l := range lines {
			found = found || strings.HasPrefix(l, want) && strings.Contains(l, "permission denied")
		}
		if !found {
			t.Errorf("%sis not refused:\n%s", want, out)
		}
	}
	if !strings.Contains(string(out), "unix true") || !strings.Contains(string(out), "file write") {
		t.Errorf("%s", out)
	}
}

func TestTheReadingProcessKnowsNoSecrets(t *testing.T) {
	t.Setenv("GREENDESK_WECHAT_SECRET", "secret")
	r := newReader(t, Options{})
	mustRead(t, r, "a.txt", []byte("第一条 甲。\n"))
	if env := strings.Join(r.child.cmd.Env, "\n"); strings.Contains(env, "secret") {
		t.Error(env)
	}
}

func TestAnotherProgramIsNoReadingProcess(t *testing.T) {
	r := newReader(t, Options{Program: "/bin/cat"})
	_, err := r.Read(t.Context(), "a.txt", []byte("第一条 甲。\n"))
	var told *Error
	if err == nil || errors.As(err, &told) {
		t.Errorf("%v", err)
	}
	t.Setenv(inside, "1")
	if _, err := newReader(t, Options{}).Read(t.Context(), "a.txt", nil); err == nil || errors.As(err, &told) {
		t.Errorf("a reading process starts another: %v", err)
	}
}

// stuckOffice is a PATH whose soffice never ends and leaves its process id in a file.
func stuckOffice(t *testing.T) (path, pidFile string) {
	t.Helper()
	dir := t.TempDir()
	pidFile = filepath.Join(dir, "pid")
	script := "#!/bin/sh\necho $$ > " + pidFile + ".new\nmv " + pidFile + ".new " + pidFile + "\nwhile :; do sleep 1; done\n"
	if err := os.WriteFile(filepath.Join(dir, "soffice"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir + ":" + os.Getenv("PATH"), pidFile
}

// gone waits until the process whose id is in a file has ended.
func gone(t *testing.T, pidFile string) {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(string(readAll(t, pidFile))))
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return
		}
	}
	t.Errorf("process %d is left", pid)
}

func TestWhatAFileStartedEndsWithIt(t *testing.T) {
	path, pidFile := stuckOffice(t)
	r := newReader(t, Options{Path: &path, Timeout: 5 * time.Second}) // in which the office has started, on a loaded machine
	if text := refused(t, r, "慢.doc", []byte("\xd0\xcf\x11\xe0 whatever")); !strings.Contains(text, "5 秒") {
		t.Error(text)
	}
	gone(t, pidFile)
}

// When the program dies nobody reads the answer any more: its end of the pipe is closed.
func TestTheReadingProcessEndsWithTheProgram(t *testing.T) {
	path, pidFile := stuckOffice(t)
	r := newReader(t, Options{Path: &path})
	mustRead(t, r, "a.txt", []byte("第一条 甲。\n"))
	pipe := r.child.in
	go func() {
		for {
			if _, err := os.Stat(pidFile); err == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		_ = pipe.Close()
	}()
	start := time.Now()
	refused(t, r, "慢.doc", []byte("\xd0\xcf\x11\xe0 whatever"))
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("ended after %v", took)
	}
	gone(t, pidFile)
}
