package simulator

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestTemplateMessageShowsACardAndReportsBack(t *testing.T) {
	s := following(t, nil)
	template := DefaultTemplates()[0]
	data := map[string]any{"thing1": answer{"value": "危废贮存"}, "name2": answer{"value": "王工"},
		"time3": answer{"value": "2026年10月1日 15:01"}, "phrase4": answer{"value": "已回复"}}
	send := func() answer {
		return s.do("POST", s.with("/cgi-bin/message/template/send"),
			map[string]any{"touser": s.openid, "template_id": template.ID, "url": "https://green.example/q/1", "data": data})
	}
	if got := send(); got.code() != 0 {
		t.Fatalf("answer %v", got)
	}
	calls := s.APICalls() // the id has more digits than a float64 holds
	id := strings.Trim(regexp.MustCompile(`"msgid":\d+`).FindString(calls[len(calls)-1].Reply), `"msgid:`)
	if b := s.last(); b.Type != "template" || len(b.Fields) != 4 || b.URL != "https://green.example/q/1" {
		t.Errorf("bubble %+v", b)
	}
	s.idle()
	pushes := s.account.received()
	job := pushes[len(pushes)-1]
	if job.Event != "TEMPLATESENDJOBFINISH" || job.Status != "success" || job.TemplateMsg != id {
		t.Errorf("pushed %+v", job)
	}
	for key, bad := range map[string]string{"thing1": strings.Repeat("长", 21), "phrase4": "已经回复了哦", "time3": "明天", "name2": ""} {
		good := data[key]
		data[key] = answer{"value": bad}
		if code := send().code(); code != 47003 {
			t.Errorf("%s=%q: %d, want 47003", key, bad, code)
		}
		data[key] = good
	}
	template.ID = "unknown"
	if code := send().code(); code != 40037 {
		t.Errorf("unknown template: %d", code)
	}
}

func TestSubscriptionMessageUsesOneConsent(t *testing.T) {
	s := following(t, nil)
	template := DefaultTemplates()[2]
	send := func() int {
		return s.do("POST", s.with("/cgi-bin/message/subscribe/bizsend"), map[string]any{"touser": s.openid, "template_id": template.ID,
			"data": map[string]any{"thing1": answer{"value": "整改"}, "time2": answer{"value": "2026年10月1日"}, "thing3": answer{"value": "请上传照片"}}}).code()
	}
	if code := send(); code != 43101 {
		t.Fatalf("without consent: %d", code)
	}
	_, err := s.AnswerPopup(s.openid, Popup{TemplateID: template.ID, Accept: true}, Popup{TemplateID: "other"})
	if err != nil {
		t.Fatal(err)
	}
	pushes := s.account.received()
	if p := pushes[len(pushes)-1].Popups; len(p) != 2 || p[0].Status != "accept" || p[1].Status != "reject" {
		t.Errorf("popup event %+v", p)
	}
	if first, second := send(), send(); first != 0 || second != 43101 {
		t.Errorf("one consent: %d, then %d", first, second)
	}
	s.idle()
	pushes = s.account.received()
	if got := pushes[len(pushes)-1].Event; got != "subscribe_msg_sent_event" {
		t.Errorf("then pushed %s", got)
	}
}

func TestMenuLimits(t *testing.T) {
	s := following(t, nil)
	create := func(buttons ...Button) int {
		return s.do("POST", s.with("/cgi-bin/menu/create"), Menu{Buttons: buttons}).code()
	}
	click := Button{Type: "click", Name: "问政策", Key: "ASK"}
	five := []Button{click, click, click, click, click}
	cases := []struct {
		name string
		code int
		b    []Button
	}{
		{"none", 40016, nil},
		{"four", 40016, five[:4]},
		{"long name", 40018, []Button{{Type: "click", Name: "我的帮扶记录", Key: "A"}}},
		{"no key", 40019, []Button{{Type: "click", Name: "问"}}},
		{"long url", 40020, []Button{{Type: "view", Name: "看", URL: "https://a/" + strings.Repeat("x", 1020)}}},
		{"bad type", 40017, []Button{{Type: "dance", Name: "跳"}}},
		{"six subs", 40023, []Button{{Name: "多", Sub: append(five, click)}}},
		{"long sub name", 40025, []Button{{Name: "多", Sub: []Button{{Type: "click", Name: strings.Repeat("字", 21), Key: "A"}}}}},
		{"good", 0, []Button{click, {Name: "帮扶", Sub: five}, {Type: "view", Name: "我的", URL: "https://green.example/me"}}},
	}
	if code := s.do("GET", s.with("/cgi-bin/menu/get"), nil).code(); code != 46003 {
		t.Errorf("get without a menu: %d", code)
	}
	for _, c := range cases {
		if code := create(c.b...); code != c.code {
			t.Errorf("%s: %d, want %d", c.name, code, c.code)
		}
	}
	if m := s.Menu(); m == nil || len(m.Buttons) != 3 || len(m.Buttons[1].Sub) != 5 {
		t.Errorf("menu %+v", m)
	}
	s.do("GET", s.with("/cgi-bin/menu/delete"), nil)
	if s.Menu() != nil {
		t.Error("the menu survived its deletion")
	}
}

