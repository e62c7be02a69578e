package wechat

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

const (
	// earlyRefresh is how long before its end a token counts as expired; the platform keeps the old one good that long.
	earlyRefresh = 5 * time.Minute
	waitStep     = 20 * time.Millisecond // between looks at the cache while another replica refreshes
	maxForced    = 18                    // forced refreshes in 24 h; the platform allows 20
	forcedPause  = 30 * time.Second      // between two of them, by the platform's rule
)

// sharedValue is one credential with an end (access_token, jsapi_ticket) that all replicas share through the cache.
// One of them fetches it, under a lock; the others wait and read it. While the cache is down each process keeps its
// own copy: stable tokens bear that.
type sharedValue struct {
	cache Cache
	now   func() time.Time
	name  string
	key   string
	hold  time.Duration // life of the lock: longer than one fetch takes
	fetch func(ctx context.Context, refused string) (value string, lives time.Duration, err error)

	turn chan struct{} // one goroutine per process contends for the lock

	mu       sync.Mutex
	copy     storedValue // what the cache held last, for the time it is down
	failures int         // failed fetches of this process
	failure  error       // the last of them
}

// storedValue is what the cache holds.
type storedValue struct {
	Value string `json:"value"`
	Until int64  `json:"until"` // Unix ms by the clock of who fetched it
}

func newSharedValue(cfg ClientConfig, name string, fetch func(context.Context, string) (string, time.Duration, error)) *sharedValue {
	return &sharedValue{
		cache: cfg.Cache, now: cfg.Now, name: name, key: "wechat:" + name + ":" + cfg.AppID,
		hold: 2*cfg.Timeout + time.Second, fetch: fetch, turn: make(chan struct{}, 1),
	}
}

// get returns the value, fetched when there is none that is good and differs from refused (the one that the platform
// just refused, or ""). It waits for a fetch in progress, as long as ctx allows.
func (s *sharedValue) get(ctx context.Context, refused string) (string, error) {
	if v, err := s.cached(ctx, refused); err == nil && v != "" {
		return v, nil
	}
	before, _ := s.lastFailure()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", &APIError{Endpoint: s.name, Err: ctx.Err(), unsent: true}
	}
	// Whoever waited for a fetch that failed shares its failure, or a hanging platform would serve them one by one.
	if after, failure := s.lastFailure(); after != before {
		return "", failure
	}
	for {
		v, err := s.cached(ctx, refused)
		if err != nil {
			return s.withoutCache(ctx, refused)
		}
		if v != "" {
			return v, nil
		}
		v, done, err := s.tryRefresh(ctx, refused)
		if done {
			return v, err
		}
		select {
		case <-time.After(waitStep):
		case <-ctx.Done():
			return "", &APIError{Endpoint: s.name, Err: ctx.Err(), unsent: true}
		}
	}
}

// tryRefresh fetches the value if nobody else is at it; done is false when somebody is.
func (s *sharedValue) tryRefresh(ctx context.Context, refused string) (value string, done bool, err error) {
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return "", true, err
	}
	owner := hex.EncodeToString(id[:])
	won, err := s.cache.SetNX(ctx, s.key+":lock", []byte(owner), s.hold)
	if err != nil {
		value, err = s.withoutCache(ctx, refused)
		return value, true, err
	}
	if !won {
		return "", false, nil
	}
	defer s.unlock(ctx, owner)
	// Somebody may have stored it between our look and our lock.
	if value, err = s.cached(ctx, refused); err == nil && value != "" {
		return value, true, nil
	}
	value, err = s.refresh(ctx, refused)
	return value, true, err
}

// unlock gives the lock back unless it ran out and is another's by now. It does so even when ctx is done.
func (s *sharedValue) unlock(ctx context.Context, owner string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if held, err := s.cache.Get(ctx, s.key+":lock"); err == nil && string(held) == owner {
		_ = s.cache.Delete(ctx, s.key+":lock") // else it runs out by itself
	}
}

