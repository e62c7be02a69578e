package sense

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"greendesk/knowledge/lang"
)

// Lesson is what a model learns from: the texts of clauses, and questions that
// they answer.
type Lesson struct {
	Clauses   [][]string // folded parts: title, headings, text
	Questions []Question
}

// Of is the part of a lesson whose clauses have a title that keep picks.
func (l Lesson) Of(keep func(title string) bool) Lesson {
	var out Lesson
	at := make(map[int]int, len(l.Clauses))
	for i, parts := range l.Clauses {
		if keep(parts[0]) {
			at[i] = len(out.Clauses)
			out.Clauses = append(out.Clauses, parts)
		}
	}
	for _, q := range l.Questions {
		if i, ok := at[q.Clause]; ok {
			out.Questions = append(out.Questions, Question{Text: q.Text, Clause: i})
		}
	}
	return out
}

// Question is a standard question of a clause.
type Question struct {
	Text   string // folded
	Clause int    // its place in Lesson.Clauses
}

// Training settings; deterministic, the order is drawn from a fixed seed.
type Training struct {
	Rounds      int     // over all questions
	Batch       int     // questions at a time; all others of a batch are wrong answers
	Rate        float64 // step size
	Temperature float64 // of the softmax: the smaller, the more the nearest wrong answers count
	Asked, Seen int     // a gram is kept that so many questions, or so many clauses have
}

// DefaultTraining was chosen on labelled questions that the model never sees.
func DefaultTraining() Training {
	return Training{Rounds: 3, Batch: 512, Rate: 0.01, Temperature: 0.1, Asked: 2, Seen: 5}
}

// Train learns gram vectors that put a question beside its clause's text and
// beside other questions of the same clause, and away from those of other
// clauses: the softmax over the batch (van den Oord, Li, Vinyals: Representation
// learning with contrastive predictive coding, 2018) on sums of gram vectors
// (Bojanowski, Grave, Joulin, Mikolov: Enriching word vectors with subword
// information, 2017), by Adam. The same lesson gives the same model.
func Train(l Lesson, s Training) *Model {
	t := newTrainer(l, s)
	byClause := map[int][]int{}
	for i, q := range l.Questions {
		byClause[q.Clause] = append(byClause[q.Clause], i)
	}
	for range s.Rounds {
		order := t.random.Perm(len(l.Questions))
		for batch := range slices.Chunk(order, s.Batch) {
			clauses := make([]int, len(batch))
			texts, others := make([]bag, len(batch)), make([]bag, len(batch))
			questions := make([]bag, len(batch))
			for i, q := range batch {
				clauses[i] = l.Questions[q].Clause
				questions[i], texts[i] = t.questions[q], t.clauses[clauses[i]]
				same := byClause[clauses[i]]
				if other := same[t.random.IntN(len(same))]; other != q {
					others[i] = t.questions[other]
				}
			}
			t.pull(questions, texts, clauses)
			t.pull(questions, others, clauses)
			t.step()
		}
	}
	return t.model()
}

// bag is a text as its grams' rows and weights, of length 1.
type bag []feature

type trainer struct {
	Training
	random *rand.Rand
	grams  []lang.Gram
	idf    []float32

	clauses, questions []bag

	rows, grad, mean, square []float32 // Size places a gram
	steps                    int
}

func newTrainer(l Lesson, s Training) *trainer {
	t := &trainer{Training: s, random: rand.New(rand.NewPCG(1, 2))} // #nosec G404 -- reproducible on purpose
	t.chooseGrams(l)
	m := t.vocabulary()
	counts := m.tally()
	read := func(parts []string) bag {
		b := bag(slices.Clone(m.features(counts, parts)))
		length := 0.0
		for i := range b {
			b[i].weight *= t.idf[b[i].row]
			length += float64(b[i].weight) * float64(b[i].weight)
		}
		for i := range b {
			b[i].weight /= float32(math.Sqrt(length))
		}
		return b
	}
	for _, parts := range l.Clauses {
		t.clauses = append(t.clauses, read(parts))
	}
	for _, q := range l.Questions {
		t.questions = append(t.questions, read([]string{q.Text}))
	}
	n := len(t.grams) * Size
	t.rows, t.grad, t.mean, t.square = make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range t.rows {
		t.rows[i] = float32(t.random.NormFloat64() * 0.1)
	}
	return t
}

// chooseGrams keeps the grams worth learning, and counts how telling each is:
// its inverse document frequency, a document being a clause with its questions.
func (t *trainer) chooseGrams(l Lesson) {
	asked, seen := map[lang.Gram]int{}, map[lang.Gram]int{}
	of := make([][]string, len(l.Clauses))
	for _, q := range l.Questions {
		of[q.Clause] = append(of[q.Clause], q.Text)
		countOnce(asked, q.Text)
	}
	for i, parts := range l.Clauses {
		countOnce(seen, append(slices.Clone(parts), of[i]...)...)
	}
	for g, n := range seen {
		if n >= t.Seen || asked[g] >= t.Asked {
			t.grams = append(t.grams, g)
		}
	}
	slices.Sort(t.grams)
	for _, g := range t.grams {
		n := float64(seen[g])
		t.idf = append(t.idf, float32(math.Log(1+(float64(len(l.Clauses))-n+0.5)/(n+0.5))))
	}
}

