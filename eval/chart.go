package eval

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greendesk/bot"
)

// The drawing area of a chart, in units of its viewBox; axes' labels stand
// around it.
const (
	chartWidth, chartHeight = 340.0, 230.0
	left, right             = 38.0, 318.0
	top, bottom             = 26.0, 190.0
)

// chart is one plot as the template draws it: numbers are in the viewBox.
type chart struct {
	Title, Note    string
	XLabel, YLabel string
	XTicks, YTicks []tick
	Line           string // points of a polyline, "" for none
	Bars           []bar
	Marks          []mark
}

type tick struct {
	At    string
	Label string
}

type bar struct {
	X, Y, W, H string
	Muted      bool
	Label      string // read out, and shown on hover
}

// mark is a dashed line at X, or a dot when Y is set, with a label beside it.
type mark struct {
	X, Y          string
	LabelX, Label string
	LabelY        string
	Anchor        string
}

// along maps 0…1 to the width, up to the height.
func along(share float64) float64 { return left + share*(right-left) }
func up(share float64) float64    { return bottom - share*(bottom-top) }

func num(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

func percents(at func(float64) float64) []tick {
	var out []tick
	for _, p := range []float64{0, 0.25, 0.5, 0.75, 1} {
		out = append(out, tick{num(at(p)), fmt.Sprintf("%.0f%%", p*100)})
	}
	return out
}

// Point is how many of the labelled questions would be answered, and how many
// of the answers would be right, if an answer needed at least this confidence.
type Point struct{ Least, Coverage, Precision float64 }

// fewest is from how many answers on a precision means something.
const fewest = 10

// Curve walks the confidence down from 1. Questions for which something else
// is to be done count as wrong answers.
func Curve(questions []Question, answers []Answer) []Point {
	order := make([]int, len(questions))
	labelled := 0
	for i := range order {
		order[i] = i
		labelled += one(len(questions[i].Gold) > 0)
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(answers[j].Sure, answers[i].Sure) })
	var out []Point
	kept, right, given := 0, 0, 0
	for n, i := range order {
		q, a := questions[i], answers[i]
		given++
		if len(q.Gold) > 0 {
			kept++
			right += one(a.Place(q) == 1)
		}
		last := n+1 == len(order)
		if given >= fewest && (last || answers[order[n+1]].Sure != a.Sure) {
			out = append(out, Point{Least: a.Sure, Coverage: share(float64(kept), labelled), Precision: share(float64(right), given)})
		}
	}
	return out
}

// curveChart draws the curve and where the desk stands on or beside it.
func curveChart(points []Point, f Figures) chart {
	c := chart{Title: "覆盖率与准确率", Note: "把握的门槛从高到低：答得越多，越容易答错。圆点是现在的做法。",
		XLabel: "覆盖率（该答的答了多少）", YLabel: "准确率", XTicks: percents(along), YTicks: percents(up)}
	var line []string
	for _, p := range points {
		line = append(line, num(along(p.Coverage))+","+num(up(p.Precision)))
	}
	c.Line = strings.Join(slices.Compact(line), " ")
	at := mark{X: num(along(f.Coverage)), Y: num(up(f.Precision)), Anchor: "end", LabelX: num(along(f.Coverage) - 7), LabelY: num(up(f.Precision) + 18),
		Label: fmt.Sprintf("%.0f%% / %.0f%%", f.Coverage*100, f.Precision*100)}
	if f.Coverage < 0.3 {
		at.Anchor, at.LabelX = "start", num(along(f.Coverage)+7)
	}
	c.Marks = []mark{at}
	return c
}

