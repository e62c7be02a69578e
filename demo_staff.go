package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
)

//go:embed demo_staff.html
var demoStaffPage string

// demoDoor is the page on which the demo's staff sign in with one tap. It
// knows their passwords and TOTP secrets, which are made anew at each start,
// and fills in the console's own sign-in form: the console has no other way in
// than a real desk's. Only who has the key that the terminal shows sees it.
type demoDoor struct {
	key     string
	page    *template.Template
	console http.Handler
	people  []demoAccount

	mu   sync.Mutex
	used map[string]int64 // login → time step of the last code
}

type demoAccount struct {
	staff.Account
	Field            string // what they are expert of
	Password, Secret string
}

// RoleNames are the roles for people.
func (a demoAccount) RoleNames() string {
	var names []string
	for _, r := range a.Roles {
		names = append(names, r.Name())
	}
	return strings.Join(names, "、")
}

// openDemoDoor gives the demo's staff their accounts and their groups.
func openDemoDoor(ctx context.Context, sv *service) (*demoDoor, error) {
	page, err := template.New("staff").Parse(demoStaffPage)
	if err != nil {
		return nil, err
	}
	d := &demoDoor{key: rand.Text(), page: page, console: sv.handler, used: map[string]int64{}}
	for _, p := range demoPeople() {
		a, err := demoHire(ctx, sv.staff, p.Person)
		if err != nil {
			return nil, fmt.Errorf("demo: account %s: %w", p.Login, err)
		}
		a.Field = strings.Join(p.topics, "、")
		d.people = append(d.people, a)
	}
	return d, staffDemo(ctx, sv.desk, d.people)
}

// demoHire makes or resets an account.
func demoHire(ctx context.Context, st *staff.Store, p staff.Person) (demoAccount, error) {
	by := staff.CommandLine()
	a, temporary, err := st.Create(ctx, by, p)
	if apperr.CodeOf(err) == apperr.Conflict { // an earlier demo made it
		if a, err = st.AccountOf(ctx, p.Login); err == nil {
			temporary, err = st.Reset(ctx, by, a.ID)
		}
	}
	if err != nil {
		return demoAccount{}, err
	}
	d := demoAccount{Account: a, Password: rand.Text(), Secret: staff.NewSecret()}
	if err := st.SetPassword(ctx, by, a.ID, temporary, d.Password); err != nil {
		return demoAccount{}, err
	}
	return d, st.Enrol(ctx, by, a.ID, d.Secret, "")
}

const demoDoorPath = "/demo/staff"

// address is where the door is, below a base URL.
func (d *demoDoor) address(base string) string { return base + demoDoorPath + "?key=" + d.key }

// withDoor serves the door beside the desk.
func withDoor(desk http.Handler, door *demoDoor) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == demoDoorPath {
			door.ServeHTTP(w, r)
			return
		}
		desk.ServeHTTP(w, r)
	})
}

// ServeHTTP shows who there is, or signs one in.
func (d *demoDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("key")), []byte(d.key)) != 1 {
		http.Error(w, "请用终端里显示的地址打开。", http.StatusForbidden)
		return
	}
	if r.Method == http.MethodPost {
		d.signIn(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	_ = d.page.Execute(w, d.people) // the browser has gone
}

// signIn sends the console's sign-in form in the browser's place.
func (d *demoDoor) signIn(w http.ResponseWriter, r *http.Request) {
	for _, a := range d.people {
		if a.Login != r.PostFormValue("login") {
			continue
		}
		code, err := d.code(r.Context(), a)
		if err != nil {
			http.Error(w, err.Error(), http.StatusTooManyRequests)
			return
		}
		body := url.Values{"login": {a.Login}, "password": {a.Password}, "code": {code}}.Encode()
		form := r.Clone(r.Context())
		form.URL = &url.URL{Path: "/admin/sign-in"}
		form.Form, form.PostForm = nil, nil
		form.Body, form.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		d.console.ServeHTTP(w, form)
		return
	}
	http.NotFound(w, r)
}

// code is the account's next code that has not been used: a code works once.
// One that is good in a moment is waited for.
func (d *demoDoor) code(ctx context.Context, a demoAccount) (string, error) {
	step, wait, ok := d.nextStep(a.Login, time.Now())
	if !ok {
		return "", fmt.Errorf("%s刚登录过几次，动态码要等半分钟才有新的，请稍后再点", a.Name)
	}
	select {
	case <-time.After(wait):
		return staff.Code(a.Secret, time.Unix(step*codePeriod, 0))
	case <-ctx.Done():
		return "", fmt.Errorf("登录已取消：%w", ctx.Err())
	}
}

// nextStep takes the account's next period and says how long it is until its
// code is taken; not ok: longer than a visitor waits.
func (d *demoDoor) nextStep(login string, now time.Time) (step int64, wait time.Duration, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	step = max(firstStep(now), d.used[login]+1)
	wait = max(0, time.Unix((step-1)*codePeriod, 0).Sub(now))
	if wait > codeTravel*time.Second {
		return 0, 0, false
	}
	d.used[login] = step
	return step, wait, true
}

const (
	codePeriod = 30 // seconds that a code is of
	codeTravel = 10 // seconds that a slow machine may take from making a code to checking it
)

// firstStep is the oldest period whose code is still taken when it arrives: the
// one before, so that three sign-ins fit into one, but not near the end.
func firstStep(now time.Time) int64 { return (now.Unix()+codeTravel)/codePeriod - 1 }
