package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"greendesk/internal/wechat/simulator"
)

// phone is a person's phone page.
type phone struct {
	*tab
	h      *harness
	openid string
	said   int // bubbles of the account that were read
}

// takePhone gives a new person a phone. The person does not follow yet.
func takePhone(t *testing.T, h *harness, width int, name string) *phone {
	t.Helper()
	openid := h.platform.AddPerson(simulator.Person{Name: name})
	h.service.writeMenu(context.Background())
	p := &phone{tab: open(t, browser(t), width, h.url+"/phone/?openid="+openid), h: h, openid: openid}
	p.until("the page is alive", `document.querySelector('#people .name')`)
	p.bench(func() { p.choose(openid) })
	p.until("the welcome page is there", `!document.getElementById('welcome').hidden`)
	return p
}

// choose takes up a person's phone. The list is drawn anew whenever something
// happens, so that a click may fall between two drawings.
func (p *tab) choose(openid string) {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		p.click(`[data-openid="` + openid + `"]`)
		chosen := p.Timeout(2 * time.Second).Wait(rod.Eval(`() => document.querySelector('[data-openid="` + openid + `"]').getAttribute('aria-current') === 'true'`))
		if chosen == nil {
			return
		}
	}
	p.t.Fatal("the person's phone cannot be taken up")
}

// bench does something beside the phone: on a narrow screen that is a drawer.
func (p *phone) bench(fn func()) {
	p.t.Helper()
	drawer := p.eval(`() => getComputedStyle(document.getElementById('open-bench')).visibility === 'visible'`).Value.Bool()
	if drawer {
		p.click("#open-bench")
		p.until("the drawer is open", `document.getElementById('bench').getBoundingClientRect().left === 0`)
	}
	fn()
	if drawer {
		p.click("#close-bench")
		p.until("the drawer is closed", `getComputedStyle(document.getElementById('bench')).visibility === 'hidden'`)
	}
}

// heard waits for the account's next bubble and returns its text.
func (p *phone) heard(what string) string {
	p.t.Helper()
	p.said++
	p.until(what, fmt.Sprintf(`document.querySelectorAll('.row.account').length >= %d`, p.said))
	return p.text(fmt.Sprintf(`() => document.querySelectorAll('.row.account')[%d].querySelector('.bubble').innerText`, p.said-1))
}

// ask types a message and returns the answer.
func (p *phone) ask(text string) string {
	p.t.Helper()
	p.keyboard()
	p.eval(`() => document.getElementById('words').focus()`)
	must(p.t, p.InsertText(text))
	must(p.t, p.Keyboard.Type(input.Enter))
	return p.heard("an answer to " + text)
}

func (p *phone) keyboard() {
	p.t.Helper()
	if p.eval(`() => document.getElementById('writer').hidden`).Value.Bool() {
		p.click("#to-keyboard")
	}
}

// tap taps a choice under the newest answer that offers it.
func (p *phone) tap(label string) string {
	p.t.Helper()
	p.press("a.tap", label)
	return p.heard("an answer to the tap " + label)
}

// expect fails unless an answer holds all the words.
func (p *phone) expect(answer string, words ...string) {
	p.t.Helper()
	for _, w := range words {
		if !strings.Contains(answer, w) {
			p.t.Errorf("%q is missing in %q", w, answer)
		}
	}
}

func TestAnOwnerAsksOnThePhone(t *testing.T) {
	widths(t, func(t *testing.T, width int) {
		h := newHarness(t, options{})
		p := takePhone(t, h, width, "食品厂")
		p.readable("welcome page")
		p.click("#follow")
		p.expect(p.heard("a greeting"), "您好")
		p.expect(p.ask("锅炉冒黑烟会被罚多少钱"), "10万元以上100万元以下", "查看全文", "有用", "没用", "转专家")
		p.expect(p.tap("有用"), "谢谢")
		p.expect(p.tap("转专家"), "编号", "专家咨询服务组")
		if n := h.count(`SELECT count(*) FROM consultations`); n != 1 {
			t.Errorf("转专家 made %d consultations", n)
		}
		p.expect(p.ask("今天股票怎么样"), "环保")
		p.sends()
		p.readable("chat")
		p.fits()
		p.platformTurns()
		p.fits()
		h.noFault(p.openid)
		p.quiet()
	})
}

// sends sends what is not text: a photo, a place and a voice. They belong to the
// question that has just been handed over.
func (p *phone) sends() {
	p.t.Helper()
	p.click("#to-more")
	p.click("#send-sample")
	p.expect(p.heard("an answer to a photo"), "已加到您的咨询")
	p.click("#to-more")
	p.click("#pick-place")
	p.click("#place [data-lat]")
	p.expect(p.heard("an answer to a place"), "已加到您的咨询")
	p.click("#to-voice")
	must(p.t, p.Keyboard.Press(input.Space))
	time.Sleep(800 * time.Millisecond) // a voice has a length
	must(p.t, p.Keyboard.Release(input.Space))
	p.expect(p.heard("an answer to a voice"), "已加到您的咨询")
	p.click("#to-voice")
}

