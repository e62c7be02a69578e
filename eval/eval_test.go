package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greendesk/bot"
	"greendesk/knowledge"
	"greendesk/knowledge/lang"
)

func questions(t *testing.T) []Question {
	t.Helper()
	qs, err := Read("testdata/questions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return qs
}

// answers are one of each kind: right, right only as the second, of a law that
// has ended, half of what is labelled, a false answer, and two well routed.
func answers() []Answer {
	return []Answer{
		{Action: bot.ActAnswer, Sure: 0.9, Took: time.Millisecond, Cites: []Cite{{Doc: "中华人民共和国大气污染防治法", Ref: "第九十九条"}}},
		{Action: bot.ActAnswer, Sure: 0.7, Took: 2 * time.Millisecond, Cites: []Cite{{Doc: "固体废物污染环境防治法", Ref: "第八十条"}, {Doc: "某市固废通知", Number: "某办〔2021〕1号", Ref: "三、贮存 （二）暂存期限"}},
			Rival: &Rival{First: Candidate{Doc: "固体废物污染环境防治法", Version: "2020-04-29", Ref: "第八十条", Score: 3}, Place: 2,
				Right: &Candidate{Doc: "某市固废通知", Version: "2021", Ref: "（二）暂存期限", Score: 2.5}, Why: []knowledge.Part{{Feature: "text", Value: 0.75}, {Feature: "<law>", Value: -0.25}}}},
		{Action: bot.ActExpert, Sure: 0.4, Took: 3 * time.Millisecond, Cites: []Cite{{Doc: "噪声污染防治法", Ref: "第四十三条", Ended: true}}, Rival: &Rival{First: Candidate{Doc: "环境噪声污染防治法", Ref: "第三十条", Score: 1}}},
		{Action: bot.ActAnswer, Sure: 0.8, Took: 4 * time.Millisecond, Cites: []Cite{{Doc: "民法典", Ref: "第五百三十四条"}, {Doc: "民法典", Ref: "第九百七十三条"}}},
		{Action: bot.ActAnswer, Sure: 0.6, Took: 5 * time.Millisecond, Cites: []Cite{{Doc: "大气污染防治法", Ref: "第四十五条", Score: 2}}},
		{Action: bot.ActDecline, Sure: 0.1, Took: 6 * time.Millisecond},
		{Action: bot.ActGreet, Sure: 0.0, Took: 7 * time.Millisecond},
	}
}

func TestFiguresOfKnownAnswers(t *testing.T) {
	want := `routing by kind: decline 1/1, expert 0/1, greet 1/1
{"questions": 7, "missing": 0, "cite@1": 0.5, "cite@3": 0.75, "mrr@10": 0.625, "coverage": 0.75, "precision": 0.5, "false_answers": 1, "routed": 0.667}
{"articles": 1, "mrr@10": 1.0, "recall@10": 0.5}
`
	if got := Score(questions(t), answers()).String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got, want := Score(nil, nil).String(), "routing by kind: \n"+`{"questions": 0, "missing": 0, "cite@1": 0.0, "cite@3": 0.0, "mrr@10": 0.0, "coverage": 0.0, "precision": 0.0, "false_answers": 0, "routed": 0.0}`+"\n"; got != want {
		t.Errorf("of nothing: %s", got)
	}
}

func TestTheWorstCaseIsTheSurestFalseAnswer(t *testing.T) {
	worst := Worst(questions(t), answers())
	var got []string
	for _, c := range worst {
		got = append(got, c.Question.ID+" "+c.What)
	}
	want := []string{"t5 不该答却答了（应为 expert）", "t2 答错了条款（对的排第 2）", "t3 没有答，成了 expert（对的不在候选里）"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Fatalf("got %q", got)
	}
	wantLines := `t2  危废能放多久
  答错了条款（对的排第 2），把握 0.70
  排第一的：固体废物污染环境防治法（2020-04-29）第八十条（3.00）
  对的：    某市固废通知（2021）（二）暂存期限（2.50）
  差在：    text +0.75 <law> -0.25
`
	if got := worst[1].Lines(); got != wantLines {
		t.Errorf("got\n%swant\n%s", got, wantLines)
	}
	if got := worst[2].Lines(); !strings.Contains(got, "前一句：工地的事") || !strings.Contains(got, "应当找到：噪声污染防治法 第四十三条") {
		t.Error(got)
	}
}

func TestBadQuestionsAreNamedWithTheirLine(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"id":"x","q":"问","gold":[]`, "第 2 行：不是一行 JSON"},
		{`{"q":"问","want":"greet"}`, "没有 id"},
		{`{"id":"x","q":" ","want":"greet"}`, "x 没有 q"},
		{`{"id":"x","q":"问"}`, "既没有 gold"},
		{`{"id":"x","q":"问","want":"跳舞"}`, "没有这种动作"},
		{`{"id":"ok","q":"问","want":"greet"}`, "已经有了"},
		{`{"id":"x","q":"问","gold":[{"doc":"某法"}]}`, "要有 doc 和 ref"},
		{`{"id":"x","q":"问","gold":["某法"]}`, "例如“民法典第六百七十四条”"},
		{`{"id":"x","q":"问","gold":["第六百七十四条"]}`, "要写成"},
		{`{"id":"x","q":"问","gold":[7]}`, "要有 doc 和 ref"},
	} {
		file := filepath.Join(t.TempDir(), "q.jsonl")
		if err := os.WriteFile(file, []byte("\ufeff"+`{"id":"ok","q":"在吗","want":"greet"}`+"\n"+c.line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(file); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), file+" 第 2 行") {
			t.Errorf("%s: %v", c.line, err)
		}
	}
	if _, err := Read("testdata/nowhere.jsonl"); err == nil || !strings.Contains(err.Error(), "打不开") {
		t.Error(err)
	}
}

func TestTheCurveEndsWithEverythingAnswered(t *testing.T) {
	var qs []Question
	var as []Answer
	for i := range 40 { // the surest half is right
		qs = append(qs, Question{ID: fmt.Sprint(i), Gold: []Gold{{Doc: "某法", Ref: "第一条"}}, Want: bot.ActAnswer})
		ref := "第一条"
		if i >= 20 {
			ref = "第二条"
		}
		as = append(as, Answer{Sure: 1 - float64(i)/40, Cites: []Cite{{Doc: "某法", Ref: ref}}, Took: time.Duration(i+1) * time.Millisecond})
	}
	points := Curve(qs, as)
	if first := points[0]; first.Coverage != 0.25 || first.Precision != 1 {
		t.Errorf("first %+v", first)
	}
	if last := points[len(points)-1]; last.Coverage != 1 || last.Precision != 0.5 {
		t.Errorf("last %+v", last)
	}
	if p50, p99 := Quantile(as, 0.5), Quantile(as, 0.99); p50 != 21*time.Millisecond || p99 != 40*time.Millisecond {
		t.Errorf("p50 %v, p99 %v", p50, p99)
	}
}

func TestTheReportHoldsNoScriptAndEscapesWhatPeopleWrote(t *testing.T) {
	qs, as := questions(t), answers()
	qs[4].Q = `<script>alert(1)</script>`
	var page bytes.Buffer
	if err := (Report{At: time.Unix(0, 0), Files: []string{"a&b.jsonl"}, Clauses: 3}).Write(&page, qs, as); err != nil {
		t.Fatal(err)
	}
	html := page.String()
	for _, want := range []string{"<svg", "&lt;script&gt;", "a&amp;b.jsonl", "不该答却答了", "对的排第 2", "p99"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, never := range []string{"<script", "http://", "https://", "ZgotmplZ", "NaN", "Inf"} {
		if strings.Contains(html, never) {
			t.Errorf("has %q", never)
		}
	}
	if err := (Report{}).Write(&page, nil, nil); err != nil {
		t.Error("of nothing:", err)
	}
}

func TestThePlainSearchFindsByWordsAlone(t *testing.T) {
	folder, err := lang.NewFolder()
	if err != nil {
		t.Fatal(err)
	}
	p := &Plain{folder: folder, lists: map[lang.Gram][]plainPosting{}}
	p.add(Cite{Doc: "甲法", Ref: "第一条"}, "排放油烟的餐饮单位应当安装净化设施")
	p.add(Cite{Doc: "甲法", Ref: "第二条"}, "禁止露天焚烧秸秆，禁止露天焚烧垃圾")
	p.add(Cite{Doc: "甲法", Ref: "第三条"}, "露天烧烤不得在禁止的区域")
	var got []string
	for _, c := range p.Search("露天焚燒垃圾罰多少") {
		got = append(got, c.Ref)
	}
	if strings.Join(got, " ") != "第二条 第三条" {
		t.Errorf("found %v", got)
	}
	if found := p.Search("xyz"); len(found) != 0 {
		t.Errorf("found %v for nothing", found)
	}
}

// superseded are versions that score.py never takes for right.
var superseded = []Cite{
	{Doc: "中华人民共和国行政复议法", Version: "2017-09-01", Ref: "第九条", Ended: true},
	{Doc: "消耗臭氧层物质管理条例", Version: "2018-03-19", Ref: "第三十一条", Ended: true},
	{Doc: "环境噪声污染防治法", Version: "2018-12-29", Ref: "第四十三条", Ended: true},
}

// The same answers must have the same figures as the script of the evaluation
// sets says, where it lies beside the checkout.
func TestFiguresAreThoseOfTheEvaluationScript(t *testing.T) {
	script, err := filepath.Abs("../../shared/eval/score.py")
	if err != nil {
		t.Fatal(err)
	}
	python, errPython := exec.LookPath("python3")
	if _, err := os.Stat(script); err != nil || errPython != nil {
		t.Log("no script or no python3; TestFiguresOfKnownAnswers stands alone")
		return
	}
	files := []string{"../../shared/eval/answers.dev.jsonl", "../../shared/eval/routing.dev.jsonl"}
	qs, err := Read(files...)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		as := make([]Answer, len(qs))
		var lines bytes.Buffer
		for i, q := range qs {
			as[i] = invented(rng, qs, q)
			writeAnswer(t, &lines, q.ID, as[i])
		}
		file := filepath.Join(t.TempDir(), "answers.jsonl")
		if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(python, append(append([]string{script}, files...), "--", file)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if got := Score(qs, as).String(); got != string(out) {
			t.Fatalf("the script says\n%swe say\n%s", out, got)
		}
	}
}

// invented is an answer made of right clauses, written in various ways, and
// of others.
func invented(rng *rand.Rand, all []Question, q Question) Answer {
	a := Answer{Action: bot.Actions()[rng.IntN(len(bot.Actions()))]}
	if rng.IntN(2) == 0 {
		a.Action = bot.ActAnswer
	}
	for range rng.IntN(11) {
		from := q
		if rng.IntN(3) > 0 || len(from.Gold) == 0 {
			from = all[rng.IntN(len(all))]
		}
		if len(from.Gold) == 0 {
			a.Cites = append(a.Cites, superseded[rng.IntN(len(superseded))])
			continue
		}
		g := from.Gold[rng.IntN(len(from.Gold))]
		a.Cites = append(a.Cites, Cite{Doc: fmt.Sprintf([]string{"%s", "中华人民共和国%s", "《%s》", "%s（2021年修订）", "%s(2021-01-24)", "某条例%.0s"}[rng.IntN(6)], g.Doc),
			Version: "2021-01-24", Ref: fmt.Sprintf([]string{"%s", "%s之一", "三、办法 %s", "%s\u3000第二款", "*%s*", "乙"}[rng.IntN(6)], g.Ref)})
	}
	return a
}

func writeAnswer(t *testing.T, w *bytes.Buffer, id string, a Answer) {
	t.Helper()
	cites := []map[string]string{}
	for _, c := range a.Cites {
		cites = append(cites, map[string]string{"doc": c.Doc, "version": c.Version, "ref": c.Ref})
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"id": id, "action": a.Action, "cites": cites}); err != nil {
		t.Fatal(err)
	}
}
