package wechat

import (
	"bytes"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestVerifyURLAcceptsTheOfficialVectors(t *testing.T) {
	for _, v := range []struct{ ts, nonce, signature string }{
		{"1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"},
		{"1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"},
	} {
		seconds, _ := strconv.ParseInt(v.ts, 10, 64)
		c := configured(t, Config{AppID: testAppID, Token: "AAAAA"}, clockAt(time.Unix(seconds, 0)))
		echo, err := c.VerifyURL(url.Values{"signature": {v.signature}, "timestamp": {v.ts}, "nonce": {v.nonce}, "echostr": {"4375120948345356249"}})
		if err != nil || echo != "4375120948345356249" {
			t.Fatalf("got %q, %v", echo, err)
		}
	}
}

func TestVerifyURLRefuses(t *testing.T) {
	c := newTestCallback(t, keyNew)
	for name, x := range map[string]struct {
		change func(url.Values)
		want   Reason
	}{
		"a wrong signature":         {func(q url.Values) { q.Set("signature", strings.Repeat("0", 40)) }, ReasonBadSignature},
		"no signature":              {func(q url.Values) { q.Del("signature") }, ReasonBadSignature},
		"a signature in capitals":   {func(q url.Values) { q.Set("signature", strings.ToUpper(q.Get("signature"))) }, ReasonBadSignature},
		"the start of a signature":  {func(q url.Values) { q.Set("signature", q.Get("signature")[:39]) }, ReasonBadSignature},
		"a longer signature":        {func(q url.Values) { q.Set("signature", q.Get("signature")+"0") }, ReasonBadSignature},
		"another nonce":             {func(q url.Values) { q.Set("nonce", "1") }, ReasonBadSignature},
		"no nonce":                  {func(q url.Values) { q.Del("nonce"); q.Set("signature", sign(testToken, q.Get("timestamp"))) }, ReasonBadSignature},
		"no echostr":                {func(q url.Values) { q.Del("echostr") }, ReasonBadBody},
		"an echostr that is markup": {func(q url.Values) { q.Set("echostr", "<script>alert(1)</script>") }, ReasonBadBody},
		"an endless echostr":        {func(q url.Values) { q.Set("echostr", strings.Repeat("1", 300)) }, ReasonBadBody},
	} {
		t.Run(name, func(t *testing.T) {
			q := plainQuery(testNow)
			q.Set("echostr", "12345")
			x.change(q)
			echo, err := c.VerifyURL(q)
			wantReason(t, err, x.want)
			if echo != "" {
				t.Fatalf("reflected %q", echo)
			}
		})
	}
}

func TestOpenAndSealInEveryMode(t *testing.T) {
	message := textPush("小微企业安全风险分级怎么做？", "6054768590064713728")
	compat := func(key string) (url.Values, []byte) {
		q, body := safePush(key, testAppID, message, testNow)
		secret := body[bytes.Index(body, []byte("<Encrypt>")):]
		lie := strings.TrimSuffix(strings.ReplaceAll(message, testUser, "somebody else"), "</xml>")
		return q, append([]byte(lie), secret...)
	}
	for name, x := range map[string]struct {
		keys []string
		key  string // the reply's
		push func() (url.Values, []byte)
	}{
		"plain":                {nil, "", func() (url.Values, []byte) { return plainQuery(testNow), []byte(message) }},
		"safe":                 {[]string{keyNew}, keyNew, func() (url.Values, []byte) { return safePush(keyNew, testAppID, message, testNow) }},
		"safe, previous key":   {[]string{keyNew, keyOld}, keyOld, func() (url.Values, []byte) { return safePush(keyOld, testAppID, message, testNow) }},
		"safe, current of two": {[]string{keyNew, keyOld}, keyNew, func() (url.Values, []byte) { return safePush(keyNew, testAppID, message, testNow) }},
		"compat":               {[]string{keyNew}, keyNew, func() (url.Values, []byte) { return compat(keyNew) }},
		"compat, previous key": {[]string{keyNew, keyOld}, keyOld, func() (url.Values, []byte) { return compat(keyOld) }},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTestCallback(t, x.keys...)
			q, body := x.push()
			p, err := c.Open(q, "text/xml; charset=utf-8", body)
			if err != nil {
				t.Fatal(err)
			}
			if p.Content != "小微企业安全风险分级怎么做？" || p.FromUser != testUser || p.ToUser != testGH {
				t.Fatalf("opened %+v", p)
			}
			reply, err := c.Seal(p, TextReply("收到"))
			if err != nil {
				t.Fatal(err)
			}
			if x.key != "" {
				reply, _ = openReply(t, x.key, reply)
			}
			if want := "<ToUserName><![CDATA[" + testUser + "]]></ToUserName><FromUserName><![CDATA[" + testGH + "]]>"; !strings.Contains(string(reply), want) {
				t.Fatalf("names are not swapped: %s", reply)
			}
		})
	}
}

