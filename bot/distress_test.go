package bot

import (
	"os"
	"strings"
	"testing"
)

// Emergencies are told from questions about emergencies; the lines are ours.
func TestEmergenciesAreToldFromQuestionsAboutThem(t *testing.T) {
	data, err := os.ReadFile("testdata/emergencies.txt")
	must(t, err)
	count := map[string]int{}
	for line := range strings.Lines(string(data)) {
		mark, message, _ := strings.Cut(strings.TrimSpace(line), " ")
		if mark != "+" && mark != "-" {
			continue
		}
		count[mark]++
		if got := inDanger(message); got != (mark == "+") {
			t.Errorf("%s %s: %t", mark, message, got)
		}
	}
	if count["+"] < 60 || count["-"] < 60 {
		t.Errorf("%v are too few", count)
	}
}
