package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-rod/rod/lib/proto"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/db"
	"greendesk/internal/web"
	"greendesk/knowledge"
)

// fileLink is the address of a file in a thread.
var fileLink = regexp.MustCompile(`/my/files/[0-9a-f]+`)

// hostile are at least 150 different texts that would run, lead away or
// compute where somebody forgot to escape them: see testdata/payloads.jsonl.
func hostile(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/payloads.jsonl")
	must(t, err)
	var out []string
	seen := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		var p string
		must(t, json.Unmarshal([]byte(line), &p))
		if seen[p] || p == "" {
			t.Fatalf("payload %q is there twice", p)
		}
		seen[p] = true
		out = append(out, p)
	}
	if len(out) < 150 {
		t.Fatalf("%d payloads", len(out))
	}
	return out
}

// packed puts payloads together as far as a word with a rating holds them.
func packed(all []string) [][]string {
	out := [][]string{nil}
	n := 0
	for _, p := range all {
		if n += utf8.RuneCountInString(p) + 1; n > 480 {
			out, n = append(out, nil), utf8.RuneCountInString(p)+1
		}
		out[len(out)-1] = append(out[len(out)-1], p)
	}
	return out
}

// infested is a consultation every text of which is a payload.
type infested struct {
	desk.Consultation
	openid, text string
	names        []string // payloads one by one
}

// infest brings payloads in by every way that somebody outside has: messages,
// places, files, a profile, words, a rating, a reason. Names are written into
// the database as they are, past the checks that would shorten them.
func (h *harness) infest(t *testing.T, lead staff.Account, names []string) *infested {
	t.Helper()
	ctx, d, by := t.Context(), h.service.desk, lead.Actor("")
	k := &infested{openid: h.person("企业"), text: strings.Join(names, " "), names: names}
	_, err := h.platform.Click(k.openid, "EXPERT")
	must(t, err)
	_, err = h.platform.SendLocation(k.openid, 33.58, 114.02, names[0])
	must(t, err)
	_, err = h.platform.SendText(k.openid, k.text)
	must(t, err)
	mine, err := d.Mine(ctx, k.openid)
	must(t, err)
	if len(mine) != 1 {
		t.Fatalf("%d consultations of %q", len(mine), k.text)
	}
	k.Consultation = mine[0]
	h.write(t, `UPDATE consultations SET expert_id = $2, state = 'assigned', group_id = (SELECT min(group_id) FROM group_members WHERE account_id = $2) WHERE id = $1`, k.ID, lead.ID)
	must(t, d.Accept(ctx, by, k.ID, h.version(t, k.ID)))
	must(t, d.Note(ctx, by, k.ID, k.text))
	must(t, d.AskBack(ctx, by, k.ID, h.version(t, k.ID), k.text))
	for i, name := range names { // a word and a file each
		a, err := d.Attach(ctx, k.openid, "说明.txt", strings.NewReader("检测报告：达标"))
		must(t, err)
		h.write(t, `UPDATE attachments SET name = $2 WHERE id = $1`, a.ID, name)
		_, err = d.Word(ctx, k.openid, k.ID, "", "词"+name, []string{a.ID})
		must(t, err)
		if i == 0 { // what was lost shows its name, too
			h.write(t, `UPDATE attachments SET state = 'lost', problem = $2 WHERE id = $1`, a.ID, name)
		}
	}
	h.write(t, `INSERT INTO enterprises (id, code, name, industry, county, permit, created_at, updated_at) VALUES ($1, $1, $2, $2, $2, '', 0, 0)`, k.ID, k.text)
	h.write(t, `UPDATE contacts SET name = $2, position = $2, phone = $2, enterprise_id = $3 WHERE openid = $1`, k.openid, k.text, k.ID)
	h.write(t, `UPDATE consultations SET enterprise_id = id, topic = $2, routed = $2 WHERE id = $1`, k.ID, k.text)
	must(t, d.SaveDraft(ctx, by, k.ID, k.text, nil))
	return k
}

// write runs one statement.
func (h *harness) write(t *testing.T, query string, args ...any) {
	t.Helper()
	must(t, h.service.db.InTx(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}))
}

