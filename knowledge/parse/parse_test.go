package parse

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every document in testdata has a .golden beside it: what a reader of the program
// expects of its structure, in plain text.
func TestDocumentsHaveTheStructureThatIsExpected(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, ".golden") {
			continue
		}
		t.Run(filepath.Base(f), func(t *testing.T) {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			d, err := Parse(filepath.Base(f), data)
			if err != nil {
				t.Fatal(err)
			}
			got := show(d)
			if *update {
				if err := os.WriteFile(f+".golden", []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(f + ".golden")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func show(d Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "title %s\nnumber %s\nissuer %s\nlevel %s\nregion %s\nkind %s\n", d.Title, d.Number, d.Issuer, d.Level, d.Region, d.Kind)
	fmt.Fprintf(&b, "adopted %s published %s approved %s effective %s repealed %s label %s\n", d.Adopted, d.Published, d.Approved, d.Effective, d.Repealed, d.Label)
	fmt.Fprintf(&b, "source %s\nincomplete %v %s\n", d.Source, d.Incomplete, d.IncompleteWhy)
	for _, r := range d.Repeals {
		fmt.Fprintf(&b, "repeals %s %s\n", r.Title, r.Number)
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(&b, "warning %s\n", w)
	}
	for _, c := range d.Clauses {
		fmt.Fprintf(&b, "\n[%s] %s", c.Kind, c.Ref)
		if c.Quoted {
			b.WriteString(" (quoted)")
		}
		if c.Article > 0 {
			fmt.Fprintf(&b, " %d/%d", c.Article, c.ArticleSub)
		}
		if len(c.Path) > 0 {
			fmt.Fprintf(&b, "\n  path %s", strings.Join(c.Path, " › "))
		}
		if c.Heading != "" {
			fmt.Fprintf(&b, "\n  heading %s", c.Heading)
		}
		fmt.Fprintf(&b, "\n  %s\n", strings.ReplaceAll(c.Text, "\n", "\n  "))
	}
	return b.String()
}

func TestEncodingsAreRecognised(t *testing.T) {
	utf8Text, err := os.ReadFile("testdata/通知.txt")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Decode(utf8Text)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(utf8Text)
	if err != nil {
		t.Fatal(err)
	}
	gb, err := os.ReadFile("testdata/国标编码.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"bom": append([]byte("\xEF\xBB\xBF"), utf8Text...), "utf16": utf16, "gb18030": gb,
		"crlf": []byte(strings.ReplaceAll(string(utf8Text), "\n", "\r\n")),
	} {
		if got, err := Decode(data); err != nil || got != want {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
	for name, c := range map[string]struct {
		data string
		want error
	}{
		"nul":     {"abc\x00", ErrBinary},
		"garbage": {"\x81\xff\xfe\xfa\x80\x80\xff\xff" + strings.Repeat("\xff\x80", 50), ErrEncoding},
	} {
		if _, err := Decode([]byte(c.data)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want error
	}{
		"a.pdf":  {"%PDF", ErrFormat},
		"a.txt":  {"  \n\n", ErrEmpty},
		"b.md":   {"---\ntitle: x\n---\n", ErrEmpty},
		"c.html": {"<html></html>", ErrEmpty},
	} {
		if _, err := Parse(name, []byte(c.data)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever comes in, Parse neither panics nor invents text: every clause is made of
// characters of the input.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Ext(name), data)
	}
	for _, s := range []string{"第一条", "::: details 目录\n", "| a |\n|:-:|\n| b |", "---\n: [\n---\n第一条 甲", "<table><tr><td rowspan=99999999>", "一、\n二、", "《》废止", "# \n## 第一章"} {
		f.Add(".md", []byte(s))
		f.Add(".html", []byte(s))
		f.Add(".txt", []byte(s))
	}
	f.Fuzz(func(t *testing.T, ext string, data []byte) {
		switch ext {
		case ".md", ".txt", ".html":
		default:
			ext = ".md"
		}
		d, err := Parse("x"+ext, data)
		if err != nil {
			return
		}
		for _, c := range d.Clauses {
			if c.Ref == "" || strings.TrimSpace(c.Text) == "" {
				t.Errorf("empty clause %+v", c)
			}
			for _, p := range Parts(c.Text) {
				if p.Start < 0 || p.End > len(c.Text) || p.Start >= p.End {
					t.Errorf("part %+v of %q", p, c.Text)
				}
			}
			if strings.ContainsAny(c.Text, boldOn+boldOff) && !strings.ContainsAny(string(data), boldOn+boldOff) {
				t.Errorf("marks left in %q", c.Text)
			}
		}
	})
}

func FuzzJSONL(f *testing.F) {
	f.Add([]byte(`{"path":"行政法规","title":"试验条例","chapter":"第一章","article":"第一条","text":"甲。"}` + "\n"))
	f.Add([]byte("{\"title\":\"a\",\"article\":\"\",\"text\":\"b\"}\n\n[]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = JSONL(strings.NewReader(string(data)), func(d Document) error { // any error is fine, a panic is not
			if d.Title == "" && strings.TrimSpace(d.Title) != d.Title {
				t.Error("bad title")
			}
			return nil
		})
	})
}
