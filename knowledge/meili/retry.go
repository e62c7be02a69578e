package meili

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/meilisearch/meilisearch-go"
)

// Pauses between the attempts of one call. A server that says when to come
// back is listened to, up to longestPause.
const (
	attempts     = 4
	firstPause   = 200 * time.Millisecond
	longestPause = 5 * time.Second
)

// again makes a call until it succeeds, fails for good, or ctx ends. Every
// attempt has its own deadline.
func again(ctx context.Context, call func(ctx context.Context) error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		var answer reply
		one, cancel := context.WithTimeout(context.WithValue(ctx, replyKey{}, &answer), callLimit)
		err := call(one)
		cancel()
		if err == nil || attempt == attempts || ctx.Err() != nil || !Passing(err) {
			return err
		}
		if sleep(ctx, min(max(pause, answer.retryAfter), longestPause)) != nil {
			return err
		}
		pause *= 2
	}
}

// Passing reports whether an error may be gone in a while: no answer in time,
// or one that says the server is busy or starting.
func Passing(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var e *meilisearch.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.ErrCode {
	case meilisearch.MeilisearchTimeoutError, meilisearch.MeilisearchCommunicationError:
		return true
	}
	switch e.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// hasCode reports whether the server answered with this error code.
func hasCode(err error, code string) bool {
	var e *meilisearch.Error
	return errors.As(err, &e) && e.MeilisearchApiError.Code == code
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reply is what the library does not hand on of an HTTP response.
type reply struct{ retryAfter time.Duration }

type replyKey struct{}

// remember notes a response's Retry-After for the caller.
type remember struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r remember) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if to, ok := req.Context().Value(replyKey{}).(*reply); ok {
		if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
			to.retryAfter = time.Duration(seconds) * time.Second
		}
	}
	return res, nil
}
