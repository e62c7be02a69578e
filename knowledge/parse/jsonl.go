package parse

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxLine is the longest line of a JSONL file, in bytes; the longest real article has
// 18 kB.
const maxLine = 4 << 20

// articleLine is one line of a JSONL file: one article of one document. The lines of a
// document follow one another.
type articleLine struct {
	Path    string `json:"path"`    // collection, as 行政法规 or DLC/河南地方法规/地方性法规/河南
	Title   string `json:"title"`   // required
	Chapter string `json:"chapter"` // innermost 编, 章 or 节
	Article string `json:"article"` // 第三条
	Text    string `json:"text"`

	// Optional.
	Number    string `json:"number"`
	Issuer    string `json:"issuer"`
	Label     string `json:"label"`
	Published string `json:"published"`
	Effective string `json:"effective"`
	Region    string `json:"region"`
	Level     string `json:"level"`
}

// JSONL reads documents, one article a line, and hands them to fn. A new title or
// path, or an article 第一条 after others, begins the next document; a collection that
// has the rest of a law elsewhere gets it whole (see join). An error of fn ends the
// reading and is returned; a line that is not a JSON object of this form is an error
// that names the line, after the documents before it were handed out.
func JSONL(r io.Reader, fn func(Document) error) error {
	parts, broken := readParts(r)
	for _, j := range join(parts) {
		if err := fn(j.finish()); err != nil {
			return err
		}
	}
	return broken
}

// readParts reads the runs of lines that belong together. The one that an error breaks
// off is left out.
func readParts(r io.Reader) ([]*jsonDocument, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, 64<<10), maxLine)
	var (
		open *jsonDocument
		out  []*jsonDocument
	)
	line := 0
	for in.Scan() {
		line++
		raw := in.Bytes()
		if line == 1 {
			raw = []byte(strings.TrimPrefix(string(raw), "\ufeff"))
		}
		if len(strings.TrimSpace(string(raw))) == 0 {
			continue
		}
		var a articleLine
		if err := json.Unmarshal(raw, &a); err != nil {
			if !in.Scan() && in.Err() != nil {
				return out, in.Err() // the reader broke off inside the line
			}
			return out, &lineError{line, "不是 JSON 对象"}
		}
		if strings.TrimSpace(a.Title) == "" {
			return out, &lineError{line, "缺少 title"}
		}
		if open != nil && !open.takes(a) {
			out, open = append(out, open), nil
		}
		if open == nil {
			open = newJSONDocument(a)
		}
		open.add(a)
	}
	if err := in.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return out, &lineError{line + 1, "太长"}
		}
		return out, err
	}
	if open != nil {
		out = append(out, open)
	}
	return out, nil
}

type jsonDocument struct {
	d           Document
	path, title string
	last        int
}

func newJSONDocument(a articleLine) *jsonDocument {
	j := &jsonDocument{path: a.Path, title: a.Title}
	parts := strings.Split(a.Path, "/")
	j.d = Document{
		Title: cleanTitle(a.Title), Number: NormalNumber(a.Number), Issuer: squeeze(a.Issuer), Label: squeeze(a.Label),
		Published: firstDate(a.Published), Effective: firstDate(a.Effective), Region: squeeze(a.Region),
		Level: levelHint(append([]string{a.Level}, parts...)...), Kind: "法规",
	}
	if j.d.Region == "" {
		j.d.Region = RegionOf(j.d.Title)
	}
	if j.d.Region == "" && strings.Contains(a.Path, "地方") {
		j.d.Region = provinceOf(parts[len(parts)-1])
	}
	if j.d.Level == "" && strings.Contains(a.Path, "法") && !strings.Contains(a.Path, "/") {
		j.d.Level = levelOf(&j.d) // a branch of law: 刑法, 经济法
		if j.d.Level == "" {
			j.d.Level = Law
		}
	}
	if strings.HasPrefix(a.Path, "部门规章/") && j.d.Issuer == "" {
		j.d.Issuer = parts[len(parts)-1]
	}
	return j
}

// takes reports whether a belongs to the open document.
func (j *jsonDocument) takes(a articleLine) bool {
	if a.Path != j.path || a.Title != j.title {
		return false
	}
	h, ok := articleAt(a.Article)
	return !ok || h.n != 1 || h.sub > 0 || j.last == 0
}

func (j *jsonDocument) add(a articleLine) {
	c := Clause{Kind: Section, Ref: squeeze(a.Article), Text: cleanLines(a.Text)}
	if h, ok := articleAt(c.Ref); ok && h.end == len(c.Ref) {
		c.Kind, c.Ref, c.Article, c.ArticleSub = Article, ArticleRef(h.n, h.sub), h.n, h.sub
		j.last = h.n
	}
	if chapter := chapterTitle(a.Chapter); chapter != "" {
		c.Path = []string{chapter}
	}
	if c.Ref == "" {
		c.Ref = "附注"
		if n := len(c.Path); n > 0 {
			c.Ref = c.Path[n-1]
		}
	}
	if name, rest, ok := bracketed(c.Text); ok {
		c.Heading, c.Text = name, rest
	}
	if c.Text != "" {
		j.d.Clauses = append(j.d.Clauses, c)
	}
}

func (j *jsonDocument) finish() Document {
	d := &j.d
	label := d.Label
	for _, c := range d.Clauses {
		d.effectFromText(c.Text)
		d.Repeals = append(d.Repeals, repealsIn(c.Text)...)
	}
	d.dates("")
	if label != "" {
		d.Label = label
	}
	d.identity("")
	return *d
}

// cleanLines squeezes each line and drops empty ones.
func cleanLines(s string) string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = squeeze(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// lineError is a fault of one line, in Chinese.
type lineError struct {
	line int
	text string
}

func (e *lineError) Error() string { return fmt.Sprintf("第 %d 行%s", e.line, e.text) }

// Reason returns one Chinese line for people about an error of this package, and a
// general one for any other error.
func Reason(err error) string {
	var l *lineError
	if errors.As(err, &l) {
		return l.Error()
	}
	for _, known := range []error{ErrEncoding, ErrBinary, ErrEmpty, ErrFormat, ErrBroken, ErrHuge, ErrScan} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "文件无法读取"
}
