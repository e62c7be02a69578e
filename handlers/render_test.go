package handlers

import (
	"strings"
	"testing"
	"time"

	"greendesk/bot"
	"greendesk/internal/wechat"
)

func TestEachChoiceStandsOnALineOfItsOwnAndIsATap(t *testing.T) {
	r := Renderer{BaseURL: "https://desk.example"}
	reply := bot.Reply{Text: "哪一种？", Choices: []bot.Tap{{ID: 111, Label: "台账<留>几年"}, {ID: 112, Label: "谁来记"}}, Taps: []bot.Tap{bot.TapExpert}}
	lines := strings.Split(r.Text(reply), "\n")
	want := []string{"哪一种？", "1. " + wechat.MenuLink(111, "台账<留>几年", "台账<留>几年"), "2. " + wechat.MenuLink(112, "谁来记", "谁来记"), "", wechat.MenuLink(101, "转专家", "转专家")}
	if strings.Join(lines, "|") != strings.Join(want, "|") {
		t.Errorf("%q", lines)
	}
	if both, ok := r.both(owed(owedBody(bot.Reply{Text: "旧答复"}), time.Now()), 0, reply); !ok || !strings.Contains(both.text, want[2]) || !strings.Contains(both.text, "旧答复") {
		t.Errorf("%v, %s", ok, both.text)
	}
}

// However long the choices are, the message is never longer than the platform
// takes.
func TestLongChoicesFit(t *testing.T) {
	r := Renderer{BaseURL: "https://desk.example"}
	reply := bot.Reply{Text: "哪一种？"}
	for i := range 3 {
		reply.Choices = append(reply.Choices, bot.Tap{ID: 111 + i, Label: strings.Repeat("长", 60)})
	}
	text := r.Text(reply)
	if len(text) > wechat.MaxTextBytes || strings.Count(text, "msgmenuid") != 3 {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}