func TestQRCodeLeadsToSubscribeThenScan(t *testing.T) {
	s := newTable(t, nil)
	create := func(scene string, expire int) answer {
		return s.do("POST", s.with("/cgi-bin/qrcode/create"), map[string]any{"expire_seconds": expire, "action_name": "QR_STR_SCENE",
			"action_info": map[string]any{"scene": map[string]string{"scene_str": scene}}})
	}
	if create("", 60).code() != 40053 || create(strings.Repeat("x", 65), 60).code() != 40053 || create("x", 2592001).code() != 40097 {
		t.Error("QR limits")
	}
	got := create("park-3", 600)
	ticket := got.text("ticket")
	if status, png := s.fetch("GET", "/cgi-bin/showqrcode?ticket="+ticket, nil); status != 200 || !bytes.HasPrefix(png, []byte("\x89PNG")) {
		t.Errorf("QR picture: HTTP %d", status)
	}
	for _, want := range []struct{ event, key string }{{"subscribe", "qrscene_park-3"}, {"SCAN", "park-3"}} {
		if _, err := s.ScanTicket(s.openid, ticket); err != nil {
			t.Fatal(err)
		}
		pushes := s.account.received()
		if in := pushes[len(pushes)-1]; in.Event != want.event || in.EventKey != want.key || in.Ticket != ticket {
			t.Errorf("pushed %+v, want %+v", in, want)
		}
	}
	info := s.do("GET", s.with("/cgi-bin/user/info?openid="+s.openid), nil)
	if info["subscribe"].(float64) != 1 || info.text("qr_scene_str") != "park-3" {
		t.Errorf("user info %v", info)
	}
	s.Clock().Advance(601 * time.Second)
	if _, err := s.ScanTicket(s.openid, ticket); err == nil {
		t.Error("a lapsed QR code was scanned")
	}
}

func TestMediaGoesUpAndComesBack(t *testing.T) {
	s := following(t, nil)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("media", "a.png")
	if err != nil {
		t.Fatal(err)
	}
	picture := samplePicture()
	_, _ = file.Write(picture)
	_ = form.Close()
	resp, err := http.Post(s.api.URL+s.with("/cgi-bin/media/upload?type=image"), form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	var up answer
	if err := json.NewDecoder(resp.Body).Decode(&up); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	id := up.text("media_id")
	if _, raw := s.fetch("GET", s.with("/cgi-bin/media/get?media_id="+id), nil); !bytes.Equal(raw, picture) {
		t.Errorf("upload %v came back different", up)
	}
	s.Clock().Advance(73 * time.Hour)
	if code := s.do("GET", s.with("/cgi-bin/media/get?media_id="+id), nil).code(); code != 40007 {
		t.Errorf("after three days: %d", code)
	}
	if code := s.do("POST", s.with("/cgi-bin/media/upload?type=gif"), "x").code(); code != 40004 {
		t.Errorf("odd type: %d", code)
	}
}

func TestUserMediaCanBeFetched(t *testing.T) {
	s := following(t, nil)
	if _, err := s.SendImage(s.openid, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SendVoice(s.openid, 3*time.Second); err != nil {
		t.Fatal(err)
	}
	pushes := s.account.received()
	image, voice := pushes[1], pushes[2]
	if !strings.HasSuffix(image.PicURL, "/mmbiz/"+image.MediaID) || voice.Format != "amr" || voice.MediaID16K == "" {
		t.Errorf("pushed %+v and %+v", image, voice)
	}
	if status, raw := s.fetch("GET", "/mmbiz/"+image.MediaID, nil); status != 200 || len(raw) < 1000 {
		t.Errorf("PicUrl: HTTP %d, %d bytes", status, len(raw))
	}
	if _, raw := s.fetch("GET", s.with("/cgi-bin/media/get?media_id="+voice.MediaID), nil); !bytes.HasPrefix(raw, []byte("#!AMR\n")) {
		t.Errorf("voice starts %q", raw[:6])
	}
}
