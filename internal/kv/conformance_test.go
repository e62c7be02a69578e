package kv_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"greendesk/internal/kv"
	"greendesk/internal/testenv"
)

var (
	_ kv.Store = (*kv.Memory)(nil)
	_ kv.Store = (*kv.Redis)(nil)
)

// each runs one behaviour on every implementation, with a fresh store.
func each(t *testing.T, fn func(t *testing.T, s kv.Store)) {
	t.Run("memory", func(t *testing.T) {
		m := kv.NewMemory()
		t.Cleanup(m.Close)
		fn(t, m)
	})
	t.Run("redis", func(t *testing.T) { fn(t, openRedis(t, testenv.Redis(t))) })
}

func openRedis(t *testing.T, url string) *kv.Redis {
	r, err := kv.NewRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := r.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func get(t *testing.T, s kv.Store, key string) []byte {
	t.Helper()
	val, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return val
}

func set(t *testing.T, s kv.Store, key, val string, ttl time.Duration) {
	t.Helper()
	if err := s.Set(t.Context(), key, []byte(val), ttl); err != nil {
		t.Fatal(err)
	}
}

// gone waits until the key has expired.
func gone(t *testing.T, s kv.Store, key string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); get(t, s, key) != nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s never expired", key)
		}
	}
}

func TestAValueIsReadBackAndAnAbsentKeyIsNil(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		if val := get(t, s, "会话:1"); val != nil {
			t.Fatalf("absent key gave %q", val)
		}
		set(t, s, "会话:1", "二进制\x00\xff", time.Minute)
		if val := get(t, s, "会话:1"); string(val) != "二进制\x00\xff" {
			t.Fatalf("got %q", val)
		}
		set(t, s, "会话:1", "new", 0)
		if val := get(t, s, "会话:1"); string(val) != "new" {
			t.Fatalf("got %q", val)
		}
	})
}

func TestAnEmptyValueIsPresent(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		if err := s.Set(t.Context(), "k", nil, time.Minute); err != nil {
			t.Fatal(err)
		}
		if val := get(t, s, "k"); val == nil || len(val) != 0 {
			t.Fatalf("got %#v", val)
		}
	})
}

func TestValuesAreCopies(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		mine := []byte("abc")
		if err := s.Set(t.Context(), "k", mine, 0); err != nil {
			t.Fatal(err)
		}
		mine[0] = 'X'
		get(t, s, "k")[1] = 'Y'
		if val := get(t, s, "k"); string(val) != "abc" {
			t.Fatalf("got %q", val)
		}
	})
}

func TestAValueExpiresAndReadingDoesNotProlongIt(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		start := time.Now()
		set(t, s, "short", "1", 150*time.Millisecond)
		set(t, s, "tiny", "1", time.Nanosecond)
		set(t, s, "long", "1", time.Hour)
		set(t, s, "ever", "1", 0)
		gone(t, s, "short") // reads every 5 ms: if they prolonged it, it would never go
		if took := time.Since(start); took < 140*time.Millisecond {
			t.Fatalf("expired after %v", took)
		}
		gone(t, s, "tiny")
		if get(t, s, "long") == nil || get(t, s, "ever") == nil {
			t.Fatal("a living value is gone")
		}
	})
}

func TestSetRestartsTheTimeToLive(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		set(t, s, "k", "1", 100*time.Millisecond)
		set(t, s, "k", "2", time.Hour)
		set(t, s, "forever", "1", 100*time.Millisecond)
		set(t, s, "forever", "2", 0)
		time.Sleep(200 * time.Millisecond)
		if get(t, s, "k") == nil || get(t, s, "forever") == nil {
			t.Fatal("the first time to live was kept")
		}
	})
}

func TestSetNXLetsExactlyOneCallerWin(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		var winners atomic.Int64
		var wg sync.WaitGroup
		for i := range 32 {
			wg.Go(func() {
				won, err := s.SetNX(t.Context(), "lock", fmt.Append(nil, i), time.Minute)
				if err != nil {
					t.Error(err)
				}
				if won {
					winners.Add(1)
				}
			})
		}
		wg.Wait()
		if n := winners.Load(); n != 1 {
			t.Fatalf("%d winners", n)
		}
		before := get(t, s, "lock")
		if won, err := s.SetNX(t.Context(), "lock", []byte("late"), 0); err != nil || won {
			t.Fatal(won, err)
		}
		if string(get(t, s, "lock")) != string(before) {
			t.Fatal("the loser changed the value")
		}
	})
}

