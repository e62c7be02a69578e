package kv

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// prefix keeps our keys apart from those of others in a shared Redis.
const prefix = "greendesk:"

// incr counts and sets the expiry in one step, so that a process dying between the two
// cannot leave a counter that never ends.
const incr = `
local new = redis.call('EXISTS', KEYS[1]) == 0
local n = redis.call('INCR', KEYS[1])
if new and ARGV[1] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n`

// Redis is a Store shared by all replicas.
type Redis struct {
	client *redis.Client
	incr   *redis.Script
}

// NewRedis prepares a client for a url ("redis://user:password@host:6379/0", "rediss://"
// for TLS, "unix:///path"). It does not connect; use Ping. Connecting takes at most 2 s,
// a command 1 s, less when the caller's context ends. A command is sent once: a repeated
// SetNX could tell its own caller that somebody else was first.
func NewRedis(url string) (*Redis, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("kv: the Redis url cannot be read") // err may quote the password
	}
	opt.DialTimeout = 2 * time.Second
	opt.ReadTimeout = time.Second
	opt.WriteTimeout = time.Second
	opt.PoolTimeout = 2 * time.Second
	opt.ContextTimeoutEnabled = true
	opt.MaxRetries = -1
	return &Redis{client: redis.NewClient(opt), incr: redis.NewScript(incr)}, nil
}

// Ping reports whether Redis answers, for the start and the health page.
func (r *Redis) Ping(ctx context.Context) error {
	return wrap("ping", r.client.Ping(ctx).Err())
}

// Close closes the connections.
func (r *Redis) Close() error { return wrap("close", r.client.Close()) }

// Get implements Store.
func (r *Redis) Get(ctx context.Context, key string) ([]byte, error) {
	val, err := r.client.Get(ctx, prefix+key).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("get", err)
	}
	return append([]byte{}, val...), nil // never nil: empty is not absent
}

// Set implements Store.
func (r *Redis) Set(ctx context.Context, key string, val []byte, ttl time.Duration) error {
	return wrap("set", r.client.Do(ctx, setArgs(key, val, ttl)...).Err())
}

// SetNX implements Store.
func (r *Redis) SetNX(ctx context.Context, key string, val []byte, ttl time.Duration) (bool, error) {
	err := r.client.Do(ctx, append(setArgs(key, val, ttl), "NX")...).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, wrap("setnx", err)
}

// Incr implements Store.
func (r *Redis) Incr(ctx context.Context, key string, ttl time.Duration) (int64, error) {
	n, err := r.incr.Run(ctx, r.client, []string{prefix + key}, millis(ttl)).Int64()
	return n, wrap("incr", err)
}

// Delete implements Store.
func (r *Redis) Delete(ctx context.Context, key string) error {
	return wrap("delete", r.client.Del(ctx, prefix+key).Err())
}

// setArgs spells SET with milliseconds; go-redis rounds a short expiry to seconds.
func setArgs(key string, val []byte, ttl time.Duration) []any {
	args := []any{"SET", prefix + key, append([]byte{}, val...)}
	if ms := millis(ttl); ms > 0 {
		args = append(args, "PX", ms)
	}
	return args
}

func millis(ttl time.Duration) int64 {
	if ttl <= 0 {
		return 0
	}
	return max(ttl.Milliseconds(), 1)
}

func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("kv: redis %s: %w", op, err)
}
