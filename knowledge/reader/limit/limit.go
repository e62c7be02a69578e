// Package limit takes rights and memory away from the process that reads files of
// others.
package limit

// Bounds of a process and of what it starts.
type Bounds struct {
	Memory int64 // bytes of data of one process
	File   int64 // bytes of one file that it writes
}

// Set applies the bounds to this process and to those it will start, and takes the
// network from them. They cannot be lifted again. It returns in English what this
// system could not do; the rest holds.
func Set(b Bounds) (missing []string) { return set(b) }
