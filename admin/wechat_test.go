package admin

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"greendesk/desk/staff"
)

// throughWeChat opens a page that asks WeChat who it is, and comes back with a
// code.
func (b *browser) throughWeChat(path, code string) answer {
	b.w.t.Helper()
	out := b.get(path)
	to, err := url.Parse(out.location)
	must(b.w.t, err)
	if out.status != http.StatusFound || to.Host != "open.example" {
		return out
	}
	return b.get("/admin/wechat/back?" + url.Values{"code": {code}, "state": {to.Query().Get("state")}}.Encode())
}

var bindLink = regexp.MustCompile(`/admin/wechat/bind/[A-Z0-9]+`)

// bindLinkOf is what the QR code of a signed-in browser says.
func (b *browser) bindLinkOf(login string) string {
	b.w.t.Helper()
	if got := b.post("/admin/me/prove", url.Values{"password": {b.w.words[login]}, "code": {b.w.code(login)}, "then": {"wechat"}}); got.location != "/admin/me/wechat" {
		b.w.t.Fatalf("not proved: %d %s", got.status, got.body)
	}
	return bindLink.FindString(b.get("/admin/me/wechat").body)
}

func TestAWeChatUserIsBoundByScanningAndSignsIn(t *testing.T) {
	w := newWorld(t)
	a := w.hire("li.na", staff.RoleAuditor)
	desk, phone := w.as("li.na"), w.browser()
	if got := desk.get("/admin/me/wechat"); got.location != "/admin/me" {
		t.Fatalf("a QR code without password and code: %d", got.status)
	}
	link := desk.bindLinkOf("li.na")
	if got := desk.get("/admin/me/wechat.png"); got.status != http.StatusOK || got.header.Get("Content-Type") != "image/png" {
		t.Errorf("no picture: %d", got.status)
	}
	if got := phone.throughWeChat("/admin/wechat", "li"); got.status != http.StatusForbidden {
		t.Errorf("signed in before binding: %d", got.status)
	}
	if got := phone.throughWeChat(link, "snapshot"); got.status != http.StatusForbidden {
		t.Errorf("a snapshot user: %d", got.status)
	}
	if got := phone.throughWeChat(link, "li"); got.status != http.StatusOK || !strings.Contains(got.body, "王li.na") {
		t.Fatalf("not asked: %d %s", got.status, got.body)
	}
	if now, err := w.staff.Account(t.Context(), a.ID); err != nil || now.Bound {
		t.Fatal("bound before they said yes", err)
	}
	if got := phone.post("/admin/wechat/bind", nil); got.location != "/admin/sign-in" {
		t.Fatalf("not bound: %d %s", got.status, got.body)
	}
	if got := w.browser().throughWeChat(link, "other"); got.status != http.StatusNotFound {
		t.Errorf("the code works twice: %d", got.status)
	}
	phone.get("/admin/audit")
	if got := phone.throughWeChat("/admin/wechat", "li"); got.location != "/admin/audit" {
		t.Fatalf("not signed in: %d %s", got.status, got.body)
	}
	if got := phone.get("/admin/audit"); got.status != http.StatusOK {
		t.Errorf("%d", got.status)
	}
	if got := desk.post("/admin/me/wechat/unbind", nil); got.location != "/admin/me" {
		t.Fatalf("not unbound: %d", got.status)
	}
	if got := phone.get("/admin/audit"); got.location != "/admin/sign-in" {
		t.Errorf("the phone is still in: %d", got.status)
	}
}

// TestWhatComesBackFromWeChatMustHaveBeenAskedFor: a link with somebody's code
// signs nobody in.
func TestWhatComesBackFromWeChatMustHaveBeenAskedFor(t *testing.T) {
	w := newWorld(t)
	a := w.hire("li.na", staff.RoleAuditor)
	must(t, w.staff.Bind(t.Context(), a.Actor(""), "o-li"))
	b := w.browser()
	for _, query := range []string{"code=li", "code=li&state=", "code=li&state=X", "state=X", ""} {
		b.get("/admin/wechat")
		if got := b.get("/admin/wechat/back?" + query); got.status != http.StatusBadRequest {
			t.Errorf("%q: %d", query, got.status)
		}
	}
	out := b.get("/admin/wechat")
	to, err := url.Parse(out.location)
	must(t, err)
	back := "/admin/wechat/back?code=li&state=" + to.Query().Get("state")
	if got := w.browser().get(back); got.status != http.StatusBadRequest {
		t.Errorf("another browser's state: %d", got.status)
	}
	if got := b.get(back); got.location != "/admin/" {
		t.Errorf("the right one: %d", got.status)
	}
}

// TestABindingEndsWhenTheAccountChanges: a QR code that was seen before a
// reset binds nobody after it.
func TestABindingEndsWhenTheAccountChanges(t *testing.T) {
	w := newWorld(t)
	a := w.hire("li.na", staff.RoleAuditor)
	link := w.as("li.na").bindLinkOf("li.na")
	phone := w.browser()
	phone.throughWeChat(link, "thief")
	_, err := w.staff.Reset(t.Context(), staff.CommandLine(), a.ID)
	must(t, err)
	if got := phone.post("/admin/wechat/bind", nil); got.status != http.StatusNotFound {
		t.Errorf("bound after the reset: %d", got.status)
	}
}
