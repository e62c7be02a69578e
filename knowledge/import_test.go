package knowledge

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
	"greendesk/knowledge/parse"
)

var testNow = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func testStore(t *testing.T, d *db.DB) *Store {
	return New(d, testenv.Log(t), func() time.Time { return testNow })
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustImport(t *testing.T, s *Store, paths ...string) Report {
	t.Helper()
	rep, err := s.Import(t.Context(), ImportOptions{Paths: paths})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

const river = `# 青溪市河道保洁条例

2019年3月1日 青溪市第五届人民代表大会常务委员会第八次会议通过

<!-- INFO END -->

## 第一章 总则

第一条 为了保持河道清洁，制定本条例。

第二条 河道保洁由市水务部门负责。

## 第二章 附则

第三条 本条例自2019年6月1日起施行。
`

const riverNew = `# 青溪市河道保洁条例

2024年3月1日 青溪市第六届人民代表大会常务委员会第九次会议修订

<!-- INFO END -->

第一条 为了保持河道清洁，制定本条例。

第二条 河道保洁由市水务部门和街道办事处负责。

第三条 本条例自2024年6月1日起施行。《青溪市河道管理暂行规定》同时废止。
`

func TestImportTwiceChangesNothing(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s, dir := testStore(t, d), t.TempDir()
		write(t, dir, "青溪市河道保洁条例(2019-03-20).md", river)
		write(t, dir, "新/青溪市河道保洁条例(2024-03-15).md", riverNew)
		first := mustImport(t, s, dir)
		if first.NewVersions != 2 || first.Unchanged != 0 || first.NewClauses != 8 || len(first.Failed) != 0 {
			t.Fatalf("first import: %+v", first)
		}
		gen, err := s.Generation(t.Context())
		if err != nil || gen == 0 {
			t.Fatal(gen, err)
		}
		again := mustImport(t, s, dir)
		if again.NewVersions != 0 || again.Unchanged != 2 || again.NewClauses != 0 || again.Clauses != 8 {
			t.Fatalf("second import: %+v", again)
		}
		if now, _ := s.Generation(t.Context()); now != gen {
			t.Errorf("generation moved from %d to %d", gen, now)
		}
		if n, err := s.CountClauses(t.Context()); n != 8 || err != nil {
			t.Error(n, err)
		}
	})
}

func TestLaterVersionEndsTheEarlierOne(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s, dir := testStore(t, d), t.TempDir()
		old := write(t, dir, "青溪市河道保洁条例(2019-03-20).md", river)
		mustImport(t, s, old)
		var first []Entry
		collect(t, s, 0, &first)
		seen := first[len(first)-1].Seq
		mustImport(t, s, write(t, dir, "青溪市河道保洁条例(2024-03-15).md", riverNew))

		page, err := s.ClausePage(t.Context(), first[2].ID)
		if err != nil {
			t.Fatal(err)
		}
		if page.Clause.Ref != "第二条" || page.Clause.Path != "第一章 总则" || page.Prev.Ref != "第一条" || page.Next.Ref != "第三条" {
			t.Errorf("page: %+v", page.Clause)
		}
		if len(page.Versions) != 2 || page.Versions[0].Label != "2024-03-15" {
			t.Errorf("versions: %+v", page.Versions)
		}
		if v := page.Version; v.ValidFrom != "2019-06-01" || v.ValidTo != "2024-06-01" || v.EndedBy != page.Versions[0].ID {
			t.Errorf("old version: %+v", v)
		}
		for day, want := range map[string]string{"2019-05-31": StatePending, "2019-06-01": StateInForce, "2024-05-31": StateInForce, "2024-06-01": StateAmended} {
			if got := State(page.Version, day); got != want {
				t.Errorf("%s: %s, want %s", day, got, want)
			}
		}
		// The index hears of both: the new version and the end of the old one.
		var changed []Entry
		collect(t, s, seen, &changed)
		if len(changed) != 8 {
			t.Errorf("%d entries changed, want 8", len(changed))
		}
		for _, e := range changed {
			if e.Label == "2019-03-20" && e.ValidTo != "2024-06-01" {
				t.Errorf("entry of the old version: %+v", e)
			}
		}
		text, err := s.VersionText(t.Context(), page.Versions[0].ID)
		if err != nil || len(text) != 4 || text[3].Ref != "第三条" {
			t.Errorf("text: %v %v", text, err)
		}
	})
}

