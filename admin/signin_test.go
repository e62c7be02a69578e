package admin

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"greendesk/desk/staff"
)

// TestTheFirstSignInSetsPasswordAndTOTP: with the temporary password nothing
// else opens.
func TestTheFirstSignInSetsPasswordAndTOTP(t *testing.T) {
	w := newWorld(t)
	_, word, err := w.staff.Create(t.Context(), staff.CommandLine(), staff.Person{Login: "li.na", Name: "李娜", Roles: []staff.Role{staff.RoleAdministrator}})
	must(t, err)
	b := w.browser()
	if got := b.get("/admin/people"); got.location != "/admin/sign-in" {
		t.Fatalf("not asked to sign in: %d", got.status)
	}
	if got := b.try("li.na", word, ""); got.location != "/admin/people" {
		t.Fatalf("not sent to the page that was asked for: %d %s", got.status, got.location)
	}
	for _, path := range []string{"/admin/", "/admin/people", "/admin/me"} {
		if got := b.get(path); got.location != "/admin/setup" {
			t.Errorf("%s opens before the first steps: %d %s", path, got.status, got.location)
		}
	}
	if got := b.get("/admin/setup/code.png"); got.status != http.StatusNotFound {
		t.Errorf("the secret shows before the password is set: %d", got.status)
	}
	if got := b.post("/admin/setup/password", url.Values{"password": {"一个 很长 的 密码"}, "again": {"另 一个"}}); got.status != http.StatusBadRequest {
		t.Errorf("two passwords: %d", got.status)
	}
	if got := b.post("/admin/setup/password", url.Values{"password": {"一个 很长 的 密码"}, "again": {"一个 很长 的 密码"}}); got.location != "/admin/setup" {
		t.Fatalf("password: %d %s", got.status, got.body)
	}
	page := b.get("/admin/setup").body
	_, rest, _ := strings.Cut(page, "<code>")
	shown, _, _ := strings.Cut(rest, "</code>")
	w.secrets["li.na"] = strings.ReplaceAll(shown, " ", "")
	if got := b.get("/admin/setup/code.png"); got.status != http.StatusOK || !strings.HasPrefix(got.body, "\x89PNG") {
		t.Errorf("no picture: %d", got.status)
	}
	if got := b.post("/admin/setup/totp", url.Values{"code": {"000000"}}); got.status != http.StatusBadRequest || !strings.Contains(b.get("/admin/setup").body, shown) {
		t.Errorf("a wrong code: %d", got.status)
	}
	if got := b.post("/admin/setup/totp", url.Values{"code": {w.code("li.na")}}); got.location != "/admin/" {
		t.Fatalf("code: %d %s", got.status, got.body)
	}
	if got := b.get("/admin/people"); got.status != http.StatusOK {
		t.Errorf("ready, but: %d", got.status)
	}
	if got := b.get("/admin/setup"); got.location != "/admin/" {
		t.Errorf("the first steps can be walked again: %d", got.status)
	}
	w.words["li.na"] = "一个 很长 的 密码"
	w.as("li.na")
}

func TestASessionEndsWithSignOutRolesPasswordAndDisabling(t *testing.T) {
	w := newWorld(t)
	w.hire("boss", staff.RoleAdministrator)
	a := w.hire("li.na", staff.RoleAdministrator)
	by := staff.CommandLine()
	for name, end := range map[string]func(b *browser){
		"signing out": func(b *browser) { b.post("/admin/sign-out", nil) },
		"new roles": func(*browser) {
			must(t, w.staff.SetPerson(t.Context(), by, a.ID, staff.Person{Name: "李娜", Roles: []staff.Role{staff.RoleAdministrator, staff.RoleExpert}}))
			must(t, w.staff.SetPerson(t.Context(), by, a.ID, staff.Person{Name: "李娜", Roles: []staff.Role{staff.RoleAdministrator}}))
		},
		"disabling": func(*browser) {
			must(t, w.staff.SetActive(t.Context(), by, a.ID, false))
			must(t, w.staff.SetActive(t.Context(), by, a.ID, true))
		},
		"a password changed elsewhere": func(*browser) {
			old, word := w.words["li.na"], w.words["li.na"]+"新"
			if got := w.as("li.na").post("/admin/me/password", url.Values{"old": {old}, "password": {word}, "again": {word}}); got.location != "/admin/me" {
				t.Fatalf("%d %s", got.status, got.body)
			}
			w.words["li.na"] = word
		},
	} {
		b := w.as("li.na")
		kept, err := url.Parse(w.url + "/admin/")
		must(t, err)
		cookies := b.c.Jar.Cookies(kept)
		end(b)
		b.c.Jar.SetCookies(kept, cookies) // a thief has the old cookie
		if got := b.get("/admin/people"); got.location != "/admin/sign-in" {
			t.Errorf("after %s the session lives: %d", name, got.status)
		}
	}
}

