package knowledge

import (
	"fmt"
	"strings"
	"testing"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
	"greendesk/knowledge/lang"
)

func term(word, kind string, means ...string) NewTerm {
	return NewTerm{Change: lang.Change{Term: word, Kind: kind, Means: means}}
}

func TestACuratorsTermIsUnderstoodAfterSync(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := riverStore(t, d)
		e := synced(t, testEngine(t, s))
		means := func(word string) string {
			t.Helper()
			res := ask(t, synced(t, e), Ask{Text: "请问" + word + "归谁管"})
			for _, c := range res.Question.Concepts {
				if c.Surface == word {
					return strings.Join(c.Means, "|")
				}
			}
			return "不认得"
		}
		if got := means("捞浮萍"); got != "不认得" {
			t.Fatal(got)
		}
		other := testEngine(t, s) // the command's
		must(t, other.SetTerms(t.Context(), []NewTerm{term("捞浮萍", "colloq", "河道保洁")}, "甲"))
		if got := means("捞浮萍"); got != "河道保洁" {
			t.Errorf("added: %s", got)
		}
		must(t, other.SetTerms(t.Context(), []NewTerm{term("捞浮萍", "verb", "保持河道清洁", "水务部门")}, "乙"))
		if got := means("捞浮萍"); got != "保持河道清洁|水务部门" {
			t.Errorf("changed: %s", got)
		}
		terms, err := s.ChangedTerms(t.Context())
		must(t, err)
		if len(terms) != 1 || terms[0].By != "乙" || terms[0].Line() != "捞浮萍\t保持河道清洁|水务部门\tverb" || terms[0].At.IsZero() {
			t.Errorf("%+v", terms)
		}
		done, err := other.RemoveTerm(t.Context(), "捞浮萍", "乙")
		must(t, err)
		if got := means("捞浮萍"); got != "不认得" || done != "已删去。" {
			t.Errorf("removed: %s, %s", got, done)
		}
	})
}

func TestACarriedTermIsSwitchedOffAndOn(t *testing.T) {
	s := riverStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	e := synced(t, testEngine(t, s))
	find := func(word string) (kinds []string) {
		t.Helper()
		words, err := e.Terms(t.Context(), word)
		must(t, err)
		for _, w := range words {
			if w.Term == e.Folder().Fold(word) {
				kinds = append(kinds, w.Kind)
			}
		}
		return kinds
	}
	for _, word := range []string{"危废", "请问"} {
		before := strings.Join(find(word), " ")
		if before == "" {
			t.Fatalf("%s is not carried", word)
		}
		for i, want := range []string{"", before} {
			done, err := e.RemoveTerm(t.Context(), word, "甲")
			must(t, err)
			if got := strings.Join(find(word), " "); got != want {
				t.Errorf("%s, time %d: %q, want %q (%s)", word, i, got, want, done)
			}
		}
	}
	if _, err := e.RemoveTerm(t.Context(), "没有这个词", "甲"); apperr.CodeOf(err) != apperr.NotFound {
		t.Error(err)
	}
}

func TestWrongTermsAreNamedAndNoneIsTaken(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := riverStore(t, d)
		e := testEngine(t, s)
		_, err := ParseTerms("捞浮萍\t河道保洁\n")
		if err == nil || !strings.Contains(apperr.MessageOf(err), "第 1 行：要有三列") {
			t.Error(err)
		}
		terms, err := ParseTerms("# 注\n捞浮萍\t河道保洁\tcolloq\n捞\t河道保洁\tcolloq\n捞水草\t打捞水生植物\tcolloq\n河条例\t青溪市河道条例\tlaw\n不好意思\t\tstop\n河工\t\tabbr\n河长\t河道|清洁|水务|条例|部门\tcolloq\n河段\t河道\t地段\n喊人\t河道\tstop\n河%\t河%\tcolloq\n")
		must(t, err)
		err = e.SetTerms(t.Context(), terms, "甲")
		for _, want := range []string{"第 3 行：“捞”不能作词条", "第 4 行：“打捞水生植物”在知识库的条款里一处也没有", "第 5 行：“青溪市河道条例”", "第 6 行：“不好意思”里有否定词",
			"第 7 行：“河工”没有对应的法规用语", "第 8 行：“河长”对应 5 个", "第 9 行：“河段”的类别是“地段”", "第 10 行：“喊人”是客套话"} {
			if !strings.Contains(apperr.MessageOf(err), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
		if kept, err := s.ChangedTerms(t.Context()); err != nil || len(kept) != 0 {
			t.Errorf("kept %v, %v", kept, err)
		}
		terms, err = ParseTerms("河条例\t中华人民共和国青溪市河道保洁条例\tlaw\n危废\t\toff\n谢谢啦您\t\tstop\n清溪\t\tplace\n")
		must(t, err)
		must(t, e.SetTerms(t.Context(), terms, "甲"))
		kept, err := s.ChangedTerms(t.Context())
		must(t, err)
		var lines []string
		for _, k := range kept {
			lines = append(lines, k.Line())
		}
		again, err := ParseTerms(strings.Join(lines, "\n"))
		if err != nil || len(again) != 4 {
			t.Errorf("an export is not an import: %q, %v", lines, err)
		}
		must(t, e.SetTerms(t.Context(), again, "乙"))
	})
}

// What the law itself says a hundred times is hardly meant to be something else.
func TestARedefinitionOfTheLawsOwnWordIsDoubted(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := testStore(t, d)
		text := "# 青溪市危废条例\n\n"
		for i := range coreTerm {
			text += fmt.Sprintf("第%s条 危险废物应当登记，不得混入生活垃圾。\n\n", []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}[i])
		}
		mustImport(t, s, write(t, t.TempDir(), "青溪市危废条例(2019-03-20).md", text))
		e := synced(t, testEngine(t, s))
		for want, n := range map[string]NewTerm{
			"":           term("危废", "colloq", "危险废物"),
			"也会查到“生活垃圾”": term("危险废物", "colloq", "生活垃圾"),
			"就不算数了":      term("危险废物", "stop"),
		} {
			must(t, e.SetTerms(t.Context(), []NewTerm{n}, "甲"))
			doubts, err := e.Doubts(t.Context(), []NewTerm{n})
			must(t, err)
			if got := strings.Join(doubts, ""); (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("%+v: %s", n, got)
			}
		}
	})
}
