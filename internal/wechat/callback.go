package wechat

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// MaxBody is the largest callback body that is accepted, in bytes. Real pushes are a few KiB.
const MaxBody = 256 << 10

// DefaultMaxSkew is how far a signed timestamp may be from our clock when Config does not say.
const DefaultMaxSkew = 5 * time.Minute

// aesKeyLength is the length of an EncodingAESKey: 32 bytes in base64 without its padding.
const aesKeyLength = 43

// Config is what the platform's console and we agreed on for the callback.
type Config struct {
	AppID string
	Token string
	// AESKeys are the EncodingAESKeys (43 characters): the current one, then the previous one while it is rotated out.
	// None means plaintext mode, in which nothing protects a body: for development only. With a key, only encrypted
	// pushes (safe or compat mode) are accepted.
	AESKeys []string
	// OriginalID is the account's gh_… name; when set, pushes to another ToUserName are refused.
	OriginalID string
	// MaxSkew is how far a signed timestamp may be from our clock, both ways; 0 means DefaultMaxSkew.
	MaxSkew time.Duration
}

// Callback verifies, opens and answers the platform's calls to us. It keeps no state and is safe for concurrent use.
// It cannot know what it saw before: the caller drops redeliveries and replays by Push.Key.
type Callback struct {
	cfg Config
	now func() time.Time
}

// NewCallback checks cfg. now is the clock that timestamps are held against. Its errors name the setting to mend.
func NewCallback(cfg Config, now func() time.Time) (*Callback, error) {
	if cfg.AppID == "" || cfg.Token == "" || now == nil {
		return nil, errors.New("wechat: AppID, Token and a clock are needed")
	}
	if len(cfg.AESKeys) > 2 {
		return nil, errors.New("wechat: at most two AES keys: the current and the previous one")
	}
	for i, key := range cfg.AESKeys {
		if raw, err := base64.StdEncoding.DecodeString(key + "="); err != nil || len(raw) != 32 || len(key) != aesKeyLength {
			return nil, fmt.Errorf("wechat: AES key %d is not an EncodingAESKey of %d characters", i+1, aesKeyLength)
		}
	}
	if cfg.MaxSkew < 0 {
		return nil, errors.New("wechat: MaxSkew is negative")
	}
	if cfg.MaxSkew == 0 {
		cfg.MaxSkew = DefaultMaxSkew
	}
	return &Callback{cfg: cfg, now: now}, nil
}

// VerifyURL answers the GET by which the console checks our address: it returns the echostr, which the handler writes
// as text/plain and nothing else. Errors are CallbackErrors.
func (c *Callback) VerifyURL(q url.Values) (echo string, err error) {
	defer contain(&err)
	if err := c.authentic(q, "signature"); err != nil {
		return "", err
	}
	echo = q.Get("echostr")
	// The signature does not cover echostr: only letters that cannot become markup are reflected.
	if echo == "" || len(echo) > 256 || !allBytes(echo, isEchoByte) {
		return "", refuse(ReasonBadBody, "echostr is missing or strange")
	}
	return echo, nil
}

// ReadBody reads a callback's body, at most MaxBody bytes of it; a longer one is a CallbackError with ReasonTooLarge.
func ReadBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxBody+1))
	if err != nil {
		return nil, &CallbackError{Reason: ReasonBadBody, Err: err}
	}
	if len(body) > MaxBody {
		return nil, refuse(ReasonTooLarge, "body is too large")
	}
	return body, nil
}

// Open verifies and decodes one POST of the platform: q is its query, body at most MaxBody bytes. Whatever the query
// says, with an AES key set only an encrypted push with a right msg_signature is opened. Errors are CallbackErrors:
// answer them with an HTTP status and no body of ours, since the platform shows the user a fault for anything else.
func (c *Callback) Open(q url.Values, contentType string, body []byte) (p *Push, err error) {
	defer contain(&err)
	if len(body) > MaxBody {
		return nil, refuse(ReasonTooLarge, "body is too large")
	}
	if !isXML(contentType) {
		return nil, refuse(ReasonUnsupported, "only XML is accepted")
	}
	var key string
	if len(c.cfg.AESKeys) > 0 {
		body, key, err = c.unwrap(q, body)
	} else {
		err = c.admitPlain(q)
	}
	if err != nil {
		return nil, err
	}
	if p, err = decodePush(body); err != nil {
		return nil, bodyError(err)
	}
	if c.cfg.OriginalID != "" && p.ToUser != c.cfg.OriginalID {
		return nil, refuse(ReasonBadRecipient, "ToUserName is not this account")
	}
	p.key = key
	return p, nil
}

// admitPlain checks a push in plaintext mode.
func (c *Callback) admitPlain(q url.Values) error {
	if t := q.Get("encrypt_type"); t != "" && t != "raw" {
		return refuse(ReasonUnsupported, "encrypted, but no AES key is set")
	}
	return c.authentic(q, "signature")
}