func TestEachSealedReplyIsFresh(t *testing.T) {
	c := newTestCallback(t, keyNew)
	p := &Push{FromUser: testUser, ToUser: testGH}
	seen := map[string]bool{}
	for range 50 {
		body, err := c.Seal(p, TextReply("好"))
		if err != nil {
			t.Fatal(err)
		}
		_, outer := openReply(t, keyNew, body)
		if seen[outer.Nonce] || seen[outer.Encrypt] {
			t.Fatal("a nonce or a ciphertext came twice")
		}
		seen[outer.Nonce], seen[outer.Encrypt] = true, true
		if outer.TimeStamp != strconv.FormatInt(testNow.Unix(), 10) {
			t.Fatalf("timestamp %s", outer.TimeStamp)
		}
	}
}

func TestPlaintextIsRefusedOnceAKeyIsSet(t *testing.T) {
	c := newTestCallback(t, keyNew)
	forged := []byte(textPush("forged", "1"))
	_, secret := safePush(keyNew, testAppID, textPush("captured", "2"), testNow)
	for name, x := range map[string]struct {
		set  map[string]string
		body []byte
		want Reason
	}{
		"encrypt_type dropped":                {nil, forged, ReasonDowngrade},
		"encrypt_type raw":                    {map[string]string{"encrypt_type": "raw"}, forged, ReasonDowngrade},
		"aes without msg_signature":           {map[string]string{"encrypt_type": "aes"}, forged, ReasonDowngrade},
		"aes with an empty msg_signature":     {map[string]string{"encrypt_type": "aes", "msg_signature": ""}, secret, ReasonDowngrade},
		"aes over a plaintext body":           {map[string]string{"encrypt_type": "aes", "msg_signature": sign(testToken)}, forged, ReasonBadBody},
		"aes with the signature of the query": {map[string]string{"encrypt_type": "aes", "msg_signature": plainQuery(testNow).Get("signature")}, secret, ReasonBadSignature},
		"AES in capitals":                     {map[string]string{"encrypt_type": "AES"}, forged, ReasonDowngrade},
	} {
		t.Run(name, func(t *testing.T) {
			q := plainQuery(testNow) // its signature is right: it covers no body
			for k, v := range x.set {
				q.Set(k, v)
			}
			p, err := c.Open(q, "text/xml", x.body)
			wantReason(t, err, x.want)
			if p != nil {
				t.Fatalf("opened %+v", p)
			}
		})
	}
}

func TestEncryptedPushIsRefusedWithoutAKey(t *testing.T) {
	q, body := safePush(keyNew, testAppID, textPush("x", "1"), testNow)
	_, err := newTestCallback(t).Open(q, "text/xml", body)
	wantReason(t, err, ReasonUnsupported)
}

func TestTamperedCiphertextIsRefused(t *testing.T) {
	c := newTestCallback(t, keyNew)
	q, body := safePush(keyNew, testAppID, textPush("x", "1"), testNow)
	at := bytes.Index(body, []byte("<Encrypt>")) + 40
	body[at] ^= 1
	_, err := c.Open(q, "text/xml", body)
	wantReason(t, err, ReasonBadSignature)
}

