package simulator

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// account is a tiny enterprise server on the SDK's own utilities: what stands behind the official account in these tests.
type account struct {
	*httptest.Server
	t      *testing.T
	keys   []string // current, then previous
	answer func(in inbound) string

	mu   sync.Mutex
	seen []inbound
}

// inbound is what the account read from one delivery.
type inbound struct {
	XMLName      xml.Name `xml:"xml"`
	ToUserName   string
	FromUserName string
	CreateTime   int64
	MsgType      string
	MsgID        string `xml:"MsgId"`
	TemplateMsg  string `xml:"MsgID"`
	Content      string
	MenuID       string `xml:"bizmsgmenuid"`
	PicURL       string `xml:"PicUrl"`
	MediaID      string `xml:"MediaId"`
	MediaID16K   string `xml:"MediaId16K"`
	Format       string
	ThumbMediaID string `xml:"ThumbMediaId"`
	Lat          string `xml:"Location_X"`
	Label        string
	Title        string
	URL          string `xml:"Url"`
	Event        string
	EventKey     string
	Ticket       string
	Status       string
	Popups       []struct {
		TemplateID string `xml:"TemplateId"`
		Status     string `xml:"SubscribeStatusString"`
	} `xml:"SubscribeMsgPopupEvent>List"`

	Encrypt   string
	query     map[string]string
	body      string
	arrived   time.Time
	refused   string
	key       string
	ctx       context.Context
	delivered int // 1 for the first delivery of this MsgId or event
}

const (
	testAppID  = "wx5823bf96d3bd56c7"
	testSecret = "0123456789abcdef0123456789abcdef"
	testToken  = "QDG6eK"
	keyOne     = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	keyTwo     = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	testGH     = "gh_greendesk01"
)

// table is one platform with one account behind it and one follower.
type table struct {
	*Platform
	account *account
	api     *httptest.Server
	openid  string
	t       *testing.T
}

// hasty cuts passive replies off soon, so that redelivery is quick to watch. It
// is for accounts that do not answer: others may need longer on a busy machine.
func hasty(o *Options) { o.PassiveTimeout = 150 * time.Millisecond }

// newTable starts both servers.
func newTable(t *testing.T, change func(*Options)) *table {
	t.Helper()
	opt := Options{
		AppID: testAppID, Secret: testSecret, Token: testToken, AESKeys: []string{keyOne}, Verified: true,
		PassiveTimeout: time.Minute, Seed: 7,
	}
	if change != nil {
		change(&opt)
	}
	a := &account{t: t, keys: append([]string{keyTwo}, opt.AESKeys...), answer: func(in inbound) string { return echo(in) }}
	if opt.Mode == Plain {
		a.keys = nil
	}
	a.Server = httptest.NewServer(a)
	opt.CallbackURL = a.URL + "/wechat"
	p, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	s := &table{Platform: p, account: a, openid: Presets()[0].OpenID, t: t}
	s.api = httptest.NewServer(p.Handler())
	t.Cleanup(func() {
		p.Close()
		s.api.Close()
		a.Close()
	})
	return s
}

// following is newTable with the first preset following; the welcome is out of the way.
func following(t *testing.T, change func(*Options)) *table {
	t.Helper()
	s := newTable(t, change)
	if _, err := s.Follow(s.openid, ""); err != nil {
		t.Fatal(err)
	}
	return s
}

// text sends a text and wants no error.
func (s *table) text(text string) *Exchange {
	s.t.Helper()
	e, err := s.SendText(s.openid, text)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

// last is the newest bubble of the follower's chat.
func (s *table) last() Bubble {
	s.t.Helper()
	all := s.Transcript(s.openid)
	if len(all) == 0 {
		s.t.Fatal("the chat is empty")
	}
	return all[len(all)-1]
}

// echo repeats the text as a passive reply; events are acknowledged.
func echo(in inbound) string {
	if in.MsgType != "text" {
		return "success"
	}
	return passive(in, "回声："+in.Content)
}

// passive is a text reply to in.
func passive(in inbound, text string) string {
	return fmt.Sprintf("<xml><ToUserName>%s</ToUserName><FromUserName>%s</FromUserName><CreateTime>%d</CreateTime>"+
		"<MsgType>text</MsgType><Content><![CDATA[%s]]></Content></xml>", in.FromUserName, in.ToUserName, in.CreateTime, text)
}

// received are the deliveries so far, those refused included.
func (a *account) received() []inbound {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]inbound(nil), a.seen...)
}

// reply sets what the account answers from now on.
func (a *account) reply(f func(in inbound) string) {
	a.mu.Lock()
	a.answer = f
	a.mu.Unlock()
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("signature") != util.Signature(testToken, q.Get("timestamp"), q.Get("nonce")) {
		a.refuse(w, inbound{}, "signature")
		return
	}
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, q.Get("echostr"))
		return
	}
	body, _ := io.ReadAll(r.Body)
	in := inbound{arrived: time.Now(), body: string(body), query: map[string]string{}, ctx: r.Context()}
	for k := range q {
		in.query[k] = q.Get(k)
	}
	if why := a.open(&in, body); why != "" {
		a.refuse(w, in, why)
		return
	}
	a.mu.Lock()
	in.delivered = 1
	for _, earlier := range a.seen {
		if in.MsgID != "" && earlier.MsgID == in.MsgID {
			in.delivered++
		}
	}
	a.seen = append(a.seen, in)
	answer := a.answer
	a.mu.Unlock()
	_, _ = io.WriteString(w, a.seal(in, answer(in)))
}

// open checks and decodes one delivery.
func (a *account) open(in *inbound, body []byte) string {
	if err := xml.Unmarshal(body, in); err != nil {
		return "xml: " + err.Error()
	}
	if len(a.keys) == 0 {
		return ""
	}
	if in.query["encrypt_type"] != "aes" {
		return "downgrade"
	}
	if in.query["msg_signature"] != util.Signature(testToken, in.query["timestamp"], in.query["nonce"], in.Encrypt) {
		return "msg_signature"
	}
	for _, key := range a.keys {
		_, plain, err := util.DecryptMsg(testAppID, in.Encrypt, key)
		if err != nil {
			continue
		}
		in.key = key
		if err := xml.Unmarshal(plain, in); err != nil {
			return "inner xml: " + err.Error()
		}
		return ""
	}
	return "decrypt"
}

func (a *account) refuse(w http.ResponseWriter, in inbound, why string) {
	in.refused = why
	a.mu.Lock()
	a.seen = append(a.seen, in)
	a.mu.Unlock()
	http.Error(w, why, http.StatusForbidden)
}

// seal encrypts a reply with the key that opened the push; success and raw: answers stay as they are.
func (a *account) seal(in inbound, answer string) string {
	if len(answer) > 4 && answer[:4] == "raw:" {
		return answer[4:]
	}
	if in.key == "" || answer == "" || answer == "success" {
		return answer
	}
	sealed, err := util.EncryptMsg([]byte("0123456789abcdef"), []byte(answer), testAppID, in.key)
	if err != nil {
		a.t.Error(err)
	}
	ts, nonce := "1700000000", "n0nce"
	return fmt.Sprintf("<xml><Encrypt><![CDATA[%s]]></Encrypt><MsgSignature>%s</MsgSignature><TimeStamp>%s</TimeStamp><Nonce>%s</Nonce></xml>",
		sealed, util.Signature(testToken, ts, nonce, string(sealed)), ts, nonce)
}
