package lang

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

func loadLexicon(t testing.TB, files map[string]string) (*Lexicon, error) {
	t.Helper()
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return LoadLexicon(dir, newFolder(t))
}

func TestAFaultInTheLexiconNamesFileAndLine(t *testing.T) {
	for name, c := range map[string]struct{ file, text, place, says string }{
		"columns":      {"a.tsv", "# 说明\n小锅炉\t燃煤锅炉\tsyn\n只有一列\n", "a.tsv:3", "3 columns"},
		"many columns": {"a.tsv", "甲乙\t丙\tsyn\t多\n", "a.tsv:1", "3 columns"},
		"no term":      {"a.tsv", "\n，\t丙\tsyn\n", "a.tsv:2", "without a word"},
		"no kind":      {"a.tsv", "甲乙\t丙丁\t \n", "a.tsv:1", "or a kind"},
		"plain":        {"stop.txt", "请问\n……\n", "stop.txt:2", "without a word"},
		"unknown list": {"words.txt", "\n请问\n", "words.txt:2", "not known"},
		"long line":    {"a.tsv", "甲\n" + strings.Repeat("长", 30000), "a.tsv:1", "columns"},
		"longer line":  {"stop.txt", "请问\n" + strings.Repeat("长", 30000), "stop.txt:2", "too long"},
	} {
		_, err := loadLexicon(t, map[string]string{"good.tsv": "厂里\t企业\tcolloq\n", c.file: c.text})
		if err == nil || !strings.Contains(err.Error(), c.place) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheLexiconFindsTheLongestWordsAndLetsThemOverlap(t *testing.T) {
	l, err := loadLexicon(t, map[string]string{
		"a.tsv":          "\ufeff排污许可证\t许可\tcolloq\r\n排污\t排放\tcolloq\n许可证\t\tcolloq\n证照\t\tcolloq\nＶＯＣｓ\t揮發性有機物|VOCs\tpollutant\n",
		"b.tsv":          "小散乱\t散乱污\tsyn\n排污\t污水排放\tlaw\n",
		"stop.txt":       "请问\n的\n我想请问\n",
		"places.txt":     "漯河\n",
		"industries.txt": "屠宰\n",
		"README.md":      "not read",
	})
	if err != nil {
		t.Fatal(err)
	}
	spans := func(s string) (out []string) {
		for _, w := range l.Words(s) {
			if got := string([]rune(s)[w.Start:w.End]); got != w.Text {
				t.Errorf("%q: the span %d-%d is %q, not %q", s, w.Start, w.End, got, w.Text)
			}
			out = append(out, w.Text)
		}
		return out
	}
	for in, want := range map[string][]string{
		"办排污许可证":     {"排污许可证"},
		"排污许可证照":     {"排污许可证", "证照"},
		"许可证照":       {"许可证", "证照"},
		"排污排污":       {"排污", "排污"},
		"厂里vocs超标":   {"vocs"},
		"漯河屠宰厂散乱污":   {"漯河", "屠宰", "散乱污"},
		"":           nil,
		"没有一个认识":     nil,
		"\xff排污\xff": {"排污"},
	} {
		if got := spans(newFolder(t).Fold(in)); !slices.Equal(got, want) {
			t.Errorf("%q has %q, want %q", in, got, want)
		}
	}
	for term, kind := range map[string]string{"漯河": KindPlace, "屠宰": "industry", "散乱污": KindSynonym, "vocs": "pollutant"} {
		if w := l.Words(term); len(w) != 1 || w[0].Words[0].Kind != kind {
			t.Errorf("%q is %+v, want kind %s", term, w, kind)
		}
	}
	if w := l.Words("vocs")[0].Words[0]; !slices.Equal(w.Means, []string{"挥发性有机物"}) {
		t.Errorf("VOCs means %q", w.Means)
	}
	if w := l.Words("散乱污")[0].Words[0]; !slices.Equal(w.Means, []string{"小散乱"}) {
		t.Errorf("a synonym holds both ways: %q", w.Means)
	}
	if w := l.Words("排污")[0].Words; len(w) != 2 {
		t.Errorf("a term of two files has %d entries", len(w))
	}
}

func TestChatterIsMarkedButNeverInsideAWord(t *testing.T) {
	l, err := loadLexicon(t, map[string]string{"a.tsv": "目的地\t\tcolloq\n", "stop.txt": "请问\n的\n我想请问\n"})
	if err != nil {
		t.Fatal(err)
	}
	const s = "我想请问目的地的事"
	var got string
	for i, chatter := range l.Chatter(s, l.Words(s)) {
		if chatter {
			got += string([]rune(s)[i])
		}
	}
	if got != "我想请问的" {
		t.Errorf("chatter is %q", got)
	}
}

func TestWordsLieInTheTextInOrderAndNoneInsideAnother(t *testing.T) {
	f := newFolder(t)
	l, err := EmbeddedLexicon(f)
	if err != nil {
		t.Fatal(err)
	}
	terms := make([]string, 0, len(l.words))
	for term := range l.words {
		terms = append(terms, term)
	}
	slices.Sort(terms)
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.OneOf(rapid.SampledFrom(terms), anyText(), rapid.StringN(0, 3, -1))
		s := f.Fold(strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), ""))
		words := l.Words(s)
		rs := []rune(s)
		for i, w := range words {
			if w.Start < 0 || w.End > len(rs) || string(rs[w.Start:w.End]) != w.Text || len(w.Words) == 0 {
				t.Fatalf("%q has %+v", s, w)
			}
			if i > 0 && (w.Start <= words[i-1].Start || w.End <= words[i-1].End) {
				t.Fatalf("%q has %+v after %+v", s, w, words[i-1])
			}
		}
		for i, chatter := range l.Chatter(s, words) {
			for _, w := range words {
				if chatter && w.Start <= i && i < w.End {
					t.Fatalf("%q: %d is chatter inside %q", s, i, w.Text)
				}
			}
		}
	})
}

