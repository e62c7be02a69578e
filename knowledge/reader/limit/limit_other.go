//go:build !linux || (!amd64 && !arm64)

package limit

import "runtime/debug"

// set can only ask Go's own memory management: other systems than Linux have no filter
// of system calls.
func set(b Bounds) []string {
	debug.SetMemoryLimit(b.Memory * 3 / 4)
	return []string{"memory of programs that it starts", "network"}
}
