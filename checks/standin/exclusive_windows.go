package standin

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// exclusively keeps a stand-in from sharing a port: without it Windows lets a
// socket for all addresses stand beside a service's for one address, and the
// other way round.
func exclusively(_, _ string, c syscall.RawConn) error {
	const exclusiveAddrUse = ^windows.SO_REUSEADDR // winsock2.h: SO_EXCLUSIVEADDRUSE
	var inner error
	err := c.Control(func(fd uintptr) {
		inner = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, exclusiveAddrUse, 1)
	})
	if err != nil {
		return err
	}
	return inner
}
