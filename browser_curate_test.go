package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"greendesk/internal/testenv/meilistub"
)

// TestACuratorMendsWhatWasNotAnswered is the whole way in the browser: a
// question that no clause settled is read, a clause found and given a way to ask
// for it, a word added to the lexicon. Meanwhile the search server goes down,
// and the console says what /readyz says.
func TestACuratorMendsWhatWasNotAnswered(t *testing.T) {
	b := browser(t)
	widths(t, func(t *testing.T, width int) {
		o := options{search: meilistub.New(t)}
		h := newHarness(t, o)
		address := h.demoStaff()
		h.waitForSearch("ok") // and nobody asks yet: a search that comes too late on a loaded machine is told, too
		p := open(t, b, width, h.url+"/admin/sign-in")
		h.bench(t, p, address, "demo-curator")
		for deadline := time.Now().Add(patience); !strings.Contains(p.text(`() => document.body.innerText`), "用 Meilisearch，正常；没有配置向量"); p.visit(h.url + "/admin/lexicon") {
			if time.Now().After(deadline) {
				t.Fatal("the console does not say that the search is well")
			}
		}
		const question = "活性炭箱压差大了怎么调"
		h.says(h.person("家具厂"), question)
		for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			gaps, err := h.service.desk.Gaps(t.Context(), time.Time{})
			must(t, err)
			if len(gaps) > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("no gap")
			}
		}
		look := func(path string) {
			p.visit(h.url + path)
			p.fits()
			p.readable(path)
		}
		look("/admin/gaps")
		p.sees(question)
		p.picture(width, "/admin/gaps")
		p.click(`a[href^="/admin/questions?gap="]`)
		p.until("clauses are there", `document.querySelector('a[href^="/admin/questions?clause="]')`)
		p.fits()
		p.readable("/admin/questions of a gap")
		p.picture(width, "/admin/questions_gap")
		p.click(`a[href^="/admin/questions?clause="]`)
		p.until("the form is there", `document.querySelector('[name=question]').value === '`+question+`'`)
		p.fits()
		p.readable("/admin/questions of a clause")
		p.picture(width, "/admin/questions_clause")
		p.press("form.fields button", "采纳")
		p.until("it is accepted", `document.querySelector('.flash') && document.querySelector('.cases').textContent.includes('`+question+`')`)
		look("/admin/questions")
		p.sees(question)
		p.picture(width, "/admin/questions")
		look("/admin/lexicon?q=" + url.QueryEscape("危废"))
		p.picture(width, "/admin/lexicon_q")
		look("/admin/lexicon")
		p.write("[name=term]", "毒渣渣")
		p.write("[name=means]", "危险废物")
		p.press("form.fields button", "保存")
		p.until("it is kept", `document.querySelector('.flash') && document.querySelector('.cases').textContent.includes('毒渣渣')`)
		p.readable("/admin/lexicon")
		p.picture(width, "/admin/lexicon")

		o.search.Close()
		for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			if _, search := h.ready(); search == "down" {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("nobody sees that the server is down")
			}
		}
		for login, path := range map[string]string{"demo-curator": "/admin/gaps", "demo-admin": "/admin/settings"} {
			q := open(t, b, width, h.url+"/admin/sign-in")
			h.bench(t, q, address, login)
			q.visit(h.url + path)
			q.fits()
			if got := q.text(`() => document.querySelector('.hint').textContent`); !strings.Contains(got, "Meilisearch 连不上，现在用内置索引，照常答复") {
				t.Errorf("%s reads %q", login, got)
			}
			q.picture(width, fmt.Sprint(path, "_down"))
			q.quiet()
		}
		e := open(t, b, width, h.url+"/admin/sign-in")
		h.bench(t, e, address, "demo-lead")
		if n := e.number(`() => document.body.textContent.includes('Meilisearch') ? 1 : 0`); n > 0 {
			t.Error("a lead is told what others have to mend")
		}
		p.quiet()
	})
}