// Of the data that the program carries: the folder's README says the rules.
func TestTheLexiconOfTheProgramKeepsItsRules(t *testing.T) {
	f := newFolder(t)
	l, err := EmbeddedLexicon(f)
	if err != nil {
		t.Fatal(err)
	}
	if l.Len() < 500 {
		t.Errorf("%d entries", l.Len())
	}
	readme, err := files.ReadFile("lexicon/README.md")
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]string{}
	names, err := fs.Glob(files, "lexicon/*.t*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if line == "" || line[0] == '#' {
				continue
			}
			cols := strings.Split(line, "\t")
			term := f.Fold(cols[0])
			// Each plain list is a kind of its own; a term may stand in several.
			key := cols[0]
			if path.Ext(name) == ".txt" {
				key = path.Base(name) + " " + cols[0]
			}
			if before, ok := first[key]; ok {
				t.Errorf("%s: %q stands in %s already", name, cols[0], before)
			}
			first[key] = name
			if path.Ext(name) == ".tsv" && len([]rune(term)) < 2 {
				t.Errorf("%s: %q is one character: no search finds it", name, cols[0])
			}
			if len(cols) == 3 && !strings.Contains(string(readme), cols[2]) {
				t.Errorf("%s: %q is of the kind %q, which the README does not name", name, cols[0], cols[2])
			}
			if len(cols) == 3 && (strings.Count(cols[1], "|") > 3 || cols[0] == cols[1]) {
				t.Errorf("%s: %q means %q", name, cols[0], cols[1])
			}
		}
	}
}

func TestTheGeneralLexiconKeepsItsRules(t *testing.T) {
	f := newFolder(t)
	general, err := GeneralLexicon(f)
	if err != nil {
		t.Fatal(err)
	}
	if general.Len() < 500 {
		t.Errorf("%d entries", general.Len())
	}
	for term, words := range general.words {
		if len(words) > 1 || len([]rune(term)) < 2 || len(words[0].Means) == 0 || len(words[0].Means) > 4 || words[0].Kind != "general" {
			t.Errorf("%s: %+v", term, words)
		}
	}
	landlord := general.Words(f.Fold("房东涨价"))
	if len(landlord) != 2 || landlord[0].Words[0].Means[0] != "出租人" {
		t.Errorf("%+v", landlord)
	}
}

func TestChangesLeaveTheLexiconTheyAreMadeTo(t *testing.T) {
	f := newFolder(t)
	l, err := EmbeddedLexicon(f)
	if err != nil {
		t.Fatal(err)
	}
	before := l.Len()
	changed := l.With(f, []Change{{Term: "散乱污", Off: true}, {Term: "谢谢", Off: true}, {Term: "塘里的泥", Means: []string{"底泥", "塘里的泥"}, Kind: KindSynonym}, {Term: " ", Kind: "abbr"}})
	if l.Len() != before || len(l.words["塘里的泥"]) > 0 || !l.stops["谢谢"] {
		t.Error("the lexicon itself has changed")
	}
	for _, w := range l.words["散乱污"] {
		for _, m := range w.Means {
			for _, back := range changed.words[m] {
				if back.Kind == KindSynonym && back.Means[0] == "散乱污" {
					t.Errorf("%s still means 散乱污", m)
				}
			}
		}
	}
	if len(changed.words["散乱污"]) > 0 || changed.stops["谢谢"] || len(changed.Words("塘里的泥能卖吗")) != 1 {
		t.Error("not changed")
	}
	if got := changed.Find("塘里的泥"); len(got) != 2 || got[0].Term != "塘里的泥" && got[1].Term != "塘里的泥" {
		t.Errorf("%+v", got)
	}
}

// The pairs that every factory owner says.
func TestTheLexiconKnowsWhatOwnersSay(t *testing.T) {
	l, err := EmbeddedLexicon(newFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	for said, want := range map[string]string{"白名单": "正面清单", "没证先干": "未取得排污许可证", "黑烟": "超过大气污染物排放标准", "冒黑烟": "超过大气污染物排放标准", "正面清单": "白名单"} {
		words := l.Words(said)
		if len(words) != 1 || words[0].Text != said || !slices.ContainsFunc(words[0].Words, func(w Word) bool { return slices.Contains(w.Means, want) }) {
			t.Errorf("%s: %+v, want %s", said, words, want)
		}
	}
}
