package kv

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jellydator/ttlcache/v3"
)

// Memory is a Store inside this process: for one replica, and gone with it.
type Memory struct {
	mu    sync.Mutex // makes SetNX and Incr one step
	cache *ttlcache.Cache[string, []byte]
	quit  chan struct{}
	ended chan struct{}
}

// NewMemory returns an empty store. It keeps one goroutine, which removes what has
// expired, until Close.
func NewMemory() *Memory {
	m := &Memory{
		cache: ttlcache.New(ttlcache.WithDisableTouchOnHit[string, []byte]()),
		quit:  make(chan struct{}),
		ended: make(chan struct{}),
	}
	go m.sweep()
	return m
}

// Close stops the goroutine and waits for it. Call it once; the store must not be used
// after that.
func (m *Memory) Close() {
	close(m.quit)
	<-m.ended
}

// sweep removes what has expired, to free the memory; an expired value is absent before
// that. It stands in for the cache's own Start, whose Stop does nothing when it comes
// before Start has got going (ttlcache 3.4.1).
func (m *Memory) sweep() {
	defer close(m.ended)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-m.quit:
			return
		case <-tick.C:
			m.mu.Lock()
			m.cache.DeleteExpired()
			m.mu.Unlock()
		}
	}
}

// Get implements Store.
func (m *Memory) Get(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	item := m.cache.Get(key)
	if item == nil {
		return nil, nil
	}
	return slices.Clone(item.Value()), nil
}

// Set implements Store.
func (m *Memory) Set(ctx context.Context, key string, val []byte, ttl time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, val, ttl)
	return nil
}

// SetNX implements Store.
func (m *Memory) SetNX(ctx context.Context, key string, val []byte, ttl time.Duration) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cache.Get(key) != nil {
		return false, nil
	}
	m.put(key, val, ttl)
	return true, nil
}

// Incr implements Store.
func (m *Memory) Incr(ctx context.Context, key string, ttl time.Duration) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var n int64
	if item := m.cache.Get(key); item != nil {
		var err error
		if n, err = strconv.ParseInt(string(item.Value()), 10, 64); err != nil {
			return 0, fmt.Errorf("kv: the value of %s is no counter", key)
		}
		ttl = remaining(item)
	}
	n++
	m.put(key, strconv.AppendInt(nil, n, 10), ttl)
	return n, nil
}

// Delete implements Store.
func (m *Memory) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cache.Delete(key)
	return nil
}

// All is a copy of everything that is kept now, by key.
func (m *Memory) All() map[string][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string][]byte{}
	for key, item := range m.cache.Items() {
		out[key] = slices.Clone(item.Value())
	}
	return out
}

func (m *Memory) put(key string, val []byte, ttl time.Duration) {
	if ttl <= 0 {
		ttl = ttlcache.NoTTL
	} else {
		ttl = max(ttl, time.Millisecond)
	}
	m.cache.Set(key, append([]byte{}, val...), ttl) // never nil: empty is not absent
}

func remaining(item *ttlcache.Item[string, []byte]) time.Duration {
	if item.TTL() <= 0 {
		return 0
	}
	return max(time.Until(item.ExpiresAt()), time.Millisecond)
}
