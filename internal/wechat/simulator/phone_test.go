package simulator

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// tapPage posts one tap to the page's API.
func (s *table) tapPage(a act) int {
	s.t.Helper()
	status, _ := s.fetch("POST", "/phone/api/act", a)
	return status
}

// state reads what the page shows.
func (s *table) state(openid string) phoneState {
	s.t.Helper()
	_, raw := s.fetch("GET", "/phone/api/state?openid="+url.QueryEscape(openid), nil)
	var st phoneState
	if err := json.Unmarshal(raw, &st); err != nil {
		s.t.Fatal(err)
	}
	return st
}

func TestPageLoadsNothingFromElsewhereAndEscapesNames(t *testing.T) {
	s := newTable(t, func(o *Options) { o.AccountName = `<b>绿企</b>"'` })
	s.AddPerson(Person{Name: `<script>alert(1)</script>`})
	resp, err := http.Get(s.api.URL + "/phone/")
	if err != nil {
		t.Fatal(err)
	}
	page := readAll(t, resp)
	csp := resp.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("CSP %q", csp)
	}
	if strings.Contains(page, "<script>") || strings.Contains(page, "<b>绿企") || strings.Contains(page, " style=") || strings.Contains(page, "onclick") {
		t.Error("unescaped text or inline code in the page")
	}
	for _, scheme := range []string{"http://", "https://", "//cdn"} {
		if strings.Contains(page, `="`+scheme) {
			t.Errorf("the page names %s", scheme)
		}
	}
	for _, word := range []string{"关注公众号", "已认证", "+48 小时", "故障注入", "源汇区", "西城区", "45015"} {
		if !strings.Contains(page, word) {
			t.Errorf("%s is missing", word)
		}
	}
	for _, file := range []string{"phone.css", "chat.css", "bench.css", "phone.js", "chat.js", "bench.js", "log.js", "dom.js", "composer.js", "leaf.svg"} {
		if status, _ := s.fetch("GET", "/phone/static/"+file, nil); status != http.StatusOK {
			t.Errorf("%s: HTTP %d", file, status)
		}
	}
}

func TestPageActsDoWhatTheyName(t *testing.T) {
	s := newTable(t, nil)
	if code := s.tapPage(act{Action: "text", OpenID: s.openid, Text: "太早"}); code != http.StatusBadRequest {
		t.Errorf("text before following: HTTP %d", code)
	}
	template := DefaultTemplates()[0].ID
	for _, a := range []act{
		{Action: "follow"}, {Action: "text", Text: "你好"}, {Action: "tap", ID: "101", Text: "转专家"}, {Action: "voice", Seconds: 4}, {Action: "sample"},
		{Action: "location", Text: "临颍县", Lat: 33.8, Lon: 113.9}, {Action: "click", Text: "ASK"}, {Action: "view", Text: "https://green.example/"},
		{Action: "scan", Text: "park-1"}, {Action: "popup", ID: template, On: true}, {Action: "verified"}, {Action: "mode", Text: "compat"},
		{Action: "clock", Seconds: 3600}, {Action: "fault", ID: string(FaultBusy), On: true, Count: 3}, {Action: "blocked", On: true},
	} {
		a.OpenID = s.openid
		if code := s.tapPage(a); code != http.StatusOK {
			t.Errorf("%s: HTTP %d", a.Action, code)
		}
		s.idle()
	}
	var kinds []string
	for _, in := range s.account.received() {
		kinds = append(kinds, strings.TrimPrefix(in.MsgType+"/"+in.Event, "event/"))
	}
	want := "subscribe text/ text/ voice/ image/ location/ CLICK VIEW SCAN subscribe_msg_popup_event"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("pushed %s\nwant   %s", got, want)
	}
	st := s.state(s.openid)
	if st.Verified || st.Mode != Compat || st.Offset < 3599 || !st.Me.Blocked || st.Me.Consents[template] != 1 || !st.Me.Following {
		t.Errorf("state %+v, me %+v", st, st.Me)
	}
	if s.tapPage(act{Action: "clock-reset"}) != 200 || s.tapPage(act{Action: "faults-clear"}) != 200 || s.state("").Offset > 1 {
		t.Error("reset")
	}
	for _, bad := range []act{{Action: "explode"}, {Action: "text", Text: " \n "}, {Action: "person"}, {Action: "mode", Text: "loud"}, {Action: "fault", ID: "x", On: true}} {
		bad.OpenID = s.openid
		if code := s.tapPage(bad); code != http.StatusBadRequest {
			t.Errorf("%+v: HTTP %d", bad, code)
		}
	}
}

