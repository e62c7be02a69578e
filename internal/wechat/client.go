package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	defaultAPI  = "https://api.weixin.qq.com"
	defaultOpen = "https://open.weixin.qq.com"
	defaultMP   = "https://mp.weixin.qq.com"

	defaultTimeout = 10 * time.Second
	dialTimeout    = 5 * time.Second
	maxAnswer      = 1 << 20  // bytes of a JSON answer
	maxMedia       = 32 << 20 // bytes of a downloaded file; the platform's own limit for videos is 10 MiB
)

// Cache is the store that the replicas share for tokens and locks. Get returns nil, nil for an absent key.
type Cache interface {
	Get(ctx context.Context, key string) ([]byte, error)
	Set(ctx context.Context, key string, val []byte, ttl time.Duration) error
	SetNX(ctx context.Context, key string, val []byte, ttl time.Duration) (bool, error)
	Delete(ctx context.Context, key string) error
}

// ClientConfig configures the API client. AppID, Secret and Cache are needed.
type ClientConfig struct {
	AppID, Secret string
	BaseURL       string           // the API; default https://api.weixin.qq.com; may have a path
	OpenURL       string           // the OAuth page, as browsers reach it; default BaseURL when that is another than the platform's, else open.weixin.qq.com
	MPURL         string           // QR code pictures, as browsers reach them; default BaseURL when that is another than the platform's, else mp.weixin.qq.com
	Cache         Cache            // shared by all replicas
	Timeout       time.Duration    // of one HTTP exchange; default 10 s
	Now           func() time.Time // default time.Now
}

// Client calls the platform's API. It is safe for concurrent use, and several clients may live in one process.
// Every method's error is an *APIError or a mistake in the arguments; a refused token was already refetched and the
// call repeated once.
type Client struct {
	cfg    ClientConfig
	api    *url.URL
	http   *http.Client
	files  *http.Client // for addresses that the platform's answers name
	router *sdkRouter
	token  *sharedValue
	ticket *sharedValue
}

// NewClient checks cfg. It makes no call. Its errors name the setting to mend.
func NewClient(cfg ClientConfig) (*Client, error) {
	if cfg.AppID == "" || cfg.Secret == "" || cfg.Cache == nil {
		return nil, errors.New("wechat: AppID, Secret and a Cache are needed")
	}
	elsewhere := func(set, official string) string {
		switch {
		case set != "":
			return strings.TrimRight(set, "/")
		case cfg.BaseURL != "" && strings.TrimRight(cfg.BaseURL, "/") != defaultAPI:
			return strings.TrimRight(cfg.BaseURL, "/")
		}
		return official
	}
	cfg.OpenURL, cfg.MPURL = elsewhere(cfg.OpenURL, defaultOpen), elsewhere(cfg.MPURL, defaultMP)
	cfg.BaseURL = elsewhere(cfg.BaseURL, defaultAPI)
	api, err := url.Parse(cfg.BaseURL)
	if err != nil || api.Host == "" || api.Scheme != "https" && api.Scheme != "http" {
		return nil, errors.New("wechat: BaseURL is no http or https address")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &Client{cfg: cfg, api: api, router: installSDKRouter()}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: min(cfg.Timeout, dialTimeout), KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout: dialTimeout,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
		},
		Timeout: cfg.Timeout,
		// A redirect would carry the access_token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.files = &http.Client{Transport: fileTransport(min(cfg.Timeout, dialTimeout), loopback(api)), Timeout: cfg.Timeout, CheckRedirect: c.http.CheckRedirect}
	c.token = newSharedValue(cfg, "token", c.fetchToken)
	c.ticket = newSharedValue(cfg, "jsapi_ticket", c.fetchTicket)
	return c, nil
}

// Close frees idle connections.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
	c.files.CloseIdleConnections()
}

// address is the URL of an endpoint under BaseURL.
func (c *Client) address(endpoint string, q url.Values) string {
	u := *c.api
	u.Path = strings.TrimRight(u.Path, "/") + endpoint
	u.RawQuery = q.Encode()
	return u.String()
}