func TestSetNXSucceedsAgainAfterExpiryAndAfterDelete(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		for round := range 2 {
			won, err := s.SetNX(t.Context(), "lock", []byte("x"), 50*time.Millisecond)
			if err != nil || !won {
				t.Fatal(round, won, err)
			}
			gone(t, s, "lock")
		}
		set(t, s, "lock", "x", 0)
		if err := errors.Join(s.Delete(t.Context(), "lock"), s.Delete(t.Context(), "never was")); err != nil {
			t.Fatal(err)
		}
		if won, err := s.SetNX(t.Context(), "lock", nil, 0); err != nil || !won {
			t.Fatal(won, err)
		}
	})
}

func TestIncrCountsEveryConcurrentCall(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		var wg sync.WaitGroup
		seen := make([]atomic.Bool, 401)
		for range 8 {
			wg.Go(func() {
				for range 50 {
					n, err := s.Incr(t.Context(), "n", time.Minute)
					if err != nil || n < 1 || n > 400 || seen[n].Swap(true) {
						t.Errorf("count %d, %v", n, err)
						return
					}
				}
			})
		}
		wg.Wait()
		if val := get(t, s, "n"); string(val) != "400" {
			t.Fatalf("got %q", val)
		}
	})
}

func TestIncrKeepsTheExpirySetOnCreation(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		incr := func(key string, ttl time.Duration, want int64) {
			t.Helper()
			if n, err := s.Incr(t.Context(), key, ttl); err != nil || n != want {
				t.Fatalf("%s: %d, %v; want %d", key, n, err, want)
			}
		}
		incr("window", 2*time.Second, 1) // time enough for the next call on a busy machine
		incr("window", time.Hour, 2)
		incr("ever", 0, 1)
		incr("ever", time.Millisecond, 2)
		gone(t, s, "window")
		incr("window", time.Hour, 1)
		incr("ever", 0, 3)
	})
}

func TestIncrOfTextIsAnErrorAndLeavesItAlone(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		set(t, s, "k", "12 天", 0)
		if _, err := s.Incr(t.Context(), "k", 0); err == nil {
			t.Fatal("no error")
		}
		if val := get(t, s, "k"); string(val) != "12 天" {
			t.Fatalf("got %q", val)
		}
	})
}

func TestADoneContextIsAnError(t *testing.T) {
	each(t, func(t *testing.T, s kv.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, getErr := s.Get(ctx, "k")
		_, nxErr := s.SetNX(ctx, "k", nil, 0)
		_, incrErr := s.Incr(ctx, "k", 0)
		for i, err := range []error{getErr, nxErr, incrErr, s.Set(ctx, "k", nil, 0), s.Delete(ctx, "k")} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if get(t, s, "k") != nil {
			t.Fatal("written all the same")
		}
	})
}

func TestRedisKeysCarryOurPrefix(t *testing.T) {
	url := testenv.Redis(t)
	a, b := openRedis(t, url), openRedis(t, url)
	set(t, a, "k", "v", 0)
	if val := get(t, b, "k"); string(val) != "v" {
		t.Fatalf("another replica sees %q", val)
	}
	if err := kv.CheckRawKey(t.Context(), a, "greendesk:k"); err != nil {
		t.Fatal(err)
	}
}

func TestAnUnreachableRedisFailsQuicklyAndHidesThePassword(t *testing.T) {
	r, err := kv.NewRedis("redis://:geheim@127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	start := time.Now()
	if err := r.Ping(t.Context()); err == nil || time.Since(start) > 3*time.Second {
		t.Fatal(err, time.Since(start))
	}
	if _, err := kv.NewRedis("redis://:geheim@[bad"); err == nil || err.Error() != "kv: the Redis url cannot be read" {
		t.Fatal(err)
	}
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	kv.NewMemory().Close()
}
