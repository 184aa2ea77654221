package standin

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// exclusively keeps a stand-in from sharing a port: with the option that Go's
// library gives every listener, a socket for all addresses may stand beside a
// service's for one.
func exclusively(_, _ string, c syscall.RawConn) error {
	var inner error
	err := c.Control(func(fd uintptr) {
		inner = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 0)
	})
	if err != nil {
		return err
	}
	return inner
}
