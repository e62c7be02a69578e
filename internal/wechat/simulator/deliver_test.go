package simulator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestTextTravelsInEveryMode(t *testing.T) {
	for _, mode := range []Mode{Plain, Compat, Safe} {
		t.Run(string(mode), func(t *testing.T) {
			s := following(t, func(o *Options) { o.Mode = mode })
			s.account.reply(func(in inbound) string { return passive(in, "收到 & <好>") })
			e := s.text("危废间有什么要求？]]>&<")
			if e.Outcome != Replied || e.ReplyText() != "收到 & <好>" {
				t.Fatalf("outcome %s, reply %q, why %s", e.Outcome, e.ReplyText(), e.Why)
			}
			in := s.account.received()[1]
			if in.Content != "危废间有什么要求？]]>&<" || in.FromUserName != s.openid || in.ToUserName != testGH || in.MsgID != e.MsgID || in.query["openid"] != s.openid {
				t.Errorf("pushed %+v", in)
			}
			encrypted, readable := strings.Contains(in.body, "<Encrypt>"), strings.Contains(in.body, "<MsgType>")
			if encrypted != (mode != Plain) || readable != (mode != Safe) {
				t.Errorf("body of %s mode: %s", mode, in.body)
			}
		})
	}
}

func TestURLCheckWantsTheEchoBack(t *testing.T) {
	s := newTable(t, nil)
	if err := s.VerifyURL(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.SetCallbackURL(s.api.URL + "/nothing-here"); err != nil {
		t.Fatal(err)
	}
	if err := s.VerifyURL(context.Background()); err == nil {
		t.Error("a server without the route passed the URL check")
	}
}

func TestSlowServerGetsTheSamePushAgainWithFreshWrapping(t *testing.T) {
	s := following(t, hasty)
	s.account.reply(func(in inbound) string {
		if in.delivered < 3 {
			<-in.ctx.Done()
		}
		return passive(in, "第三次才答上")
	})
	e := s.text("慢")
	if e.Outcome != Replied || e.ReplyText() != "第三次才答上" || len(e.Attempts) != 3 {
		t.Fatalf("outcome %s after %d attempts: %s", e.Outcome, len(e.Attempts), e.Why)
	}
	pushes := s.account.received()[1:]
	for i, in := range pushes {
		if in.MsgID != e.MsgID || in.CreateTime != pushes[0].CreateTime {
			t.Errorf("delivery %d changed MsgId or CreateTime", i+1)
		}
		for _, other := range pushes[:i] {
			if in.query["nonce"] == other.query["nonce"] || in.Encrypt == other.Encrypt {
				t.Errorf("delivery %d reuses a nonce or ciphertext", i+1)
			}
		}
	}
	if took := e.Attempts[0].Took; took < s.opt.PassiveTimeout {
		t.Errorf("redelivered after %s, before the timeout", took)
	}
}

func TestNoAnswerThreeTimesShowsTheFaultLine(t *testing.T) {
	s := following(t, hasty)
	s.account.reply(func(in inbound) string { <-in.ctx.Done(); return "" })
	e := s.text("有人吗")
	if e.Outcome != Failed || len(e.Attempts) != 3 || s.last().Text != FaultLine || s.last().From != FromSystem {
		t.Fatalf("outcome %s, %d attempts, last line %q", e.Outcome, len(e.Attempts), s.last().Text)
	}
}

func TestUnreachableServerShowsTheFaultLine(t *testing.T) {
	s := following(t, nil)
	s.account.Close()
	if e := s.text("有人吗"); e.Outcome != Failed || len(e.Attempts) != 3 || s.last().Text != FaultLine {
		t.Fatalf("outcome %s, %d attempts", e.Outcome, len(e.Attempts))
	}
}

func TestAbnormalAnswersShowTheFaultLineAtOnce(t *testing.T) {
	swapped := func(in inbound) string {
		in.FromUserName, in.ToUserName = in.ToUserName, in.FromUserName
		return passive(in, "名字没有对调")
	}
	cases := map[string]func(in inbound) string{
		"json":              func(inbound) string { return `raw:{"message":"Internal Server Error"}` },
		"html":              func(inbound) string { return "raw:<html><body>oops</body></html>" },
		"plaintext in safe": func(in inbound) string { return "raw:" + passive(in, "明文") },
		"names not swapped": swapped,
		"too long":          func(in inbound) string { return passive(in, strings.Repeat("字", 683)) },
		"empty content":     func(in inbound) string { return passive(in, "") },
		"empty sealed xml":  func(inbound) string { return "<xml></xml>" },
		"wrong type":        func(in inbound) string { return strings.Replace(passive(in, "x"), ">text<", ">event<", 1) },
		"unknown media": func(in inbound) string {
			return strings.Replace(passive(in, "x"), "<MsgType>text</MsgType>", "<MsgType>image</MsgType><Image><MediaId>x</MediaId></Image>", 1)
		},
	}
	for name, answer := range cases {
		t.Run(name, func(t *testing.T) {
			s := following(t, nil)
			s.account.reply(answer)
			e := s.text("你好")
			if e.Outcome != Failed || len(e.Attempts) != 1 || s.last().Text != FaultLine || e.Why == "" {
				t.Errorf("outcome %s, %d attempts, last %q, why %q", e.Outcome, len(e.Attempts), s.last().Text, e.Why)
			}
		})
	}
}

func TestReplyOfExactly2048BytesPasses(t *testing.T) {
	s := following(t, nil)
	s.account.reply(func(in inbound) string { return passive(in, strings.Repeat("字", 682)+"ab") })
	if e := s.text("长"); e.Outcome != Replied {
		t.Errorf("outcome %s: %s", e.Outcome, e.Why)
	}
}

func TestForgedReplySignatureIsNotShown(t *testing.T) {
	s := following(t, nil)
	s.account.reply(func(in inbound) string {
		good := s.account.seal(in, passive(in, "改过"))
		return "raw:" + strings.Replace(good, "<MsgSignature>", "<MsgSignature>0", 1)
	})
	if e := s.text("x"); e.Outcome != Failed || !strings.Contains(e.Why, "MsgSignature") {
		t.Errorf("outcome %s: %s", e.Outcome, e.Why)
	}
}

func TestEmptyAndSuccessAreSilent(t *testing.T) {
	for _, answer := range []string{"", "success"} {
		s := following(t, nil)
		s.account.reply(func(inbound) string { return answer })
		if e := s.text("嗯"); e.Outcome != Acknowledged || len(s.Transcript(s.openid)) != 2 {
			t.Errorf("answer %q: outcome %s, %d bubbles", answer, e.Outcome, len(s.Transcript(s.openid)))
		}
	}
}

func TestRotatedKeySealsTheNextPush(t *testing.T) {
	s := following(t, nil)
	if err := s.RotateKey("too short"); err == nil {
		t.Error("a short key was taken")
	}
	if err := s.RotateKey(keyTwo); err != nil {
		t.Fatal(err)
	}
	e := s.text("换钥匙")
	pushes := s.account.received()
	if e.Outcome != Replied || pushes[0].key != keyOne || pushes[1].key != keyTwo {
		t.Errorf("outcome %s (%s), keys %s then %s", e.Outcome, e.Why, pushes[0].key, pushes[1].key)
	}
}

func TestPushesOfOnePersonRunInParallel(t *testing.T) {
	s := following(t, nil)
	var meet sync.WaitGroup
	meet.Add(5)
	s.account.reply(func(in inbound) string { meet.Done(); meet.Wait(); return passive(in, in.Content) })
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() { s.text(fmt.Sprint("并发 ", i)) })
	}
	all.Wait()
	if n := len(s.Transcript(s.openid)); n != 11 {
		t.Errorf("%d bubbles, want 11", n)
	}
}

func TestOnlyFollowersCanWrite(t *testing.T) {
	s := newTable(t, nil)
	if _, err := s.SendText(s.openid, "未关注"); !errors.Is(err, ErrNotFollowing) {
		t.Errorf("not following: %v", err)
	}
	if _, err := s.SendText("nobody", "谁"); !errors.Is(err, ErrUnknownPerson) {
		t.Errorf("unknown: %v", err)
	}
}
