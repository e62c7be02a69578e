package kv

import (
	"context"
	"fmt"
)

// CheckRawKey looks for a key as Redis itself knows it.
func CheckRawKey(ctx context.Context, r *Redis, key string) error {
	if n, err := r.client.Exists(ctx, key).Result(); err != nil || n != 1 {
		return fmt.Errorf("key %s: %d, %w", key, n, err)
	}
	return nil
}
