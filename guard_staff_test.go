package main

import (
	"net/url"
	"testing"
	"unicode/utf8"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/knowledge"
)

// TestNothingThatStaffTypeRunsOnAnyPage: payloads in the settings, in canned
// replies, and in what the search beside the draft puts into the page by
// script; in Chromium, with the policy that forbids inline script switched off.
func TestNothingThatStaffTypeRunsOnAnyPage(t *testing.T) {
	h := newHarness(t, options{})
	address := h.demoStaff()
	ctx, d, by := t.Context(), h.service.desk, staff.CommandLine()
	lead, err := h.service.staff.AccountOf(ctx, "demo-lead")
	must(t, err)
	all := hostile(t)
	notice, err := d.DeskSetting(ctx, desk.SettingNotice)
	must(t, err)
	for i, names := range packed(all) {
		text := ""
		for _, n := range names {
			text += n + "\n"
		}
		title := []rune(names[0])
		_, err := d.SaveCanned(ctx, lead.Actor(""), desk.Canned{Title: string(title[:min(50, len(title))]), Body: text, Shared: i%2 == 0})
		must(t, err)
		must(t, h.service.store.ProposeEntry(ctx, knowledge.ProposedEntry{Question: "危险废物台账要记什么 " + string(title[:min(40, len(title))]), Answer: text, Sources: string(title)}, "x"))
	}
	entries, err := h.service.store.ProposedEntries(ctx)
	must(t, err)
	for _, e := range entries {
		must(t, h.service.store.AcceptEntry(ctx, e, "demo-curator"))
	}
	must(t, h.service.engine.Sync(ctx))
	k := h.infest(t, lead, packed(all)[0])

	b := browser(t)
	admin, expert := open(t, b, 1440, h.url+"/admin/sign-in"), open(t, b, 360, h.url+"/admin/sign-in")
	h.bench(t, admin, address, "demo-admin")
	h.bench(t, expert, address, "demo-lead")
	boss, hunter := newHunt(t, admin), newHunt(t, expert)
	for _, names := range packed(all) {
		text := ""
		for _, n := range names {
			text += n + " "
		}
		must(t, d.SetDeskSetting(ctx, by, desk.SettingNotice, notice+"\n"+text))
		must(t, d.SetDeskSetting(ctx, by, desk.SettingSignWords, text))
		must(t, d.SetDeskSetting(ctx, by, desk.SettingSignTopics, text))
		foot := []rune(text)
		must(t, d.SetDeskSetting(ctx, by, desk.SettingAnswerFoot, string(foot[:min(200, len(foot))])))
		boss.look(h.url + "/admin/settings")
		// What asks whether this shall no longer be signed, and what was refused.
		boss.eval(`() => { document.querySelector('form[action$="/sign_words"] textarea').value = '罚'; document.querySelector('form[action$="/sign_words"] button').click(); }`)
		boss.until("it asks", `document.querySelector('input[name=instead]')`)
		boss.caught("the question about second signatures")
		boss.look(h.url + "/admin/settings")
		boss.eval(`(text) => { const f = document.querySelector('form[action$="/accept_normal"]'); f.querySelector('input').value = text; f.querySelector('button').click(); }`, text)
		boss.until("it is refused", `document.querySelector('.problem')`)
		boss.caught("a setting that was refused")
	}
	hunter.look(h.url + "/admin/phrases")
	canned, err := d.Canned(ctx, lead.Actor(""))
	must(t, err)
	for _, c := range canned {
		hunter.look(h.url + "/admin/phrases?edit=" + url.QueryEscape(c.ID))
	}
	hunter.look(h.url + "/admin/work/" + k.ID)
	for _, q := range append([]string{"危险废物台账要记什么"}, all[:20]...) {
		expert.eval(`(q) => { document.querySelector('input[name=q][form=draft]').value = q; document.getElementById('found').replaceChildren(); document.querySelector('[data-search]').click(); }`, q)
		expert.until("the search has answered", `document.getElementById('found').childNodes.length && !document.querySelector('#found[aria-busy]')`)
		hunter.caught("the clauses for " + q)
	}
	expert.eval(`(q) => { document.querySelector('input[name=q][form=draft]').value = q; document.querySelector('[data-search]').click(); }`, "危险废物台账要记什么")
	expert.until("payloads are found", `!document.querySelector('#found[aria-busy]') && /pwned|alert|onerror/.test(document.getElementById('found').textContent)`)
	hunter.caught("clauses that are payloads")
	boss.quiet("400")
	hunter.quiet("400", "404")
	if len(canned) < 2 || utf8.RuneCountInString(canned[0].Body) < 100 {
		t.Errorf("%d canned replies", len(canned))
	}
}

// caught fails for what payloads have become on the page that is open.
func (u *hunt) caught(where string) {
	u.t.Helper()
	u.pages++
	for _, s := range u.eval(traces).Value.Arr() {
		u.t.Errorf("%s: %s", where, s.Str())
	}
}
