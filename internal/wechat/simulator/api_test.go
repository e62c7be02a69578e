package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// answer is any JSON answer of the API.

type answer map[string]any

func (a answer) code() int { n, _ := a["errcode"].(float64); return int(n) }

func (a answer) text(name string) string { s, _ := a[name].(string); return s }

// do calls the API; a body that is no string is sent as JSON.

func (s *table) do(method, path string, body any) answer {
	s.t.Helper()
	status, raw := s.fetch(method, path, body)
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil || status != http.StatusOK {
		s.t.Fatalf("%s %s: HTTP %d %q", method, path, status, raw)
	}
	return a
}

func (s *table) fetch(method, path string, body any) (int, []byte) {
	s.t.Helper()
	text, isText := body.(string)
	if !isText && body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		text = string(b)
	}
	req, err := http.NewRequest(method, s.api.URL+path, strings.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, raw
}

// stable fetches the stable token.

func (s *table) stable(force bool) answer {
	s.t.Helper()
	return s.do("POST", "/cgi-bin/stable_token", map[string]any{
		"grant_type": "client_credential", "appid": testAppID, "secret": testSecret, "force_refresh": force})
}

// with is a path with a good token.

func (s *table) with(path string) string {
	s.t.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + "access_token=" + s.stable(false).text("access_token")
}

// custom sends a customer-service text and returns the errcode.

func (s *table) custom(text string) int {
	s.t.Helper()
	return s.do("POST", s.with("/cgi-bin/message/custom/send"), textMessage(s.openid, text)).code()
}

func textMessage(openid, text string) map[string]any {
	return map[string]any{"touser": openid, "msgtype": "text", "text": map[string]string{"content": text}}
}

// idle waits until no push is under way.

func (s *table) idle() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.WaitIdle(ctx); err != nil {
		s.t.Fatal(err)
	}
}

func TestUnknownAddressIsAnErrcode(t *testing.T) {
	s := newTable(t, nil)
	if code := s.do("GET", "/cgi-bin/nothing", nil).code(); code != 40066 {
		t.Errorf("code %d", code)
	}
}

func TestAPILogHoldsNoSecrets(t *testing.T) {
	s := following(t, nil)
	token := s.stable(false).text("access_token")
	s.text("你好")
	s.custom("答复")
	log, err := json.Marshal(s.APICalls())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(log, []byte(testSecret)) || bytes.Contains(log, []byte(token)) {
		t.Error("a secret or token is in the log")
	}
	if !bytes.Contains(log, []byte("答复")) {
		t.Error("the message is not in the log")
	}
}

func TestNewRefusesHalfAnAccount(t *testing.T) {
	for name, opt := range map[string]Options{
		"no secret": {AppID: "a", Token: "t"},
		"no key":    {AppID: "a", Secret: "s", Token: "t", Mode: Safe},
		"short key": {AppID: "a", Secret: "s", Token: "t", AESKeys: []string{"x"}},
		"bad mode":  {AppID: "a", Secret: "s", Token: "t", Mode: "loud"},
	} {
		if _, err := New(opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestClosedPlatformPushesNothing(t *testing.T) {
	s := following(t, nil)
	s.Close()
	if _, err := s.SendText(s.openid, "喂"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/phone/api/events", nil))
	if rec.Code != http.StatusOK {
		t.Errorf("events after Close: %d", rec.Code)
	}
}
