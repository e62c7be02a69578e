package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

const sendPath = "/cgi-bin/message/custom/send"

func TestMessagesAreSentAsDocumented(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	for name, x := range map[string]struct {
		message Message
		want    string
	}{
		"text":  {TextMessage("u", `<a href="weixin://bizmsgmenu?msgmenucontent=x&msgmenuid=1">x</a>`), `"msgtype":"text","text":{"content":"<a href=\"weixin://bizmsgmenu?msgmenucontent=x&msgmenuid=1\">x</a>"}`},
		"by AI": {Message{ToUser: "u", Type: MessageText, Text: "a\x00b", AI: true}, `"aimsgcontext":{"is_ai_msg":1},"msgtype":"text","text":{"content":"ab"}`},
		"image": {Message{ToUser: "u", Type: MessageImage, MediaID: "m"}, `"msgtype":"image","image":{"media_id":"m"}`},
		"voice": {Message{ToUser: "u", Type: MessageVoice, MediaID: "m"}, `"msgtype":"voice","voice":{"media_id":"m"}`},
		"video": {Message{ToUser: "u", Type: MessageVideo, MediaID: "m", ThumbMediaID: "t", Title: "T", Description: "D"},
			`"msgtype":"video","video":{"media_id":"m","thumb_media_id":"t","title":"T","description":"D"}`},
		"music": {Message{ToUser: "u", Type: MessageMusic, MusicURL: "a", HQMusicURL: "b", ThumbMediaID: "t", Title: "T", Description: "D"},
			`"msgtype":"music","music":{"musicurl":"a","hqmusicurl":"b","thumb_media_id":"t","title":"T","description":"D"}`},
		"news": {Message{ToUser: "u", Type: MessageNews, Articles: []Article{{"T", "D", "p", "u"}}},
			`"msgtype":"news","news":{"articles":[{"title":"T","description":"D","url":"u","picurl":"p"}]}`},
		"msgmenu": {Message{ToUser: "u", Type: MessageMenu, Menu: MessageList{Head: "满意吗", Tail: "谢谢", Items: []MenuItem{{101, "满意"}, {102, "不满意"}}}},
			`"msgtype":"msgmenu","msgmenu":{"head_content":"满意吗","list":[{"id":"101","content":"满意"},{"id":"102","content":"不满意"}],"tail_content":"谢谢"}`},
		"miniprogrampage": {Message{ToUser: "u", Type: MessageMiniProgram, Title: "T", AppID: "a", PagePath: "p", ThumbMediaID: "t"},
			`"msgtype":"miniprogrampage","miniprogrampage":{"title":"T","appid":"a","pagepath":"p","thumb_media_id":"t"}`},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.Send(context.Background(), x.message); err != nil {
				t.Fatal(err)
			}
			wantJSON(t, p.last(sendPath).body, `{"touser":"u",`+x.want+`}`)
		})
	}
	if err := c.Send(context.Background(), TextMessage("u", "<a>&</a>")); err != nil {
		t.Fatal(err)
	}
	if body := p.last(sendPath).body; !strings.Contains(body, "<a>&</a>") {
		t.Fatalf("JSON escapes reach the user: %s", body)
	}
	if err := c.Typing(context.Background(), "u"); err != nil {
		t.Fatal(err)
	}
	wantJSON(t, p.last("/cgi-bin/message/custom/typing").body, `{"touser":"u","command":"Typing"}`)
}

func wantJSON(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%v: %s", err, want)
	}
	if !reflect.DeepEqual(g, w) {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
}

func TestMessagesThatCannotBeSentAreErrorsBeforeAnyCall(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	for _, m := range []Message{
		{Type: MessageText, Text: "to everybody?"}, {ToUser: "u", Type: "hologram"}, {ToUser: "u"},
		{ToUser: "u", Type: MessageNews}, {ToUser: "u", Type: MessageNews, Articles: make([]Article, 2)}, {ToUser: "u", Type: MessageMenu},
	} {
		if err := c.Send(context.Background(), m); err == nil {
			t.Errorf("sent %+v", m)
		}
	}
	if n := p.count(sendPath); n != 0 {
		t.Fatalf("%d calls", n)
	}
}

func TestEveryErrcodeHasItsClass(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	for class, codes := range map[Class][]int{
		ClassRetry: {-1}, ClassToken: {40001, 40014, 42001}, ClassPermanent: {40003, 43004, 43019},
		ClassOperator: {40164, 61004, 40013, 40125, 40243}, ClassTooLong: {45002}, ClassRetryLater: {45009, 45011},
		ClassWindowClosed: {45015, 45047}, ClassNoPermission: {48001, 50002}, ClassBadField: {40037, 47003},
		ClassConsent: {43101}, ClassOAuthCode: {40029, 40163}, ClassUnknown: {12345},
	} {
		for _, code := range codes {
			// The words are another error's: only the code counts.
			p.answer(sendPath, `{"errcode":`+strconv.Itoa(code)+`,"errmsg":"45015 invalid credential, response out of time limit rid: 65a-1"}`)
			err := sendText(c)
			var e *APIError
			if !errors.As(err, &e) || e.Code != code || e.Class() != class || e.Endpoint != sendPath || e.Uncertain() {
				t.Errorf("%d: class %s of %v, want %s", code, ClassOf(err), err, class)
			}
		}
	}
	if ClassOf(nil) != "" || ClassOf(io.EOF) != ClassUnknown {
		t.Error("class of no API error")
	}
}

