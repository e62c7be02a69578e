package wechat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The tests speak to the code as the platform does, with crypto of their own on the standard library: a mistake in
// the SDK's helpers cannot hide by being made twice.

const (
	testAppID = "wx1234567890abcdef"
	testToken = "spamtest"
	testGH    = "gh_0123456789ab"
	testUser  = "oUser_abcdefghijklmnopqrstuv"
	keyNew    = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	keyOld    = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
	keyOther  = "0000000000000000000000000000000000000000000"
)

var testNow = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func clockAt(t time.Time) func() time.Time { return func() time.Time { return t } }

func newTestCallback(t testing.TB, keys ...string) *Callback {
	t.Helper()
	return configured(t, Config{AppID: testAppID, Token: testToken, AESKeys: keys}, clockAt(testNow))
}

func configured(t testing.TB, cfg Config, now func() time.Time) *Callback {
	t.Helper()
	c, err := NewCallback(cfg, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sign(parts ...string) string {
	parts = append([]string(nil), parts...)
	sort.Strings(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// plainQuery is the query of a plaintext push at the time at.
func plainQuery(at time.Time) url.Values {
	ts, nonce := strconv.FormatInt(at.Unix(), 10), "1320562132"
	return url.Values{"timestamp": {ts}, "nonce": {nonce}, "signature": {sign(testToken, ts, nonce)}, "openid": {testUser}}
}

// safePush is the query and body of a push in safe mode.
func safePush(key, appID, message string, at time.Time) (url.Values, []byte) {
	secret := encryptAs(key, appID, message)
	q := plainQuery(at)
	q.Set("encrypt_type", "aes")
	q.Set("msg_signature", sign(testToken, q.Get("timestamp"), q.Get("nonce"), secret))
	return q, []byte("<xml><ToUserName><![CDATA[" + testGH + "]]></ToUserName><Encrypt><![CDATA[" + secret + "]]></Encrypt></xml>")
}

func rawKey(key string) []byte {
	raw, err := base64.StdEncoding.DecodeString(key + "=")
	if err != nil {
		panic(err)
	}
	return raw
}

func encryptAs(key, appID, message string) string {
	var b bytes.Buffer
	b.WriteString("0123456789abcdef")
	_ = binary.Write(&b, binary.BigEndian, uint32(len(message)))
	b.WriteString(message + appID)
	pad := 32 - b.Len()%32
	b.Write(bytes.Repeat([]byte{byte(pad)}, pad))
	block, err := aes.NewCipher(rawKey(key))
	if err != nil {
		panic(err)
	}
	out := b.Bytes()
	cipher.NewCBCEncrypter(block, rawKey(key)[:16]).CryptBlocks(out, out)
	return base64.StdEncoding.EncodeToString(out)
}

// sealedReply is what the platform reads from an encrypted reply.
type sealedReply struct {
	Encrypt, MsgSignature, TimeStamp, Nonce string
}

// openReply checks and decrypts a reply as the platform does.
func openReply(t testing.TB, key string, body []byte) (inner []byte, outer sealedReply) {
	t.Helper()
	if err := xml.Unmarshal(body, &outer); err != nil {
		t.Fatalf("reply is no XML: %v\n%s", err, body)
	}
	if want := sign(testToken, outer.TimeStamp, outer.Nonce, outer.Encrypt); outer.MsgSignature != want {
		t.Fatalf("reply is signed %q, want %q", outer.MsgSignature, want)
	}
	data, err := base64.StdEncoding.DecodeString(outer.Encrypt)
	if err != nil || len(data) == 0 || len(data)%32 != 0 {
		t.Fatalf("Encrypt has %d bytes, err %v", len(data), err)
	}
	block, err := aes.NewCipher(rawKey(key))
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCDecrypter(block, rawKey(key)[:16]).CryptBlocks(data, data)
	pad := int(data[len(data)-1])
	if pad < 1 || pad > 32 {
		t.Fatalf("padding %d: encrypted with another key", pad)
	}
	data = data[16 : len(data)-pad]
	size := binary.BigEndian.Uint32(data)
	if got := string(data[4+size:]); got != testAppID {
		t.Fatalf("reply is for AppID %q", got)
	}
	return data[4 : 4+size], outer
}

// textPush is the XML of a text message.
func textPush(content, id string) string {
	return pushXML("text", "<Content><![CDATA["+content+"]]></Content><MsgId>"+id+"</MsgId>")
}

// pushXML is the XML of a push with the common fields.
func pushXML(msgType, rest string) string {
	return "<xml><ToUserName><![CDATA[" + testGH + "]]></ToUserName>\n<FromUserName><![CDATA[" + testUser + "]]></FromUserName>\n" +
		"<CreateTime>" + strconv.FormatInt(testNow.Unix()-1, 10) + "</CreateTime>\n<MsgType><![CDATA[" + msgType + "]]></MsgType>\n" + rest + "\n</xml>"
}

// openPlain opens a push in plaintext mode.
func openPlain(t testing.TB, body string) (*Push, error) {
	t.Helper()
	return newTestCallback(t).Open(plainQuery(testNow), "text/xml", []byte(body))
}

func mustOpen(t testing.TB, body string) *Push {
	t.Helper()
	p, err := openPlain(t, body)
	if err != nil {
		t.Fatalf("Open: %v\n%s", err, body)
	}
	return p
}

func wantReason(t testing.TB, err error, want Reason) {
	t.Helper()
	if got := ReasonOf(err); got != want {
		t.Fatalf("got reason %q (%v), want %q", got, err, want)
	}
}
