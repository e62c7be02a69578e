package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"greendesk/internal/wechat/simulator"
)

// demoClock is the file in a demo's data folder that keeps how far its clock was
// moved: what the desk wrote with that clock would otherwise lie in the future.
func demoClock(data string) clockFile { return clockFile(filepath.Join(data, "demo-clock")) }

type clockFile string

// restore moves a clock as the file says. Without a file, or with one that
// cannot be read as a duration, the clock shows real time.
func (f clockFile) restore(c *simulator.Clock) error {
	b, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("demo: clock: %w", err)
	}
	if moved, err := time.ParseDuration(string(b)); err == nil {
		c.Advance(moved)
	}
	return nil
}

// save keeps how far the clock is moved now.
func (f clockFile) save(c *simulator.Clock) error {
	if err := os.WriteFile(string(f), []byte(c.Offset().String()), 0o600); err != nil {
		return fmt.Errorf("demo: clock: %w", err)
	}
	return nil
}
