package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// APICall is one call the program made, with tokens and secrets masked.
type APICall struct {
	ID      int64         `json:"id"`
	At      time.Time     `json:"at"` // virtual
	Method  string        `json:"method"`
	Path    string        `json:"path"`
	Query   string        `json:"query,omitempty"`
	Body    string        `json:"body,omitempty"`
	Status  int           `json:"status"`
	Reply   string        `json:"reply"`
	ErrCode int           `json:"errcode"`
	Fault   Fault         `json:"fault,omitempty"`
	ToUser  string        `json:"touser,omitempty"`
	Took    time.Duration `json:"took"` // real time, ns
}

// APICalls are the newest calls, oldest first (Options.Keep of them).
func (p *Platform) APICalls() []APICall {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []APICall
	for _, c := range p.calls.newest() {
		list = append(list, *c)
	}
	return list
}

// apiErr is an errcode with the platform's words.
type apiErr struct {
	code int
	msg  string
}

func fail(code int, format string, args ...any) *apiErr {
	return &apiErr{code, fmt.Sprintf(format, args...)}
}

// call is one API call while it is answered.
type call struct {
	r     *http.Request
	body  []byte
	now   time.Time
	token string
}

// decode reads the JSON body.
func (c *call) decode(v any) *apiErr {
	if err := json.Unmarshal(c.body, v); err != nil {
		return fail(47001, "data format error")
	}
	return nil
}

// rawAnswer is an answer that is no JSON.
type rawAnswer struct {
	contentType, disposition string
	data                     []byte
}

// endpoint is one row of the API.
type endpoint struct {
	method string // "" = both
	open   bool   // no access_token
	rights bool   // verified accounts only
	maxLen int64
	serve  func(*Platform, *call) (any, *apiErr)
}

// endpoints is the API by path.
func endpoints() map[string]endpoint {
	const body, media = 1 << 20, 12 << 20
	get, post := http.MethodGet, http.MethodPost
	return map[string]endpoint{
		"/cgi-bin/stable_token":              {method: post, open: true, maxLen: body, serve: (*Platform).stableToken},
		"/cgi-bin/token":                     {method: get, open: true, maxLen: body, serve: (*Platform).plainToken},
		"/cgi-bin/message/custom/send":       {method: post, rights: true, maxLen: body, serve: (*Platform).customSend},
		"/cgi-bin/message/custom/typing":     {method: post, rights: true, maxLen: body, serve: (*Platform).typing},
		"/cgi-bin/message/template/send":     {method: post, rights: true, maxLen: body, serve: (*Platform).templateSend},
		"/cgi-bin/message/subscribe/bizsend": {method: post, rights: true, maxLen: body, serve: (*Platform).subscribeSend},
		"/cgi-bin/menu/create":               {method: post, maxLen: body, serve: (*Platform).menuCreate},
		"/cgi-bin/menu/get":                  {method: get, maxLen: body, serve: (*Platform).menuGet},
		"/cgi-bin/menu/delete":               {method: get, maxLen: body, serve: (*Platform).menuDelete},
		"/cgi-bin/qrcode/create":             {method: post, rights: true, maxLen: body, serve: (*Platform).qrCreate},
		"/cgi-bin/showqrcode":                {method: get, open: true, maxLen: body, serve: (*Platform).qrShow},
		"/cgi-bin/user/info":                 {method: get, rights: true, maxLen: body, serve: (*Platform).userInfo},
		"/cgi-bin/media/upload":              {method: post, rights: true, maxLen: media, serve: (*Platform).mediaUpload},
		"/cgi-bin/media/get":                 {method: get, rights: true, maxLen: body, serve: (*Platform).mediaGet},
		"/cgi-bin/ticket/getticket":          {method: get, maxLen: body, serve: (*Platform).jsapiTicket},
		"/sns/oauth2/access_token":           {method: get, open: true, maxLen: body, serve: (*Platform).oauthToken},
		"/sns/oauth2/refresh_token":          {method: get, open: true, maxLen: body, serve: (*Platform).oauthRefresh},
		"/sns/userinfo":                      {method: get, open: true, maxLen: body, serve: (*Platform).oauthUserInfo},
		"/sns/auth":                          {method: get, open: true, maxLen: body, serve: (*Platform).oauthCheck},
	}
}

// Handler serves the API (/cgi-bin/, /sns/), the consent page (/connect/oauth2/authorize), pictures (/mmbiz/) and the
// phone page (/phone/). Mount it at the root of its own host.
func (p *Platform) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, e := range endpoints() {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { p.serveAPI(w, r, e) })
	}
	unknown := endpoint{open: true, serve: func(*Platform, *call) (any, *apiErr) { return nil, fail(40066, "invalid url") }}
	for _, prefix := range []string{"/cgi-bin/", "/sns/"} {
		mux.HandleFunc(prefix, func(w http.ResponseWriter, r *http.Request) { p.serveAPI(w, r, unknown) })
	}
	mux.HandleFunc("GET /mmbiz/{id}", p.servePicture)
	mux.HandleFunc("GET /connect/oauth2/authorize", p.serveConsent)
	mux.HandleFunc("POST /connect/oauth2/authorize", p.serveDecision)
	p.mountPhone(mux)
	return mux
}

