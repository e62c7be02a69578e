package simulator

import (
	"embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"time"
)

//go:embed page
var pageFiles embed.FS

// phoneCSP allows the page's own files only: pictures that an account names elsewhere are drawn as placeholders.
const phoneCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"base-uri 'none'; frame-ancestors 'self'"

// mountPhone adds the page, its files, its JSON and its live updates. Cross-origin posts are refused.
func (p *Platform) mountPhone(mux *http.ServeMux) {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the directory is compiled in
	}
	static := http.StripPrefix("/phone/static/", http.FileServerFS(files))
	guard := http.NewCrossOriginProtection()
	own := func(h http.HandlerFunc) http.Handler {
		return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			h(w, r)
		}))
	}
	mux.HandleFunc("GET /phone", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "phone/", http.StatusFound) })
	mux.Handle("GET /phone/{$}", own(p.servePhone))
	mux.Handle("GET /phone/static/", own(static.ServeHTTP))
	mux.HandleFunc("GET /phone/media/{id}", p.servePicture)
	mux.Handle("GET /phone/api/state", own(p.serveState))
	mux.Handle("GET /phone/api/log", own(p.serveLog))
	mux.Handle("GET /phone/api/events", own(p.serveEvents))
	mux.Handle("POST /phone/api/act", own(p.serveAct))
	mux.Handle("POST /phone/api/image", own(p.serveImage))
}

// render writes one of the embedded pages; html/template escapes whatever it is given.
func (p *Platform) render(w http.ResponseWriter, name string, data any) {
	t, err := template.ParseFS(pageFiles, "page/"+name, "page/icons.html")
	if err != nil {
		p.log.Error("simulator page", "err", err)
		http.Error(w, "page", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", phoneCSP)
	w.Header().Set("Referrer-Policy", "no-referrer")
	if err := t.ExecuteTemplate(w, name, data); err != nil {
		p.log.Warn("simulator page", "err", err)
	}
}

// county is one of the places that the location button offers.
type county struct {
	Name     string
	Lat, Lon float64
}

// counties are Luohe's counties and zones with a point in each (approximate, for the picture only).
func counties() []county {
	return []county{
		{"源汇区", 33.5662, 114.0063}, {"郾城区", 33.5873, 114.0062}, {"召陵区", 33.5862, 114.0938}, {"舞阳县", 33.4378, 113.6088},
		{"临颍县", 33.8278, 113.9315}, {"经开区", 33.5460, 114.0560}, {"示范区", 33.6210, 114.0180}, {"西城区", 33.5770, 113.9600},
	}
}

func (p *Platform) servePhone(w http.ResponseWriter, r *http.Request) {
	current := p.currentPerson(r)
	setPerson(w, current)
	p.render(w, "phone.html", map[string]any{
		"Account": p.opt.AccountName, "People": p.People(), "Current": current, "Counties": counties(),
		"Faults": p.faults.List(), "Verified": p.Verified(), "Templates": p.opt.Templates,
	})
}

// currentPerson is whose phone the browser plays: the cookie's person, else the first.
func (p *Platform) currentPerson(r *http.Request) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, err := r.Cookie(personCookie); err == nil && p.users[c.Value] != nil {
		return c.Value
	}
	if len(p.order) > 0 {
		return p.order[0]
	}
	return ""
}

// phoneState is everything the page shows except the raw log.
type phoneState struct {
	Account  string        `json:"account"`
	Verified bool          `json:"verified"`
	Mode     Mode          `json:"mode"`
	Now      time.Time     `json:"now"`
	Offset   float64       `json:"offset"` // seconds ahead of real time
	People   []phonePerson `json:"people"`
	Menu     *Menu         `json:"menu"`
	Faults   []FaultState  `json:"faults"`
	Me       *phoneMe      `json:"me"`
}

type phonePerson struct {
	OpenID    string `json:"openid"`
	Name      string `json:"name"`
	Following bool   `json:"following"`
	Unseen    int    `json:"unseen"`
}

type phoneMe struct {
	OpenID    string         `json:"openid"`
	Name      string         `json:"name"`
	Following bool           `json:"following"`
	Typing    bool           `json:"typing"`
	Quota     Quota          `json:"quota"`
	Blocked   bool           `json:"blocked"`
	Consents  map[string]int `json:"consents"`
	Bubbles   []Bubble       `json:"bubbles"` // newer than ?after
}

// serveState answers ?openid=&after= (a bubble id). Reading a chat clears its unseen count.
func (p *Platform) serveState(w http.ResponseWriter, r *http.Request) {
	var after int64
	_ = json.Unmarshal([]byte(r.URL.Query().Get("after")), &after) // absent or odd: from the start
	s := phoneState{
		Account: p.opt.AccountName, Now: p.clock.Now(), Offset: p.clock.Offset().Seconds(), Faults: p.faults.List(), Menu: p.Menu(),
	}
	p.mu.Lock()
	s.Verified, s.Mode = p.verified, p.mode
	if u := p.users[r.URL.Query().Get("openid")]; u != nil {
		u.unseen = 0
		s.Me = u.view(s.Now, after)
	}
	for _, id := range p.order {
		u := p.users[id]
		s.People = append(s.People, phonePerson{id, u.Name, u.following, u.unseen})
	}
	p.mu.Unlock()
	writeJSON(w, http.StatusOK, s)
}

func (u *user) view(now time.Time, after int64) *phoneMe {
	me := &phoneMe{OpenID: u.OpenID, Name: u.Name, Following: u.following, Typing: now.Before(u.typingUntil), Quota: u.quota(now),
		Blocked: u.blocked, Consents: map[string]int{}, Bubbles: []Bubble{}}
	for k, v := range u.consents {
		me.Consents[k] = v
	}
	for _, b := range u.bubbles {
		if b.ID > after {
			me.Bubbles = append(me.Bubbles, b)
		}
	}
	return me
}

// serveLog answers the newest exchanges and API calls, newest first, with long bodies cut.
func (p *Platform) serveLog(w http.ResponseWriter, _ *http.Request) {
	const shown = 40
	exchanges, calls := p.Exchanges(), p.APICalls()
	exchanges = exchanges[max(0, len(exchanges)-shown):]
	calls = calls[max(0, len(calls)-shown):]
	for i := range exchanges {
		for j := range exchanges[i].Attempts {
			a := &exchanges[i].Attempts[j]
			a.Plain, a.Body, a.Reply, a.ReplyPlain = cut(a.Plain, maxLogged), cut(a.Body, maxLogged), cut(a.Reply, maxLogged), cut(a.ReplyPlain, maxLogged)
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"exchanges": exchanges, "calls": calls})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the browser is gone: nothing to do
}
