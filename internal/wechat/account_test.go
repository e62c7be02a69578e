package wechat

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestSendTemplateReturnsTheMsgID(t *testing.T) {
	p := newPlatform(t)
	p.answer("/cgi-bin/message/template/send", `{"errcode":0,"errmsg":"ok","msgid":9007199254740993}`)
	id, err := p.newClient().SendTemplate(context.Background(), TemplateMessage{
		ToUser: "u", TemplateID: "T", URL: "https://a.b/?c&d", ClientMsgID: "k", AppID: "wx", PagePath: "p",
		Data: map[string]string{"thing1": "预约\x00确认", "time2": "2026年10月1日 15:01"},
	})
	if err != nil || id != "9007199254740993" {
		t.Fatalf("%q, %v", id, err)
	}
	wantJSON(t, p.last("/cgi-bin/message/template/send").body, `{"touser":"u","template_id":"T","url":"https://a.b/?c&d","client_msg_id":"k",
		"miniprogram":{"appid":"wx","pagepath":"p"},"data":{"thing1":{"value":"预约确认"},"time2":{"value":"2026年10月1日 15:01"}}}`)
}

func TestSendNotification(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	n := Notification{ToUser: "u", TemplateID: "T", Page: "https://a.b", Data: map[string]string{"thing1": "x"}}
	if err := c.SendNotification(context.Background(), n); err != nil {
		t.Fatal(err)
	}
	wantJSON(t, p.last("/cgi-bin/message/subscribe/bizsend").body,
		`{"touser":"u","template_id":"T","page":"https://a.b","miniprogram":{"appid":"","pagepath":""},"data":{"thing1":{"value":"x"}}}`)
	p.answer("/cgi-bin/message/subscribe/bizsend", `{"errcode":43101,"errmsg":"user refuse to accept the msg"}`)
	if err := c.SendNotification(context.Background(), n); ClassOf(err) != ClassConsent {
		t.Fatal(err)
	}
}

func TestNothingIsSentToNobody(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	if _, err := c.SendTemplate(context.Background(), TemplateMessage{}); err == nil {
		t.Error("template")
	}
	if err := c.SendNotification(context.Background(), Notification{}); err == nil {
		t.Error("notification")
	}
	if len(p.requests) != 0 {
		t.Error(p.requests)
	}
}

