package limit

import "golang.org/x/sys/unix"

const (
	arch     = unix.AUDIT_ARCH_AARCH64
	otherABI = 0xffffffff // there is none
)