func collect(t *testing.T, s *Store, since int64, into *[]Entry) {
	t.Helper()
	if err := s.EachClause(t.Context(), since, func(e Entry) error { *into = append(*into, e); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestBrokenFilesLeaveNothingBehind(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s, dir := testStore(t, d), t.TempDir()
		line := `{"path":"行政法规","title":"试验条例","chapter":"","article":"第%s条","text":"内容。"}` + "\n"
		good := fmt.Sprintf(line, "一") + fmt.Sprintf(line, "二")
		write(t, dir, "half.jsonl", good+"{\"title\": \n")
		write(t, dir, "binary.txt", "abc\x00def")
		write(t, dir, "empty.md", "---\ntitle: 空文件\n---\n\n")
		write(t, dir, "half.pdf", "half a file")
		write(t, dir, "half.docx", "PK\x03\x04")
		write(t, dir, "picture.png", "\x89PNG")
		write(t, dir, ".hidden.md", river)
		gz := write(t, dir, "cut.jsonl.gz", "")
		f, err := os.Create(gz)
		if err != nil {
			t.Fatal(err)
		}
		z := gzip.NewWriter(f)
		if _, err := z.Write([]byte(strings.Repeat(good, 2000))); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(z.Close(), f.Truncate(200), f.Close()); err != nil {
			t.Fatal(err)
		}
		rep := mustImport(t, s, dir, filepath.Join(dir, "absent.md"))
		want := map[string]string{
			"half.jsonl": "第 3 行不是 JSON 对象", "binary.txt": "不是文本文件", "empty.md": "文件里没有正文",
			"half.pdf": "PDF 文件已损坏或不完整，请重新下载或另存后再导入", "half.docx": "文件已损坏或不是这种格式，请用 Word 或 WPS 打开后另存，再导入",
			"picture.png": "图片里的文字无法读取，请先做成 PDF，或识别成文本", "cut.jsonl.gz": "压缩文件已损坏", "absent.md": "找不到这个文件或文件夹",
		}
		for _, f := range rep.Failed {
			if name := filepath.Base(f.Path); want[name] != f.Reason {
				t.Errorf("%s: %q", name, f.Reason)
			} else {
				delete(want, name)
			}
		}
		if len(want) > 0 {
			t.Errorf("not reported: %v", want)
		}
		if n, err := s.CountClauses(t.Context()); n != 0 || err != nil {
			t.Errorf("%d clauses are in, %v", n, err)
		}
	})
}

func TestJSONLFromStandardInput(t *testing.T) {
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	in := `{"path":"DLC/河南地方法规/地方性法规/河南","title":"试验条例","chapter":"第一章　总　则","article":"第一条","text":"为了试验，制定本条例。\n\n本条例所称试验，是指试一试。"}
{"path":"DLC/河南地方法规/地方性法规/河南","title":"试验条例","chapter":"第二章 附则","article":"第一条之一","text":"自2020年5月1日起施行。"}
`
	rep, err := s.Import(t.Context(), ImportOptions{Paths: []string{"-"}, Stdin: strings.NewReader(in)})
	if err != nil || rep.NewVersions != 1 || rep.NewClauses != 2 {
		t.Fatalf("%+v %v", rep, err)
	}
	var all []Entry
	collect(t, s, 0, &all)
	e := all[0]
	if e.Region != "河南省" || e.Level != parse.LocalRegulation || e.Path != "第一章 总则" || e.Ref != "第一条" || e.ValidFrom != "2020-05-01" {
		t.Errorf("%+v", e)
	}
	if e.Text != "为了试验，制定本条例。\n本条例所称试验，是指试一试。" {
		t.Errorf("%q", e.Text)
	}
	if all[1].Ref != "第一条之一" || all[1].Article != 1 || all[1].Sub != 1 {
		t.Errorf("%+v", all[1])
	}
}

func TestACancelledImportSaysSo(t *testing.T) {
	s, dir := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t))), t.TempDir()
	write(t, dir, "a.md", river)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Import(ctx, ImportOptions{Paths: []string{dir}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A curator adds an entry in one transaction with other work; when that fails nothing
// of the entry stays.
func TestAddJoinsTheCallersTransaction(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := testStore(t, d)
		doc, err := parse.Parse("问答.md", []byte("---\ntitle: 站内问答\nkind: 问答\ndate: 2026-11-01\n---\n## 要带什么材料？\n\n带营业执照。\n"))
		if err != nil {
			t.Fatal(err)
		}
		fail := errors.New("something else failed")
		err = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := s.Add(ctx, tx, doc, "问答录入"); err != nil {
				return err
			}
			return fail
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
		if n, _ := s.CountClauses(t.Context()); n != 0 {
			t.Fatalf("%d clauses stayed", n)
		}
		var a Added
		if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
			a, err = s.Add(ctx, tx, doc, "问答录入")
			return err
		}); err != nil || !a.New {
			t.Fatal(a, err)
		}
		v, err := s.Version(t.Context(), a.VersionID)
		if err != nil || v.ValidFrom != "2026-11-01" || v.Clauses != 1 {
			t.Errorf("%+v %v", v, err)
		}
		if _, err := s.Clause(t.Context(), "nosuchclause"); apperr.CodeOf(err) != apperr.NotFound {
			t.Error(err)
		}
		if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { _, err := s.Add(ctx, tx, parse.Document{}, ""); return err }); apperr.CodeOf(err) != apperr.Invalid {
			t.Error(err)
		}
	})
}
