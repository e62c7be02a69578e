// Package kv is the store for short-lived state: dialogue sessions, reply budgets,
// rate limits, locks, login sessions. Losing it restarts a dialogue politely and
// loses nothing else; the truth lives in SQL (internal/db).
//
// Two implementations ship: Memory (one process, the default) and Redis (shared by
// replicas). One conformance suite runs both (conformance_test.go).
package kv

import (
	"context"
	"time"
)

// Store keeps byte values under string keys until their time to live is over.
//
// A ttl of zero or less means "never expires". Times below one millisecond are
// rounded up to one millisecond. Values are copied: the caller may reuse its slice.
// Every method returns an error when the store cannot be reached or ctx is done; an
// absent key is not an error.
type Store interface {
	// Get returns the value, or nil, nil when the key is absent or has expired.
	// A present empty value is a non-nil empty slice.
	Get(ctx context.Context, key string) ([]byte, error)
	// Set stores the value and restarts its time to live.
	Set(ctx context.Context, key string, val []byte, ttl time.Duration) error
	// SetNX stores the value only when the key is absent and reports whether it did.
	// Of any number of concurrent callers exactly one is told true.
	SetNX(ctx context.Context, key string, val []byte, ttl time.Duration) (bool, error)
	// Incr adds one to the decimal counter under key and returns the new count.
	// An absent key counts from 0 and gets ttl; later calls leave its expiry alone,
	// so a counter is a fixed window. A value that is no integer is an error.
	Incr(ctx context.Context, key string, ttl time.Duration) (int64, error)
	// Delete removes the key. Removing an absent key is no error.
	Delete(ctx context.Context, key string) error
}
