package admin

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/jobs"
	"greendesk/internal/testenv"
)

// patience is how long a test waits for what comes, on a loaded machine.
const patience = time.Minute

// listener is a page that follows a consultation.
type listener struct {
	t      *testing.T
	events chan [2]string
	ended  chan struct{}
}

// listen opens a stream, as a page does.
func (b *browser) listen(path string) *listener {
	b.w.t.Helper()
	ctx, cancel := context.WithCancel(b.w.t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.w.url+path, nil)
	must(b.w.t, err)
	r.Header.Set("Accept", "text/event-stream")
	res, err := b.c.Do(r)
	must(b.w.t, err)
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		b.w.t.Fatalf("stream: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	l := &listener{t: b.w.t, events: make(chan [2]string, 100), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		name := ""
		for sc := bufio.NewScanner(res.Body); sc.Scan(); {
			if v, ok := strings.CutPrefix(sc.Text(), "event: "); ok {
				name = v
			} else if v, ok := strings.CutPrefix(sc.Text(), "data: "); ok {
				l.events <- [2]string{name, v}
			}
		}
	}()
	b.w.t.Cleanup(func() { cancel(); <-l.ended; _ = res.Body.Close() })
	return l
}

// next waits for an event by its name and returns what it says and how long
// it took.
func (l *listener) next(name string, within time.Duration) (string, time.Duration) {
	l.t.Helper()
	start, over := time.Now(), time.After(within)
	for {
		select {
		case e := <-l.events:
			if e[0] == name {
				return e[1], time.Since(start)
			}
		case <-over:
			l.t.Fatalf("no %q within %s", name, within)
		}
	}
}

func TestAnOpenPageHearsOfChangesAndOfWhoElseLooks(t *testing.T) {
	w := newWorld(t)
	w.group("气", w.hire("li", staff.RoleExpert), w.hire("zhang", staff.RoleExpert))
	k := w.ask("气", "活性炭多久换一次")
	li, zhang := w.as("li"), w.as("zhang")
	mine := li.listen("/admin/work/" + k.ID + "/events")
	queue := li.listen("/admin/work/events")
	first, _ := mine.next("pulse", patience)
	before, _ := queue.next("pulse", patience)
	theirs := zhang.listen("/admin/work/" + k.ID + "/events")
	if names, _ := theirs.next("present", patience); names != `["王li"]` {
		t.Errorf("zhang sees %s", names)
	}
	if names, _ := mine.next("present", patience); names != `["王zhang"]` && names != `[]` {
		t.Errorf("li sees %s", names)
	}
	zhang.press(k.ID, "accept", nil).must303(t, "accept")
	if now, _ := mine.next("pulse", patience); now == first {
		t.Errorf("a change by this process: %q", now)
	}
	if now, _ := queue.next("pulse", patience); now == before {
		t.Error("the queue hears nothing")
	}
	zhang.press(k.ID, "note", nil) // refused: nothing changes
	zhang.press(k.ID, "note", map[string][]string{"note": {"看过了"}}).must303(t, "note")
	mine.next("pulse", patience)

	// Another replica, with a desk of its own, changes something.
	q, err := jobs.New(w.db, testenv.Log(t), jobs.Options{})
	must(t, err)
	q.Handle(desk.KindDeliver, func(context.Context, jobs.Job) error { return nil })
	elsewhere := desk.New(w.db, q, testenv.Log(t), time.Now)
	who, err := w.staff.AccountOf(t.Context(), "zhang")
	must(t, err)
	must(t, elsewhere.Note(t.Context(), who.Actor(""), k.ID, "在另一台上写的"))
	if _, took := mine.next("pulse", patience); took > 5*lookEvery {
		t.Errorf("a change by another process shows after %s", took)
	}
}

// TestAChangeByThisProcessShowsWithoutALook: no stream looks by itself here.
func TestAChangeByThisProcessShowsWithoutALook(t *testing.T) {
	w := newWorld(t)
	w.console.looks = time.Hour
	w.group("气", w.hire("li", staff.RoleExpert), w.hire("zhang", staff.RoleExpert))
	k := w.ask("气", "活性炭多久换一次")
	streams := map[string]*listener{}
	for _, path := range []string{"/admin/work/" + k.ID + "/events", "/admin/work/events"} {
		streams[path] = w.as("li").listen(path)
	}
	zhang, before := w.as("zhang"), map[string]string{}
	for path, l := range streams {
		before[path], _ = l.next("pulse", patience)
	}
	zhang.press(k.ID, "accept", nil).must303(t, "accept")
	for path, l := range streams {
		if now, _ := l.next("pulse", patience); now == before[path] {
			t.Errorf("%s: %q", path, now)
		}
	}
}

func TestAStreamEndsWithTheSession(t *testing.T) {
	w := newWorld(t)
	li, zhang, wu := w.hire("li", staff.RoleExpert), w.hire("zhang", staff.RoleExpert), w.hire("wu", staff.RoleExpert)
	w.hire("boss", staff.RoleAdministrator)
	w.group("气", li, zhang, wu)
	k := w.ask("气", "活性炭多久换一次")
	ways := map[string]func(){
		"li": func() { // the role is taken
			must(t, w.staff.SetPerson(t.Context(), staff.CommandLine(), li.ID, staff.Person{Login: "li", Name: "王li", Roles: []staff.Role{staff.RoleEnforcement}}))
		},
		"zhang": func() { // recused from the enterprise
			w.run(`INSERT INTO enterprises (id, code, name, industry, county, permit, created_at, updated_at) VALUES ('e', 'C', '厂', '', '', '', 0, 0)`)
			w.run(`UPDATE consultations SET enterprise_id = 'e'`)
			w.run(`INSERT INTO recusals (account_id, code, reason, created_at) VALUES ($1, 'C', '亲属', 0)`, zhang.ID)
		},
	}
	for login, end := range ways {
		l := w.as(login).listen("/admin/work/" + k.ID + "/events")
		l.next("pulse", patience)
		end()
		l.next("over", patience)
		<-l.ended
	}
	b := w.as("wu")
	l := b.listen("/admin/work/" + k.ID + "/events")
	l.next("pulse", patience)
	b.post("/admin/sign-out", nil).must303(t, "sign out")
	l.next("over", patience)
	<-l.ended
}

func TestStreamsEndWithTheProgram(t *testing.T) {
	w := newWorld(t)
	w.hire("li", staff.RoleExpert)
	l := w.as("li").listen("/admin/work/events")
	l.next("pulse", patience)
	w.console.Close()
	select {
	case <-l.ended:
	case <-time.After(patience):
		t.Error("the stream goes on")
	}
}
