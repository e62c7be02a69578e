package eval

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"time"
)

//go:embed report.html
var page string

// Report is what the page shows beside the figures.
type Report struct {
	At      time.Time
	Files   []string // of the questions
	Clauses int      // that could be found
}

// casesInReport is how many cases the page describes.
const casesInReport = 200

type tile struct{ Name, Value, Says string }

// Write makes one page of HTML with the figures, the plots and the worst
// cases. It holds its style and its drawings and asks for nothing else: no
// scripts, no files beside it.
func (r Report) Write(w io.Writer, questions []Question, answers []Answer) error {
	t, err := template.New("report").Funcs(template.FuncMap{"signed": func(x float64) string { return fmt.Sprintf("%+.2f", x) }, "oneLine": oneLine,
		"confident": confident}).Parse(page)
	if err != nil {
		return fmt.Errorf("eval: report: %w", err)
	}
	f := Score(questions, answers)
	worst := Worst(questions, answers)
	type kind struct {
		Name      string
		Done, All int
	}
	var kinds []kind
	for _, k := range slices.Sorted(maps.Keys(f.ByKind)) {
		kinds = append(kinds, kind{string(k), f.ByKind[k][0], f.ByKind[k][1]})
	}
	return t.Execute(w, map[string]any{
		"Report": r, "Day": r.At.Format("2006年1月2日 15:04"), "Figures": f, "Tiles": tiles(f, answers), "Kinds": kinds,
		"Charts": []chart{curveChart(Curve(questions, answers), f), rankChart(questions, answers), latencyChart(answers)},
		"Wrong":  len(worst), "Cases": worst[:min(casesInReport, len(worst))],
		"Width": chartWidth, "Height": chartHeight, "Left": num(left), "Right": num(right), "Top": num(top), "Bottom": num(bottom),
	})
}

func tiles(f Figures, answers []Answer) []tile {
	percent := func(x float64) string { return fmt.Sprintf("%.1f%%", x*100) }
	out := []tile{
		{"cite@1", percent(f.Cite1), fmt.Sprintf("对的条款排第一，共 %d 题", f.Labelled)},
		{"cite@3", percent(f.Cite3), "对的条款在前三条里"},
		{"mrr@10", round(f.MRR), "名次倒数的平均"},
		{"coverage", percent(f.Coverage), "该答的答了多少"},
		{"precision", percent(f.Precision), "答出来的有多少是对的"},
		{"false_answers", fmt.Sprint(f.FalseAnswers), fmt.Sprintf("不该答却答了，共 %d 题不该答", f.Others)},
		{"routed", percent(f.Routed), "不该答的，去对了地方的"},
		{"p50 / p99", millis(Quantile(answers, 0.5)) + " / " + millis(Quantile(answers, 0.99)), "每题用时，毫秒"},
	}
	if f.Articles > 0 {
		out = append(out, tile{"recall@10", percent(f.Recall), fmt.Sprintf("标为条号的 %d 题，前 10 条找回的", f.Articles)},
			tile{"mrr@10（条号）", round(f.ArticleMRR), "只算标为条号的题"})
	}
	return out
}