// rankChart counts the places of the right clauses.
func rankChart(questions []Question, answers []Answer) chart {
	counts := make([]int, Considered+1) // the last is not found
	for i, q := range questions {
		if len(q.Gold) > 0 {
			at := answers[i].Place(q)
			if at == 0 {
				at = Considered + 1
			}
			counts[at-1]++
		}
	}
	c := chart{Title: "对的条款排在第几", Note: "“无”是前 10 条里没有。", XLabel: "名次", YLabel: "题数"}
	var labels []string
	for i := range Considered {
		labels = append(labels, strconv.Itoa(i+1))
	}
	c.histogram(counts, append(labels, "无"))
	for i := range c.Bars {
		c.XTicks = append(c.XTicks, tick{num(left + (float64(i)+0.5)*(right-left)/float64(len(counts))), append(labels, "无")[i]})
	}
	c.Bars[Considered].Muted = true
	return c
}

// histogram draws one bar for each count; names are read out.
func (c *chart) histogram(counts []int, names []string) {
	most := max(1, slices.Max(counts))
	step := (right - left) / float64(len(counts))
	for i, n := range counts {
		h := float64(n) / float64(most) * (bottom - top)
		c.Bars = append(c.Bars, bar{X: num(left + float64(i)*step + 1), Y: num(bottom - h), W: num(step - 2), H: num(h), Label: fmt.Sprintf("%s：%d 题", names[i], n)})
	}
	for _, p := range []float64{0, 0.5, 1} {
		c.YTicks = append(c.YTicks, tick{num(up(p)), strconv.Itoa(int(p * float64(most)))})
	}
}

// Quantile is the least time within which the share p of the answers came.
func Quantile(answers []Answer, p float64) time.Duration {
	if len(answers) == 0 {
		return 0
	}
	took := make([]time.Duration, len(answers))
	for i, a := range answers {
		took[i] = a.Took
	}
	slices.Sort(took)
	return took[min(len(took)-1, int(p*float64(len(took))))]
}

// latencyBars is how many bars the latency has; the last also counts what took
// longer.
const latencyBars = 24

// latencyChart counts how long answers took, up to a little above the 99th
// percentile.
func latencyChart(answers []Answer) chart {
	p50, p99 := Quantile(answers, 0.5), Quantile(answers, 0.99)
	end := max(time.Duration(float64(p99)*1.15), time.Microsecond)
	counts := make([]int, latencyBars)
	for _, a := range answers {
		counts[min(latencyBars-1, int(float64(a.Took)/float64(end)*latencyBars))]++
	}
	var names []string
	for i := range counts {
		names = append(names, fmt.Sprintf("%s–%s 毫秒", millis(end*time.Duration(i)/latencyBars), millis(end*time.Duration(i+1)/latencyBars)))
	}
	c := chart{Title: "每题用时", Note: "最后一柱包括更慢的。", XLabel: "毫秒", YLabel: "题数"}
	c.histogram(counts, names)
	for _, p := range []float64{0, 0.25, 0.5, 0.75, 1} {
		c.XTicks = append(c.XTicks, tick{num(along(p)), millis(time.Duration(p * float64(end)))})
	}
	for _, m := range []struct {
		name string
		at   time.Duration
		y    float64
	}{{"p50 ", p50, 38}, {"p99 ", p99, 54}} {
		x := along(float64(m.at) / float64(end))
		anchor, labelX := "start", x+4
		if x > (left+right)/2 {
			anchor, labelX = "end", x-4
		}
		c.Marks = append(c.Marks, mark{X: num(x), LabelX: num(labelX), LabelY: num(m.y), Anchor: anchor, Label: m.name + millis(m.at)})
	}
	return c
}

// millis writes a time in milliseconds with two digits that count.
func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms >= 10 {
		return strconv.FormatFloat(ms, 'f', 0, 64)
	}
	return strconv.FormatFloat(ms, 'g', 2, 64)
}

// confident is how sure the desk was of an answer, in words of the report.
func confident(a Answer) string {
	if a.Action == bot.ActAnswer {
		return fmt.Sprintf("答了，把握 %.2f", a.Sure)
	}
	return fmt.Sprintf("%s，能答的把握 %.2f", a.Action, a.Sure)
}