// TestARequestUnderWayDoesNotUndoSigningOut: what it loaded before, it writes
// back after.
func TestARequestUnderWayDoesNotUndoSigningOut(t *testing.T) {
	w := newWorld(t)
	w.hire("li.na", staff.RoleAuditor)
	b := w.as("li.na")
	body, rest := io.Pipe()
	slow, err := http.NewRequest(http.MethodPost, w.url+"/admin/audit/verify", body)
	must(t, err)
	slow.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	slow.Header.Set("Sec-Fetch-Site", "same-origin")
	slow.Header.Set("Expect", "100-continue") // the form leaves when the handler asks for it: the session is loaded, the form is not
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Jar: b.c.Jar, CheckRedirect: b.c.CheckRedirect}
	done := make(chan int)
	go func() {
		res, err := client.Do(slow)
		if err != nil {
			done <- 0
			return
		}
		done <- res.StatusCode
		_ = res.Body.Close()
	}()
	_, err = rest.Write([]byte("mark="))
	must(t, err)
	kept, err := url.Parse(w.url + "/admin/")
	must(t, err)
	cookies := b.c.Jar.Cookies(kept)
	b.post("/admin/sign-out", nil)
	must(t, rest.Close())
	if status := <-done; status != http.StatusOK {
		t.Fatalf("the slow request: %d", status)
	}
	b.c.Jar.SetCookies(kept, cookies)
	if got := b.get("/admin/audit"); got.location != "/admin/sign-in" {
		t.Errorf("signed in again: %d", got.status)
	}
}

// TestWhoChangesTheirOwnPasswordStaysSignedIn, under a new token.
func TestWhoChangesTheirOwnPasswordStaysSignedIn(t *testing.T) {
	w := newWorld(t)
	w.hire("li.na", staff.RoleAuditor)
	b := w.as("li.na")
	if got := b.post("/admin/me/password", url.Values{"old": {"falsch"}, "password": {"一个 新的 密码 呀"}, "again": {"一个 新的 密码 呀"}}); got.status != http.StatusBadRequest {
		t.Errorf("wrong old password: %d", got.status)
	}
	if got := b.post("/admin/me/password", url.Values{"old": {w.words["li.na"]}, "password": {"一个 新的 密码 呀"}, "again": {"一个 新的 密码 呀"}}); got.location != "/admin/me" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := b.get("/admin/me"); got.status != http.StatusOK || !strings.Contains(got.body, "密码已改") {
		t.Errorf("%d", got.status)
	}
	if strings.Contains(b.get("/admin/me").body, "密码已改") {
		t.Error("the flash shows twice")
	}
}

// TestTenTriesAnAccountWhateverTheAddressSays: ten thousand guesses at one
// account, many at once, each with another X-Forwarded-For. Where no proxy is
// trusted that header says nothing and the one address is bounded, too; behind
// a trusted proxy every guess comes from another address.
func TestTenTriesAnAccountWhateverTheAddressSays(t *testing.T) {
	for name, trusted := range map[string][]netip.Prefix{"no proxy": nil, "a trusted proxy": {netip.MustParsePrefix("127.0.0.0/8")}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, trusted...)
			w.hire("li.na", staff.RoleAdministrator)
			w.hire("wang", staff.RoleAdministrator)
			looked, all := w.guess(10_000, "li.na")
			if looked != triesPerAccount || all != 10_000 {
				t.Errorf("%d of %d guesses were looked at, want %d", looked, all, triesPerAccount)
			}
			if got := w.browser().try("li.na", w.words["li.na"], w.code("li.na")); got.status != http.StatusTooManyRequests {
				t.Errorf("the owner got through a locked account: %d", got.status)
			}
			want := http.StatusTooManyRequests // the address has used up its tries
			if trusted != nil {
				want = http.StatusSeeOther
			}
			if got := w.browser().try("wang", w.words["wang"], w.code("wang")); got.status != want {
				t.Errorf("another account: %d, want %d", got.status, want)
			}
		})
	}
}