func countOnce(counts map[lang.Gram]int, parts ...string) {
	here := map[lang.Gram]bool{}
	for _, p := range parts {
		eachGram(p, func(g lang.Gram) { here[g] = true })
	}
	for g := range here {
		counts[g]++
	}
}

// vocabulary is a model that knows the grams only.
func (t *trainer) vocabulary() *Model {
	m := &Model{numbers: make(map[lang.Gram]int32, len(t.grams))}
	for i, g := range t.grams {
		m.numbers[g] = int32(i) // #nosec G115 -- fewer grams than pairs of characters
	}
	return m
}

// pull adds the gradient of the loss that each question's target is the one of
// its row. A question without a target has no loss; targets of the same clause
// do not count as wrong ones.
func (t *trainer) pull(questions, targets []bag, clauses []int) {
	n := len(questions)
	x, xn := t.forward(questions)
	y, yn := t.forward(targets)
	p := dense(n, n)
	blas32.Gemm(blas.NoTrans, blas.Trans, float32(1/t.Temperature), x, y, 0, p)
	for i := range n {
		row := p.Data[i*n : (i+1)*n]
		if len(targets[i]) == 0 {
			clear(row)
			continue
		}
		softmax(row, func(j int) bool { return j != i && (clauses[j] == clauses[i] || len(targets[j]) == 0) })
		row[i]--
	}
	scale := float32(1 / (t.Temperature * float64(n)))
	gx, gy := dense(n, Size), dense(n, Size)
	blas32.Gemm(blas.NoTrans, blas.NoTrans, scale, p, y, 0, gx)
	blas32.Gemm(blas.Trans, blas.NoTrans, scale, p, x, 0, gy)
	t.backward(questions, x, xn, gx)
	t.backward(targets, y, yn, gy)
}

func dense(rows, cols int) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: make([]float32, rows*cols)}
}

// softmax turns scores into shares; those left out get none.
func softmax(row []float32, leaveOut func(int) bool) {
	top := float32(math.Inf(-1))
	for j, s := range row {
		if !leaveOut(j) {
			top = max(top, s)
		}
	}
	sum := float32(0)
	for j, s := range row {
		if leaveOut(j) {
			row[j] = 0
			continue
		}
		row[j] = float32(math.Exp(float64(s - top)))
		sum += row[j]
	}
	for j := range row {
		row[j] /= sum
	}
}

// forward adds up the vectors of texts, brought to length 1, and returns the
// lengths they had.
func (t *trainer) forward(bags []bag) (blas32.General, []float32) {
	out, lengths := dense(len(bags), Size), make([]float32, len(bags))
	for i, b := range bags {
		v := out.Data[i*Size : (i+1)*Size]
		for _, f := range b {
			axpy(f.weight, t.rows[int(f.row)*Size:], v)
		}
		lengths[i] = float32(math.Sqrt(float64(dot(v, v)))) + 1e-6
		for k := range v {
			v[k] /= lengths[i]
		}
	}
	return out, lengths
}

// backward hands the gradient of texts on to their grams.
func (t *trainer) backward(bags []bag, unit blas32.General, lengths []float32, g blas32.General) {
	for i, b := range bags {
		v, d := unit.Data[i*Size:(i+1)*Size], g.Data[i*Size:(i+1)*Size]
		along := dot(v, d)
		for k := range d {
			d[k] = (d[k] - v[k]*along) / lengths[i]
		}
		for _, f := range b {
			axpy(f.weight, d, t.grad[int(f.row)*Size:(int(f.row)+1)*Size])
		}
	}
}

func axpy(a float32, x, y []float32) {
	blas32.Axpy(a, blas32.Vector{N: Size, Inc: 1, Data: x[:Size]}, blas32.Vector{N: Size, Inc: 1, Data: y[:Size]})
}

func dot(x, y []float32) float32 {
	return blas32.Dot(blas32.Vector{N: Size, Inc: 1, Data: x}, blas32.Vector{N: Size, Inc: 1, Data: y})
}

// step moves the rows against the gradient (Adam) and clears it.
func (t *trainer) step() {
	t.steps++
	c1 := float32(1 - math.Pow(0.9, float64(t.steps)))
	c2 := float32(1 - math.Pow(0.999, float64(t.steps)))
	rate := float32(t.Rate)
	for i, g := range t.grad {
		t.mean[i] = 0.9*t.mean[i] + 0.1*g
		t.square[i] = 0.999*t.square[i] + 0.001*g*g
		t.rows[i] -= rate * (t.mean[i] / c1) / (float32(math.Sqrt(float64(t.square[i]/c2))) + 1e-8)
	}
	clear(t.grad)
}

// model rounds the rows, with the idf in them, to bytes.
func (t *trainer) model() *Model {
	m := t.vocabulary()
	m.rows, m.scales = make([]int8, len(t.rows)), make([]float32, len(t.grams))
	for i := range t.grams {
		row := t.rows[i*Size : (i+1)*Size]
		top := float32(1e-9)
		for _, x := range row {
			top = max(top, float32(math.Abs(float64(x))))
		}
		m.scales[i] = top / 127 * t.idf[i]
		for k, x := range row {
			m.rows[i*Size+k] = int8(math.Round(float64(x / top * 127)))
		}
	}
	return m
}