func TestMenuIsCreatedReadAndDeleted(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	m := Menu{[]Button{
		{Name: "办事", Sub: []Button{{Type: "click", Name: "我要咨询", Key: "ASK"}, {Type: "view", Name: "我的", URL: "https://a.b/?c=1&d=2"}}},
		{Type: "miniprogram", Name: "小程序", URL: "https://a.b", AppID: "wx", PagePath: "p"},
	}}
	if err := c.CreateMenu(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	sent := `{"button":[{"name":"办事","sub_button":[{"type":"click","name":"我要咨询","key":"ASK"},{"type":"view","name":"我的","url":"https://a.b/?c=1&d=2"}]},` +
		`{"type":"miniprogram","name":"小程序","url":"https://a.b","appid":"wx","pagepath":"p"}]}`
	wantJSON(t, p.last("/cgi-bin/menu/create").body, sent)
	p.answer("/cgi-bin/menu/get", `{"menu":`+sent+`}`)
	got, err := c.GetMenu(context.Background())
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if err := c.DeleteMenu(context.Background()); err != nil || p.last("/cgi-bin/menu/delete").method != http.MethodGet {
		t.Fatal(err)
	}
}

func TestMenusOverThePlatformsLimitsAreNamed(t *testing.T) {
	ok := Button{Type: "click", Name: "问", Key: "ASK"}
	for name, m := range map[string]Menu{
		"no button":       {},
		"four buttons":    {[]Button{ok, ok, ok, ok}},
		"six in a group":  {[]Button{{Name: "组", Sub: []Button{ok, ok, ok, ok, ok, ok}}}},
		"a nested group":  {[]Button{{Name: "组", Sub: []Button{{Name: "组", Sub: []Button{ok}}}}}},
		"no name":         {[]Button{{Type: "click", Key: "K"}}},
		"a long name":     {[]Button{{Type: "click", Key: "K", Name: "六个字已经太长"}}},
		"a long sub name": {[]Button{{Name: "组", Sub: []Button{{Type: "click", Key: "K", Name: strings.Repeat("字", 21)}}}}},
		"a long key":      {[]Button{{Type: "click", Name: "问", Key: strings.Repeat("k", 129)}}},
		"a long URL":      {[]Button{{Type: "view", Name: "问", URL: strings.Repeat("u", 1025)}}},
		"no key":          {[]Button{{Type: "click", Name: "问"}}},
		"no URL":          {[]Button{{Type: "view", Name: "问"}}},
		"no type":         {[]Button{{Name: "问"}}},
	} {
		if m.Validate() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if err := (Menu{[]Button{ok, {Name: "组", Sub: []Button{ok, ok, ok, ok, ok}}, ok}}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestQRCodes(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	p.answer("/cgi-bin/qrcode/create", `{"ticket":"gQ/+==","expire_seconds":60,"url":"http://weixin.qq.com/q/x"}`)
	got, err := c.CreateQRCode(context.Background(), "park7", time.Minute)
	want := QRCode{Ticket: "gQ/+==", Lives: time.Minute, URL: "http://weixin.qq.com/q/x", ImageURL: p.server.URL + "/sim/cgi-bin/showqrcode?ticket=gQ%2F%2B%3D%3D"}
	if err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	wantJSON(t, p.last("/cgi-bin/qrcode/create").body, `{"expire_seconds":60,"action_name":"QR_STR_SCENE","action_info":{"scene":{"scene_str":"park7"}}}`)
	if _, err := c.CreateQRCode(context.Background(), "park7", 0); err != nil {
		t.Fatal(err)
	}
	wantJSON(t, p.last("/cgi-bin/qrcode/create").body, `{"action_name":"QR_LIMIT_STR_SCENE","action_info":{"scene":{"scene_str":"park7"}}}`)
	for _, bad := range []struct {
		scene string
		lives time.Duration
	}{{"", 0}, {strings.Repeat("景", 65), 0}, {"a", MaxQRCodeLife + 1}, {"a", -1}} {
		if _, err := c.CreateQRCode(context.Background(), bad.scene, bad.lives); err == nil {
			t.Errorf("accepted %+v", bad)
		}
	}
}

func TestUserInfo(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	p.answer("/cgi-bin/user/info", `{"subscribe":1,"openid":"o","unionid":"un","language":"zh_CN","subscribe_time":4102444800,"subscribe_scene":"ADD_SCENE_QR_CODE","qr_scene":0,"qr_scene_str":"park7","remark":"r","tagid_list":[]}`)
	got, err := c.UserInfo(context.Background(), "o&lang=en")
	want := User{OpenID: "o", UnionID: "un", Subscribed: true, SubscribedAt: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), Scene: "ADD_SCENE_QR_CODE", QRScene: "park7", Language: "zh_CN", Remark: "r"}
	if err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	if q := p.last("/cgi-bin/user/info").query; q.Get("openid") != "o&lang=en" || q.Get("lang") != "zh_CN" {
		t.Fatal(q)
	}
	p.answer("/cgi-bin/user/info", `{"subscribe":0,"openid":"o"}`)
	if got, err := c.UserInfo(context.Background(), "o"); err != nil || got != (User{OpenID: "o"}) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestMediaIsUploadedAndDownloaded(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	p.answer("/cgi-bin/media/upload", `{"type":"image","media_id":"M","created_at":123456789}`)
	if id, err := c.MediaUpload(context.Background(), "image", "../dir/照片.jpg", []byte("\xff\xd8bytes")); err != nil || id != "M" {
		t.Fatalf("%q, %v", id, err)
	}
	if r := p.last("/cgi-bin/media/upload"); r.form["media"] != `form-data; name="media"; filename="照片.jpg"`+":\xff\xd8bytes" || r.query.Get("type") != "image" {
		t.Fatalf("%+v", r)
	}
	const path = "/cgi-bin/media/get"
	p.handle(path, func(w http.ResponseWriter, r request) {
		w.Header().Set("Content-Type", "image/jpeg")
		w.Header().Set("Content-Disposition", `attachment; filename="../../M.jpg"`)
		_, _ = w.Write([]byte("bytes of " + r.query.Get("media_id")))
	})
	got, err := c.MediaGet(context.Background(), "M&x=1")
	if err != nil || string(got.Data) != "bytes of M&x=1" || got.ContentType != "image/jpeg" || got.FileName != "M.jpg" {
		t.Fatalf("%+v, %v", got, err)
	}
	p.handle(path, func(w http.ResponseWriter, _ request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(`{"video_url":"http://v.qq.com/x"}`))
	})
	if got, err := c.MediaGet(context.Background(), "M"); err != nil || got.VideoURL != "http://v.qq.com/x" || got.Data != nil {
		t.Fatalf("%+v, %v", got, err)
	}
	p.handle(path, func(w http.ResponseWriter, _ request) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		_, _ = w.Write([]byte(`{"errcode":40007,"errmsg":"invalid media_id"}`))
	})
	if _, err := c.MediaGet(context.Background(), "M"); ClassOf(err) != ClassGone || !strings.Contains(err.Error(), "40007") {
		t.Fatal(err)
	}
	p.handle(path, func(w http.ResponseWriter, _ request) {
		w.Header().Set("Content-Type", "image/png")
		for range maxMedia>>20 + 1 {
			_, _ = w.Write(make([]byte, 1<<20))
		}
	})
	if _, err := c.MediaGet(context.Background(), "M"); err == nil {
		t.Fatal("a file over the limit was cut and handed out")
	}
	p.revoke(false)
	p.handle(path, func(w http.ResponseWriter, _ request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte("png"))
	})
	if got, err := c.MediaGet(context.Background(), "M"); err != nil || string(got.Data) != "png" {
		t.Fatalf("after a revoked token: %+v, %v", got, err)
	}
}

func TestOAuth(t *testing.T) {
	p := newPlatform(t)
	c := p.newClient()
	address, err := c.AuthorizeURL("https://a.b/back?x=1&y=2", ScopeBase, "s1")
	want := p.server.URL + "/sim/connect/oauth2/authorize?appid=" + testAppID + "&redirect_uri=https%3A%2F%2Fa.b%2Fback%3Fx%3D1%26y%3D2&response_type=code&scope=snsapi_base&state=s1#wechat_redirect"
	if err != nil || address != want {
		t.Fatalf("%s, %v", address, err)
	}
	for _, bad := range [][2]string{{"snsapi_all", "s"}, {ScopeBase, "s&x=1"}, {ScopeBase, strings.Repeat("s", 129)}} {
		if _, err := c.AuthorizeURL("https://a.b", bad[0], bad[1]); err == nil {
			t.Errorf("accepted %v", bad)
		}
	}
	const exchange = "/sns/oauth2/access_token"
	p.answer(exchange, `{"access_token":"UT","expires_in":7200,"refresh_token":"RT","openid":"o","scope":"snsapi_base","is_snapshotuser":1,"unionid":"un"}`)
	id, err := c.OAuthExchange(context.Background(), "code&appid=evil x")
	if err != nil || id != (Identity{OpenID: "o", UnionID: "un", Scope: "snsapi_base", Snapshot: true, AccessToken: "UT"}) {
		t.Fatalf("%+v, %v", id, err)
	}
	wantQuery := url.Values{"appid": {testAppID}, "secret": {testSecret}, "code": {"code&appid=evil x"}, "grant_type": {"authorization_code"}}
	if got := p.last(exchange).query; !reflect.DeepEqual(got, wantQuery) {
		t.Fatalf("query %v", got)
	}
	p.answer("/sns/userinfo", `{"openid":"o","nickname":"张三","headimgurl":"https://h","unionid":"un","privilege":[]}`)
	profile, err := c.OAuthProfile(context.Background(), id)
	if err != nil || profile != (Profile{OpenID: "o", UnionID: "un", Nickname: "张三", HeadImageURL: "https://h"}) {
		t.Fatalf("%+v, %v", profile, err)
	}
	if q := p.last("/sns/userinfo").query; q.Get("access_token") != "UT" || q.Get("openid") != "o" {
		t.Fatal(q)
	}
	for _, code := range []string{"40029", "40163"} {
		p.answer(exchange, `{"errcode":`+code+`,"errmsg":"invalid code"}`)
		if id, err := c.OAuthExchange(context.Background(), "x"); ClassOf(err) != ClassOAuthCode || id != (Identity{}) {
			t.Fatalf("%+v, %v", id, err)
		}
	}
	p.answer(exchange, `{}`)
	if _, err := c.OAuthExchange(context.Background(), "x"); ClassOf(err) != ClassRetry {
		t.Fatal(err)
	}
}

func TestJSConfigSharesOneTicket(t *testing.T) {
	p := newPlatform(t)
	p.answer("/cgi-bin/ticket/getticket", `{"errcode":0,"errmsg":"ok","ticket":"TICKET","expires_in":7200}`)
	shared := newMemory(p.clock.Now)
	clients := []*Client{p.client(shared), p.client(shared), p.client(shared)}
	errs := everywhere(clients, 5, func(c *Client) error {
		got, err := c.JSConfig(context.Background(), "https://a.b/?c=1#part")
		if err != nil {
			return err
		}
		if want := sign("jsapi_ticket=TICKET&noncestr=" + got.NonceStr + "&timestamp=1795426200&url=https://a.b/?c=1"); got.Signature != want || got.Timestamp != 1795426200 || got.AppID != testAppID {
			t.Errorf("%+v, want signature %s", got, want)
		}
		return nil
	})
	if n := p.count("/cgi-bin/ticket/getticket"); len(errs) > 0 || n != 1 {
		t.Fatalf("%d tickets, %v", n, errs)
	}
	if q := p.last("/cgi-bin/ticket/getticket").query; q.Get("type") != "jsapi" {
		t.Fatal(q)
	}
}

func TestJSSignatureMatchesTheDocumentsExample(t *testing.T) {
	got := jsSignature("sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg", "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value#x")
	if got != "0f9de62fce790f9a083d5c99e95740ceb90c27ed" {
		t.Fatal(got)
	}
}
