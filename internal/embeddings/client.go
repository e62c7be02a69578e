// Package embeddings asks a server for the vectors of texts, over the wire
// format of OpenAI's /v1/embeddings, which most servers of embedding models
// speak.
package embeddings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// Config names a server and how it wants its texts.
type Config struct {
	URL           string // of the endpoint: https://host/v1/embeddings, or the part before /embeddings
	Model         string // as the server calls it
	Key           string // for the Authorization header, "" for none; never logged
	QueryPrefix   string // put before a question
	PassagePrefix string // put before a text to be found
}

// TextLimit is how many characters of a text are sent; what is behind them
// does not count. Models read about 512 tokens, some refuse more.
const TextLimit = 800

// Errors of a server. What a reply says is in the error's text, shortened;
// the key is not.
var (
	// ErrRefused means that the server understood and will not: this text, or
	// all of them. Trying the same again does not help.
	ErrRefused = errors.New("embeddings: the server refuses")
	// ErrReply means that the server answered with what are no vectors, or not
	// those of this model.
	ErrReply = errors.New("embeddings: the server's reply is wrong")
)

// Client asks one server. It is safe for concurrent use. Its calls end with
// their context; give each a deadline.
type Client struct {
	config     Config
	endpoint   string
	http       *http.Client
	dimensions atomic.Int64 // of every vector; 0 until the first reply
}

// New makes a client; it asks nothing yet. A wrong address or no model is an
// error.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("embeddings: the address must be a full one, like http://127.0.0.1:8000/v1") // not the value: it may hold a key
	}
	if c.Model == "" {
		return nil, fmt.Errorf("embeddings: no model is named")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	if !strings.HasSuffix(u.Path, "/embeddings") {
		u.Path += "/embeddings"
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 16}
	return &Client{config: c, endpoint: u.String(), http: &http.Client{Transport: transport}}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Config is what the client was made with.
func (c *Client) Config() Config { return c.config }

// Expect fixes the number of dimensions before the first reply does: that of
// vectors that are kept. A reply of another size is then ErrReply.
func (c *Client) Expect(dimensions int) { c.dimensions.Store(int64(dimensions)) }

// Query is the vector of a question.
func (c *Client) Query(ctx context.Context, text string) ([]float32, error) {
	vs, err := c.embed(ctx, c.config.QueryPrefix, text)
	if err != nil {
		return nil, err
	}
	return vs[0], nil
}

// Queries are the vectors of questions that others will be compared with, in
// their order.
func (c *Client) Queries(ctx context.Context, texts ...string) ([][]float32, error) {
	return c.embed(ctx, c.config.QueryPrefix, texts...)
}

// Passages are the vectors of texts to be found, in their order.
func (c *Client) Passages(ctx context.Context, texts ...string) ([][]float32, error) {
	return c.embed(ctx, c.config.PassagePrefix, texts...)
}

type request struct {
	Model  string   `json:"model"`
	Input  []string `json:"input"`
	Format string   `json:"encoding_format"`
}

type reply struct {
	Data []struct {
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	} `json:"data"`
}

func (c *Client) embed(ctx context.Context, prefix string, texts ...string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	input := make([]string, len(texts))
	for i, t := range texts {
		input[i] = prefix + shorten(t)
	}
	body, err := json.Marshal(request{Model: c.config.Model, Input: input, Format: "float"})
	if err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	data, err := c.post(ctx, body, len(texts))
	if err != nil {
		return nil, err
	}
	return c.read(data, len(texts))
}

// shorten keeps the first TextLimit characters, and one blank of an empty
// text: some servers refuse those.
func shorten(text string) string {
	text = strings.ToValidUTF8(text, "")
	if strings.TrimSpace(text) == "" {
		return " "
	}
	n := 0
	for i := range text {
		if n == TextLimit {
			return text[:i]
		}
		n++
	}
	return text
}

// A number of a vector takes up to about 24 bytes as JSON; models have up to
// 8,192 dimensions.
const (
	replyPerText = 24 * 8192
	replyLimit   = 64 << 20
	errorShown   = 200 // bytes of a refusal that are kept
)

// post sends one request and returns the body of a good reply.
func (c *Client) post(ctx context.Context, body []byte, texts int) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.config.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.config.Key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("embeddings: %w", withoutURL(err))
	}
	defer func() { _ = res.Body.Close() }() // read only
	limit := min(replyLimit, texts*replyPerText+4096)
	data, err := io.ReadAll(io.LimitReader(res.Body, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	switch {
	case res.StatusCode == http.StatusBadRequest || res.StatusCode == http.StatusRequestEntityTooLarge || res.StatusCode == http.StatusUnprocessableEntity:
		return nil, fmt.Errorf("%w: status %d: %s", ErrRefused, res.StatusCode, c.shown(data))
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("embeddings: status %d: %s", res.StatusCode, c.shown(data))
	case len(data) > limit:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrReply, limit)
	}
	return data, nil
}

// withoutURL takes the address, which may hold a key, off an error of
// net/http.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// shown is the beginning of a refusal, without the key should it be quoted.
func (c *Client) shown(data []byte) string {
	text := strings.ToValidUTF8(string(data[:min(len(data), errorShown)]), "")
	if c.config.Key != "" {
		text = strings.ReplaceAll(text, c.config.Key, "…")
	}
	return strings.TrimSpace(text)
}

// read takes the vectors out of a reply: one for each text, all of the size
// that the model has, each with a direction.
func (c *Client) read(data []byte, texts int) ([][]float32, error) {
	var r reply
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReply, err)
	}
	if len(r.Data) != texts {
		return nil, fmt.Errorf("%w: %d vectors for %d texts", ErrReply, len(r.Data), texts)
	}
	out := make([][]float32, texts)
	for _, d := range r.Data {
		if d.Index < 0 || d.Index >= texts || out[d.Index] != nil {
			return nil, fmt.Errorf("%w: the vector of text %d is there twice or not asked for", ErrReply, d.Index)
		}
		if !pointing(d.Embedding) {
			return nil, fmt.Errorf("%w: a vector of %d numbers that points nowhere", ErrReply, len(d.Embedding))
		}
		if len(d.Embedding) != len(r.Data[0].Embedding) {
			return nil, fmt.Errorf("%w: vectors of %d and of %d dimensions", ErrReply, len(r.Data[0].Embedding), len(d.Embedding))
		}
		out[d.Index] = d.Embedding
	}
	size := int64(len(out[0]))
	c.dimensions.CompareAndSwap(0, size)
	if want := c.dimensions.Load(); size != want {
		return nil, fmt.Errorf("%w: vectors of %d dimensions, expected %d: another model answers under this name", ErrReply, size, want)
	}
	return out, nil
}

// pointing reports whether a vector has a direction.
func pointing(v []float32) bool {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return sum > 0 && !math.IsNaN(sum) && !math.IsInf(sum, 0)
}