// faults are the ways in which no readable answer comes.
func faults() map[string]func(http.ResponseWriter, request) {
	write := func(status int, body string) func(http.ResponseWriter, request) {
		return func(w http.ResponseWriter, _ request) { w.WriteHeader(status); _, _ = io.WriteString(w, body) }
	}
	return map[string]func(http.ResponseWriter, request){
		"502":             write(502, "<html>Bad Gateway</html>"),
		"500 with JSON":   write(500, `{"errcode":0,"errmsg":"ok"}`),
		"truncated JSON":  write(200, `{"errcode":0,"errm`),
		"an empty answer": write(200, ""),
		"null":            write(200, "null"),
		"HTML":            write(200, "<html>maintenance</html>"),
		"too long":        write(200, `{"errcode":0,"errmsg":"`+strings.Repeat("x", maxAnswer)+`"}`),
		"a redirect": func(w http.ResponseWriter, r request) {
			w.Header().Set("Location", "/sim/elsewhere?"+r.query.Encode())
			w.WriteHeader(http.StatusFound)
		},
		"cut connection": func(http.ResponseWriter, request) { panic(http.ErrAbortHandler) },
		"cut body": func(w http.ResponseWriter, _ request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"errcode":0,`)
		},
	}
}

func TestUnreadableAnswersAreRetryableAndTellNoSecret(t *testing.T) {
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t)
			c := p.newClient()
			for endpoint, call := range apiCalls(c) {
				p.handle(endpoint, fault)
				err := call(context.Background())
				var e *APIError
				if !errors.As(err, &e) || e.Class() != ClassRetry || !e.Uncertain() || e.Endpoint != endpoint {
					t.Errorf("%s: %s of %v", endpoint, ClassOf(err), err)
				}
				wantNoSecret(t, p, err)
			}
			if n := p.count("/elsewhere"); n != 0 {
				t.Errorf("%d redirects were followed, with token and secret", n)
			}
		})
	}
}

// apiCalls is every call of the client by its endpoint.
func apiCalls(c *Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		sendPath:                         func(ctx context.Context) error { return c.Send(ctx, TextMessage(testUser, "x")) },
		"/cgi-bin/message/custom/typing": func(ctx context.Context) error { return c.Typing(ctx, testUser) },
		"/cgi-bin/message/template/send": func(ctx context.Context) error {
			_, err := c.SendTemplate(ctx, TemplateMessage{ToUser: testUser})
			return err
		},
		"/cgi-bin/message/subscribe/bizsend": func(ctx context.Context) error {
			return c.SendNotification(ctx, Notification{ToUser: testUser})
		},
		"/cgi-bin/menu/create": func(ctx context.Context) error {
			return c.CreateMenu(ctx, Menu{[]Button{{Type: "click", Name: "问", Key: "ASK"}}})
		},
		"/cgi-bin/menu/get":      func(ctx context.Context) error { _, err := c.GetMenu(ctx); return err },
		"/cgi-bin/menu/delete":   func(ctx context.Context) error { return c.DeleteMenu(ctx) },
		"/cgi-bin/qrcode/create": func(ctx context.Context) error { _, err := c.CreateQRCode(ctx, "s", 0); return err },
		"/cgi-bin/user/info":     func(ctx context.Context) error { _, err := c.UserInfo(ctx, testUser); return err },
		"/cgi-bin/media/upload": func(ctx context.Context) error {
			_, err := c.MediaUpload(ctx, "image", "a.jpg", []byte("x"))
			return err
		},
		"/sns/oauth2/access_token": func(ctx context.Context) error { _, err := c.OAuthExchange(ctx, "CODE-1"); return err },
		"/sns/userinfo": func(ctx context.Context) error {
			_, err := c.OAuthProfile(ctx, Identity{OpenID: testUser, AccessToken: "USER-TOKEN"})
			return err
		},
		"/cgi-bin/ticket/getticket": func(ctx context.Context) error { _, err := c.JSConfig(ctx, "https://a.b/"); return err },
	}
}

func wantNoSecret(t *testing.T, p *platform, err error) {
	t.Helper()
	p.mu.Lock()
	token := p.token
	p.mu.Unlock()
	for _, s := range []string{testSecret, testAppID, testUser, "CODE-1", "USER-TOKEN", token} {
		for e := err; e != nil && s != ""; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), s) {
				t.Errorf("%q tells %q", e, s)
			}
		}
	}
}

func TestErrorsOfThePlatformTellNoSecret(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	for endpoint, call := range apiCalls(c) {
		p.handle(endpoint, func(w http.ResponseWriter, r request) {
			echo, _ := json.Marshal("invalid: " + r.query.Encode() + " secret=" + testSecret + " of " + testAppID + ` {"access_token": "` + r.query.Get("access_token") + `"}`)
			_, _ = io.WriteString(w, `{"errcode":45009,"errmsg":`+string(echo)+`}`)
		})
		err := call(context.Background())
		if ClassOf(err) != ClassRetryLater {
			t.Errorf("%s: %v", endpoint, err)
		}
		wantNoSecret(t, p, err)
	}
}

func TestAnUnreachablePlatformIsRetryableAndTellsNoSecret(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	if err := sendText(c); err != nil { // there is a token now
		t.Fatal(err)
	}
	p.server.Close()
	c.Close() // else a call may be written to a connection that just ended: that is uncertain, and rightly so
	for endpoint, call := range apiCalls(c) {
		err := call(context.Background())
		var e *APIError
		if !errors.As(err, &e) || e.Class() != ClassRetry || e.Uncertain() {
			t.Errorf("%s: %v", endpoint, err)
		}
		wantNoSecret(t, p, err)
	}
}

func TestAHangEndsWithTheDeadlineOrTheTimeout(t *testing.T) {
	p := newPlatform(t)
	hang := make(chan struct{})
	defer close(hang)
	shared := newMemory(p.clock.Now) // the hasty one need not fetch a token in its 80 ms
	patient := p.client(shared)
	hasty, err := NewClient(ClientConfig{AppID: testAppID, Secret: testSecret, BaseURL: p.server.URL + "/sim",
		Cache: shared, Timeout: 80 * time.Millisecond, Now: p.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := sendText(patient); err != nil {
		t.Fatal(err)
	}
	for endpoint := range apiCalls(patient) {
		p.handle(endpoint, func(http.ResponseWriter, request) { <-hang })
	}
	for endpoint, call := range apiCalls(patient) {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
		start := time.Now()
		err := call(ctx)
		cancel()
		if took := time.Since(start); took > 4*time.Second || !errors.Is(err, context.DeadlineExceeded) || ClassOf(err) != ClassRetry {
			t.Errorf("deadline: %s took %v: %v", endpoint, took, err)
		}
		wantNoSecret(t, p, err)
	}
	for endpoint, call := range apiCalls(hasty) {
		start := time.Now()
		err := call(context.Background())
		if took := time.Since(start); took > 4*time.Second || !errors.Is(err, context.DeadlineExceeded) || ClassOf(err) != ClassRetry {
			t.Errorf("timeout: %s took %v: %v", endpoint, took, err)
		}
	}
}

func TestClientsInOneProcessReachTheirOwnPlatforms(t *testing.T) {
	var platforms [4]*platform
	var clients [4]*Client
	for i := range platforms {
		platforms[i] = newPlatform(t)
		platforms[i].answer("/cgi-bin/message/template/send", `{"errcode":0,"errmsg":"ok","msgid":`+strconv.Itoa(i)+`}`)
		clients[i] = platforms[i].newClient()
	}
	errs := everywhere(clients[:], 25, func(c *Client) error {
		id, err := c.SendTemplate(context.Background(), TemplateMessage{ToUser: testUser, TemplateID: "T"})
		if err == nil && clients[must(strconv.Atoi(id))] != c {
			err = errors.New("answered by the platform of another client")
		}
		return err
	})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
}

func must(n int, err error) int {
	if err != nil {
		panic(err)
	}
	return n
}

func TestBadClientSettingsAreNamed(t *testing.T) {
	good := ClientConfig{AppID: "a", Secret: "s", Cache: newMemory(time.Now)}
	if c, err := NewClient(good); err != nil || c.cfg.BaseURL != defaultAPI || c.cfg.OpenURL != defaultOpen || c.cfg.MPURL != defaultMP {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, change := range []func(*ClientConfig){
		func(c *ClientConfig) { c.AppID = "" }, func(c *ClientConfig) { c.Secret = "" }, func(c *ClientConfig) { c.Cache = nil },
		func(c *ClientConfig) { c.BaseURL = "api.weixin.qq.com" }, func(c *ClientConfig) { c.BaseURL = "ftp://x" }, func(c *ClientConfig) { c.BaseURL = "https://\x00" },
	} {
		cfg := good
		change(&cfg)
		if _, err := NewClient(cfg); err == nil {
			t.Errorf("accepted %+v", cfg)
		}
	}
}

func TestARequestOfTheSDKOutsideACallGoesNowhere(t *testing.T) {
	called := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer server.Close()
	router := installSDKRouter()
	_, err := (&http.Client{Transport: router}).Get(server.URL + "?access_token=call-999999")
	if err == nil || called {
		t.Fatalf("went out: %v", err)
	}
}