// guess tries to sign in n times from eight sides, and counts the tries that
// were looked at and those that were answered at all.
func (w *world) guess(n int, login string) (looked, answered int64) {
	w.t.Helper()
	var in, all atomic.Int64
	var wg sync.WaitGroup
	next := make(chan int)
	for range 8 {
		wg.Go(func() {
			b := w.browser()
			for i := range next {
				form := url.Values{"login": {[]string{login, strings.ToUpper(login) + " "}[i%2]}, "password": {"guess" + strconv.Itoa(i)}, "code": {"123456"}}
				got := b.do(http.MethodPost, "/admin/sign-in", form, func(r *http.Request) {
					r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
				})
				switch got.status {
				case http.StatusBadRequest:
					in.Add(1)
					all.Add(1)
				case http.StatusTooManyRequests:
					all.Add(1)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	return in.Load(), all.Load()
}

func TestAnAddressHasItsBoundToo(t *testing.T) {
	w := newWorld(t)
	w.hire("wang", staff.RoleAdministrator)
	for i := range triesPerAddress {
		if got := w.browser().try("nobody"+strconv.Itoa(i), "guess", ""); got.status != http.StatusBadRequest {
			t.Fatalf("try %d: %d", i, got.status)
		}
	}
	if got := w.browser().try("wang", w.words["wang"], w.code("wang")); got.status != http.StatusTooManyRequests {
		t.Errorf("%d", got.status)
	}
	for ip, want := range map[string]string{"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "::ffff:10.0.0.1": "::ffff:10.0.0.1", "10.0.0.1": "10.0.0.1", "": ""} {
		if got := network(ip); got != want {
			t.Errorf("%s: %s", ip, got)
		}
	}
}

// TestARightSignInTakesNoPlace: who signs in often is not locked out.
func TestARightSignInTakesNoPlace(t *testing.T) {
	w := newWorld(t)
	w.hire("li.na", staff.RoleAuditor)
	for range triesPerAccount + 2 {
		w.as("li.na")
	}
}

func TestOtherOriginsChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.hire("li.na", staff.RoleAdministrator)
	b := w.as("li.na")
	for name, header := range map[string][2]string{"fetch metadata": {"Sec-Fetch-Site", "cross-site"}, "same site": {"Sec-Fetch-Site", "same-site"}, "origin": {"Origin", "https://evil.example"}} {
		got := b.do(http.MethodPost, "/admin/sign-out", nil, func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set(header[0], header[1])
		})
		if got.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if got := b.get("/admin/people"); got.status != http.StatusOK {
		t.Errorf("signed out: %d", got.status)
	}
}

func TestPagesCarryTheirHeadersAndTheCookieIsGuarded(t *testing.T) {
	w := newWorld(t)
	w.hire("li.na", staff.RoleAdministrator)
	b := w.browser()
	in := b.try("li.na", w.words["li.na"], w.code("li.na"))
	cookie := in.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/admin"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie without %s: %s", want, cookie)
		}
	}
	for _, path := range []string{"/admin/people", "/admin/sign-in", "/admin/none"} {
		h := b.get(path).header
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
	}
	if got := b.get("/admin/people").header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("a page with personal data may be kept: %q", got)
	}
}

func TestAFormThatIsTooLargeIsRefused(t *testing.T) {
	w := newWorld(t)
	if got := w.browser().try("li.na", strings.Repeat("x", 2<<20), ""); got.status != http.StatusRequestEntityTooLarge || !strings.Contains(got.body, "太长") {
		t.Errorf("%d", got.status)
	}
}
