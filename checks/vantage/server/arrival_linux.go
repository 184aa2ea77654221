package server

import (
	"net"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// keepArrival makes the system keep the SYN of each connection. It is
// net.ListenConfig's Control. A system that can't goes without.
func keepArrival(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_TCP, unix.TCP_SAVE_SYN, 1)
	})
}

// arrival is with which TTL the connection's SYN came, and which MSS it
// offered; 0 where that was not kept. The system tells it once.
func arrival(c net.Conn) (ttl, mss int) {
	s, ok := c.(syscall.Conn)
	if !ok {
		return 0, 0
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return 0, 0
	}
	var b [512]byte // both headers, with all their options
	size := uint32(len(b))
	_ = raw.Control(func(fd uintptr) {
		if _, _, e := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_TCP, unix.TCP_SAVED_SYN,
			uintptr(unsafe.Pointer(&b)), uintptr(unsafe.Pointer(&size)), 0); e != 0 {
			size = 0
		}
	})
	return parseSYN(b[:min(int(size), len(b))])
}
