package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestMessageOpensFiveCustomMessagesFor48Hours(t *testing.T) {
	s := following(t, nil)
	s.Clock().Advance(2 * time.Minute) // the subscribe window is over
	if code := s.custom("没人说话"); code != 45015 {
		t.Fatalf("without a window: %d", code)
	}
	s.text("你好")
	for i := range 5 {
		if code := s.custom(fmt.Sprint("第", i+1, "条")); code != 0 {
			t.Fatalf("message %d: %d", i+1, code)
		}
	}
	if code := s.custom("第六条"); code != 45047 {
		t.Errorf("sixth message: %d", code)
	}
	s.text("再问")
	s.Clock().Advance(48*time.Hour - time.Second)
	if code := s.custom("最后一秒"); code != 0 {
		t.Errorf("just before 48 h: %d", code)
	}
	s.Clock().Advance(2 * time.Second)
	if code := s.custom("过期"); code != 45015 {
		t.Errorf("after 48 h: %d", code)
	}
}

func TestClicksScansFollowingAndMenuTapsOpenThreeForOneMinute(t *testing.T) {
	acts := map[string]func(s *table) (*Exchange, error){
		"subscribe": func(s *table) (*Exchange, error) { return s.Follow(s.openid, "") },
		"click":     func(s *table) (*Exchange, error) { return s.Click(s.openid, "ASK") },
		"scan":      func(s *table) (*Exchange, error) { return s.Scan(s.openid, "visit-1") },
		"menu tap":  func(s *table) (*Exchange, error) { return s.TapMenuLink(s.openid, "101", "转专家") },
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			s := following(t, nil)
			s.Clock().Advance(time.Hour)
			if _, err := act(s); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				if code := s.custom("好"); code != 0 {
					t.Fatalf("message %d: %d", i+1, code)
				}
			}
			if code := s.custom("多了"); code != 45047 {
				t.Errorf("fourth message: %d", code)
			}
			s.Clock().Advance(time.Minute + time.Second)
			if code := s.custom("晚了"); code != 45015 {
				t.Errorf("after a minute: %d", code)
			}
		})
	}
}

func TestSmallWindowIsSpentFirst(t *testing.T) {
	s := following(t, nil)
	s.text("问")
	_, _ = s.Click(s.openid, "ASK")
	s.custom("一")
	if q := s.Quota(s.openid); q.Act != 2 || q.Message != 5 {
		t.Errorf("quota %+v", q)
	}
}

func TestCustomSendNamesWhatIsWrong(t *testing.T) {
	s := following(t, nil)
	s.text("你好")
	send := func(m map[string]any) int {
		return s.do("POST", s.with("/cgi-bin/message/custom/send"), m).code()
	}
	menu := func(items ...map[string]string) map[string]any {
		return map[string]any{"touser": s.openid, "msgtype": "msgmenu", "msgmenu": map[string]any{"head_content": "有帮助吗？", "list": items}}
	}
	cases := []struct {
		name string
		m    map[string]any
		code int
	}{
		{"unknown openid", textMessage("o-nobody", "x"), 40003},
		{"not following", textMessage(Presets()[1].OpenID, "x"), 43004},
		{"too long", textMessage(s.openid, strings.Repeat("字", 683)), 45002},
		{"empty", textMessage(s.openid, ""), 44004},
		{"type", map[string]any{"touser": s.openid, "msgtype": "hologram"}, 40008},
		{"media", map[string]any{"touser": s.openid, "msgtype": "image", "image": map[string]string{"media_id": "x"}}, 40007},
		{"two articles", map[string]any{"touser": s.openid, "msgtype": "news", "news": map[string]any{"articles": []any{answer{}, answer{}}}}, 45008},
		{"menu without items", menu(), 44004},
		{"menu", menu(map[string]string{"id": "1", "content": "有"}, map[string]string{"id": "2", "content": "没有"}), 0},
	}
	for _, c := range cases {
		if code := send(c.m); code != c.code {
			t.Errorf("%s: %d, want %d", c.name, code, c.code)
		}
	}
	if b := s.last(); b.Type != "msgmenu" || len(b.Items) != 2 || b.Via != "custom" {
		t.Errorf("menu bubble %+v", b)
	}
	if got := s.do("POST", s.with("/cgi-bin/message/custom/send"), "{not json").code(); got != 47001 {
		t.Errorf("broken JSON: %d", got)
	}
	if got := s.do("GET", s.with("/cgi-bin/message/custom/send"), nil).code(); got != 43002 {
		t.Errorf("GET: %d", got)
	}
	_ = s.SetBlocked(s.openid, true)
	if code := s.custom("x"); code != 43019 {
		t.Errorf("blacklisted: %d", code)
	}
	if q := s.Quota(s.openid); q.Message+q.Act != 7 {
		t.Errorf("refused messages spent the quota: %+v", q)
	}
}

func TestAIMarkReachesThePhone(t *testing.T) {
	s := following(t, nil)
	m := textMessage(s.openid, "由模型生成")
	m["aimsgcontext"] = map[string]int{"is_ai_msg": 1}
	if code := s.do("POST", s.with("/cgi-bin/message/custom/send"), m).code(); code != 0 || !s.last().AI {
		t.Errorf("code %d, bubble %+v", code, s.last())
	}
}

func TestUnverifiedAccountHasPassiveRepliesOnly(t *testing.T) {
	s := following(t, nil)
	s.SetVerified(false)
	if e := s.text("你好"); e.Outcome != Replied {
		t.Errorf("passive reply: %s", e.Outcome)
	}
	for _, path := range []string{"/cgi-bin/message/custom/send", "/cgi-bin/message/template/send", "/cgi-bin/message/custom/typing", "/cgi-bin/qrcode/create"} {
		if code := s.do("POST", s.with(path), textMessage(s.openid, "x")).code(); code != 48001 {
			t.Errorf("%s: %d, want 48001", path, code)
		}
	}
	if _, err := s.Authorize(s.openid, s.authorizeURL("snsapi_base")); err == nil {
		t.Error("an unverified account got OAuth")
	}
	s.SetVerified(true)
	if code := s.custom("认证了"); code != 0 {
		t.Errorf("verified again: %d", code)
	}
}

func TestTypingNeedsContactWithin30Seconds(t *testing.T) {
	s := following(t, nil)
	typing := func(command string) int {
		return s.do("POST", s.with("/cgi-bin/message/custom/typing"), map[string]string{"touser": s.openid, "command": command}).code()
	}
	s.text("你好")
	if typing("Typing") != 0 || typing("Typing") != 45081 || typing("CancelTyping") != 0 || typing("Sing") != 45072 {
		t.Error("typing right after contact")
	}
	s.Clock().Advance(31 * time.Second)
	if code := typing("Typing"); code != 45080 {
		t.Errorf("31 s after contact: %d", code)
	}
}
