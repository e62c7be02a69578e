package main

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"greendesk/desk/staff"
)

// post sends a form as the pages of the desk do.
func (v *visitor) form(path string, form url.Values) page {
	v.t.Helper()
	req, err := http.NewRequest(http.MethodPost, v.h.url+path, strings.NewReader(form.Encode()))
	must(v.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.do(req)
}

func (v *visitor) open(path string) page {
	v.t.Helper()
	req, err := http.NewRequest(http.MethodGet, v.h.url+path, nil)
	must(v.t, err)
	return v.do(req)
}

// TestAnExpertSignsInThroughWeChat binds a phone of the simulated platform by
// scanning, and signs in with it; a page's snapshot gets neither.
func TestAnExpertSignsInThroughWeChat(t *testing.T) {
	h := newHarness(t, options{})
	ctx, st := context.Background(), h.service.staff
	a, word, err := st.Create(ctx, staff.CommandLine(), staff.Person{Login: "li.na", Name: "李娜", Roles: []staff.Role{staff.RoleAuditor}})
	must(t, err)
	secret, password := staff.NewSecret(), "五个 不相干 的 词语"
	must(t, st.SetPassword(ctx, staff.CommandLine(), a.ID, word, password))
	must(t, st.Enrol(ctx, staff.CommandLine(), a.ID, secret, ""))
	code := func(at time.Time) string {
		c, err := staff.Code(secret, at)
		must(t, err)
		return c
	}
	now := time.Now()
	desk := h.visitor(t, "")
	if got := desk.form("/admin/sign-in", url.Values{"login": {"li.na"}, "password": {password}, "code": {code(now)}}); got.path != "/admin/audit" {
		t.Fatalf("signed in to %s: %s", got.path, got.body)
	}
	got := desk.form("/admin/me/prove", url.Values{"password": {password}, "code": {code(now.Add(30 * time.Second))}, "then": {"wechat"}})
	link := regexp.MustCompile(`/admin/wechat/bind/[A-Z0-9]+`).FindString(got.body)
	if link == "" {
		t.Fatalf("no link: %d %s", got.status, got.body)
	}
	openid := h.person("李娜的手机")
	phone := h.visitor(t, openid)
	must(t, h.platform.SetSnapshot(openid, true))
	if got := phone.open(link); got.status != http.StatusForbidden || !strings.Contains(got.body, "使用完整服务") {
		t.Errorf("a snapshot user: %d", got.status)
	}
	must(t, h.platform.SetSnapshot(openid, false))
	if got := phone.open(link); got.status != http.StatusOK || !strings.Contains(got.body, "李娜") {
		t.Fatalf("not asked: %d %s", got.status, got.body)
	}
	if got := phone.form("/admin/wechat/bind", nil); !strings.Contains(got.body, "已绑定") {
		t.Fatalf("not bound: %s %s", got.path, got.body)
	}
	if got := phone.open("/admin/wechat"); got.path != "/admin/audit" || got.status != http.StatusOK {
		t.Errorf("not signed in: %d %s", got.status, got.path)
	}
	if got := h.visitor(t, h.person("别人")).open("/admin/wechat"); got.status != http.StatusForbidden {
		t.Errorf("somebody else: %d", got.status)
	}
}

// TestTheDemosDoorNeedsItsKeyAndTheConsoleHasNoOther: who has the key signs in
// with one tap, several times in a minute; without it there is nothing.
func TestTheDemosDoorNeedsItsKeyAndTheConsoleHasNoOther(t *testing.T) {
	h := newHarness(t, options{})
	v := h.visitor(t, "")
	if got := v.open("/demo/staff"); got.status != http.StatusNotFound {
		t.Errorf("a desk that is no demo has the door: %d", got.status)
	}
	door := strings.TrimPrefix(h.demoStaff(), h.url)
	for _, address := range []string{"/demo/staff", "/demo/staff?key=", door + "X"} {
		if got := v.form(address, url.Values{"login": {"demo-admin"}}); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", address, got.status)
		}
	}
	for range 3 {
		if got := h.visitor(t, "").form(door, url.Values{"login": {"demo-admin"}}); got.path != "/admin/people" {
			t.Fatalf("not signed in: %d %s %s", got.status, got.path, got.body)
		}
	}
	if got := v.form(door, url.Values{"login": {"nobody"}}); got.status != http.StatusNotFound {
		t.Errorf("no such account: %d", got.status)
	}
	again, err := openDemoDoor(context.Background(), h.service)
	must(t, err)
	if "?key="+again.key == door[strings.Index(door, "?"):] {
		t.Error("the key is the same at the next start")
	}
}

// TestTheFirstAdministratorIsMadeOnTheCommandLine, with a password from a pipe
// and a secret that is printed once.
func TestTheFirstAdministratorIsMadeOnTheCommandLine(t *testing.T) {
	data := t.TempDir()
	command := func(stdin string, args ...string) (string, error) {
		t.Helper()
		in, feed, err := os.Pipe()
		must(t, err)
		_, err = feed.WriteString(stdin)
		must(t, err)
		must(t, feed.Close())
		read, out, err := os.Pipe()
		must(t, err)
		oldIn, oldOut := os.Stdin, os.Stdout
		os.Stdin, os.Stdout = in, out
		err = run(append(args, "--data", data))
		os.Stdin, os.Stdout = oldIn, oldOut
		must(t, out.Close())
		text := make([]byte, 64<<10)
		n, _ := read.Read(text) // the end of the pipe when nothing was printed
		return string(text[:n]), err
	}
	if _, err := command("1234567890\n", "admin", "create", "--login", "boss", "--role", "administrator"); err == nil {
		t.Error("a guessable password was taken")
	}
	out, err := command("一个 很长 的 密码\n", "admin", "create", "--login", "boss", "--role", "administrator")
	must(t, err)
	secret := regexp.MustCompile(`密钥：([A-Z2-7]+)`).FindStringSubmatch(out)
	if secret == nil || !strings.Contains(out, "otpauth://totp/") {
		t.Fatal(out)
	}
	if _, err := command("一个 很长 的 密码\n", "admin", "create", "--login", "boss", "--role", "administrator"); err == nil {
		t.Error("the same login twice")
	}
	if out, err := command("", "audit", "verify"); err != nil || !strings.Contains(out, "都没有被改过") {
		t.Errorf("%v %s", err, out)
	}
	if out, err := command("", "audit", "export"); err != nil || !strings.Contains(out, ",account-create,") {
		t.Errorf("%v %s", err, out)
	}
	c, err := openCore(context.Background(), &Settings{Data: data}, (&Settings{}).logger(os.Stderr), time.Now)
	must(t, err)
	t.Cleanup(func() { must(t, c.db.Close()) })
	st, err := staff.New(c.db, time.Now, time.Now)
	must(t, err)
	code, err := staff.Code(secret[1], time.Now())
	must(t, err)
	a, err := st.Verify(context.Background(), staff.Attempt{Login: "boss", Password: "一个 很长 的 密码", Code: code})
	must(t, err)
	if a.Temporary || !a.Enrolled || !a.Actor("").Has(staff.RoleAdministrator) {
		t.Errorf("%+v", a)
	}
}
