package knowledge

import (
	"path/filepath"
	"strings"
	"testing"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

func riverStore(t *testing.T, d *db.DB) *Store {
	t.Helper()
	s := testStore(t, d)
	mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
	return s
}

var riverPlace = Place{Document: "《青溪市河道保洁条例》", Ref: "第二条"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnAcceptedQuestionIsAnsweredFromItsClause(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := riverStore(t, d)
		e := synced(t, testEngine(t, s))
		const asked = "塘里浮萍捞起来算哪个的活"
		must(t, s.Propose(t.Context(), riverPlace, asked, FromCurator, "甲"))
		if synced(t, e); ask(t, e, Ask{Text: asked}).Repeats {
			t.Error("a proposal counts")
		}
		proposed, err := s.Questions(t.Context(), Proposed)
		must(t, err)
		if len(proposed) != 1 || proposed[0].Ref != "第二条" || proposed[0].Origin != FromCurator || proposed[0].By != "甲" || !proposed[0].DecidedAt.IsZero() {
			t.Fatalf("%+v", proposed)
		}
		must(t, s.Decide(t.Context(), []string{proposed[0].ID[:6]}, Accepted, "乙"))
		synced(t, e)
		for _, q := range []string{asked, "请问，" + asked + "？谢谢"} {
			if res := ask(t, e, Ask{Text: q}); !res.Repeats || res.Citations[0].Ref != "第二条" {
				t.Errorf("%s: %v %+v", q, res.Repeats, res.Citations)
			}
		}
		must(t, s.Decide(t.Context(), []string{proposed[0].ID}, Rejected, "乙"))
		if synced(t, e); ask(t, e, Ask{Text: asked}).Repeats {
			t.Error("a rejected question counts")
		}
		must(t, s.Propose(t.Context(), riverPlace, asked, FromUseful, "丙"))
		all, err := s.Questions(t.Context(), "")
		must(t, err)
		if len(all) != 1 || all[0].State != Rejected || all[0].Times != 2 || all[0].DecidedBy != "乙" {
			t.Errorf("%+v", all)
		}
	})
}

// The same words with another number, a negation or another thing do not ask
// the same.
func TestOnlyANearRepeatIsARepeat(t *testing.T) {
	s := riverStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	e := synced(t, testEngine(t, s))
	for _, c := range []struct {
		standard, question string
		same               bool
	}{
		{"锅炉冒黑烟会被罚多少钱", "锅炉冒黑烟罚多少", true},
		{"危废在厂里能放多久", "你好，我们的危险废物在厂里能放多久呢？", true},
		{"新建加油站要不要办环评", "新建加油站要不要办环评啊", true},
		{"新建加油站要不要办环评", "新建加油站不办环评", false},
		{"没办环评就开工罚多少", "办了环评就开工罚多少", false},
		{"废气处理设施停了罚多少", "废水处理设施停了罚多少", false},
		{"超标3倍排污水罚多少", "超标5倍排污水罚多少", false},
		{"超标十三倍排污水罚多少", "超标三十倍排污水罚多少", false},
		{"第一次夜里施工罚多少", "第二次夜里施工罚多少", false},
		{"夜里施工要报谁批准", "夜里施工谁报要批准", false},
		{"油烟超标罚多少", "油烟超标找谁投诉", false},
		{"面粉厂的除尘器要不要编号登记", "面包厂的除尘器要不要编号登记", false},
	} {
		f := e.Folder().Fold
		if got := e.repeats(e.gist(f(c.question)), f(c.standard)); got != c.same {
			t.Errorf("%s ← %s: %v; %q, %q", c.standard, c.question, got, e.gist(f(c.standard)), e.gist(f(c.question)))
		}
	}
}

func TestASetOfQuestionsIsTakenWholeOrNotAtAll(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := riverStore(t, d)
		if _, err := ParseQuestions("# 注\n青溪市河道保洁条例\t第二条\n"); err == nil || !strings.Contains(err.Error(), "第 2 行：要有三列") {
			t.Error(err)
		}
		qs, err := ParseQuestions("\ufeff青溪市河道保洁条例\t第二条\t河里漂的东西谁捞|水面垃圾找谁\r\n青溪河条例\t第二条\t河道谁管呀\n青溪市河道保洁条例\t第九十条\t河道谁管呀\n青溪市河道保洁条例\t第二条\t打13800138000问谁\n青溪市河道保洁条例\t第二条\t谁\n")
		must(t, err)
		err = s.Settle(t.Context(), qs, Accepted, "甲")
		for _, want := range []string{"第 2 行：知识库里没有《青溪河条例》", "第 3 行：《青溪市河道保洁条例》里没有“第九十条”", "第 4 行：", "电话", "第 5 行：“谁”太短"} {
			if apperr.CodeOf(err) != apperr.Invalid || !strings.Contains(apperr.MessageOf(err), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
		if all, _ := s.Questions(t.Context(), ""); len(all) != 0 {
			t.Errorf("kept %+v", all)
		}
		must(t, s.Settle(t.Context(), qs[:2], Accepted, "甲"))
		if all, _ := s.Questions(t.Context(), Accepted); len(all) != 2 {
			t.Errorf("kept %+v", all)
		}
		for id, want := range map[string]string{"zz": "没有编号是 zz", "": "对得上 2 条"} {
			if err := s.Decide(t.Context(), []string{id}, Accepted, "甲"); !strings.Contains(apperr.MessageOf(err), want) {
				t.Errorf("%q: %v", id, err)
			}
		}
	})
}