// refresh fetches the value and stores it.
func (s *sharedValue) refresh(ctx context.Context, refused string) (string, error) {
	value, lives, err := s.fetch(ctx, refused)
	if err != nil {
		if ctx.Err() == nil { // else it is this caller's own failure
			s.mu.Lock()
			s.failures, s.failure = s.failures+1, err
			s.mu.Unlock()
		}
		return "", err
	}
	lives -= min(earlyRefresh, lives/5)
	v := storedValue{Value: value, Until: s.now().Add(lives).UnixMilli()}
	s.mu.Lock()
	s.copy = v
	s.mu.Unlock()
	if raw, err := json.Marshal(v); err == nil && lives > 0 {
		_ = s.cache.Set(ctx, s.key, raw, lives) // the copy serves while the cache is down
	}
	return value, nil
}

// cached reads the value from the cache: "" when there is none, it has ended or it is the refused one.
func (s *sharedValue) cached(ctx context.Context, refused string) (string, error) {
	raw, err := s.cache.Get(ctx, s.key)
	if err != nil || raw == nil {
		return "", err
	}
	var v storedValue
	if json.Unmarshal(raw, &v) != nil || !s.good(v, refused) {
		return "", nil
	}
	s.mu.Lock()
	s.copy = v
	s.mu.Unlock()
	return v.Value, nil
}

// withoutCache serves the process's own copy, or fetches.
func (s *sharedValue) withoutCache(ctx context.Context, refused string) (string, error) {
	s.mu.Lock()
	v := s.copy
	s.mu.Unlock()
	if s.good(v, refused) {
		return v.Value, nil
	}
	return s.refresh(ctx, refused)
}

func (s *sharedValue) lastFailure() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failures, s.failure
}

func (s *sharedValue) good(v storedValue, refused string) bool {
	return v.Value != "" && v.Value != refused && s.now().UnixMilli() < v.Until
}

const stableToken = "/cgi-bin/stable_token" //nolint:gosec // a path, no credential

// fetchToken gets an access_token. Normal mode returns the one token that all callers share; only when that is the
// very token the platform refused is a new one forced, within the platform's limits.
func (c *Client) fetchToken(ctx context.Context, refused string) (string, time.Duration, error) {
	token, lives, err := c.stableToken(ctx, false)
	if err != nil || token != refused || !c.mayForce(ctx) {
		return token, lives, err
	}
	return c.stableToken(ctx, true)
}

func (c *Client) stableToken(ctx context.Context, force bool) (string, time.Duration, error) {
	body, err := encodeJSON(map[string]any{
		"grant_type": "client_credential", "appid": c.cfg.AppID, "secret": c.cfg.Secret, "force_refresh": force,
	})
	if err != nil {
		return "", 0, err
	}
	var answer struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"`
	}
	if err := c.exchange(ctx, http.MethodPost, stableToken, url.Values{}, body, &answer); err != nil {
		return "", 0, err
	}
	if answer.Token == "" || answer.Expires <= 0 || answer.Expires > 86400 {
		return "", 0, &APIError{Endpoint: stableToken, Status: http.StatusOK, Err: errors.New("the answer has no token")}
	}
	return answer.Token, time.Duration(answer.Expires) * time.Second, nil
}

// mayForce takes one of the day's forced refreshes: at most maxForced in 24 hours over all replicas, forcedPause apart.
func (c *Client) mayForce(ctx context.Context) bool {
	key := "wechat:forced:" + c.cfg.AppID
	if ok, err := c.cfg.Cache.SetNX(ctx, key, []byte("1"), forcedPause); err != nil || !ok {
		return false
	}
	for i := range maxForced {
		if ok, err := c.cfg.Cache.SetNX(ctx, key+":"+strconv.Itoa(i), []byte("1"), 24*time.Hour); err != nil || ok {
			return err == nil
		}
	}
	return false
}