// serveAPI answers one call: faults, token, rights, the endpoint; then the log.
func (p *Platform) serveAPI(w http.ResponseWriter, r *http.Request, e endpoint) {
	started := time.Now()
	c := &call{r: r, now: p.clock.Now(), token: r.URL.Query().Get("access_token")}
	var err error
	if c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, max(e.maxLen, 1<<16))); err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	kind, struck := p.faults.strikeAPI(r.URL.Path, !e.open)
	entry := &APICall{At: c.now, Method: r.Method, Path: r.URL.Path, Query: maskQuery(r.URL.Query()), Fault: kind.name,
		Body: mask(printable(r, c.body)), ToUser: toUser(c.body)}
	status, header, answer := http.StatusOK, "application/json; encoding=utf-8", []byte(nil)
	disposition := ""
	switch {
	case struck && kind.name == FaultHang:
		p.hang(r)
		status = 0
	case struck && kind.name == FaultHTTP502:
		status, header, answer = http.StatusBadGateway, "text/html", []byte("<html><body><h1>502 Bad Gateway</h1></body></html>")
	default:
		result, failure := p.dispatch(c, e, kind)
		if raw, ok := result.(rawAnswer); ok && failure == nil {
			header, disposition, answer = raw.contentType, raw.disposition, raw.data
			break
		}
		answer, entry.ErrCode = p.envelope(result, failure)
	}
	if struck && kind.name == FaultTruncatedJSON {
		answer = answer[:len(answer)/2]
	}
	entry.Status, entry.Took = status, time.Since(started)
	entry.Reply = mask(printableAnswer(header, answer))
	p.mu.Lock()
	entry.ID = p.calls.add(entry)
	p.mu.Unlock()
	if status != 0 {
		w.Header().Set("Content-Type", header)
		if disposition != "" {
			w.Header().Set("Content-Disposition", disposition)
		}
		w.WriteHeader(status)
		_, _ = w.Write(answer)
	}
	p.changed(entry.ToUser)
	if status == 0 {
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
}

// dispatch applies code faults, checks method, token and rights, and runs the endpoint.
func (p *Platform) dispatch(c *call, e endpoint, kind faultKind) (any, *apiErr) {
	if e.method != "" && c.r.Method != e.method {
		if e.method == http.MethodPost {
			return nil, fail(43002, "require POST method")
		}
		return nil, fail(43001, "require GET method")
	}
	switch {
	case kind.name == FaultTokenExpired:
		p.ExpireTokens()
	case kind.name == FaultTokenRevoked:
		p.revokeToken(c.token)
	case kind.code == 40001:
		return nil, invalidCredential()
	case kind.code != 0:
		return nil, fail(kind.code, "%s", words(kind.code))
	}
	if !e.open {
		if failure := p.checkToken(c.token, c.now); failure != nil {
			return nil, failure
		}
	}
	if e.rights && !p.Verified() {
		return nil, fail(48001, "%s", words(48001))
	}
	return e.serve(p, c)
}

// envelope writes an answer or an errcode with a rid, as the platform does.
func (p *Platform) envelope(result any, failure *apiErr) ([]byte, int) {
	if failure != nil {
		p.mu.Lock()
		rid := fmt.Sprintf("%s-%s-%s", p.randomText(8), p.randomText(8), p.randomText(8))
		p.mu.Unlock()
		result = map[string]any{"errcode": failure.code, "errmsg": failure.msg + " rid: " + rid}
	} else if result == nil {
		result = map[string]any{"errcode": 0, "errmsg": "ok"}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(result) // plain maps and structs: cannot fail
	if failure != nil {
		return bytes.TrimSpace(b.Bytes()), failure.code
	}
	return bytes.TrimSpace(b.Bytes()), 0
}

// hang waits until the caller gives up.
func (p *Platform) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-p.ctx.Done():
	case <-time.After(hangLimit):
	}
}

// words are the platform's errmsg for codes that faults inject.
func words(code int) string {
	switch code {
	case -1:
		return "system error"
	case 40164:
		return "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist"
	case 43004:
		return "require subscribe"
	case 43101:
		return "user refuse to accept the msg"
	case 45009:
		return "reach max api daily quota limit"
	case 45011:
		return "api minute-quota reach limit, must slower, retry next minute"
	case 45015:
		return "response out of time limit or subscription is canceled"
	case 45047:
		return "out of response count limit"
	case 47003:
		return "argument invalid! data.thing1.value invalid"
	case 48001:
		return "api unauthorized"
	default:
		return "error " + strconv.Itoa(code)
	}
}

var secretField = regexp.MustCompile(`("(?:access_token|refresh_token|secret|ticket)"\s*:\s*")([^"]{0,6})[^"]*"`)

// mask hides tokens and secrets in a JSON text.
func mask(s string) string { return secretField.ReplaceAllString(s, `$1$2…"`) }
