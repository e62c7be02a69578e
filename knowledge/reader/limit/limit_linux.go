//go:build linux && (amd64 || arm64)

package limit

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"unsafe"

	"golang.org/x/sys/unix"
)

func set(b Bounds) []string {
	var missing []string
	debug.SetMemoryLimit(b.Memory * 3 / 4) // collects before the hard limit kills
	for _, l := range []struct {
		name     string
		resource int
		value    int64
	}{{"memory", unix.RLIMIT_DATA, b.Memory}, {"size of files", unix.RLIMIT_FSIZE, b.File}, {"core dumps", unix.RLIMIT_CORE, 0}} {
		if l.resource == unix.RLIMIT_DATA && underRace {
			missing = append(missing, l.name+": the race detector needs more")
			continue
		}
		v := uint64(max(l.value, 0))
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: v, Max: v}); err != nil {
			missing = append(missing, fmt.Sprintf("%s: %v", l.name, err))
		}
	}
	if err := withoutNetwork(); err != nil {
		missing = append(missing, fmt.Sprintf("network: %v", err))
	}
	return missing
}

// Offsets in struct seccomp_data.
const (
	atNumber = 0
	atArch   = 4
	atArg0   = 16
)

// withoutNetwork installs a filter of system calls in every thread: no socket but those
// between processes of this machine (LibreOffice talks to itself through one), and no
// io_uring, which could open one unseen. It needs no privileges and is inherited by
// every program that is started.
func withoutNetwork() error {
	refuse := func(errno unix.Errno) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)} //nolint:gosec // a small number
	}
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	// equal goes on when the value is k and skips the given number of steps otherwise.
	equal := func(k uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: k, Jf: skip}
	}
	filter := []unix.SockFilter{
		load(atArch), {Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: arch, Jt: 1}, refuse(unix.EPERM), // calls of another architecture
		load(atNumber), {Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: otherABI, Jf: 1}, refuse(unix.EPERM), // the x32 calls of amd64
		equal(unix.SYS_IO_URING_SETUP, 1), refuse(unix.ENOSYS),
		equal(unix.SYS_SOCKET, 3), load(atArg0), {Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.AF_UNIX, Jt: 1}, refuse(unix.EACCES),
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]} //nolint:gosec // a dozen steps
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program))) //nolint:gosec // the kernel reads it
	runtime.KeepAlive(filter)
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return nil
}
