package knowledge

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func version(id, key, label, effective string, added int64) linked {
	return linked{Version: Version{ID: id, Label: label, Effective: effective, Added: added}, key: key}
}

func TestValidityOfVersions(t *testing.T) {
	numbered := func(v linked, number string) linked { v.Number = number; return v }
	cut := func(v linked) linked { v.Incomplete = true; return v }
	expires := func(v linked, day string) linked { v.Expires = day; return v }
	for name, c := range map[string]struct {
		versions []linked
		repeals  []repeal
		want     map[string]string // id → from..to ended
	}{
		"a revision ends the text before it": {
			versions: []linked{version("new", "甲法", "2023-09-01", "2024-01-01", 1), version("old", "甲法", "2017-09-01", "1999-10-01", 2)},
			want:     map[string]string{"old": "2017-09-01..2024-01-01 superseded", "new": "2024-01-01.. "},
		},
		"an amended text keeps its first date and still ends the one before": {
			versions: []linked{version("old", "甲", "2018-03-19", "2010-06-01", 1), version("new", "甲", "2023-12-29", "2010-06-01", 2)},
			want:     map[string]string{"old": "2018-03-19..2023-12-29 superseded", "new": "2023-12-29.. "},
		},
		"another title is repealed": {
			versions: []linked{version("a", "噪声法", "2021-12-24", "2022-06-05", 1), version("b", "环境噪声法", "2018-12-29", "1997-03-01", 2)},
			repeals:  []repeal{{"a", "环境噪声法", ""}},
			want:     map[string]string{"b": "2018-12-29..2022-06-05 repealed", "a": "2022-06-05.. "},
		},
		"a number names one version": {
			versions: []linked{numbered(version("x", "解释", "2013-06-17", "2013-06-19", 1), "法释〔2013〕15号"),
				numbered(version("y", "解释", "2016-12-23", "2017-01-01", 2), "法释〔2016〕29号"),
				numbered(version("z", "别的解释", "2023-08-08", "2023-08-15", 3), "法释〔2023〕7号")},
			repeals: []repeal{{"z", "解释", "法释〔2016〕29号"}},
			want:    map[string]string{"x": "2013-06-19..2017-01-01 superseded", "y": "2017-01-01..2023-08-15 repealed", "z": "2023-08-15.. "},
		},
		"a number that no version carries means the earlier ones": {
			versions: []linked{version("old", "侵权解释", "2020-12-29", "", 1), version("new", "生态侵权解释", "2023-08-14", "2023-09-01", 2)},
			repeals:  []repeal{{"new", "侵权解释", "法释〔2015〕12号"}},
			want:     map[string]string{"old": "2020-12-29..2023-09-01 repealed", "new": "2023-09-01.. "},
		},
		"a text does not repeal itself": {
			versions: []linked{version("a", "条例", "2019-06-05", "2019-10-01", 1)},
			repeals:  []repeal{{"a", "条例", ""}},
			want:     map[string]string{"a": "2019-10-01.. "},
		},
		"a repealed title may come back": {
			versions: []linked{version("old", "甲", "2000-01-01", "", 1), version("again", "甲", "2020-01-01", "", 2), version("b", "乙", "2010-01-01", "", 3)},
			repeals:  []repeal{{"b", "甲", ""}},
			want:     map[string]string{"old": "2000-01-01..2010-01-01 repealed", "again": "2020-01-01.. ", "b": "2010-01-01.. "},
		},
		"the whole notice replaces the one that is cut off, whichever came first": {
			versions: []linked{numbered(version("whole", "通知", "2021-07-20", "", 1), "漯环办〔2021〕52号"),
				cut(numbered(version("cut", "通知", "2021", "", 2), "漯环办〔2021〕52号"))},
			want: map[string]string{"whole": "2021-07-20.. ", "cut": "..1900-01-01 replaced"},
		},
		"a corrected import replaces the one before": {
			versions: []linked{version("a", "问答", "2026-11-01", "", 1), version("b", "问答", "2026-11-01", "", 2), version("c", "问答", "2026-11-01", "", 3)},
			want:     map[string]string{"a": "2026-11-01..2026-11-01 replaced", "b": "2026-11-01..2026-11-01 replaced", "c": "2026-11-01.. "},
		},
		"of two copies of one edition the one that knows its number stays": {
			versions: []linked{numbered(version("law", "条例", "2021-01-24", "2021-03-01", 1), "国务院令第736号"), version("json", "条例", "2021-03-01", "2021-03-01", 2)},
			want:     map[string]string{"law": "2021-03-01.. ", "json": "2021-03-01..2021-03-01 replaced"},
		},
		"its own term ends a list": {
			versions: []linked{expires(version("a", "清单", "2022-01-01", "2022-02-01", 1), "2025-02-01")},
			want:     map[string]string{"a": "2022-02-01..2025-02-01 expired"},
		},
		"decisions of one title stand side by side": {
			versions: []linked{version("a", "关于修改部分法规的决定", "2014-07-29", "", 1), version("b", "关于修改部分法规的决定", "2016-02-06", "", 2)},
			want:     map[string]string{"a": "2014-07-29.. ", "b": "2016-02-06.. "},
		},
		"an undated text gives way to a dated one": {
			versions: []linked{version("a", "办法", "", "", 1), version("b", "办法", "2020-01-01", "2020-02-01", 2)},
			want:     map[string]string{"a": "..2020-02-01 superseded", "b": "2020-02-01.. "},
		},
	} {
		got := link(c.versions, c.repeals)
		for id, want := range c.want {
			v := got[id]
			if s := fmt.Sprintf("%s..%s %s", v.from, v.to, v.ended); s != want {
				t.Errorf("%s: %s is %s, want %s", name, id, s, want)
			}
		}
	}
}

// Whatever is imported in whatever order, on any day at most one version of a title is
// in force, and the order of versions handed to link does not matter.
func TestOneVersionOfATitleIsInForce(t *testing.T) {
	day := rapid.SampledFrom([]string{"", "2001-01-01", "2005-05-05", "2010-10-10", "2020-02-02"})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		var vs []linked
		for i := range n {
			v := version(fmt.Sprint(i), rapid.SampledFrom([]string{"甲", "乙"}).Draw(t, "key"), day.Draw(t, "label"), day.Draw(t, "effective"), int64(i))
			v.Incomplete = rapid.Bool().Draw(t, "cut")
			vs = append(vs, v)
		}
		var repeals []repeal
		if rapid.Bool().Draw(t, "repeal") {
			repeals = append(repeals, repeal{"0", "乙", ""})
		}
		got := link(vs, repeals)
		perm := rapid.Permutation(vs).Draw(t, "order")
		for id, v := range link(perm, repeals) {
			if got[id] != v {
				t.Fatalf("%s depends on the order: %+v %+v", id, got[id], v)
			}
		}
		for _, on := range []string{"1999-01-01", "2001-01-01", "2005-05-05", "2007-01-01", "2015-01-01", "2025-01-01"} {
			count := map[string]int{}
			for _, v := range vs {
				x := got[v.ID]
				if InForce(Version{ValidFrom: x.from, ValidTo: x.to, Ended: x.ended}, on) {
					count[v.key]++
				}
			}
			for key, c := range count {
				if c > 1 {
					t.Fatalf("%d versions of %s on %s: %+v", c, key, on, got)
				}
			}
		}
	})
}
