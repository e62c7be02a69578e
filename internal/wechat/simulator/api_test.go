package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// answer is any JSON answer of the API.
type answer map[string]any

func (a answer) code() int { n, _ := a["errcode"].(float64); return int(n) }

func (a answer) text(name string) string { s, _ := a[name].(string); return s }

// do calls the API; a body that is no string is sent as JSON.
func (s *table) do(method, path string, body any) answer {
	s.t.Helper()
	status, raw := s.fetch(method, path, body)
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil || status != http.StatusOK {
		s.t.Fatalf("%s %s: HTTP %d %q", method, path, status, raw)
	}
	return a
}

func (s *table) fetch(method, path string, body any) (int, []byte) {
	s.t.Helper()
	text, isText := body.(string)
	if !isText && body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		text = string(b)
	}
	req, err := http.NewRequest(method, s.api.URL+path, strings.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, raw
}

// stable fetches the stable token.
func (s *table) stable(force bool) answer {
	s.t.Helper()
	return s.do("POST", "/cgi-bin/stable_token", map[string]any{
		"grant_type": "client_credential", "appid": testAppID, "secret": testSecret, "force_refresh": force})
}

// with is a path with a good token.
func (s *table) with(path string) string {
	s.t.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + "access_token=" + s.stable(false).text("access_token")
}

// custom sends a customer-service text and returns the errcode.
func (s *table) custom(text string) int {
	s.t.Helper()
	return s.do("POST", s.with("/cgi-bin/message/custom/send"), textMessage(s.openid, text)).code()
}

func textMessage(openid, text string) map[string]any {
	return map[string]any{"touser": openid, "msgtype": "text", "text": map[string]string{"content": text}}
}

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

func TestStableTokenRules(t *testing.T) {
	s := following(t, nil)
	first := s.stable(false).text("access_token")
	s.Clock().Advance(time.Hour)
	again := s.stable(false)
	if again.text("access_token") != first || again["expires_in"].(float64) > 3601 {
		t.Errorf("an hour later: %v", again)
	}
	s.Clock().Advance(56 * time.Minute)
	second := s.stable(false).text("access_token")
	if second == first {
		t.Fatal("no new token four minutes before the end")
	}
	use := func(token string) int {
		return s.do("GET", "/cgi-bin/user/info?openid="+s.openid+"&access_token="+token, nil).code()
	}
	if code := use(first); code != 0 {
		t.Errorf("the former token in its overlap: %d", code)
	}
	s.Clock().Advance(5 * time.Minute)
	if code := use(first); code != 42001 {
		t.Errorf("the former token after its end: %d", code)
	}
	third := s.stable(true).text("access_token")
	if code := use(second); code != 40001 || third == second {
		t.Errorf("after force_refresh: %d", code)
	}
	if code := s.stable(true).code(); code != 45011 {
		t.Errorf("force_refresh twice within 30 s: %d", code)
	}
	for range 19 {
		s.Clock().Advance(31 * time.Second)
		if code := s.stable(true).code(); code != 0 {
			t.Fatalf("force_refresh: %d", code)
		}
	}
	s.Clock().Advance(31 * time.Second)
	if code := s.stable(true).code(); code != 45009 {
		t.Errorf("the 21st force_refresh of a day: %d", code)
	}
	for token, want := range map[string]int{"": 41001, "short": 40014, strings.Repeat("x", 136): 40001} {
		if code := use(token); code != want {
			t.Errorf("token %q: %d, want %d", token, code, want)
		}
	}
}

func TestPlainTokensInvalidateEachOther(t *testing.T) {
	s := following(t, nil)
	get := func() string {
		return s.do("GET", "/cgi-bin/token?grant_type=client_credential&appid="+testAppID+"&secret="+testSecret, nil).text("access_token")
	}
	stable, a, b := s.stable(false).text("access_token"), get(), get()
	use := func(token string) int {
		return s.do("GET", "/cgi-bin/user/info?openid="+s.openid+"&access_token="+token, nil).code()
	}
	if use(a) != 0 || use(b) != 0 || use(stable) != 0 {
		t.Error("a fresh token was refused")
	}
	s.Clock().Advance(5*time.Minute + time.Second)
	if use(a) == 0 || use(b) != 0 || use(stable) != 0 {
		t.Errorf("after five minutes: a %d, b %d, stable %d", use(a), use(b), use(stable))
	}
}

func TestCredentialsAreChecked(t *testing.T) {
	s := newTable(t, nil)
	for query, want := range map[string]int{
		"grant_type=client_credential&appid=" + testAppID + "&secret=wrong":      40125,
		"grant_type=client_credential&appid=wx1&secret=" + testSecret:            40013,
		"grant_type=password&appid=" + testAppID + "&secret=" + testSecret:       40002,
		"grant_type=client_credential&secret=" + testSecret:                      41002,
		"grant_type=client_credential&appid=" + testAppID + "&secret=":           41004,
		"grant_type=client_credential&appid=" + testAppID + "&secret=short":      40125,
		"grant_type=client_credential&appid=" + testAppID + "&secret=0123456789": 40125,
	} {
		if code := s.do("GET", "/cgi-bin/token?"+query, nil).code(); code != want {
			t.Errorf("%s: %d, want %d", query, code, want)
		}
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

// idle waits until no push is under way.
func (s *table) idle() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.WaitIdle(ctx); err != nil {
		s.t.Fatal(err)
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

func TestJSTicketIsStableWhileItLives(t *testing.T) {
	s := newTable(t, nil)
	get := func() string { return s.do("GET", s.with("/cgi-bin/ticket/getticket?type=jsapi"), nil).text("ticket") }
	first := get()
	if first == "" || get() != first {
		t.Error("the ticket changes between calls")
	}
	s.Clock().Advance(2 * time.Hour)
	if get() == first {
		t.Error("the ticket outlives its 7200 s")
	}
}

func TestUnknownAddressIsAnErrcode(t *testing.T) {
	s := newTable(t, nil)
	if code := s.do("GET", "/cgi-bin/nothing", nil).code(); code != 40066 {
		t.Errorf("code %d", code)
	}
}

func TestAPILogHoldsNoSecrets(t *testing.T) {
	s := following(t, nil)
	token := s.stable(false).text("access_token")
	s.text("你好")
	s.custom("答复")
	log, err := json.Marshal(s.APICalls())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(log, []byte(testSecret)) || bytes.Contains(log, []byte(token)) {
		t.Error("a secret or token is in the log")
	}
	if !bytes.Contains(log, []byte("答复")) {
		t.Error("the message is not in the log")
	}
}

func TestNewRefusesHalfAnAccount(t *testing.T) {
	for name, opt := range map[string]Options{
		"no secret": {AppID: "a", Token: "t"},
		"no key":    {AppID: "a", Secret: "s", Token: "t", Mode: Safe},
		"short key": {AppID: "a", Secret: "s", Token: "t", AESKeys: []string{"x"}},
		"bad mode":  {AppID: "a", Secret: "s", Token: "t", Mode: "loud"},
	} {
		if _, err := New(opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestClosedPlatformPushesNothing(t *testing.T) {
	s := following(t, nil)
	s.Close()
	if _, err := s.SendText(s.openid, "喂"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/phone/api/events", nil))
	if rec.Code != http.StatusOK {
		t.Errorf("events after Close: %d", rec.Code)
	}
}
