package rank

import (
	"fmt"
	"testing"

	"greendesk/knowledge/index"
)

// civil is a small library of law at large: a law, its interpretation, and
// many clauses of something else.
func civil(t *testing.T) *index.Embedded {
	t.Helper()
	x := index.NewEmbedded()
	law := &index.Version{ID: "law", Title: "民法典", Level: "法律"}
	court := &index.Version{ID: "court", Title: "解释", Level: "司法解释"}
	other := &index.Version{ID: "other", Title: "测绘办法", Level: "部门规章"}
	entries := []*index.Entry{
		{ID: "divorce", Version: law, Text: "夫妻一方要求离婚的 可以向人民法院提起离婚诉讼"},
		{ID: "lease", Version: law, Text: "承租人应当按照约定的期限支付租金"},
		{ID: "lease-court", Version: court, Text: "承租人应当按照约定的期限支付租金"},
	}
	for i := range 40 {
		entries = append(entries, &index.Entry{ID: fmt.Sprint("o", i), Version: other, Text: "测绘单位应当提交成果资料"})
	}
	if err := x.Put(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	return x
}

func candidatesOf(t *testing.T, x *index.Embedded, terms ...string) []index.Hit {
	t.Helper()
	q := index.Query{Limit: 100}
	for _, s := range terms {
		q.Terms = append(q.Terms, index.Term{Text: s, Weight: 1})
	}
	hits, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

func TestALawStandsBeforeWhatRepeatsIt(t *testing.T) {
	x := civil(t)
	hits := General(&Question{Folded: "租金按期支付"}, nil, candidatesOf(t, x, "支付租金"), x)
	if len(hits) != 2 || hits[0].Entry.ID != "lease" || hits[0].Score <= hits[1].Score {
		t.Fatalf("%+v", hits)
	}
	if hits[0].Score < 1 || hits[0].Score > 1.5 {
		t.Errorf("the best scores %f", hits[0].Score)
	}
}

func TestTheLawsWordsForEverydayWordsCount(t *testing.T) {
	x := civil(t)
	q := &Question{Folded: "房东要单位资料"}
	hits := candidatesOf(t, x, "支付租金", "单位")
	without := General(q, nil, hits, x)
	with := General(q, []string{"承租人", "支付租金", "约定的期限"}, hits, x)
	if without[0].Entry.Version.ID != "other" || with[0].Entry.ID != "lease" {
		t.Errorf("%s first without the law's words, %s with them", without[0].Entry.ID, with[0].Entry.ID)
	}
}

func TestCharactersCountWhereNoPairIsCommon(t *testing.T) {
	x := civil(t)
	hits := General(&Question{Folded: "离了婚"}, nil, candidatesOf(t, x, "离婚", "租金"), x)
	if hits[0].Entry.ID != "divorce" {
		t.Errorf("%s stands first", hits[0].Entry.ID)
	}
}

func TestAQuestionIsForeseenWhereStandardQuestionsAre(t *testing.T) {
	x := civil(t)
	hits := candidatesOf(t, x, "租金")
	close, far := []index.Hit{{Score: 0.6}}, []index.Hit{{Score: 0.1}}
	if Foreseen(hits, close, x) || !Foreseen(nil, nil, x) {
		t.Error("no clause has a standard question; nothing was found")
	}
	hits[1].Entry.AskedGrams = index.Sequence{1}
	if Foreseen(hits, far, x) {
		t.Error("only the second has, and it is about something else")
	}
	hits[0].Entry.AskedGrams = index.Sequence{1}
	if !Foreseen(hits, close, x) {
		t.Error("all candidates have standard questions, one of them close")
	}
	if Foreseen(hits, far, x) || Foreseen(hits, nil, x) {
		t.Error("the candidates share words with what is asked, and no standard question is about it")
	}
}
