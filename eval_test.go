package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"greendesk/bot"
	"greendesk/eval"
	"greendesk/internal/apperr"
	"greendesk/knowledge"
)

// The report of a real run is read on a phone and on a desk.
func TestTheEvaluationReportIsReadable(t *testing.T) {
	h := newHarness(t, options{})
	router, err := bot.LoadRouter(h.service.engine.Folder())
	must(t, err)
	files := []string{"knowledge/labelled/answers-a.jsonl", "bot/labelled/routing.jsonl"}
	questions, err := eval.Read(files...)
	must(t, err)
	questions = append(questions[:60], questions[len(questions)-60:]...)
	answers, err := eval.Run(context.Background(), bot.New(h.service.engine, nil, nil, router, h.service.log, h.service.now), questions, h.service.engine.Today())
	must(t, err)
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "report.html"))
	must(t, err)
	must(t, eval.Report{At: h.service.now(), Files: files, Clauses: h.service.engine.Clauses()}.Write(f, questions, answers))
	must(t, f.Close())
	b := browser(t)
	widths(t, func(t *testing.T, width int) {
		p := open(t, b, width, "file://"+filepath.ToSlash(f.Name()))
		p.fits()
		p.readable("report")
		p.quiet()
		if n := p.number(`() => document.querySelectorAll('svg').length`); n != 3 {
			t.Errorf("%d plots", n)
		}
		if bad := p.text(`() => [...document.querySelectorAll('svg')].flatMap((s) => [...s.querySelectorAll('text')].filter((e) => {
			const r = e.getBoundingClientRect(), box = s.getBoundingClientRect();
			return r.height < 11 || r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1; })).map((e) => e.textContent).join()`); bad != "" {
			t.Errorf("labels that are too small or cut off: %s", bad)
		}
		if n := p.number(`() => document.querySelectorAll('polyline, ol > li').length`); n < 2 {
			t.Error("no curve, or no case")
		}
	})
}

// A data folder that is mistyped is refused and not made; nothing is learned
// from an empty knowledge base.
func TestReadingCommandsRefuseWhatIsNotThere(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nokb")
	for _, args := range [][]string{{"ask", "--data", nowhere, "危废能放多久"}, {"tune", "--data", nowhere, "x.jsonl"}} {
		if err := run(args); err == nil || !strings.Contains(err.Error(), "没有找到数据库") {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := os.Stat(nowhere); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
	empty := t.TempDir()
	if err := run([]string{"migrate", "--data", empty}); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"tune", "--data", empty, "--out", ".", "bot/labelled/routing-c.jsonl"}); !errors.Is(err, errEmptyBase) {
		t.Errorf("an empty base teaches: %v", err)
	}
	if err := run([]string{"tune", "--data", empty, "--out", empty, "bot/labelled/routing-c.jsonl"}); err == nil || !strings.Contains(err.Error(), "knowledge/sense") {
		t.Errorf("OUT without folders: %v", err)
	}
	if err := run([]string{"import", "--data", empty, t.TempDir()}); err == nil || !strings.Contains(err.Error(), "没有找到能读的文件") {
		t.Errorf("an empty folder is imported: %v", err)
	}
}

func TestPeopleReadWhatToDoAboutAFailure(t *testing.T) {
	for want, err := range map[string]error{
		"已中断":  fmt.Errorf("import x: %w", context.Canceled),
		"磁盘满了": errors.New("db: database or disk is full (13)"),
		"已损坏":  errors.New("db: database disk image is malformed (11)"),
	} {
		if got := explain(apperr.Wrap(apperr.Unavailable, "请稍后再试。", err)); !strings.Contains(got, want) || strings.Contains(got, "请稍后再试") {
			t.Errorf("%v: %s", err, got)
		}
	}
	if got := soFar(knowledge.Report{Files: 9, Documents: 3, NewVersions: 2, Unchanged: 1, Clauses: 30, NewClauses: 20}); !strings.Contains(got, "已读入文本 3 份（新增 2，没有变化 1）") || soFar(knowledge.Report{Files: 9}) != "" {
		t.Errorf("an import that was ended says %q", got)
	}
}

// Whoever knows no command is told which there are.
func TestHelpListsTheCommands(t *testing.T) {
	var c cli
	var out strings.Builder
	parser, err := kong.New(&c, kong.Name("greendesk"), kong.Writers(&out, &out))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"help"}} {
		out.Reset()
		command, ok := asksForHelp(args)
		if err := help(parser, command); err != nil || !ok || !strings.Contains(out.String(), "  import    导入政策法规文件。\n") || strings.Contains(out.String(), "read-files") {
			t.Errorf("%v: %v, %v\n%s", args, ok, err, out.String())
		}
	}
	for line, want := range map[string]string{"lexicon": "用法：greendesk lexicon 命令", "--data x": "  import ", "imprt": `did you mean "import"`, "help imprt": `did you mean "import"`} {
		if err := run(strings.Fields(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}
