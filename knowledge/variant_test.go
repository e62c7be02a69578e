package knowledge

import (
	"slices"
	"testing"

	"greendesk/internal/testenv"
	"greendesk/knowledge/sense"
)

// TestAVariantUnderstandsWhatItsEngineDoes: tune learns from variants. With
// everything kept, one answers as its engine, named laws, places, days and
// general law included; with nothing kept, it still answers.
func TestAVariantUnderstandsWhatItsEngineDoes(t *testing.T) {
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	must(t, s.ImportStarter(t.Context()))
	e := synced(t, testEngine(t, s))
	m, err := sense.Embedded()
	must(t, err)
	for _, keeps := range []bool{true, false} {
		v, err := e.Variant(t.Context(), m, func(string) bool { return keeps })
		must(t, err)
		for _, q := range []string{"锅炉冒黑烟会被罚多少钱", "广东的厂危废能放多久", "2021年5月3日夜间施工被查罚多少", "水法第六十五条怎么说", "离婚了孩子归谁"} {
			got, want := ask(t, v, Ask{Text: q}), ask(t, e, Ask{Text: q})
			if got.Day != want.Day || got.Absent != want.Absent || !slices.Equal(got.Question.Laws, want.Question.Laws) {
				t.Errorf("%q is understood as %+v, want %+v", q, got.Question, want.Question)
			}
			if keeps && (len(got.Citations) != len(want.Citations) || len(want.Citations) > 0 && got.Citations[0].Clause != want.Citations[0].Clause) {
				t.Errorf("%q is answered by %v, want %v", q, got.Citations, want.Citations)
			}
		}
	}
}
