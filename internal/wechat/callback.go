package wechat

import (
	"errors"
	"net/url"
	"time"
)

// MaxBody is the largest callback body that is read, in bytes. Real pushes are a few KiB.
const MaxBody = 256 << 10

// Config is what the platform's console and ours agree on for the callback.
type Config struct {
	AppID string
	Token string
	// AESKeys are the EncodingAESKeys (43 characters): the current one, then the previous one while it is rotated out.
	// None means plaintext mode, in which nothing signs a body: for development only. With a key set, only encrypted
	// pushes (safe or compat mode) are accepted.
	AESKeys []string
	// OriginalID is the account's gh_… name; when set, pushes to another ToUserName are refused.
	OriginalID string
	// MaxSkew is how far a signed timestamp may be from our clock, both ways; 0 means 5 minutes.
	MaxSkew time.Duration
}

// Callback verifies, opens and answers the platform's calls to us. It keeps no state and is safe for concurrent use.
type Callback struct {
	cfg Config
	now func() time.Time
}

// NewCallback checks cfg. now is the clock that timestamps are held against.
func NewCallback(cfg Config, now func() time.Time) (*Callback, error) {
	return &Callback{cfg: cfg, now: now}, nil
}

// VerifyURL answers the GET by which the console checks our address: it returns the echostr to send back as text/plain.
func (c *Callback) VerifyURL(q url.Values) (echo string, err error) { return "", errors.New("todo") }

// Open verifies and decodes one POST.
func (c *Callback) Open(q url.Values, contentType string, body []byte) (*Push, error) {
	return nil, errors.New("todo")
}

// Seal builds the body that answers p: "success" for the zero Reply, else XML with swapped names.
func (c *Callback) Seal(p *Push, r Reply) ([]byte, error) { return nil, errors.New("todo") }
