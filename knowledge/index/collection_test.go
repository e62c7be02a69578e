package index

import (
	"path/filepath"
	"slices"
	"testing"

	"greendesk/knowledge/lang"
)

func TestWhatGeneralRankingLooksUpOutlivesASnapshot(t *testing.T) {
	x := NewEmbedded()
	v := version("v", "某法", "", "")
	put(t, x, &Entry{ID: "1", Version: v, Text: "夫妻共同债务", Asked: "老公欠的钱要我还吗"}, &Entry{ID: "2", Version: v, Text: "夫妻 abc"}, &Entry{ID: "3", Version: v, Text: "租赁"})
	path := filepath.Join(t.TempDir(), "snapshot")
	if saved, err := x.Save(path, "same", 1); err != nil || !saved {
		t.Fatal(saved, err)
	}
	loaded, _, err := Load(path, "same")
	if err != nil {
		t.Fatal(err)
	}
	for name, y := range map[string]*Embedded{"built": x, "loaded": loaded} {
		for number, g := range y.Grams() {
			if got, _, _ := y.Gram(g); int(got) != number {
				t.Errorf("%s: gram %d is called %d", name, number, got)
			}
		}
		if !slices.Contains(y.Grams(), lang.Pair('夫', '妻')) || y.MeanLength() <= 0 || y.Clauses("v") != 3 || y.Clauses("none") != 0 {
			t.Errorf("%s: mean %f, %d clauses", name, y.MeanLength(), y.Clauses("v"))
		}
		if common, rare, unseen := y.CharIDF('夫'), y.CharIDF('租'), y.CharIDF('鱻'); !(0 < common && common < rare && rare < unseen) {
			t.Errorf("%s: idf %f, %f, %f", name, common, rare, unseen)
		}
	}
	if NewEmbedded().AskedShare() != 0 {
		t.Error("an empty index has standard questions")
	}
}
