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

// What is handed over after an emergency, by a tap or because a question for
// the experts was expected, is urgent; a text for the experts before it is not.
func TestAnEmergencyIsHandedOverAsUrgent(t *testing.T) {
	w := memoryWorld(t)
	urgent := func(contact string) int {
		return w.count(t, `SELECT COUNT(*) FROM consultations k JOIN contacts c ON c.id = k.contact_id WHERE c.openid = $1 AND k.urgency = 'urgent'`, contact)
	}
	w.say(t, "o-a", text("液碱管道破裂，喷到师傅眼睛了"))
	if urgent("o-a") != 0 {
		t.Error("handed over unasked")
	}
	w.say(t, "o-a", tap(TapExpert))
	if urgent("o-a") != 1 {
		t.Error("the tap handed over nothing urgent")
	}
	w.say(t, "o-b", tap(TapExpert))
	r := w.say(t, "o-b", text("柴油罐漏油了"))
	if urgent("o-b") != 1 || !strings.Contains(r.Text, "12369") || !strings.Contains(r.Text, "咨询编号") {
		t.Errorf("%d urgent: %s", urgent("o-b"), r.Text)
	}
	w.say(t, "o-c", text("危险废物在厂里能存放多久"))
	w.say(t, "o-c", tap(TapExpert))
	if urgent("o-c") != 0 {
		t.Error("an everyday question is urgent")
	}
}
