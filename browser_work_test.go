package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"greendesk/desk"
	"greendesk/internal/wechat/simulator"
)

// bench opens the workbench as one of the demo's staff.
func (h *harness) bench(t *testing.T, p *tab, address, login string) {
	t.Helper()
	p.visit(address)
	p.click(`input[value="` + login + `"] + button`)
	p.until("somebody is signed in", `document.querySelector('form.who')`)
}

// TestAConsultationGoesThroughTheWorkbench is the whole way in the browser: an
// expert takes a question, quotes a clause, asks back and submits; a colleague
// is seen looking, and signs.
func TestAConsultationGoesThroughTheWorkbench(t *testing.T) {
	b := browser(t)
	widths(t, func(t *testing.T, width int) {
		h := newHarness(t, options{})
		address := h.demoStaff()
		openid := h.person("食品厂")
		c := h.asked(t, openid, "危险废物容器不贴标签会不会处罚", func() (*simulator.Exchange, error) { return h.platform.SendImage(openid, nil) })
		var holder string
		must(t, h.service.db.QueryRow(context.Background(), `SELECT expert_id FROM consultations WHERE id = $1`, c.ID).Scan(&holder))
		expert, lead := open(t, b, width, h.url+"/admin/sign-in"), open(t, b, width, h.url+"/admin/sign-in")
		who, err := h.service.staff.Account(context.Background(), holder)
		must(t, err)
		h.bench(t, expert, address, who.Login)
		h.bench(t, lead, address, "demo-lead")
		expert.until("the queue shows it", `document.querySelector('.cases .question')`)
		expert.sound("work-queue", width)
		expert.press(".cases .question", c.Question)
		expert.until("the case is there", `document.querySelector('#bench.bench')`)
		expert.click(`form[action$="/accept"] button`)
		expert.until("the draft is there", `document.getElementById('draft')`)

		lead.visit(h.url + "/admin/work/" + c.ID)
		expert.until("the colleague is seen", `!document.getElementById('present').hidden && document.getElementById('present').textContent.includes('也在看')`)

		expert.click(`textarea[name=draft]`)
		must(t, expert.InsertText("容器上要贴标签，请尽快补贴。"))
		expert.until("the draft is saved", `document.getElementById('saved').textContent.includes('已保存')`)
		expert.visit(h.url + "/admin/work/" + c.ID)
		if got := expert.text(`() => document.querySelector('textarea[name=draft]').value`); got != "容器上要贴标签，请尽快补贴。" {
			t.Fatalf("the draft is %q", got)
		}
		expert.click(`input[name=q][form=draft]`)
		expert.eval(`() => document.querySelector('input[name=q][form=draft]').select()`)
		must(t, expert.InsertText("危险废物标签"))
		must(t, expert.Keyboard.Press(input.Enter))
		expert.until("something is found", `document.querySelector('.found[open]') && !document.querySelector('#found[aria-busy]')`)
		expert.click(`.found button[formaction$="/cite"]`)
		expert.until("the quote is in the draft", `document.querySelectorAll('.cites li').length === 1`)
		expert.sound("work-case", width)

		must(t, h.service.desk.AskBack(context.Background(), who.Actor(""), c.ID, h.version(t, c.ID), "容器有多大？"))
		expert.until("what was asked shows", `[...document.querySelectorAll('.post.ask')].some((e) => e.textContent.includes('容器有多大？'))`)
		_, err = h.platform.SendText(openid, "两百升的桶")
		must(t, err)
		expert.until("the enterprise's word shows by itself", `[...document.querySelectorAll('.post.word')].some((e) => e.textContent.includes('两百升的桶'))`)
		expert.eval(`() => { window.confirm = () => true; }`)
		expert.click(`button[formaction$="/submit"]`)
		expert.until("it waits for a signature", `document.getElementById('answer').dataset.mode === 'review'`)

		lead.visit(h.url + "/admin/work?scope=review")
		lead.press(".cases .question", c.Question)
		lead.until("the signature can be given", `document.querySelector('form[action$="/sign"]')`)
		lead.sound("work-sign", width)
		lead.eval(`() => { window.confirm = () => true; }`)
		lead.click(`form[action$="/sign"] button`)
		lead.until("it is answered", `document.getElementById('answer').dataset.mode === 'done'`)
		expert.until("the author is told", `!document.getElementById('news').hidden`)
		expert.visit(h.url + "/admin/work/" + c.ID)
		expert.click(`#answer details summary`)
		expert.sound("work-done", width)
		if got, err := h.service.desk.Mine(context.Background(), openid); err != nil || got[0].State != desk.StateReplied {
			t.Errorf("%v %v", got, err)
		}
		expert.quiet()
		lead.quiet()
	})
}

// TestTheWorkbenchIsUsedWithKeysAlone uses no mouse.
func TestTheWorkbenchIsUsedWithKeysAlone(t *testing.T) {
	h := newHarness(t, options{})
	address := h.demoStaff()
	for i := range 3 {
		p := h.person(fmt.Sprintf("厂%d", i))
		h.asked(t, p, fmt.Sprintf("喷漆房第%d个活性炭箱多久换一次炭", i+1))
	}
	p := open(t, browser(t), 1440, h.url+"/admin/sign-in")
	h.bench(t, p, address, "demo-lead")
	p.visit(h.url + "/admin/work?scope=group")
	keys := p.Keyboard
	must(t, keys.Press(input.Tab))
	if got := p.text(`() => document.activeElement.className`); got != "skip" {
		t.Errorf("the first stop is %q", got)
	}
	must(t, keys.Type(input.KeyJ, input.KeyJ, input.KeyJ, input.KeyK))
	second := p.text(`() => document.querySelectorAll('.cases .question')[1].textContent`)
	if got := p.text(`() => document.activeElement.textContent`); got != second {
		t.Errorf("the focus is on %q, want %q", got, second)
	}
	if outline := p.text(`() => getComputedStyle(document.activeElement).outlineStyle`); outline == "none" {
		t.Error("the focus is not seen")
	}
	must(t, keys.Press(input.Enter))
	p.until("it opens", `document.querySelector('#bench.bench')`)
	must(t, keys.Type(input.KeyA))
	p.until("it is accepted", `document.getElementById('draft')`)
	must(t, keys.Type(input.KeyE))
	must(t, p.InsertText("每三个月换一次。"))
	must(t, keys.Press(input.ControlLeft))
	must(t, keys.Type(input.KeyS))
	must(t, keys.Release(input.ControlLeft))
	p.until("it is saved", `document.getElementById('saved').textContent.includes('已保存')`)
	p.eval(`() => { document.activeElement.blur(); window.confirm = () => true; }`)
	must(t, keys.Type(input.Slash))
	if got := p.text(`() => document.activeElement.name`); got != "q" {
		t.Errorf("/ leads to %q", got)
	}
	p.eval(`() => document.activeElement.blur()`)
	must(t, keys.Type(input.KeyE))
	must(t, keys.Press(input.ControlLeft))
	must(t, keys.Type(input.Enter))
	must(t, keys.Release(input.ControlLeft))
	p.until("it is answered", `['done', 'review'].includes(document.getElementById('answer').dataset.mode)`)
	p.quiet()
}
