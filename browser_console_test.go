package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"greendesk/desk"
	"greendesk/desk/route"
	"greendesk/desk/staff"
	"greendesk/desk/worktime"
)

// demoStaff opens the demo's page of staff beside a harness.
func (h *harness) demoStaff() string {
	h.t.Helper()
	door, err := openDemoDoor(context.Background(), h.service)
	must(h.t, err)
	h.server.Config.Handler = beside(h.platform.Handler(), withDoor(h.service.handler, door))
	return door.address(h.url)
}

// TestTheConsoleIsReadableOnAPhoneAndAtADesk visits every page of the
// navigation and the forms behind it as those who may use them.
func TestTheConsoleIsReadableOnAPhoneAndAtADesk(t *testing.T) {
	h := newHarness(t, options{})
	address := h.demoStaff()
	b := browser(t)
	widths(t, func(t *testing.T, width int) {
		for login, pages := range map[string][]string{
			"":             {"/admin/sign-in", "/demo/staff" + address[strings.Index(address, "?"):]},
			"demo-admin":   {"/admin/people", "/admin/people/new", "/admin/groups", "/admin/groups/new", "/admin/experts", "/admin/settings", "/admin/me"},
			"demo-auditor": {"/admin/audit"},
			"demo-lead":    {"/admin/experts"},
		} {
			p := open(t, b, width, address)
			if login != "" {
				p.click(`input[value="` + login + `"] + button`)
				p.until("somebody is signed in", `document.querySelector('form.who')`)
			}
			for _, path := range pages {
				p.visit(h.url + path)
				p.fits()
				p.readable(path)
				p.picture(width, path)
			}
			for _, link := range []string{"/admin/people/", "/admin/groups/", "/admin/experts/"} { // the first of each list
				if login != "demo-admin" {
					continue
				}
				p.visit(h.url + strings.TrimSuffix(link, "/"))
				p.click(`tbody a[href^="` + link + `"]`)
				p.until("its page is there", `location.pathname.startsWith('`+link+`') && document.querySelector('form.card, section.card')`)
				p.fits()
				p.readable(link)
				p.picture(width, link)
			}
			p.quiet()
		}
	})
}

// picture keeps a page as the person sees it, in the folder that
// GREENDESK_TEST_PICTURES names.
func (p *tab) picture(width int, path string) {
	p.t.Helper()
	dir := os.Getenv("GREENDESK_TEST_PICTURES")
	if dir == "" {
		return
	}
	png, err := p.Screenshot(true, nil)
	must(p.t, err)
	name := strconv.Itoa(width) + strings.ReplaceAll(strings.Split(path, "?")[0], "/", "_") + ".png"
	must(p.t, os.WriteFile(filepath.Join(dir, name), png, 0o600))
}

// TestTheConsoleShowsWhatPeopleTypedAndRunsNoneOfIt: payloads in every field
// that staff can fill in, shown on every page that shows them.
func TestTheConsoleShowsWhatPeopleTypedAndRunsNoneOfIt(t *testing.T) {
	h := newHarness(t, options{})
	address := h.demoStaff()
	ctx, d, by := context.Background(), h.service.desk, staff.CommandLine()
	payloads := []string{`<svg onload=alert()>`, `"><img src=x onerror=alert(1)>`, `</textarea><script>alert(2)</script>`, `' onfocus=alert(3) autofocus x='`,
		`javascript:alert(4)`, `{{alert(5)}}</title><script>alert(6)</script>`}
	a, _, err := h.service.staff.Create(ctx, by, staff.Person{Login: "xss", Name: payloads[0], Roles: []staff.Role{staff.RoleExpert, staff.RoleLead}})
	must(t, err)
	for i, p := range payloads {
		name := []rune(p)[:min(len([]rune(p)), 30)]
		_, err = d.SaveGroup(ctx, by, desk.Group{Name: string(name), Topics: []string{route.General}, Members: []desk.Member{{Account: a.ID, Leads: true}}})
		must(t, err)
		must(t, d.AddLeave(ctx, by, a.ID, worktime.Days{From: "2099-01-0" + strconv.Itoa(i+1), To: "2099-01-09"}, p))
	}
	notice, err := d.DeskSetting(ctx, desk.SettingNotice)
	must(t, err)
	must(t, d.SetDeskSetting(ctx, by, desk.SettingNotice, notice+strings.Join(payloads, "\n")))
	must(t, d.SetDeskSetting(ctx, by, desk.SettingAnswerFoot, strings.Join(payloads, " ")))
	for login, pages := range map[string][]string{
		"demo-admin":   {"/admin/people", "/admin/people/" + a.ID, "/admin/groups", "/admin/groups/new", "/admin/experts", "/admin/experts/" + a.ID, "/admin/settings"},
		"demo-auditor": {"/admin/audit", "/admin/audit?object=" + url.QueryEscape(payloads[1]), "/admin/audit?from=" + url.QueryEscape(payloads[3])},
	} {
		p := open(t, browser(t), 1440, address)
		p.click(`input[value="` + login + `"] + button`)
		p.until("somebody is signed in", `document.querySelector('form.who')`)
		for _, path := range pages {
			p.visit(h.url + path)
			if n := p.number(`() => document.querySelectorAll('main script, main img, main svg, main [onload], main [onerror], main [onfocus]').length`); n > 0 {
				t.Errorf("%s: %d elements of payloads", path, n)
			}
		}
		p.quiet("400") // the day that is none
	}
}