func TestTwoEncryptElementsAreRefused(t *testing.T) {
	c := newTestCallback(t, keyNew)
	q, body := safePush(keyNew, testAppID, textPush("x", "1"), testNow)
	twice := bytes.Replace(body, []byte("<Encrypt>"), []byte("<Encrypt>AAAA</Encrypt><Encrypt>"), 1)
	_, err := c.Open(q, "text/xml", twice)
	wantReason(t, err, ReasonBadBody)
}

func TestForeignKeysAndAppIDsAreRefused(t *testing.T) {
	c := newTestCallback(t, keyNew, keyOld)
	q, body := safePush(keyOther, testAppID, textPush("x", "1"), testNow)
	_, err := c.Open(q, "text/xml", body)
	wantReason(t, err, ReasonUndecryptable)

	q, body = safePush(keyNew, "wxffffffffffffffff", textPush("x", "1"), testNow)
	_, err = c.Open(q, "text/xml", body)
	wantReason(t, err, ReasonBadAppID)

	cfg := Config{AppID: testAppID, Token: testToken, OriginalID: "gh_another"}
	_, err = configured(t, cfg, clockAt(testNow)).Open(plainQuery(testNow), "text/xml", []byte(textPush("x", "1")))
	wantReason(t, err, ReasonBadRecipient)
}

func TestFreshnessWindow(t *testing.T) {
	in2040 := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		now    time.Time
		offset time.Duration
		want   Reason
	}{
		"now":                      {testNow, 0, ""},
		"five minutes old":         {testNow, -5 * time.Minute, ""},
		"more than that":           {testNow, -5*time.Minute - time.Second, ReasonStale},
		"five minutes ahead":       {testNow, 5 * time.Minute, ""},
		"more ahead":               {testNow, 5*time.Minute + time.Second, ReasonStale},
		"captured yesterday":       {testNow, -24 * time.Hour, ReasonStale},
		"after 2038":               {in2040, 0, ""},
		"after 2038, a minute old": {in2040, -time.Minute, ""},
		"after 2038, an hour old":  {in2040, -time.Hour, ReasonStale},
	} {
		t.Run(name, func(t *testing.T) {
			c := configured(t, Config{AppID: testAppID, Token: testToken, AESKeys: []string{keyNew}}, clockAt(x.now))
			q, body := safePush(keyNew, testAppID, textPush("x", "1"), x.now.Add(x.offset))
			p, err := c.Open(q, "text/xml", body)
			wantReason(t, err, x.want)
			if x.want != "" {
				return
			}
			if body, err = c.Seal(p, TextReply("好")); err != nil {
				t.Fatal(err)
			}
			if _, outer := openReply(t, keyNew, body); outer.TimeStamp != strconv.FormatInt(x.now.Unix(), 10) {
				t.Fatalf("reply timestamp %s", outer.TimeStamp)
			}
		})
	}
	for _, ts := range []string{"soon", "-1", "99999999999999999999", "1e9"} {
		q := url.Values{"timestamp": {ts}, "nonce": {"1"}, "signature": {sign(testToken, ts, "1")}}
		_, err := newTestCallback(t).Open(q, "text/xml", []byte(textPush("x", "1")))
		wantReason(t, err, ReasonStale)
	}
}

func TestPostWithEchostrIsHandledAsAPush(t *testing.T) {
	c := newTestCallback(t, keyNew)
	q, body := safePush(keyNew, testAppID, textPush("真的消息", "1"), testNow)
	q.Set("echostr", "<script>")
	p, err := c.Open(q, "text/xml", body)
	if err != nil || p.Content != "真的消息" {
		t.Fatalf("got %+v, %v", p, err)
	}
	q.Set("msg_signature", "0")
	_, err = c.Open(q, "text/xml", body)
	wantReason(t, err, ReasonBadSignature)
}

