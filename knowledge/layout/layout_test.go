package layout

import (
	"strings"
	"testing"
)

// write sets a line of text with its lower edge at y, each character as wide as it is
// high.
func write(p *Page, x, y, size float64, text string) {
	for _, r := range text {
		if r != ' ' {
			p.Chars = append(p.Chars, Char{R: r, X0: x, X1: x + size, Y0: y - size, Y1: y})
		}
		x += size
	}
}

// frame draws the lines of a table.
func frame(p *Page, xs, ys []float64) {
	for _, x := range xs {
		p.Rules = append(p.Rules, Rule{x, ys[0], x, ys[len(ys)-1]})
	}
	for _, y := range ys {
		p.Rules = append(p.Rules, Rule{xs[0], y, xs[len(xs)-1], y})
	}
}

func page() Page { return Page{Width: 600, Height: 800} }

// lines shows what was read: a line each, the rows of tables between bars.
func lines(pieces []Piece) string {
	var out []string
	for _, p := range pieces {
		if p.Table == nil {
			out = append(out, p.Line.Text)
			continue
		}
		if p.Table.Head != nil {
			out = append(out, "head "+strings.ReplaceAll(strings.Join(p.Table.Head, "|"), "\n", "/"))
		}
		for _, r := range p.Table.Rows {
			out = append(out, "row "+strings.Join(r.Cells, "|"))
		}
	}
	return strings.Join(out, "\n")
}