// answer answers an infested consultation, and has it rated with one star.
func (h *harness) answer(t *testing.T, lead staff.Account, k *infested) {
	t.Helper()
	ctx, d := t.Context(), h.service.desk
	cite := desk.Cited{Clause: "c", Document: k.text, Number: k.text, Ref: k.names[0], Quote: k.text, Path: k.names[0]}
	_, err := d.Submit(ctx, lead.Actor(""), k.ID, h.version(t, k.ID), k.text, []desk.Cited{cite})
	must(t, err)
	h.write(t, `UPDATE reviews SET author = '' WHERE consultation_id = $1`, k.ID) // some words ask for a second signature
	if mine, err := d.Mine(ctx, k.openid); err != nil || mine[0].State == desk.StateReview {
		must(t, err)
		must(t, d.Sign(ctx, lead.Actor(""), k.ID, h.version(t, k.ID)))
	}
	must(t, d.RateAnswer(ctx, k.openid, k.ID, 1, k.text))
	must(t, h.service.store.ProposeEntry(ctx, knowledge.ProposedEntry{Question: string([]rune("问 " + k.text)[:min(60, utf8.RuneCountInString(k.text))]), Answer: k.text, Sources: k.text}, "x"))
}

// hunt looks at pages with the policy that forbids inline script switched off:
// what a page fails to escape runs, and is caught.
type hunt struct {
	*tab
	pages int
}

func newHunt(t *testing.T, p *tab) *hunt {
	t.Helper()
	_, err := p.EvalOnNewDocument(`window.pwned = top.pwned = () => { console.error('pwned'); document.documentElement.dataset.pwned = '1'; }`)
	must(t, err)
	must(t, proto.PageSetBypassCSP{Enabled: true}.Call(p))
	return &hunt{tab: p}
}

// look fails for what payloads have become on a page.
func (u *hunt) look(address string) {
	u.t.Helper()
	for _, s := range u.found(address) {
		u.t.Errorf("%s: %s", address, s)
	}
}

// found opens a page, touches everything on it, and tells what payloads have
// become.
func (u *hunt) found(address string) (out []string) {
	u.t.Helper()
	u.visit(address)
	u.pages++
	for _, s := range u.eval(traces).Value.Arr() {
		out = append(out, s.Str())
	}
	return out
}

// TestTheHuntFindsWhatAPageForgetsToEscape: on a page that shows payloads as
// they are, most of those that are markup are noticed, and some of them run.
func TestTheHuntFindsWhatAPageForgetsToEscape(t *testing.T) {
	var page atomic.Value // what is shown: a page's late requests come while the next is made
	careless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", web.ScriptPolicy)
		_, _ = io.WriteString(w, `<!doctype html><title>x</title><main>`+page.Load().(string)+`</main>`) // the browser has gone
	}))
	t.Cleanup(careless.Close)
	u := newHunt(t, open(t, browser(t), 360, "about:blank"))
	markup, noticed, ran := 0, 0, 0
	for _, show := range hostile(t) {
		if !strings.HasPrefix(show, "<img ") && !strings.HasPrefix(show, "<svg") && !strings.HasPrefix(show, "<iframe") && !strings.HasPrefix(show, "<script>") {
			continue
		}
		markup++
		page.Store(show)
		found := u.found(careless.URL)
		if len(found) > 0 {
			noticed++
		}
		if slices.Contains(found, "it ran") {
			ran++
		}
	}
	t.Logf("of %d payloads, %d noticed, %d ran", markup, noticed, ran)
	if markup < 15 || noticed < markup*9/10 || ran < markup/3 {
		t.Errorf("of %d payloads %d were noticed, %d ran", markup, noticed, ran)
	}
}

// traces are what payloads have become on a page, in words.
const traces = `() => {
  const wrong = [];
  for (const d of document.querySelectorAll('details')) d.open = true;
  for (const e of document.querySelectorAll('*')) {
    for (const a of e.attributes) {
      const n = a.name.toLowerCase();
      if (n.startsWith('on') || n === 'style' || n === 'srcdoc' || n === 'srcset' || n === 'ping') wrong.push('attribute ' + n + ' of ' + e.tagName);
      if (['href', 'src', 'action', 'formaction', 'data', 'poster', 'background', 'xlink:href'].includes(n)) {
        let u; try { u = new URL(a.value, document.baseURI); } catch { continue; }
        if (u.protocol !== 'tel:' && (u.protocol !== location.protocol || u.host !== location.host)) wrong.push('address ' + a.value.slice(0, 60));
      }
    }
    if (/^(IFRAME|OBJECT|EMBED|svg|math|BASE|TEMPLATE|NOSCRIPT|VIDEO|AUDIO|MARQUEE|FRAMESET|XSS|STYLE)$/.test(e.tagName)) wrong.push('element ' + e.tagName);
    if (e.tagName === 'SCRIPT' && !/^\/admin\/work(-live)?\.js$/.test(e.getAttribute('src') || '')) wrong.push('script');
    if (e.tagName === 'META' && e.httpEquiv) wrong.push('meta ' + e.httpEquiv);
    if (typeof e.focus === 'function' && e.tabIndex >= 0) e.focus({ preventScroll: true });
    e.dispatchEvent(new MouseEvent('mouseover', { bubbles: false }));
  }
  if (document.documentElement.dataset.pwned) wrong.push('it ran');
  return wrong;
}`

