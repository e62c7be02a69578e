package embeddings_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"greendesk/internal/embeddings"
)

const secret = "sk-very-secret"

// serve answers every request with a status and a body, and hands over what
// was asked.
func serve(t *testing.T, status int, body string) (*embeddings.Client, func() (header http.Header, asked map[string]any)) {
	t.Helper()
	var header http.Header
	var asked map[string]any
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Clone()
		if r.URL.Path != "/v1/embeddings" {
			t.Errorf("asked %s", r.URL.Path)
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	c, err := embeddings.New(embeddings.Config{URL: s.URL + "/v1/", Model: "m", Key: secret, QueryPrefix: "query: ", PassagePrefix: "passage: "})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, func() (http.Header, map[string]any) { return header, asked }
}

func TestVectorsComeInTheOrderOfTheTexts(t *testing.T) {
	c, asked := serve(t, http.StatusOK, `{"object":"list","data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0]}],"usage":{}}`)
	vs, err := c.Passages(t.Context(), "甲", "")
	if err != nil || fmt.Sprint(vs) != "[[1 0] [0 1]]" {
		t.Fatalf("%v, %v", vs, err)
	}
	header, body := asked()
	if got := fmt.Sprint(body); got != "map[encoding_format:float input:[passage: 甲 passage:  ] model:m]" {
		t.Errorf("asked %s", got)
	}
	if header.Get("Authorization") != "Bearer "+secret || header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", header)
	}
}

func TestALongTextIsCutBetweenCharacters(t *testing.T) {
	c, asked := serve(t, http.StatusOK, `{"data":[{"index":0,"embedding":[1]}]}`)
	if _, err := c.Query(t.Context(), strings.Repeat("污", embeddings.TextLimit+5)+"\xff"); err != nil {
		t.Fatal(err)
	}
	_, body := asked()
	if got := fmt.Sprint(body["input"]); got != "[query: "+strings.Repeat("污", embeddings.TextLimit)+"]" {
		t.Errorf("sent %d bytes", len(got))
	}
}

func TestAReplyThatIsNoVectorsIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"no JSON":               {body: `<html>`, want: embeddings.ErrReply},
		"not a number":          {body: `{"data":[{"index":0,"embedding":[NaN]},{"index":1,"embedding":[1]}]}`, want: embeddings.ErrReply},
		"a number too large":    {body: `{"data":[{"index":0,"embedding":[1e99]},{"index":1,"embedding":[1]}]}`, want: embeddings.ErrReply},
		"too few":               {body: `{"data":[{"index":0,"embedding":[1]}]}`, want: embeddings.ErrReply},
		"too many":              {body: `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]},{"index":2,"embedding":[1]}]}`, want: embeddings.ErrReply},
		"one twice":             {body: `{"data":[{"index":1,"embedding":[1]},{"index":1,"embedding":[1]}]}`, want: embeddings.ErrReply},
		"one not asked for":     {body: `{"data":[{"index":0,"embedding":[1]},{"index":-1,"embedding":[1]}]}`, want: embeddings.ErrReply},
		"empty":                 {body: `{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}`, want: embeddings.ErrReply},
		"no direction":          {body: `{"data":[{"index":0,"embedding":[0,0]},{"index":1,"embedding":[1,1]}]}`, want: embeddings.ErrReply},
		"of two sizes":          {body: `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,1]}]}`, want: embeddings.ErrReply},
		"endless":               {body: strings.Repeat(" ", 1<<20), want: embeddings.ErrReply},
		"refused":               {status: http.StatusBadRequest, body: `{"error":{"message":"too long"}}`, want: embeddings.ErrRefused},
		"wrong key":             {status: http.StatusUnauthorized, body: "the key " + secret + " is wrong"},
		"busy":                  {status: http.StatusServiceUnavailable},
		"too many in too short": {status: http.StatusTooManyRequests},
	} {
		t.Run(name, func(t *testing.T) {
			status := c.status
			if status == 0 {
				status = http.StatusOK
			}
			client, _ := serve(t, status, c.body)
			vs, err := client.Passages(t.Context(), "甲", "乙")
			if err == nil || vs != nil {
				t.Fatalf("%v, %v", vs, err)
			}
			if c.want != nil && !errors.Is(err, c.want) || c.want == nil && (errors.Is(err, embeddings.ErrReply) || errors.Is(err, embeddings.ErrRefused)) {
				t.Errorf("error %v", err)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the key is in the error: %v", err)
			}
		})
	}
}

func TestAnotherSizeThanBeforeIsAnError(t *testing.T) {
	c, _ := serve(t, http.StatusOK, `{"data":[{"index":0,"embedding":[1,2,3]}]}`)
	if _, err := c.Query(t.Context(), "甲"); err != nil {
		t.Fatal(err)
	}
	c.Expect(4)
	if _, err := c.Query(t.Context(), "甲"); !errors.Is(err, embeddings.ErrReply) {
		t.Errorf("error %v", err)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	c, err := embeddings.New(embeddings.Config{URL: s.URL + "/v1/embeddings", Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Query(ctx, "甲"); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), s.URL) {
		t.Errorf("error %v", err)
	}
}

func TestAWrongAddressIsNamedAtOnce(t *testing.T) {
	for _, c := range []embeddings.Config{{URL: "localhost:8000", Model: "m"}, {URL: "http://", Model: "m"}, {URL: "http://h/v1"}} {
		if _, err := embeddings.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
