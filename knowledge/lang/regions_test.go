package lang

import (
	"fmt"
	"testing"
)

func TestPlacesAreFoundAndOtherWordsAreNone(t *testing.T) {
	r := EmbeddedRegions()
	for text, want := range map[string]string{
		"深圳工地扬尘罚多少":     "[{广东 深圳}]",
		"我在江苏 固废台账保存几年": "[{江苏 }]",
		"六安工地扬尘":        "[{安徽 六安}]",
		"我们六安市的厂":       "[{安徽 六安}]",
		"附件六安全要求":       "[]",
		"操作指南通知":        "[]",
		"河南通知":          "[{河南 }]",
		"郑州和漯河":         "[{河南 郑州} {河南 漯河}]",
		"黑龙江齐齐哈尔":       "[{黑龙江 } {黑龙江 齐齐哈尔}]",
		"危废贮存固原则":       "[]",
		"召陵区工地扬尘罚多少":    "[]",
		"":              "[]",
	} {
		if got := fmt.Sprint(r.Named(text)); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestARuleBindsWhereItIsMade(t *testing.T) {
	r := EmbeddedRegions()
	for _, c := range []struct {
		region, text string
		binds        bool
	}{
		{"河南省", "郑州工地", true}, {"漯河市", "郑州工地", false}, {"漯河市", "河南工地", true}, {"漯河市", "漯河工地", true},
		{"河南省", "西安工地", false}, {"江门市", "广东工地", false}, {"广东省", "深圳工地", true}, {"内蒙古自治区", "包头工地", true},
	} {
		p, ok := r.Place(c.region)
		if got := p.Binds(r.Named(c.text)); !ok || got != c.binds {
			t.Errorf("%s for %s: %v, known %v", c.region, c.text, got, ok)
		}
	}
	if p, ok := r.Place("全国"); ok {
		t.Errorf("全国 is %v", p)
	}
}
