// Package eval measures answers against labelled questions: how often the
// right clause stands first, how many questions are answered and how many of
// the answers are right, and whether everything else goes where it belongs.
package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"greendesk/bot"
)

// Question is one labelled question.
type Question struct {
	ID   string
	Q    string // as asked
	Prev string // the message before it, "" if there is none
	Gold []Gold // the clauses that may be cited, none when nothing settles it
	Want bot.Action
}

// Gold names a clause that answers.
type Gold struct {
	Doc string // title or 文号
	Ref string // 第三十三条, or a section's heading

	// Article tells that the label was an article's id (民法典第六百七十四条)
	// and not a document and a ref.
	Article bool
}

// questionLine is a Question as files hold it.
type questionLine struct {
	ID   json.RawMessage `json:"id"`
	Q    string          `json:"q"`
	Prev string          `json:"prev"`
	Gold []goldLine      `json:"gold"`
	Want string          `json:"want"`
}

type goldLine Gold

// UnmarshalJSON implements json.Unmarshaler.
func (g *goldLine) UnmarshalJSON(data []byte) error {
	var id string
	if json.Unmarshal(data, &id) == nil {
		at := articleID.FindStringIndex(id)
		if at == nil || at[0] == 0 {
			return fmt.Errorf("gold 是“%s”，要写成“文件名＋第几条”，例如“民法典第六百七十四条”", id)
		}
		*g = goldLine{Doc: id[:at[0]], Ref: id[at[0]:], Article: true}
		return nil
	}
	var pair struct{ Doc, Ref string }
	if err := json.Unmarshal(data, &pair); err != nil || pair.Doc == "" || pair.Ref == "" {
		return errors.New(`gold 里每一项要有 doc 和 ref，例如 {"doc":"噪声污染防治法","ref":"第七十四条"}`)
	}
	*g = goldLine{Doc: pair.Doc, Ref: pair.Ref}
	return nil
}

// articleID is the article at the end of an article's id.
var articleID = regexp.MustCompile(article + `$`)

// Read reads labelled questions, one JSON object a line. An error says in
// Chinese which file, which line and what to write instead. An id stands for
// one question only, in all files together.
func Read(files ...string) ([]Question, error) {
	return read(os.ReadFile, files)
}

// ReadIn is Read for files of fsys, all of them that match the patterns.
func ReadIn(fsys fs.FS, patterns ...string) ([]Question, error) {
	var files []string
	for _, p := range patterns {
		found, err := fs.Glob(fsys, p)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return read(func(name string) ([]byte, error) { return fs.ReadFile(fsys, name) }, files)
}

func read(open func(name string) ([]byte, error), files []string) ([]Question, error) {
	var out []Question
	seen := map[string]string{}
	for _, name := range files {
		data, err := open(name)
		if err != nil {
			return nil, fmt.Errorf("打不开 %s：%w", name, err)
		}
		lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
		lines.Buffer(nil, len(data)+1)
		for n := 1; lines.Scan(); n++ {
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			q, err := readLine(lines.Bytes())
			if err != nil {
				return nil, fmt.Errorf("%s 第 %d 行：%w", name, n, err)
			}
			if before, ok := seen[q.ID]; ok {
				return nil, fmt.Errorf("%s 第 %d 行：id %s 在 %s 里已经有了，请改一个", name, n, q.ID, before)
			}
			seen[q.ID] = name
			out = append(out, q)
		}
	}
	return out, nil
}

func readLine(line []byte) (Question, error) {
	var l questionLine
	if err := json.Unmarshal(line, &l); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return Question{}, fmt.Errorf("不是一行 JSON：%w", err)
		}
		return Question{}, err
	}
	q := Question{ID: strings.Trim(string(l.ID), `"`), Q: l.Q, Prev: l.Prev, Want: bot.Action(l.Want)}
	for _, g := range l.Gold {
		q.Gold = append(q.Gold, Gold(g))
	}
	if q.Want == "" && len(q.Gold) > 0 {
		q.Want = bot.ActAnswer
	}
	switch {
	case q.ID == "":
		return q, errors.New("没有 id")
	case strings.TrimSpace(q.Q) == "":
		return q, fmt.Errorf("%s 没有 q（问题）", q.ID)
	case q.Want == "":
		return q, fmt.Errorf("%s 既没有 gold（要找到的条款），也没有 want（该做的事）", q.ID)
	case !slices.Contains(bot.Actions(), q.Want):
		return q, fmt.Errorf("%s 的 want 是“%s”，没有这种动作", q.ID, q.Want)
	}
	return q, nil
}

// article is the form of an article's number.
const article = `第[零〇一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十])?`

var (
	blank     = regexp.MustCompile(`[\s\p{Z}\x{85}]`)
	brackets  = strings.NewReplacer("《", "", "》", "")
	dateTail  = regexp.MustCompile(`[（(]\d{4}[-年].*?[)）]$`)
	marks     = strings.NewReplacer("*", "", "#", "")
	articleAt = regexp.MustCompile(`^` + article)
)

// docName is a document's name without what people leave out or add.
func docName(name string) string {
	name = brackets.Replace(blank.ReplaceAllString(name, ""))
	name = dateTail.ReplaceAllString(name, "")
	return strings.ReplaceAll(name, "中华人民共和国", "")
}

func refName(ref string) string { return marks.Replace(blank.ReplaceAllString(ref, "")) }

// shortestPart is from how many characters on a ref may stand for a longer one
// that has it.
const shortestPart = 3

// Is reports whether a clause is the one labelled: the document has this title
// or this number, and the ref is the same article, or the same heading or part
// of it.
func (g Gold) Is(title, number, ref string) bool {
	if want := docName(g.Doc); want != docName(title) && (number == "" || want != docName(number)) {
		return false
	}
	have, want := refName(ref), refName(g.Ref)
	if articleAt.MatchString(want) {
		return articleAt.FindString(have) == want
	}
	return have == want || min(len([]rune(have)), len([]rune(want))) >= shortestPart && (strings.Contains(have, want) || strings.Contains(want, have))
}

// Right reports whether a clause is one of those that answer.
func (q Question) Right(title, number, ref string) bool {
	return slices.ContainsFunc(q.Gold, func(g Gold) bool { return g.Is(title, number, ref) })
}
