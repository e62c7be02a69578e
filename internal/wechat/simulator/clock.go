package simulator

import (
	"sync/atomic"
	"time"
)

// Clock is the simulator's virtual clock: real time plus an offset. Quotas, token lifetimes, CreateTime and the
// signature's timestamp follow it; timeouts (the five seconds of a passive reply) stay in real time.
// It is safe for concurrent use; the zero value is real time.
type Clock struct {
	offset atomic.Int64 // nanoseconds
}

// Now is the virtual time. Its method value is what `demo` injects into the program.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())).Round(0) }

// Advance moves the clock by d (backwards when d is negative).
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// Set makes the clock show t now; it runs on from there.
func (c *Clock) Set(t time.Time) { c.offset.Store(int64(time.Until(t))) }

// Reset returns to real time.
func (c *Clock) Reset() { c.offset.Store(0) }

// Offset is how far the clock is ahead of real time.
func (c *Clock) Offset() time.Duration { return time.Duration(c.offset.Load()) }
