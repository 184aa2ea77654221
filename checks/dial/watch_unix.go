//go:build unix

package dial

import (
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"netcheck/report/result"
)

// watch keeps a second descriptor of the socket that a net.Dialer connects:
// the dialer closes its own when the connect fails, and only an open one still
// tells why.
type watch struct {
	packets packets
	fd      int
}

// newWatch returns a watch of no socket yet.
func newWatch(p packets) *watch { return &watch{packets: p, fd: -1} }

// cost is how many descriptors a watched connect takes.
const watchCost = 2

// control prepares a socket and begins to watch it. It is net.Dialer's Control.
func (w *watch) control(network, address string, c syscall.RawConn) error {
	if err := w.packets.control(network, address, c); err != nil {
		return err
	}
	return c.Control(func(fd uintptr) {
		tellErrors(int(fd))
		w.close() // the dialer makes a new socket where a connect met itself
		if d, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			w.fd = d // without one the connect goes on, with less evidence
		}
	})
}

// told reads what the system knows of the watched socket.
func (w *watch) told() told {
	if w.fd < 0 {
		return told{sent: true} // not known: blame nobody near
	}
	var t told
	t.icmp, _ = errorQueue(w.fd)
	t.local = localAddr(w.fd)
	t.sent = t.local.IsValid() && !t.local.Addr().IsUnspecified()
	return t
}

// close ends the watch: as long as it lasts, so does the connection.
func (w *watch) close() {
	if w.fd >= 0 {
		unix.Close(w.fd)
		w.fd = -1
	}
}

// localAddr is the address that the system gave the socket to send from.
func localAddr(fd int) netip.AddrPort {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}
	}
	return addrPort(sa)
}

func addrPort(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port))
	}
	return netip.AddrPort{}
}

// queued drains the error queue of a datagram socket that has just failed.
func queued(c syscall.RawConn) (icmp *result.ICMP) {
	_ = c.Control(func(fd uintptr) { // fails on a closed socket, which has no queue
		for {
			m, more := errorQueue(int(fd))
			if icmp == nil {
				icmp = m
			}
			if !more {
				return
			}
		}
	})
	return icmp
}

// tell asks for the error queue of a datagram socket. It is net.Dialer's
// Control.
func tell(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) { tellErrors(int(fd)) })
}

// zoneIndex is the interface that a link-local address is scoped to.
func zoneIndex(a netip.Addr) uint32 {
	if i, err := strconv.Atoi(a.Zone()); err == nil {
		return uint32(i)
	}
	i, err := net.InterfaceByName(a.Zone())
	if err != nil {
		return 0
	}
	return uint32(i.Index)
}
