package rank

import (
	"testing"

	"greendesk/knowledge/index"
)

// A document about a trade that nobody has named is known as such; the user's
// word, the law's word for it, the message before and the document's name all
// name it.
func TestADocumentOfAnotherTradeIsKnown(t *testing.T) {
	r := newReader(t)
	x := small(t, r.Folder)
	livestock, general := &index.Version{Title: "畜禽规模养殖污染防治条例"}, &index.Version{Title: "水污染防治法"}
	hits := []index.Hit{{Entry: &index.Entry{ID: "narrow", Version: livestock}, Score: 2}, {Entry: &index.Entry{ID: "general", Version: general}, Score: 1}}
	for _, c := range []struct {
		text, prev string
		other      float64
	}{
		{"治污设施停了罚多少", "", 1},
		{"养猪场的治污设施停了罚多少", "", 0},
		{"那罚多少呢", "养猪场治污设施停了", 0},
		{"那罚多少呢", "污水处理设施停了", 1},
		{"畜禽规模养殖污染防治条例第三条", "", 0},
	} {
		vs := Measure(r.Read(c.text, c.prev, x), hits, nil, x)
		if got := feature(&vs[0], "trade"); got != c.other {
			t.Errorf("%s %s: %.0f, want %.0f", c.prev, c.text, got, c.other)
		}
		if feature(&vs[1], "trade") != 0 {
			t.Errorf("%s: a general law is taken for one of a trade", c.text)
		}
	}
}

// An answer without the number that is asked for is known as such.
func TestAClauseThatDoesNotStateWhatIsAskedIsKnown(t *testing.T) {
	for _, c := range []struct {
		question, clause string
		want             float64
	}{
		{"没台账罚多少钱", "由生态环境主管部门责令改正,处以罚款。", 1},
		{"没台账罚多少钱", "处五万元以上二十万元以下的罚款。", 0},
		{"没台账有什么后果", "责令改正,处以罚款。", 0},
		{"台账要保存多久", "建立工业固体废物管理台账。", 1},
		{"台账要保存多久", "台账保存期限不得少于五年。", 0},
		{"台账怎么记", "建立工业固体废物管理台账。", 0},
	} {
		v := Vector{Question: QuestionCues(c.question), Clause: ClauseCues(c.clause)}
		if got := Trust([]Ranked{{Vector: &v}}).Unstated; got != c.want {
			t.Errorf("%s: %s: %.0f, want %.0f", c.question, c.clause, got, c.want)
		}
	}
}