// unwrap checks an encrypted push and decrypts it; key is the AES key that opened it. In compat mode the plaintext
// elements beside Encrypt are ignored: no signature covers them.
func (c *Callback) unwrap(q url.Values, body []byte) (plain []byte, key string, err error) {
	if q.Get("encrypt_type") != "aes" || q.Get("msg_signature") == "" {
		return nil, "", refuse(ReasonDowngrade, "not encrypted, but an AES key is set")
	}
	secret, err := encrypted(body)
	if err != nil {
		return nil, "", bodyError(err)
	}
	if err := c.authentic(q, "msg_signature", secret); err != nil {
		return nil, "", err
	}
	reason := ReasonUndecryptable
	for _, key := range c.cfg.AESKeys {
		_, plain, err := util.DecryptMsg(c.cfg.AppID, secret, key)
		if err == nil {
			return plain, key, nil
		}
		if plain != nil { // the SDK hands the text out when only its AppID is wrong
			reason = ReasonBadAppID
		}
	}
	return nil, "", refuse(reason, "no key opens it for this AppID")
}

// encrypted returns the Encrypt element of a safe or compat body.
func encrypted(body []byte) (string, error) {
	var found []byte
	err := scanXML(body, func(path [][]byte, text []byte, leaf bool) error {
		if len(path) == 2 && leaf && string(path[1]) == "Encrypt" {
			if found != nil {
				return errRepeated
			}
			found = bytes.TrimSpace(text)
		}
		return nil
	})
	if err == nil && len(found) == 0 {
		err = errors.New("no Encrypt element")
	}
	return string(found), err
}

// authentic checks the signature in parameter name over token, timestamp, nonce and extra, then the timestamp.
func (c *Callback) authentic(q url.Values, name string, extra ...string) error {
	timestamp, nonce, got := q.Get("timestamp"), q.Get("nonce"), q.Get(name)
	if timestamp == "" || nonce == "" {
		return refuse(ReasonBadSignature, "timestamp or nonce is missing")
	}
	want := util.Signature(append(extra, c.cfg.Token, timestamp, nonce)...)
	if subtle.ConstantTimeCompare([]byte(want), []byte(got)) != 1 {
		return refuse(ReasonBadSignature, name+" is wrong")
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || seconds < 0 || seconds > maxCreateTime {
		return refuse(ReasonStale, "timestamp is no time")
	}
	if skew := c.now().Sub(time.Unix(seconds, 0)); skew > c.cfg.MaxSkew || skew < -c.cfg.MaxSkew {
		return refuse(ReasonStale, "timestamp is too far from our clock")
	}
	return nil
}

// Seal builds the body that answers p: XML with the names swapped, encrypted with the key that opened p, or plain in
// plaintext mode. The zero Reply gives "success". Errors are CallbackErrors with ReasonBadReply.
func (c *Callback) Seal(p *Push, r Reply) (body []byte, err error) {
	defer contain(&err)
	if r.empty() {
		return []byte("success"), nil
	}
	if p == nil {
		return nil, refuse(ReasonBadReply, "a reply needs the push it answers")
	}
	now := c.now().Unix()
	plain, err := r.appendXML(make([]byte, 0, 512+len(r.Text)), p, now)
	if err != nil {
		return nil, err
	}
	if len(c.cfg.AESKeys) == 0 {
		return plain, nil
	}
	key := p.key
	if key == "" {
		key = c.cfg.AESKeys[0]
	}
	return c.wrap(plain, key, strconv.FormatInt(now, 10))
}

// wrap encrypts a reply and signs it with a fresh nonce.
func (c *Callback) wrap(plain []byte, key, timestamp string) ([]byte, error) {
	var random [16 + 8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, &CallbackError{Reason: ReasonBadReply, Err: err}
	}
	secret, err := util.EncryptMsg(random[:16], plain, c.cfg.AppID, key)
	if err != nil {
		return nil, &CallbackError{Reason: ReasonBadReply, Err: err}
	}
	nonce := hex.EncodeToString(random[16:])
	signature := util.Signature(c.cfg.Token, timestamp, nonce, string(secret))
	out := make([]byte, 0, len(secret)+256)
	out = append(out, "<xml><Encrypt><![CDATA["...)
	out = append(out, secret...)
	out = append(out, "]]></Encrypt><MsgSignature><![CDATA["...)
	out = append(out, signature...)
	out = append(out, "]]></MsgSignature><TimeStamp>"...)
	out = append(out, timestamp...)
	out = append(out, "</TimeStamp><Nonce><![CDATA["...)
	out = append(out, nonce...)
	return append(out, "]]></Nonce></xml>"...), nil
}

// contain turns a panic into an error: one odd push must not become the server's error page, which users would see.
func contain(err *error) {
	if v := recover(); v != nil {
		*err = &CallbackError{Reason: ReasonPanic, Err: fmt.Errorf("panic: %v", v)}
	}
}

func bodyError(err error) error {
	reason := ReasonBadBody
	if errors.Is(err, errTooDeep) {
		reason = ReasonTooDeep
	}
	return &CallbackError{Reason: reason, Err: err}
}

// isXML accepts the platform's text/xml, its sibling, and no type at all.
func isXML(contentType string) bool {
	switch contentType {
	case "", "text/xml", "application/xml":
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "text/xml" || media == "application/xml")
}

func isEchoByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '+' || c == '/' || c == '=' || c == '_' || c == '-'
}

func allBytes(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}
