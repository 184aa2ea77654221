//go:build unix

package dial

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// errnoName is the POSIX name of a system error.
func errnoName(e syscall.Errno) string { return unix.ErrnoName(e) }