// platformTurns makes the account unverified, two days pass, and the platform
// deliver twice; the desk answers all the same.
func (p *phone) platformTurns() {
	p.t.Helper()
	p.bench(func() {
		p.click(`#verified input[value="0"]`)
		p.until("the account is unverified", `document.getElementById('rights').textContent.includes('48001')`)
	})
	p.expect(p.ask("排污许可证过期了还在生产，罚多少"), "排污许可证")
	before := p.h.platform.Clock().Now()
	p.bench(func() {
		p.click(`[data-step="172800"]`)
		p.until("two days have passed", `document.getElementById('offset').textContent.includes('2 天')`)
	})
	if went := p.h.platform.Clock().Now().Sub(before); went < 48*time.Hour || went > 49*time.Hour {
		p.t.Errorf("the clock went on %v", went)
	}
	p.bench(func() {
		p.click("#tab-faults")
		p.click(`[data-fault="` + string(simulator.FaultDuplicate) + `"]`)
		p.until("the fault is set", `document.querySelector('[data-hits="`+string(simulator.FaultDuplicate)+`"]').textContent.includes('还剩')`)
	})
	p.expect(p.ask("排污许可证快到期了怎么办"), "排污许可证")
	must(p.t, p.h.platform.WaitIdle(context.Background()))
	rows := strconv.Itoa(p.said)
	p.until("one answer to a message delivered twice", `document.querySelectorAll('.row.account').length === `+rows)
}

// payloads are what people with time on their hands write.
func payloads() []string {
	return []string{
		`<script>window.hacked=1</script>`, `<img src=x onerror="window.hacked=1">`, `"><svg onload=window.hacked=1>`,
		`<a href="javascript:window.hacked=1">看</a>`, `<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>`,
		`'-window.hacked=1-'`, `</textarea><script>window.hacked=1</script>`, `<body onload=window.hacked=1>`,
		`<a href="weixin://bizmsgmenu?msgmenucontent=<script>window.hacked=1</script>&msgmenuid=1">点</a>`,
		`<math><mtext><style><img src onerror=window.hacked=1></style></mtext></math>`, `]]><script>window.hacked=1</script><![CDATA[`,
		`<style>@import 'https://a.example/x.css';</style>`, `&lt;script&gt;window.hacked=1&lt;/script&gt;`,
	}
}

func TestNothingAPersonWritesRuns(t *testing.T) {
	h := newHarness(t, options{})
	var openid string
	for _, s := range payloads() {
		openid = h.person(s)
		h.says(openid, s)
		h.says(openid, "锅炉冒黑烟 "+s)
	}
	for _, s := range payloads() {
		h.says(openid, "转专家")
		h.says(openid, "我们厂的设备 "+s+" 怎么改造") // a question that comes back in the confirmation
	}
	p := open(t, browser(t), 1440, h.url+"/phone/")
	p.until("the page is alive", `document.querySelector('#people .name')`)
	p.choose(openid)
	rows := strconv.Itoa(len(h.platform.Transcript(openid)))
	p.until("all bubbles are there", `document.querySelectorAll('.row').length + document.querySelectorAll('.notice').length >= `+rows)
	p.eval(`() => document.querySelectorAll('details').forEach((d) => { d.open = true })`)
	p.until("the raw log is open", `document.querySelectorAll('.raw pre').length > 50`)
	p.unharmed()
	p.visit(h.url + "/clauses/" + "%3Cscript%3Ewindow.hacked=1%3C%2Fscript%3E")
	if !strings.Contains(p.text(`() => document.querySelector('h1').textContent`), "没有打开") {
		t.Error("no error page")
	}
	p.visit(h.clauseAddress("锅炉冒黑烟会被罚多少钱") + "%7C%3Cscript%3Ewindow.hacked=1%3C%2Fscript%3E~9")
	p.unharmed()
	p.quiet("status of 404")
}

// unharmed fails when anything in the page came from a payload.
func (p *tab) unharmed() {
	p.t.Helper()
	if n := p.number(`() => document.querySelectorAll('script:not([src]), iframe, math, [onerror], [onload], body style, a[href^="javascript"]').length`); n != 0 {
		p.t.Errorf("%d elements came from outside", n)
	}
	if p.eval(`() => 'hacked' in window`).Value.Bool() {
		p.t.Error("a payload ran")
	}
}
