package main

import (
	"os"
	"runtime/debug"
)

// collectLater lets the heap grow to three times what is in use before it is
// collected: an index of some hundred MiB that never changes is not worth
// marking for every few messages. GOGC, when set, wins.
func collectLater() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}
