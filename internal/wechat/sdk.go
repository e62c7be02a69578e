package wechat

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/silenceper/wechat/v2/officialaccount/config"
	sdkcontext "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/util"
)

// The SDK's managers write their URLs with a fixed host, take no context, log and return URLs with tokens in them, and
// all use one global HTTP client. So each call of ours gets a handle, a name that is no secret. The SDK is given the
// handle where it wants a token or a secret, and the one global client is a router that knows the call by its handle:
// it puts the real secrets in, sends the request to the client's own address under the call's context, and turns the
// platform's answer into an APIError before the SDK can reword it.
//
// sdkRouters is the only package state here, forced by util.DefaultHTTPClient being global: it is set once, before the
// first client exists, and never again.
var sdkRouters struct {
	once   sync.Once
	router *sdkRouter
}

// sdkRouter is the transport under the SDK's global HTTP client.
type sdkRouter struct {
	last  atomic.Uint64
	calls sync.Map // handle → *sdkCall
}

// sdkCall is one call through the SDK.
type sdkCall struct {
	client *Client
	ctx    context.Context
	token  string // stands in for the handle in access_token
	secret string // stands in for the handle in secret
	err    error  // what the platform or the network answered, redacted
}

func installSDKRouter() *sdkRouter {
	sdkRouters.once.Do(func() {
		sdkRouters.router = new(sdkRouter)
		util.DefaultHTTPClient = &http.Client{Transport: sdkRouters.router}
	})
	return sdkRouters.router
}

// sdk runs do with the shared token, for the managers that the SDK builds on a context. do may be run twice.
func (c *Client) sdk(ctx context.Context, do func(*sdkcontext.Context) error) error {
	return c.withToken(ctx, func(token string) error {
		return c.sdkOnce(&sdkCall{client: c, ctx: ctx, token: token}, do)
	})
}

// sdkOnce runs do under a fresh handle; call's token or secret go where the SDK writes the handle.
func (c *Client) sdkOnce(call *sdkCall, do func(*sdkcontext.Context) error) error {
	handle := "call-" + strconv.FormatUint(c.router.last.Add(1), 10)
	c.router.calls.Store(handle, call)
	defer c.router.calls.Delete(handle)
	err := do(c.sdkContext(handle))
	switch {
	case call.err != nil:
		return call.err
	case err != nil:
		return &APIError{Endpoint: "sdk", Err: c.redacted(err, call.token)}
	}
	return nil
}

// sdkContext is the SDK's context for one call. Managers are made on it per call: each is one pointer, and so none is
// shared, which the SDK's own lazy getters get wrong.
func (c *Client) sdkContext(handle string) *sdkcontext.Context {
	return &sdkcontext.Context{
		Config:            &config.Config{AppID: c.cfg.AppID, AppSecret: handle},
		AccessTokenHandle: handleToken(handle),
	}
}

// handleToken is the SDK's access token source: the handle of the call.
type handleToken string

// GetAccessToken returns the handle.
func (h handleToken) GetAccessToken() (string, error) { return string(h), nil }

// RoundTrip sends an SDK request on behalf of the call whose handle it carries. A request without one goes nowhere.
func (r *sdkRouter) RoundTrip(req *http.Request) (*http.Response, error) {
	q := req.URL.Query()
	value, ok := r.calls.Load(q.Get("access_token") + q.Get("secret")) // a request has one of the two
	if !ok {
		return nil, errors.New("wechat: a request of the SDK outside a call")
	}
	call := value.(*sdkCall)
	resp, err := call.send(req, q)
	call.err = err
	return resp, err
}

func (call *sdkCall) send(req *http.Request, q url.Values) (*http.Response, error) {
	if q.Has("access_token") {
		q.Set("access_token", call.token)
	}
	if q.Has("secret") {
		q.Set("secret", call.secret)
	}
	c, endpoint := call.client, req.URL.Path
	target, err := url.Parse(c.address(endpoint, q))
	if err != nil {
		return nil, &APIError{Endpoint: endpoint, Err: c.redacted(err, call.token)}
	}
	out := req.Clone(call.ctx)
	out.URL, out.Host, out.RequestURI = target, target.Host, ""
	_, answer, err := c.roundTrip(c.http, out, endpoint, maxAnswer)
	if err == nil {
		err = c.platformError(endpoint, answer)
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
		Body: io.NopCloser(bytes.NewReader(answer)), ContentLength: int64(len(answer)),
	}, nil
}
