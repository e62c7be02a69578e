package sense

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// lesson has two clauses that are asked for in words they do not have, and many
// others.
func lesson() Lesson {
	l := Lesson{Clauses: [][]string{{"大气法", "超过排放标准的处十万元以上罚款"}, {"强制法", "查封扣押的期限不得超过三十日"}}}
	for _, q := range []string{"冒黑烟掏多少钱", "冒黑烟要掏钱吗", "烟囱冒黑烟掏几万"} {
		l.Questions = append(l.Questions, Question{q, 0})
	}
	for _, q := range []string{"贴封条能贴多久", "封条啥时候揭", "贴了封条多久能揭"} {
		l.Questions = append(l.Questions, Question{q, 1})
	}
	things := []rune("桥船车灯山河田林路井")
	for i, a := range things {
		b := things[(i+3)%len(things)]
		word := strings.Repeat(string(a)+string(b), 2)
		l.Clauses = append(l.Clauses, []string{"其他法", word + "应当登记备案"})
		l.Questions = append(l.Questions, Question{word + "怎么办", len(l.Clauses) - 1}, Question{"有" + word + "咋登记", len(l.Clauses) - 1})
	}
	return l
}

func small() Training {
	t := DefaultTraining()
	t.Rounds, t.Batch, t.Asked, t.Seen = 40, 8, 1, 1
	return t
}

func TestWordsThatAreAskedForAClauseMeanIt(t *testing.T) {
	l := lesson()
	m := Train(l, small())
	smoke, seal := m.Of(l.Clauses[0]...), m.Of(l.Clauses[1]...)
	for question, want := range map[string][2]Vector{"冒黑烟掏钱": {smoke, seal}, "封条贴多久": {seal, smoke}} {
		q := m.Of(question)
		right, wrong := Alike(q, want[0]), Alike(q, want[1])
		if right < wrong+0.2 {
			t.Errorf("%s: %.2f to its clause, %.2f to the other", question, right, wrong)
		}
	}
	if v := m.Of("鱻"); v != nil {
		t.Errorf("of an unknown text: %v", v)
	}
}

func TestTheSameLessonGivesTheSameModel(t *testing.T) {
	var a, b bytes.Buffer
	if _, err := Train(lesson(), small()).WriteTo(&a); err != nil {
		t.Fatal(err)
	}
	if _, err := Train(lesson(), small()).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two models of one lesson")
	}
}

func TestAModelIsReadBackAsWrittenAndABrokenOneIsRefused(t *testing.T) {
	m := Train(lesson(), small())
	var file bytes.Buffer
	if _, err := m.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	back, err := Read(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"冒黑烟掏多少钱", "查封扣押的期限", ""} {
		if !slices.Equal(m.Of(text), back.Of(text)) {
			t.Errorf("%s: another vector", text)
		}
	}
	if back.Grams() != m.Grams() || back.Fingerprint() == "" {
		t.Errorf("%d grams, fingerprint %q", back.Grams(), back.Fingerprint())
	}
	for i := range 40 {
		broken := slices.Clone(file.Bytes())
		broken[i*len(broken)/40] ^= 4
		if _, err := Read(broken); !errors.Is(err, ErrFile) {
			t.Errorf("byte %d changed: %v", i*len(broken)/40, err)
		}
		if _, err := Read(file.Bytes()[:i*file.Len()/40]); !errors.Is(err, ErrFile) {
			t.Errorf("cut at %d: %v", i*file.Len()/40, err)
		}
	}
}

func TestTheProgramsModelKnowsEverydayWords(t *testing.T) {
	m, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{{"掏钱", "罚款", "公示"}, {"贴封条", "查封", "听证"}, {"臭气熏天", "恶臭", "噪声"}} {
		near, far := Alike(m.Of(c[0]), m.Of(c[1])), Alike(m.Of(c[0]), m.Of(c[2]))
		if near <= far {
			t.Errorf("%s is %.2f like %s and %.2f like %s", c[0], near, c[1], far, c[2])
		}
	}
}

func TestAlikeIsACosine(t *testing.T) {
	m, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	text := rapid.StringOf(rapid.RuneFrom([]rune("锅炉冒黑烟罚多少危废能放久排污许可证")))
	rapid.Check(t, func(t *rapid.T) {
		a, b := m.Of(text.Draw(t, "a")), m.Of(text.Draw(t, "b"))
		s := Alike(a, b)
		if math.Abs(s) > 1.05 || s != Alike(b, a) {
			t.Fatalf("%f", s)
		}
		if a != nil && math.Abs(Alike(a, a)-1) > 0.05 {
			t.Fatalf("itself: %f", Alike(a, a))
		}
		if mid := Middle(a, b); a != nil && b != nil && s > 0 && Alike(mid, a) < s-0.05 {
			t.Fatalf("the middle is further away: %f, %f", Alike(mid, a), s)
		}
	})
	if Alike(nil, nil) != 0 || Middle(nil, nil) != nil || Middle() != nil {
		t.Error("of nothing")
	}
}

func TestALessonOfSomeDocuments(t *testing.T) {
	l := lesson().Of(func(title string) bool { return title == "强制法" })
	if len(l.Clauses) != 1 || len(l.Questions) != 3 || l.Questions[0].Clause != 0 {
		t.Errorf("%+v", l)
	}
}

func FuzzRead(f *testing.F) {
	var file bytes.Buffer
	if _, err := Train(lesson(), small()).WriteTo(&file); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := Read(data); err == nil {
			m.Of("锅炉冒黑烟")
		}
	})
}