func TestStateGivesOnlyNewBubblesAndClearsUnseen(t *testing.T) {
	s := following(t, nil)
	s.text("一")
	if st := s.state("someone else"); st.Me != nil || st.People[0].Unseen == 0 {
		t.Errorf("people %+v", st.People)
	}
	all := s.state(s.openid).Me.Bubbles
	_, raw := s.fetch("GET", "/phone/api/state?after="+jsonText(all[0].ID)+"&openid="+s.openid, nil)
	var st phoneState
	if err := json.Unmarshal(raw, &st); err != nil || len(st.Me.Bubbles) != len(all)-1 || st.People[0].Unseen != 0 {
		t.Errorf("%d of %d bubbles, unseen %d", len(st.Me.Bubbles), len(all), st.People[0].Unseen)
	}
}

func TestAPushUnderWayIsInTheLogWithAnEmptyList(t *testing.T) {
	s := following(t, nil)
	shown := make(chan string, 1)
	s.account.reply(func(in inbound) string {
		_, raw := s.fetch("GET", "/phone/api/log", nil)
		shown <- string(raw)
		return echo(in)
	})
	s.text("在吗")
	if raw := <-shown; !strings.Contains(raw, `"outcome":"pending"`) || strings.Contains(raw, `"attempts":null`) {
		t.Errorf("the page cannot show %s", raw)
	}
}

func jsonText(v any) string { b, _ := json.Marshal(v); return string(b) }

func TestLiveUpdateNamesWhoChanged(t *testing.T) {
	s := following(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", s.api.URL+"/phone/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	for told := false; lines.Scan(); {
		switch line := lines.Text(); {
		case line == `data: [""]` && !told:
			told = true
			s.text("变了")
		case strings.Contains(line, s.openid):
			return
		}
	}
	t.Errorf("no notice: %v", lines.Err())
}

func TestPageRefusesOtherOriginsAndOtherFiles(t *testing.T) {
	s := following(t, nil)
	req, err := http.NewRequest("POST", s.api.URL+"/phone/api/act", strings.NewReader(`{"action":"verified","on":false}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _ = readAll(t, resp); resp.StatusCode != http.StatusForbidden || !s.Verified() {
		t.Errorf("cross-origin: HTTP %d", resp.StatusCode)
	}
	if status, _ := s.fetch("POST", "/phone/api/image?openid="+s.openid, "<html>no picture"); status != http.StatusBadRequest {
		t.Errorf("no picture: HTTP %d", status)
	}
	if status, _ := s.fetch("POST", "/phone/api/image?openid="+s.openid, string(samplePicture())); status != http.StatusOK {
		t.Errorf("a picture: HTTP %d", status)
	}
	if status, _ := s.fetch("GET", "/phone/static/..%2fphone.go", nil); status == http.StatusOK {
		t.Error("a file outside the page was served")
	}
	s.idle()
}

func TestParsePartsKeepsOnlyHarmlessLinks(t *testing.T) {
	cases := []struct {
		text string
		want []Part
	}{
		{"平常的话", []Part{{Text: "平常的话"}}},
		{`问<a href="weixin://bizmsgmenu?msgmenucontent=转专家&msgmenuid=101">转专家</a>吧`,
			[]Part{{Text: "问"}, {Text: "转专家", Menu: true, MenuID: "101", Content: "转专家"}, {Text: "吧"}}},
		{`<a href='weixin://bizmsgmenu?msgmenucontent=%E8%BD%AC%20A&amp;msgmenuid=7'>x</a>`, []Part{{Text: "x", Menu: true, MenuID: "7", Content: "转 A"}}},
		{`<a href="https://green.example/c/1?a=1&amp;b=2">原文</a>`, []Part{{Text: "原文", Href: "https://green.example/c/1?a=1&b=2"}}},
		{`见 https://green.example/x。完`, []Part{{Text: "见 "}, {Text: "https://green.example/x", Href: "https://green.example/x"}, {Text: "。完"}}},
		{`<a href="javascript:alert(1)">点</a>`, []Part{{Text: "点"}}},
		{`<a href="data:text/html,x">点</a>`, []Part{{Text: "点"}}},
		{`<a onclick="x" href=" JAVASCRIPT:x">点</a>`, []Part{{Text: "点"}}},
		{`<a href="weixin://dl/business">点</a>`, []Part{{Text: "点"}}},
		{`<img src=x onerror=alert(1)>`, []Part{{Text: `<img src=x onerror=alert(1)>`}}},
		{`<a href="https://a.example"><b>粗</b></a>`, []Part{{Text: "粗", Href: "https://a.example"}}},
	}
	for _, c := range cases {
		if got := ParseParts(c.text); jsonText(got) != jsonText(c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.text, jsonText(got), jsonText(c.want))
		}
	}
}

func FuzzParseParts(f *testing.F) {
	f.Add(`<a href="weixin://bizmsgmenu?msgmenucontent=x&msgmenuid=1">x</a>https://a.example`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, part := range ParseParts(text) {
			if part.Href != "" && !strings.HasPrefix(part.Href, "http://") && !strings.HasPrefix(part.Href, "https://") {
				t.Fatalf("%q leads to %q", text, part.Href)
			}
		}
	})
}
