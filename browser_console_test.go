package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// demoStaff opens the demo's page of staff beside a harness.
func (h *harness) demoStaff() string {
	h.t.Helper()
	door, err := openDemoDoor(context.Background(), h.service.staff, h.service.handler)
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
			"demo-admin":   {"/admin/people", "/admin/people/new", "/admin/settings", "/admin/me"},
			"demo-auditor": {"/admin/audit"},
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
