package simulator

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func readAll(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCodeFaultsAnswerTheirCodeAndDoNothing(t *testing.T) {
	for name, want := range map[Fault]int{
		FaultBusy: -1, FaultIPNotAllowed: 40164, FaultDailyQuota: 45009, FaultMinuteQuota: 45011, FaultWindowClosed: 45015,
		FaultQuotaUsed: 45047, FaultNotFollowing: 43004, FaultNoPermission: 48001, FaultTokenStorm: 40001, FaultTokenRevoked: 40001,
		FaultTokenExpired: 42001,
	} {
		t.Run(string(name), func(t *testing.T) {
			s := following(t, nil)
			s.text("你好")
			path, before := s.with("/cgi-bin/message/custom/send"), len(s.Transcript(s.openid))
			s.Faults().Once(name, 1)
			if got := s.do("POST", path, textMessage(s.openid, "x")).code(); got != want {
				t.Errorf("code %d, want %d", got, want)
			}
			if len(s.Transcript(s.openid)) != before || s.Faults().Hits(name) != 1 {
				t.Error("the message arrived all the same, or the hit was not counted")
			}
			again := s.do("POST", path, textMessage(s.openid, "x")).code()
			dead := name == FaultTokenRevoked || name == FaultTokenExpired
			if dead != (again != 0) {
				t.Errorf("the same token afterwards: %d", again)
			}
			if code := s.custom("新令牌"); code != 0 {
				t.Errorf("a fresh token afterwards: %d", code)
			}
		})
	}
}

func TestFaultsKeepToTheirEndpoints(t *testing.T) {
	s := following(t, nil)
	s.text("你好")
	path := s.with("/cgi-bin/user/info?openid=" + s.openid)
	for _, name := range []Fault{FaultWindowClosed, FaultNoConsent, FaultBadField} {
		s.Faults().Once(name, 1)
	}
	if code := s.do("GET", path, nil).code(); code != 0 {
		t.Errorf("user/info: %d", code)
	}
	if err := s.Faults().Set(FaultBusy, Injection{Endpoint: "/user/info"}); err != nil {
		t.Fatal(err)
	}
	if code := s.do("GET", path, nil).code(); code != -1 {
		t.Errorf("aimed at user/info: %d", code)
	}
	s.Faults().Clear()
	if code := s.do("GET", path, nil).code(); code != 0 {
		t.Errorf("after Clear: %d", code)
	}
}

func TestTransportFaults(t *testing.T) {
	s := following(t, nil)
	s.text("你好")
	path := s.with("/cgi-bin/message/custom/send")
	s.Faults().Once(FaultHTTP502, 1)
	if status, _ := s.fetch("POST", path, textMessage(s.openid, "一")); status != http.StatusBadGateway {
		t.Errorf("502: HTTP %d", status)
	}
	s.Faults().Once(FaultTruncatedJSON, 1)
	if _, raw := s.fetch("POST", path, textMessage(s.openid, "二")); strings.HasSuffix(string(raw), "}") || s.last().Text != "二" {
		t.Errorf("truncated: %q, last bubble %q", raw, s.last().Text)
	}
	s.Faults().Once(FaultHang, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", s.api.URL+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		t.Errorf("hang: HTTP %d", resp.StatusCode)
		_ = resp.Body.Close()
	}
}

func TestProbabilityAndImpossibleInjections(t *testing.T) {
	s := following(t, nil)
	if err := s.Faults().Set(FaultBusy, Injection{Probability: 0.5}); err != nil {
		t.Fatal(err)
	}
	path := s.with("/cgi-bin/user/info?openid=" + s.openid)
	for range 60 {
		s.do("GET", path, nil)
	}
	if hits := s.Faults().Hits(FaultBusy); hits < 15 || hits > 45 {
		t.Errorf("%d of 60 struck at one half", hits)
	}
	for name, in := range map[Fault]Injection{"no_such": {}, FaultBusy: {Count: -1}, FaultHang: {Probability: 2}} {
		if s.Faults().Set(name, in) == nil {
			t.Errorf("%s %+v was taken", name, in)
		}
	}
}

func TestDuplicateDeliveryShowsOneReply(t *testing.T) {
	for _, fault := range []Fault{FaultDuplicate, FaultEarlyRetry} {
		t.Run(string(fault), func(t *testing.T) {
			s := following(t, nil)
			var meet sync.WaitGroup // neither is answered before the other has come
			meet.Add(2)
			s.account.reply(func(in inbound) string { meet.Done(); meet.Wait(); return passive(in, "一次") })
			s.Faults().Once(fault, 1)
			before := len(s.Transcript(s.openid))
			e := s.text("两次")
			pushes := s.account.received()[1:]
			if len(pushes) != 2 || pushes[0].MsgID != pushes[1].MsgID || pushes[0].query["nonce"] == pushes[1].query["nonce"] {
				t.Fatalf("pushed %d times", len(pushes))
			}
			if e.Outcome != Replied || e.Ignored != 1 || len(s.Transcript(s.openid)) != before+2 {
				t.Errorf("outcome %s, %d ignored, %d new bubbles", e.Outcome, e.Ignored, len(s.Transcript(s.openid))-before)
			}
		})
	}
}

func TestReorderedPushArrivesAfterTheNext(t *testing.T) {
	s := following(t, nil)
	s.Faults().Once(FaultReorder, 1)
	done := make(chan *Exchange)
	go func() { e, _ := s.SendText(s.openid, "先写的"); done <- e }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := s.WaitBubble(ctx, s.openid, 0, func(b Bubble) bool { return b.Text == "先写的" }); err != nil {
		t.Fatal(err)
	}
	for s.Faults().Hits(FaultReorder) == 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(5 * time.Millisecond)
	if _, err := s.Unfollow(s.openid); err != nil {
		t.Fatal(err)
	}
	e := <-done
	pushes := s.account.received()
	if pushes[1].Event != "unsubscribe" || pushes[2].Content != "先写的" || pushes[2].MsgID != e.MsgID {
		t.Errorf("order: %s, then %s", pushes[1].Event, pushes[2].Content)
	}
	if s.last().Text == "回声：先写的" {
		t.Error("somebody who left read a reply")
	}
}

func TestForgeriesTravelBesideTheGenuinePush(t *testing.T) {
	for fault, refused := range map[Fault]string{
		FaultBadSignature: "signature", FaultWrongAppID: "decrypt", FaultDowngrade: "downgrade", FaultStale: "",
	} {
		t.Run(string(fault), func(t *testing.T) {
			s := following(t, nil)
			s.Faults().Once(fault, 1)
			e := s.text("真话")
			if e.Outcome != Replied || e.ReplyText() != "回声：真话" {
				t.Fatalf("the genuine push: %s %s", e.Outcome, e.Why)
			}
			all, pushes := s.Exchanges(), s.account.received()
			forged := all[len(all)-1]
			if !forged.Forged || forged.MsgID == e.MsgID || pushes[1].refused != refused {
				t.Errorf("forged exchange %+v, refused %q", forged, pushes[1].refused)
			}
			if refused != "" && forged.Outcome != Failed {
				t.Errorf("outcome %s", forged.Outcome)
			}
			if fault == FaultStale && s.Clock().Now().Unix()-pushes[1].CreateTime < 500 {
				t.Error("the stale push is fresh")
			}
			for _, b := range s.Transcript(s.openid) {
				if strings.Contains(b.Text, ForgedText) {
					t.Error("the forgery is in the chat")
				}
			}
		})
	}
}

func TestSpoiledContent(t *testing.T) {
	s := following(t, func(o *Options) { o.Mode = Plain })
	s.Faults().Once(FaultOversized, 1)
	s.text("大")
	s.Faults().Once(FaultControlChars, 1)
	s.text("控制")
	s.Faults().Once(FaultBadMenuID, 1)
	s.text("菜单")
	pushes := s.account.received()
	if n := len(pushes[1].body); n < 300*1024 {
		t.Errorf("oversized body has %d bytes", n)
	}
	if !strings.Contains(pushes[2].body, "\b") {
		t.Error("no control character in the body")
	}
	if pushes[3].MenuID == "" || strings.Trim(pushes[3].MenuID, "0123456789") == "" {
		t.Errorf("menu id %q", pushes[3].MenuID)
	}
}

func TestRawPushSendsWhatItIsTold(t *testing.T) {
	s := following(t, nil)
	a := s.RawPush(context.Background(), Raw{Body: []byte("<xml><a>"), OpenID: s.openid})
	if a.Status != http.StatusForbidden || a.Body != "<xml><a>" {
		t.Errorf("attempt %+v", a)
	}
	a = s.RawPush(context.Background(), Raw{XML: "<xml></xml>", Query: map[string][]string{"msg_signature": {}}})
	if strings.Contains(a.URL, "msg_signature") || a.Status != http.StatusForbidden {
		t.Errorf("attempt %+v", a)
	}
}

func TestClockMovesCreateTimeAndSignature(t *testing.T) {
	s := following(t, nil)
	s.Clock().Advance(48 * time.Hour)
	s.text("两天后")
	in := s.account.received()[1]
	want := time.Now().Add(48 * time.Hour).Unix()
	if d := in.CreateTime - want; d < -5 || d > 5 {
		t.Errorf("CreateTime is %d s off", d)
	}
	s.Clock().Set(time.Date(2038, 1, 20, 0, 0, 0, 0, time.UTC))
	if now := s.Clock().Now(); now.Year() != 2038 {
		t.Errorf("now %s", now)
	}
	s.Clock().Reset()
	if d := time.Since(s.Clock().Now()); d > time.Second || d < -time.Second {
		t.Errorf("after Reset %s off", d)
	}
}