// TestNothingThatPeopleSendRunsOnAnyPage: payloads in every text that comes
// from outside, on every page that shows any of it, in Chromium.
func TestNothingThatPeopleSendRunsOnAnyPage(t *testing.T) {
	start := time.Now()
	h := newHarness(t, options{})
	address := h.demoStaff()
	lead, err := h.service.staff.AccountOf(t.Context(), "demo-lead")
	must(t, err)
	all := hostile(t)
	var ks []*infested
	for _, names := range packed(all) {
		ks = append(ks, h.infest(t, lead, names))
	}
	b := browser(t)
	us := map[string]*hunt{}
	for _, login := range []string{"demo-lead", "demo-auditor", "demo-curator", "demo-admin"} {
		p := open(t, b, 1440, h.url+"/admin/sign-in")
		h.bench(t, p, address, login)
		us[login] = newHunt(t, p)
	}
	phone := newHunt(t, open(t, b, 360, "about:blank"))
	both := func() {
		for _, k := range ks {
			us["demo-lead"].look(h.url + "/admin/work/" + k.ID + "?q=" + url.QueryEscape(k.names[0]))
			must(t, phone.SetCookies(nil))
			must(t, phone.SetCookies([]*proto.NetworkCookieParam{{Name: "simulated_person", Value: k.openid, URL: h.url}}))
			phone.look(h.url + "/my/consultations/" + k.ID)
			for _, u := range []*hunt{us["demo-lead"], phone} {
				u.sees(k.Number, "词")
			}
		}
	}
	both()
	for _, scope := range []string{"mine", "group", "all"} {
		us["demo-lead"].look(h.url + "/admin/work?scope=" + scope)
	}
	phone.look(h.url + "/my")
	phone.look(h.url + "/my/profile")
	for _, k := range ks {
		h.answer(t, lead, k)
	}
	both()
	for _, k := range ks {
		must(t, h.service.desk.Reopen(t.Context(), k.openid, k.ID, k.text))
		us["demo-lead"].look(h.url + "/admin/work?scope=all&q=" + url.QueryEscape(k.names[0]))
	}
	both()
	for _, scope := range []string{"poor", "answered", "overdue", "review", "<script>pwned()</script>"} {
		us["demo-lead"].look(h.url + "/admin/work?scope=" + url.QueryEscape(scope))
	}
	for _, p := range []string{"/admin/proposals?", "/admin/gaps?older=", "/admin/questions?q=", "/admin/questions?clause=", "/admin/lexicon?q=", "/admin/lexicon?term=", "/admin/lexicon?gap="} {
		us["demo-curator"].look(h.url + p + url.QueryEscape(all[0]+`"'>`+all[8]))
	}
	for _, p := range []string{"/admin/audit", "/admin/audit?actor=", "/admin/audit?action=", "/admin/audit?object=", "/admin/audit?from="} {
		us["demo-auditor"].look(h.url + p + url.QueryEscape(all[0]+`"'>`+all[8]))
	}
	for _, p := range []string{"/admin/people/", "/admin/groups/", "/admin/experts/", "/admin/"} {
		us["demo-admin"].look(h.url + p + url.PathEscape(all[0]+`"'>`+all[8]))
	}
	for _, p := range []string{"/my/files/", "/my/consultations/", "/clauses/", "/documents/"} {
		phone.look(h.url + p + url.PathEscape(all[0]+`"'>`+all[8]))
	}
	pages := phone.pages
	for _, u := range us {
		pages += u.pages
		u.quiet("404", "400")
	}
	phone.quiet("404", "400")
	t.Logf("%d payloads in %d consultations, %d pages in Chromium: 0 executions in %s", len(all), len(ks), pages, time.Since(start).Round(time.Second))
	if pages < 6*len(ks) {
		t.Errorf("only %d pages", pages)
	}
	h.filesAreOnlyFiles(t, ks)
}

// filesAreOnlyFiles: whatever a file is called, it is saved and not opened.
func (h *harness) filesAreOnlyFiles(t *testing.T, ks []*infested) {
	t.Helper()
	for _, k := range ks {
		v := h.visitor(t, k.openid)
		thread := v.get("/my/consultations/" + k.ID)
		n := 0
		for _, path := range fileLink.FindAllString(thread.body, -1) {
			got := v.get(path)
			n++
			if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/plain" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") ||
				!strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") || got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d %v", path, got.status, got.header)
			}
		}
		if n != len(k.names)-1 { // but the one that was lost
			t.Errorf("%d files of %d", n, len(k.names)-1)
		}
	}
}
