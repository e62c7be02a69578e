package main

import (
	"strings"
	"testing"
)

func TestAskExplainsSumsAndCounties(t *testing.T) {
	withoutSettings(t)
	data := t.TempDir()
	printed(t, "import", "--data="+data, cemeteryFolder(t))
	out := printed(t, "ask", "--data="+data, "--explain", "我在召陵区，罚了我8万，是不是该三千元以下")
	for _, want := range []string{"金额：三千元以下（3000元以下）\n", "金额：八万（80000元）\n", "县区：召陵区\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
}
