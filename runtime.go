package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
)

// Between two collections the program allocates about headroom more than is in
// use: an index of some hundred MiB that never changes is not worth marking for
// every few messages, and not worth its size again in garbage either.
const (
	headroom  = 256 << 20
	mostGOGC  = 200
	leastGOGC = 50
)

// collectLater sets how far the heap grows before it is collected by what is in
// use now, when the index is filled. GOGC, when set, wins.
func collectLater() {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	percent := headroom * 100 / max(live[0].Value.Uint64(), 1)
	debug.SetGCPercent(int(min(max(percent, leastGOGC), mostGOGC))) // #nosec G115 -- between the two
}
