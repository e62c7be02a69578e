package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// act is one tap on the page.
type act struct {
	Action      string  `json:"action"`
	OpenID      string  `json:"openid"`
	Text        string  `json:"text"` // text, content, name, scene, key or address, by action
	ID          string  `json:"id"`
	Lat         float64 `json:"lat"`
	Lon         float64 `json:"lon"`
	Seconds     float64 `json:"seconds"` // voice length, clock step
	On          bool    `json:"on"`
	Count       int     `json:"count"`
	Probability float64 `json:"probability"`
}

// maxTyped is how much a phone can type into one message, in letters.
const maxTyped = 4000

var errAct = errors.New("没有这个操作")

// serveAct starts what the tap does and answers at once; the outcome arrives as a live update.
func (p *Platform) serveAct(w http.ResponseWriter, r *http.Request) {
	var a act
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&a); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "请求格式不对"})
		return
	}
	answer, err := p.doAct(w, a)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": phoneWords(err)})
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func phoneWords(err error) string {
	switch {
	case errors.Is(err, ErrNotFollowing):
		return "还没有关注这个公众号"
	case errors.Is(err, ErrUnknownPerson):
		return "没有这部手机"
	default:
		return err.Error()
	}
}

func (p *Platform) doAct(w http.ResponseWriter, a act) (map[string]string, error) {
	ok := map[string]string{}
	switch a.Action {
	case "select":
		setPerson(w, a.OpenID)
		return ok, p.withUser(a.OpenID, func(u *user) { u.unseen = 0 })
	case "person":
		name := strings.TrimSpace(a.Text)
		if name == "" || utf8.RuneCountInString(name) > 30 {
			return nil, errors.New("名称要有 1 到 30 个字")
		}
		return map[string]string{"openid": p.AddPerson(Person{Name: name})}, nil
	case "verified":
		p.SetVerified(a.On)
		return ok, nil
	case "mode":
		return ok, p.SetMode(Mode(a.Text))
	case "clock":
		p.clock.Advance(time.Duration(a.Seconds * float64(time.Second)))
		p.changed("")
		return ok, nil
	case "clock-reset":
		p.clock.Reset()
		p.changed("")
		return ok, nil
	case "fault":
		if !a.On {
			p.faults.Clear(Fault(a.ID))
			return ok, nil
		}
		return ok, p.faults.Set(Fault(a.ID), Injection{Count: a.Count, Probability: a.Probability})
	case "faults-clear":
		p.faults.Clear()
		return ok, nil
	case "blocked":
		return ok, p.SetBlocked(a.OpenID, a.On)
	}
	m, err := p.pushOf(a)
	if err != nil {
		return nil, err
	}
	return ok, p.start(m)
}

// pushOf turns a tap into the push it causes.
func (p *Platform) pushOf(a act) (push, error) {
	if utf8.RuneCountInString(a.Text) > maxTyped {
		return push{}, fmt.Errorf("最多写 %d 个字", maxTyped)
	}
	switch a.Action {
	case "text":
		if strings.TrimSpace(a.Text) == "" {
			return push{}, errors.New("不能发送空白消息")
		}
		return textPush(a.OpenID, a.Text), nil
	case "tap":
		return tapPush(a.OpenID, a.ID, a.Text), nil
	case "voice":
		return p.voicePush(a.OpenID, time.Duration(min(max(a.Seconds, 1), 60)*float64(time.Second))), nil
	case "sample":
		return p.imagePush(a.OpenID, nil, ""), nil
	case "location":
		return locationPush(a.OpenID, a.Lat, a.Lon, a.Text), nil
	case "click":
		return clickPush(a.OpenID, a.Text), nil
	case "view":
		return viewPush(a.OpenID, a.Text, a.ID), nil
	case "follow", "scan":
		if p.Following(a.OpenID) {
			return p.scanPush(a.OpenID, a.Text), nil
		}
		return p.followPush(a.OpenID, a.Text), nil
	case "unfollow":
		return p.unfollowPush(a.OpenID), nil
	case "popup":
		return p.popupPush(a.OpenID, []Popup{{TemplateID: a.ID, Accept: a.On}})
	}
	return push{}, errAct
}

// maxPhoto is the largest picture that a phone sends.
const maxPhoto = 10 << 20

// serveImage takes a picture file (?openid=) and sends it.
func (p *Platform) serveImage(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPhoto))
	if err != nil {
		writeJSON(w, http.StatusRequestEntityTooLarge, map[string]string{"error": "图片不能超过 10 MB"})
		return
	}
	kind := http.DetectContentType(data)
	if !strings.HasPrefix(kind, "image/") {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "这不是图片"})
		return
	}
	if err := p.start(p.imagePush(r.URL.Query().Get("openid"), data, kind)); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": phoneWords(err)})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{})
}

// serveEvents tells the page that something changed; the page then reads the state. Server-sent events.
func (p *Platform) serveEvents(w http.ResponseWriter, r *http.Request) {
	const beat = 15 * time.Second
	l := p.hub.listen()
	defer p.hub.leave(l)
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // outlive a server's WriteTimeout where that can be lifted
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	_, _ = io.WriteString(w, "retry: 1000\ndata: [\"\"]\n\n")
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		if out.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			_, _ = io.WriteString(w, ": beat\n\n")
		case <-l.wake:
			openids, done := l.take()
			if done {
				return
			}
			notice, err := json.Marshal(openids)
			if err != nil {
				return
			}
			_, _ = fmt.Fprintf(w, "data: %s\n\n", notice)
		}
	}
}