func expect(t *testing.T, pages []Page, want string) {
	t.Helper()
	if got := lines(Read(pages)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRunningHeadsAndPageNumbersGo(t *testing.T) {
	var pages []Page
	for i, text := range []string{"第一页的正文。", "第二页的正文。", "第三页的正文。"} {
		p := page()
		write(&p, 200, 40, 10, "青溪市公报")
		write(&p, 50, 200, 10, text)
		write(&p, 300, 780, 10, []string{"- 1 -", "- 2 -", "III"}[i])
		pages = append(pages, p)
	}
	expect(t, pages, "第一页的正文。\n第二页的正文。\n第三页的正文。")
}

func TestNumbersOfSectionsAtTheTopOfPagesStay(t *testing.T) {
	var pages []Page
	for i, n := range []string{"3.8", "3.9", "3.10"} {
		p := page()
		write(&p, 50, 40, 10, n)
		write(&p, 50, 60, 10, []string{"贮存的意思。", "填埋的意思。", "回填的意思。"}[i])
		pages = append(pages, p)
	}
	expect(t, pages, "3.8\n贮存的意思。\n3.9\n填埋的意思。\n3.10\n回填的意思。")
}

func TestTwoColumnsAreReadOneAfterTheOther(t *testing.T) {
	p := page()
	write(&p, 150, 100, 20, "横贯两栏的标题")
	var left, right []string
	for i := range 10 {
		l := strings.Repeat(string(rune('甲'+i)), 22)
		r := strings.Repeat(string(rune('子'+i)), 22)
		write(&p, 50, 150+float64(i)*15, 10, l)
		write(&p, 320, 150+float64(i)*15, 10, r)
		left, right = append(left, l), append(right, r)
	}
	expect(t, []Page{p}, "横贯两栏的标题\n"+strings.Join(left, "\n")+"\n"+strings.Join(right, "\n"))
}

func TestLinesOfOneColumnStayWhole(t *testing.T) {
	p := page()
	var want []string
	for i := range 10 {
		a, b := "发布机关", "实施日期"
		write(&p, 50, 150+float64(i)*15, 10, a)
		write(&p, 400, 150+float64(i)*15, 10, b)
		want = append(want, a+" "+b)
	}
	expect(t, []Page{p}, strings.Join(want, "\n"))
}

func TestWideAndSpreadAndRaisedCharacters(t *testing.T) {
	p := page()
	write(&p, 50, 100, 10, "２０２４年ＧＢ １")
	write(&p, 50, 150, 10, "附   则")
	write(&p, 50, 200, 10, "限值10")
	write(&p, 90, 196, 5, "-5")
	write(&p, 100, 200, 10, "m")
	write(&p, 110, 195, 5, "3")
	write(&p, 50.5, 250, 10, "重影")
	write(&p, 50, 250, 10, "重影")
	expect(t, []Page{p}, "2024年GB 1\n附则\n限值10⁻⁵m³\n重影")
}

func TestCellsOverRowsAndColumns(t *testing.T) {
	p := page()
	xs, ys := []float64{50, 150, 250, 350}, []float64{100, 120, 140, 160, 180}
	for _, y := range ys {
		from := xs[0]
		if y == 160 || y == 120 { // the first column's cells reach over two rows
			from = xs[1]
		}
		p.Rules = append(p.Rules, Rule{from, y, xs[3], y})
	}
	for i, x := range xs {
		top := ys[0]
		if i == 2 { // 限值 stands over two columns
			top = ys[1]
		}
		p.Rules = append(p.Rules, Rule{x, top, x, ys[4]})
	}
	write(&p, 60, 125, 10, "项目")
	write(&p, 200, 115, 10, "限值")
	write(&p, 160, 135, 10, "燃煤")
	write(&p, 260, 135, 10, "燃气")
	write(&p, 60, 165, 10, "颗粒物")
	for i, v := range []string{"80", "30", "50", "20"} {
		write(&p, []float64{160, 260}[i%2], 155+20*float64(i/2), 10, v)
	}
	expect(t, []Page{p}, "head 项目|限值/燃煤|限值/燃气\nrow 颗粒物|80|30\nrow 颗粒物|50|20")
}

// The second page repeats the head, goes on with a row that the first page broke, and
// leaves out the class that stands over its rows.
func TestATableGoesOnOverPages(t *testing.T) {
	xs := []float64{50, 130, 210, 400}
	a, b := page(), page()
	frame(&a, xs, []float64{600, 620, 640, 660})
	for i, row := range [][]string{{"类别", "代码", "名称"}, {"废油", "001", "废机油"}, {"废油", "002", "含油抹布和"}} {
		for j, c := range row {
			write(&a, xs[j]+5, 615+20*float64(i), 10, c)
		}
	}
	write(&a, 300, 790, 10, "1")
	frame(&b, xs, []float64{80, 100, 120, 140})
	for i, row := range [][]string{{"类别", "代码", "名称"}, {"", "", "手套"}, {"", "003", "废油桶"}} {
		for j, c := range row {
			write(&b, xs[j]+5, 95+20*float64(i), 10, c)
		}
	}
	write(&b, 300, 790, 10, "2")
	expect(t, []Page{a, b}, "head 类别|代码|名称\nrow 废油|001|废机油\nrow 废油|002|含油抹布和手套\nrow 废油|003|废油桶")
}

func TestOpenSidesOfATableAreClosed(t *testing.T) {
	p := page()
	for _, y := range []float64{100, 120, 140} {
		p.Rules = append(p.Rules, Rule{50, y, 350, y})
	}
	p.Rules = append(p.Rules, Rule{200, 100, 200, 140})
	for i, row := range [][]string{{"锅炉", "限值"}, {"燃煤", "80"}} {
		write(&p, 60, 115+20*float64(i), 10, row[0])
		write(&p, 210, 115+20*float64(i), 10, row[1])
	}
	expect(t, []Page{p}, "head 锅炉|限值\nrow 燃煤|80")
}

func TestAFrameAroundTextIsNoTable(t *testing.T) {
	p := page()
	frame(&p, []float64{40, 500}, []float64{90, 200})
	write(&p, 50, 110, 10, "框里的字")
	expect(t, []Page{p}, "框里的字")
}

// Whatever lines and characters a file has, reading them ends and loses no character of
// the text.
func FuzzRead(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	f.Add([]byte(strings.Repeat("\x00\x10\x20\x40\x80\xff", 40)))
	f.Fuzz(func(t *testing.T, data []byte) {
		pages := []Page{page(), page()}
		for len(data) >= 6 {
			p, x, y := &pages[data[0]&1], float64(data[1])*2, 150+float64(data[2])*1.5
			switch data[0] >> 1 & 3 {
			case 0:
				p.Rules = append(p.Rules, Rule{x, y, x + float64(data[3])*3, y})
			case 1:
				p.Rules = append(p.Rules, Rule{x, y, x, y + float64(data[3])*3})
			default:
				p.Chars = append(p.Chars, Char{R: '一' + rune(data[3]), X0: x, X1: x + float64(data[4]), Y0: y, Y1: y + float64(data[5])})
			}
			data = data[6:]
		}
		for _, piece := range Read(pages) {
			if piece.Table == nil {
				continue
			}
			for _, r := range piece.Table.Rows {
				if len(r.Cells) != len(r.Across) || piece.Table.Head != nil && len(piece.Table.Head) != len(r.Cells) {
					t.Fatalf("%d cells, %d widths, %d heads", len(r.Cells), len(r.Across), len(piece.Table.Head))
				}
			}
		}
	})
}