// post sends in as JSON with the shared token and decodes the answer into out, which may be nil.
func (c *Client) post(ctx context.Context, endpoint string, in, out any) error {
	body, err := encodeJSON(in)
	if err != nil {
		return err
	}
	return c.withToken(ctx, func(token string) error {
		return c.exchange(ctx, http.MethodPost, endpoint, url.Values{"access_token": {token}}, body, out)
	})
}

// get asks with the shared token and decodes the answer into out.
func (c *Client) get(ctx context.Context, endpoint string, q url.Values, out any) error {
	return c.withToken(ctx, func(token string) error {
		q.Set("access_token", token)
		return c.exchange(ctx, http.MethodGet, endpoint, q, nil, out)
	})
}

// exchange is one HTTP exchange whose answer is JSON.
func (c *Client) exchange(ctx context.Context, method, endpoint string, q url.Values, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.address(endpoint, q), bytes.NewReader(body))
	if err != nil {
		return &APIError{Endpoint: endpoint, Err: c.redacted(err, q.Get("access_token"))}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	_, answer, err := c.roundTrip(c.http, req, endpoint, maxAnswer)
	if err != nil {
		return err
	}
	if err := c.platformError(endpoint, answer); err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return &APIError{Endpoint: endpoint, Status: http.StatusOK, Err: errors.New("the answer has unexpected fields")}
	}
	return nil
}

// roundTrip sends req and reads the whole answer; what is not HTTP 200 within limit bytes is an APIError.
func (c *Client) roundTrip(by *http.Client, req *http.Request, endpoint string, limit int64) (http.Header, []byte, error) {
	token := req.URL.Query().Get("access_token")
	fail := func(status int, err error) error {
		var dial *net.OpError
		unsent := errors.As(err, &dial) && dial.Op == "dial"
		return &APIError{Endpoint: endpoint, Status: status, Err: c.redacted(err, token), unsent: unsent}
	}
	resp, err := by.Do(req) //nolint:gosec // the host is the operator's setting, or checked when it is dialled (public)
	if err != nil {
		return nil, nil, fail(0, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, resp.Body, 4096) // lets the connection be used again
		return nil, nil, fail(resp.StatusCode, errors.New("no answer of the API"))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, nil, fail(resp.StatusCode, err)
	}
	if int64(len(body)) > limit {
		return nil, nil, fail(resp.StatusCode, fmt.Errorf("answer of more than %d bytes", limit))
	}
	return resp.Header, body, nil
}

// platformError finds the error in a JSON answer: an errcode other than 0, or no JSON object at all.
func (c *Client) platformError(endpoint string, answer []byte) error {
	var head struct {
		Code int    `json:"errcode"`
		Msg  string `json:"errmsg"`
	}
	if trimmed := bytes.TrimSpace(answer); len(trimmed) == 0 || trimmed[0] != '{' || json.Unmarshal(trimmed, &head) != nil {
		return &APIError{Endpoint: endpoint, Status: http.StatusOK, Err: errors.New("the answer is no complete JSON object")}
	}
	if head.Code != 0 {
		return &APIError{Endpoint: endpoint, Status: http.StatusOK, Code: head.Code, Msg: c.redact(head.Msg)}
	}
	return nil
}

// withToken runs call with the shared token. When the platform refuses the token, it is refetched and call repeated once.
func (c *Client) withToken(ctx context.Context, call func(token string) error) error {
	token, err := c.token.get(ctx, "")
	if err != nil {
		return err
	}
	if err = call(token); ClassOf(err) != ClassToken {
		return err
	}
	fresh, refetch := c.token.get(ctx, token)
	if refetch != nil {
		return refetch
	}
	if fresh == token {
		return err
	}
	return call(fresh)
}

// encodeJSON leaves <, > and & as they are: the platform shows JSON escapes of them to users.
func encodeJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("wechat: encode: %w", err)
	}
	return buf.Bytes(), nil
}