func TestOnlyXMLIsOpened(t *testing.T) {
	c := newTestCallback(t)
	for contentType, want := range map[string]Reason{
		"": "", "text/xml": "", "application/xml": "", "text/xml;charset=UTF-8": "", "TEXT/XML": "",
		"application/json": ReasonUnsupported, "application/json; charset=utf-8": ReasonUnsupported,
		"text/json": ReasonUnsupported, "text/xml+json": ReasonUnsupported, "text/plain": ReasonUnsupported,
		"multipart/form-data; boundary=x": ReasonUnsupported, "///": ReasonUnsupported,
	} {
		_, err := c.Open(plainQuery(testNow), contentType, []byte(textPush("x", "1")))
		if got := ReasonOf(err); got != want {
			t.Errorf("%q: got %q, want %q", contentType, got, want)
		}
	}
	_, err := c.Open(plainQuery(testNow), "text/xml", []byte(`{"ToUserName":"a","FromUserName":"b","CreateTime":1,"MsgType":"text"}`))
	wantReason(t, err, ReasonBadBody)
}

func TestBodiesAreLimited(t *testing.T) {
	fits := textPush(strings.Repeat("a", MaxBody-len(textPush("", "1"))), "1")
	if len(fits) != MaxBody {
		t.Fatal(len(fits))
	}
	mustOpen(t, fits)
	_, err := openPlain(t, fits+" ")
	wantReason(t, err, ReasonTooLarge)

	if body, err := ReadBody(strings.NewReader(fits)); err != nil || len(body) != MaxBody {
		t.Fatalf("read %d, %v", len(body), err)
	}
	endless := &countingReader{}
	_, err = ReadBody(endless)
	wantReason(t, err, ReasonTooLarge)
	if endless.read > 2*MaxBody {
		t.Fatalf("read %d bytes of an endless body", endless.read)
	}
}

type countingReader struct{ read int }

func (r *countingReader) Read(p []byte) (int, error) { r.read += len(p); return len(p), nil }

func TestAPanicBecomesAnError(t *testing.T) {
	c := configured(t, Config{AppID: testAppID, Token: testToken}, func() time.Time { panic("clock") })
	_, err := c.Open(plainQuery(testNow), "text/xml", []byte(textPush("x", "1")))
	wantReason(t, err, ReasonPanic)
	_, err = c.VerifyURL(plainQuery(testNow))
	wantReason(t, err, ReasonPanic)
	_, err = c.Seal(&Push{}, TextReply("x"))
	wantReason(t, err, ReasonPanic)
}

func TestCallbackErrorsTellNoSecrets(t *testing.T) {
	c := newTestCallback(t, keyNew, keyOld)
	q, body := safePush(keyOther, testAppID, textPush("机密内容", "1"), testNow)
	_, err := c.Open(q, "text/xml", body)
	for _, secret := range []string{keyNew, keyOld, testToken, testAppID, "机密内容", testUser} {
		if strings.Contains(err.Error(), secret) {
			t.Fatalf("%q tells %q", err, secret)
		}
	}
	var e *CallbackError
	if !errors.As(err, &e) || errors.Unwrap(err) == nil {
		t.Fatalf("%T", err)
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for _, cfg := range []Config{
		{Token: "t"}, {AppID: "a"},
		{AppID: "a", Token: "t", AESKeys: []string{"short"}},
		{AppID: "a", Token: "t", AESKeys: []string{strings.Repeat("!", 43)}},
		{AppID: "a", Token: "t", AESKeys: []string{keyNew, keyOld, keyOther}},
		{AppID: "a", Token: "t", MaxSkew: -1},
	} {
		if _, err := NewCallback(cfg, time.Now); err == nil {
			t.Errorf("accepted %+v", cfg)
		} else if strings.Contains(err.Error(), keyNew) {
			t.Errorf("%v tells a key", err)
		}
	}
	if _, err := NewCallback(Config{AppID: "a", Token: "t"}, nil); err == nil {
		t.Error("accepted no clock")
	}
}