// A question that the program carries can be taken back, and comes back.
func TestACarriedQuestionCanBeTakenBack(t *testing.T) {
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	place := Place{Document: "青溪市河道保洁条例", Ref: "第二条"}
	mustImport(t, s, write(t, t.TempDir(), "青溪市河道保洁条例(2019-03-20).md", river))
	e := testEngine(t, s)
	fold := e.Folder().Fold
	e.standard[standardKey(fold(place.Document), fold(place.Ref))] = fold("河面漂浮物归哪个捞") + "\n"
	const asked = "河面漂浮物归哪个捞"
	if synced(t, e); !ask(t, e, Ask{Text: asked}).Repeats {
		t.Fatal("the carried question is not known")
	}
	settle := func(state QuestionState) bool {
		must(t, s.Settle(t.Context(), []NewQuestion{{Place: place, Question: asked}}, state, "甲"))
		return ask(t, synced(t, e), Ask{Text: asked}).Repeats
	}
	clause := first(t, e, "河道保洁由谁负责").Clause
	known := func() (carried []string, curated int) {
		a, err := e.AskedFor(t.Context(), clause)
		must(t, err)
		if a.Place != place || a.Text == "" {
			t.Errorf("%+v", a)
		}
		return a.Carried, len(a.Curated)
	}
	if carried, curated := known(); len(carried) != 1 || carried[0] != asked || curated != 0 {
		t.Errorf("%q %d", carried, curated)
	}
	if settle(Rejected) {
		t.Error("a rejected question counts")
	}
	if carried, curated := known(); len(carried) != 0 || curated != 0 {
		t.Errorf("taken back: %q %d", carried, curated)
	}
	if !settle(Accepted) {
		t.Error("an accepted question does not count")
	}
	if carried, curated := known(); len(carried) != 0 || curated != 1 {
		t.Errorf("accepted: %q %d", carried, curated)
	}
	if _, err := e.AskedFor(t.Context(), "none"); apperr.CodeOf(err) != apperr.NotFound {
		t.Errorf("of no clause: %v", err)
	}
}

func TestDecidedQuestionsAreFoundPageByPage(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := riverStore(t, d)
		for _, q := range []string{"河里的草谁来割掉", "桥下的垃圾谁来清掉", "河里的船谁来管"} {
			must(t, s.Settle(t.Context(), []NewQuestion{{Place: riverPlace, Question: q}}, Accepted, "甲"))
		}
		must(t, s.Settle(t.Context(), []NewQuestion{{Place: riverPlace, Question: "河里不要的"}}, Rejected, "甲"))
		for _, c := range []struct {
			f    QuestionFilter
			want int
		}{{QuestionFilter{State: Accepted, Limit: 9}, 3}, {QuestionFilter{State: Accepted, Text: "河里", Limit: 9}, 2}, {QuestionFilter{State: Accepted, Text: "河里", Skip: 1, Limit: 1}, 1},
			{QuestionFilter{State: Accepted, Text: "青溪市", Limit: 2}, 2}, {QuestionFilter{State: Accepted, Text: "%", Limit: 9}, 0}, {QuestionFilter{State: Rejected, Limit: 9}, 1}} {
			if got, err := s.FindQuestions(t.Context(), c.f); err != nil || len(got) != c.want {
				t.Errorf("%+v: %d %v, want %d", c.f, len(got), err, c.want)
			}
		}
	})
}

func TestProposalsOfWhoLeavesGoWithThem(t *testing.T) {
	testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
		s := riverStore(t, d)
		e := synced(t, testEngine(t, s))
		clause := first(t, e, "河道保洁由谁负责").Clause
		for _, q := range []string{"河里的草谁来割掉", "桥下的垃圾谁来清掉", "谁", "打13800138000问谁管河道"} { // the last two are none
			must(t, e.Propose(t.Context(), clause, q, FromUseful, "某人"))
		}
		must(t, e.Propose(t.Context(), clause, "河岸归哪个部门", FromExpert, "别人"))
		all, err := s.Questions(t.Context(), Proposed)
		must(t, err)
		if len(all) != 3 {
			t.Fatalf("%+v", all)
		}
		must(t, s.Settle(t.Context(), []NewQuestion{{Place: riverPlace, Question: "桥下的垃圾谁来清掉"}}, Accepted, "甲"))
		must(t, e.Propose(t.Context(), clause, "桥下的垃圾谁来清掉呢", FromUseful, "某人")) // known before Sync or not
		must(t, e.Forget(t.Context(), "某人"))
		must(t, e.Forget(t.Context(), ""))
		left, err := s.Questions(t.Context(), "")
		must(t, err)
		by := map[string]string{}
		for _, q := range left {
			by[q.Question] = q.By
		}
		if len(by) != 2 || by["桥下的垃圾谁来清掉"] != "" || by["河岸归哪个部门"] != "别人" {
			t.Errorf("left %v", by)
		}
	})
}

// A snapshot knows the questions of its clauses, and what was settled after it
// was saved comes in at the next start.
func TestASnapshotFollowsTheCurators(t *testing.T) {
	s := riverStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	path := filepath.Join(t.TempDir(), "index.snapshot")
	start := func() *Engine {
		e := testEngine(t, s)
		e.saveFrom = 1
		must(t, e.Open(t.Context(), path))
		return e
	}
	settle := func(q string, state QuestionState) {
		must(t, s.Settle(t.Context(), []NewQuestion{{Place: riverPlace, Question: q}}, state, "甲"))
	}
	const before, after = "塘里浮萍捞起来算哪个的活", "岸边芦苇割下来堆在哪"
	settle(before, Accepted)
	start()
	if !ask(t, start(), Ask{Text: before}).Repeats {
		t.Error("the snapshot has lost a question")
	}
	settle(after, Accepted)
	settle(before, Rejected)
	e := start()
	if ask(t, e, Ask{Text: before}).Repeats || !ask(t, e, Ask{Text: after}).Repeats {
		t.Error("the snapshot is followed blindly")
	}
}
