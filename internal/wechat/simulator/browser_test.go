package simulator

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
)

// browse opens the phone page in Chromium at a size.
func (s *table) browse(width, height int) *rod.Page {
	s.t.Helper()
	chromium, found := launcher.LookPath()
	if !found {
		s.t.Fatal("Chromium is missing: apt-get install chromium")
	}
	l := launcher.New().Bin(chromium).Leakless(false).NoSandbox(true).UserDataDir(s.t.TempDir()).Set("disable-gpu").Set("disable-quic").
		Set("disable-background-networking").Set("disable-component-update").Set("disable-sync")
	control, err := l.Launch()
	if err != nil {
		s.t.Fatal(err)
	}
	browser := rod.New().ControlURL(control).MustConnect()
	s.t.Cleanup(func() {
		_ = browser.Close()
		l.Kill()
		time.Sleep(50 * time.Millisecond) // its last files, before TempDir goes
	})
	page := browser.MustPage("").Timeout(2 * time.Minute)
	page.MustSetViewport(width, height, 1, width < 600)
	return page.MustNavigate(s.api.URL + "/phone/").MustWaitLoad()
}

// until waits until the page is there with its scripts and a condition holds.
func until(t *testing.T, page *rod.Page, what, condition string) {
	t.Helper()
	if err := page.Wait(rod.Eval(`() => document.readyState === 'complete' && !!(` + condition + `)`)); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestPhoneFromFollowingToAnAnswer(t *testing.T) {
	s := newTable(t, nil)
	s.account.reply(func(in inbound) string {
		if in.Content == "转专家" {
			return passive(in, "编号 "+in.MenuID)
		}
		return passive(in, `请问。<a href="weixin://bizmsgmenu?msgmenucontent=转专家&msgmenuid=101">转专家</a>`)
	})
	page := s.browse(360, 740)
	page.MustElement("#follow").MustClick()
	page.MustElement(".row.account .bubble")
	if s.do("POST", s.with("/cgi-bin/menu/create"), `{"button":[{"type":"click","name":"问政策","key":"ASK"},{"name":"帮扶","sub_button":[{"type":"click","name":"预约","key":"V"}]}]}`).code() != 0 {
		t.Fatal("menu")
	}
	until(t, page, "menu", `document.querySelectorAll('.entry').length === 2`)
	page.MustElements(".entry > button")[1].MustClick()
	page.MustElement(".popup button").MustClick()
	until(t, page, "answer to the menu", `document.querySelectorAll('.row.account').length === 2`)
	page.MustElement("#to-keyboard").MustClick()
	page.MustElement("#words").MustInput("危废间有什么要求？")
	page.Keyboard.MustType(input.Enter)
	until(t, page, "answer", `document.querySelectorAll('.row.account').length === 3 && document.querySelectorAll('.row.user').length === 1`)
	until(t, page, "focus", `document.activeElement.id === 'words' && document.activeElement.value === ''`)
	page.MustElement(".row:last-child .tap").MustClick()
	until(t, page, "tap", `document.querySelector('.row:last-child .bubble').textContent === '编号 101'`)
	if wide := page.MustEval(`() => document.documentElement.scrollWidth - innerWidth`).Int(); wide > 0 {
		t.Errorf("the page is %d px too wide", wide)
	}
	page.MustElement("#open-bench").MustClick()
	until(t, page, "log", `document.querySelectorAll('.exchanges li').length >= 4`)
	until(t, page, "drawer focus", `document.activeElement.id === 'close-bench'`)
}

func TestNothingFromOutsideRunsInThePhone(t *testing.T) {
	payloads := []string{
		`<script>window.hacked=1</script>`, `<img src=x onerror="window.hacked=1">`, `"><svg onload=window.hacked=1>`,
		`<a href="javascript:window.hacked=1">点我</a>`, `<a href="https://a.example" onmouseover="window.hacked=1">看</a>`, `{{7*7}}${7*7}`,
	}
	s := newTable(t, func(o *Options) { o.AccountName = payloads[1] })
	s.AddPerson(Person{OpenID: s.openid, Name: payloads[0]})
	s.account.reply(func(in inbound) string { return passive(in, strings.Join(payloads, "\n")) })
	page := s.browse(1440, 900)
	var exceptions atomic.Int32
	go page.EachEvent(func(*proto.RuntimeExceptionThrown) { exceptions.Add(1) })()
	if _, err := s.Follow(s.openid, payloads[2]); err != nil {
		t.Fatal(err)
	}
	for _, text := range payloads {
		s.text(text)
		news := map[string]any{"touser": s.openid, "msgtype": "news", "news": map[string]any{"articles": []map[string]string{
			{"title": text, "description": text, "url": "javascript:window.hacked=1", "picurl": `x" onerror="window.hacked=1`}}}}
		if code := s.do("POST", s.with("/cgi-bin/message/custom/send"), news).code(); code != 0 {
			t.Fatal(code)
		}
	}
	s.do("POST", s.with("/cgi-bin/menu/create"), map[string]any{"button": []Button{{Type: "view", Name: "<b>x</b>", URL: "https://a.example/"}}})
	if _, err := s.SendLocation(s.openid, 1, 2, payloads[1]); err != nil {
		t.Fatal(err)
	}
	until(t, page, "all bubbles", `document.querySelectorAll('.row').length === 21`)
	until(t, page, "all exchanges", `document.querySelectorAll('.exchanges li').length === 22`)
	page.MustEval(`() => document.querySelectorAll('.exchanges details').forEach((d) => { d.open = true })`)
	until(t, page, "raw log", `document.querySelectorAll('.raw pre').length > 20`)
	if n := page.MustEval(`() => document.querySelectorAll('#log script, #log img, #log b, #bench script, #bench img, [onerror], [onload], [onmouseover]').length`).Int(); n != 0 {
		t.Errorf("%d elements came from outside", n)
	}
	bad := page.MustEval(`() => [...document.querySelectorAll('a[href]')].filter((a) => !/^(https?:|#)/.test(a.getAttribute('href')) && !a.getAttribute('href').startsWith('media/')).length`).Int()
	if bad != 0 || page.MustEval(`() => 'hacked' in window`).Bool() || exceptions.Load() > 0 {
		t.Errorf("bad links %d, exceptions %d", bad, exceptions.Load())
	}
}

func TestPhoneReconnectsAfterThePlatformWasAway(t *testing.T) {
	s := following(t, nil)
	page := s.browse(1440, 900)
	until(t, page, "first look", `document.querySelectorAll('.notice').length === 1`)
	s.api.CloseClientConnections()
	until(t, page, "offline", `!document.getElementById('offline').hidden`)
	s.text("断线时写的")
	until(t, page, "back", `document.getElementById('offline').hidden && document.querySelectorAll('.row').length === 2`)
}
