package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Raw is one push exactly as asked for: whatever is left zero is made as for a genuine push.
type Raw struct {
	OpenID string // the query's openid
	XML    string // plaintext, sealed as the mode demands
	Body   []byte // sent as it is instead of the sealed XML
	// Mode, Token, AppID and AESKey replace the account's.
	Mode                 Mode
	Token, AppID, AESKey string
	Timestamp            time.Time
	Nonce                string
	// Query replaces query parameters; an empty list drops the parameter.
	Query       url.Values
	ContentType string // default text/xml
	Method      string // default POST
}

// RawPush sends one push once and reports the wire, without judging the answer or touching any chat. ctx bounds it;
// so does Options.PassiveTimeout.
func (p *Platform) RawPush(ctx context.Context, r Raw) Attempt {
	ctx, cancel := context.WithTimeout(ctx, p.opt.PassiveTimeout)
	defer cancel()
	a, _ := p.raw(ctx, r)
	a.Number = 1
	return a
}

// raw sends r and returns the attempt with the key that sealed it ("" = plain).
func (p *Platform) raw(ctx context.Context, r Raw) (Attempt, string) {
	random, target := p.fill(&r)
	a := Attempt{Plain: r.XML}
	body, query, err := r.compose(random, p.opt.OriginalID)
	if err != nil {
		a.Err = err.Error()
		return a, r.AESKey
	}
	a.Body = string(body)
	started := time.Now()
	a.URL, a.Status, a.Reply, err = p.call(ctx, r.Method, target, query, r.ContentType, body)
	a.Took = time.Since(started)
	if err != nil {
		a.Err = transportError(err, p.opt.PassiveTimeout)
	}
	a.ReplyPlain = a.Reply
	if r.Mode == Plain {
		return a, ""
	}
	if reply, perr := parseXML(a.Reply); perr == nil && reply.get("Encrypt") != "" {
		if plain, derr := decrypt(reply.get("Encrypt"), r.AppID, r.AESKey); derr == nil {
			a.ReplyPlain = plain
		}
	}
	return a, r.AESKey
}

// fill completes r with the account's own values and a fresh nonce; it returns 16 random letters and the callback URL.
func (p *Platform) fill(r *Raw) (random, target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r.Mode = Mode(orDefault(string(r.Mode), string(p.mode)))
	if r.AESKey == "" && r.Mode != Plain && len(p.keys) > 0 {
		r.AESKey = p.keys[0]
	}
	r.Token = orDefault(r.Token, p.opt.Token)
	r.AppID = orDefault(r.AppID, p.opt.AppID)
	r.Method = orDefault(r.Method, http.MethodPost)
	r.ContentType = orDefault(r.ContentType, "text/xml")
	if r.Nonce == "" {
		r.Nonce = strconv.FormatInt(100_000_000+p.rng.Int64N(1_900_000_000), 10)
	}
	if r.Timestamp.IsZero() {
		r.Timestamp = p.clock.Now()
	}
	return p.randomText(16), p.callbackURL
}

// compose makes the final body and query.
func (r *Raw) compose(random, toUser string) ([]byte, url.Values, error) {
	ts := strconv.FormatInt(r.Timestamp.Unix(), 10)
	query := url.Values{
		"signature": {sign(r.Token, ts, r.Nonce)}, "timestamp": {ts}, "nonce": {r.Nonce}, "openid": {r.OpenID},
	}
	body := []byte(r.XML)
	if r.Mode != Plain {
		sealed, err := encrypt([]byte(random), []byte(r.XML), r.AppID, r.AESKey)
		if err != nil {
			return nil, nil, err
		}
		query.Set("encrypt_type", "aes")
		query.Set("msg_signature", sign(r.Token, ts, r.Nonce, sealed))
		var b xmlBuilder
		if r.Mode == Compat {
			b.WriteString(strings.TrimSuffix(r.XML, "</xml>"))
		} else {
			b.WriteString("<xml>")
			b.text("ToUserName", toUser)
		}
		b.text("Encrypt", sealed)
		b.WriteString("</xml>")
		body = []byte(b.String())
	}
	if r.Body != nil {
		body = r.Body
	}
	for name, values := range r.Query {
		if len(values) == 0 {
			delete(query, name)
		} else {
			query[name] = values
		}
	}
	return body, query, nil
}

// VerifyURL does what saving the server's address does: GET with echostr, which must come back as it is. The error says
// what the account's server got wrong.
func (p *Platform) VerifyURL(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.opt.PassiveTimeout)
	defer cancel()
	r := Raw{Mode: Plain}
	echo, target := p.fill(&r)
	_, query, err := r.compose("", "")
	if err != nil {
		return err
	}
	query.Del("openid")
	query.Set("echostr", echo)
	_, status, answer, err := p.call(ctx, http.MethodGet, target, query, "", nil)
	switch {
	case err != nil:
		return fmt.Errorf("simulator: URL check: %s", transportError(err, p.opt.PassiveTimeout))
	case status != http.StatusOK:
		return fmt.Errorf("simulator: URL check: HTTP %d", status)
	case answer != echo:
		return fmt.Errorf("simulator: URL check: %q came back for echostr %q", cut(answer, 80), echo)
	}
	return nil
}

// transportError is a short cause without the URL, which holds signatures.
func transportError(err error, limit time.Duration) string {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %s, connection cut", limit)
	}
	return err.Error()
}

// cut shortens s to n bytes for a message.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// call sends one request to the account's server and reads at most 1 MiB of its answer.
func (p *Platform) call(ctx context.Context, method, target string, query url.Values, contentType string, body []byte) (string, int, string, error) {
	if target == "" {
		return "", 0, "", errors.New("simulator: no callback URL is set")
	}
	u, err := url.Parse(target)
	if err != nil {
		return target, 0, "", fmt.Errorf("simulator: callback: %w", err)
	}
	merged := u.Query()
	for k, v := range query {
		merged[k] = v
	}
	u.RawQuery = merged.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return u.String(), 0, "", fmt.Errorf("simulator: callback: %w", err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("User-Agent", "Mozilla/4.0")
	req.Header.Set("Accept", "*/*")
	resp, err := p.client.Do(req)
	if err != nil {
		return u.String(), 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return u.String(), resp.StatusCode, string(answer), err
}
