package dial

import (
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"netcheck/report/result"
)

const (
	// shortestGap is the least time between two asks of a port.
	shortestGap = 100 * time.Millisecond
	// refusalTakes is how much longer than a round trip a refusal may take.
	refusalTakes = 0
	// mostSockets bounds what one scan holds open.
	mostSockets = 8192
)

// epoll are sockets on one epoll: a fifth of the time and memory of a
// goroutine and a net.Dialer for each.
type epoll struct {
	fd     int
	to     netip.Addr
	from   netip.Addr
	domain int
	sa4    unix.SockaddrInet4
	sa6    unix.SockaddrInet6
	events [128]unix.EpollEvent
	icmps  map[result.ICMP]*result.ICMP // many ports share one device's answer
}

func newSockets(to netip.Addr) (sockets, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	s := &epoll{fd: fd, to: to, icmps: make(map[result.ICMP]*result.ICMP)}
	if to.Is4() {
		s.domain, s.sa4.Addr = unix.AF_INET, to.As4()
	} else {
		s.domain, s.sa6.Addr, s.sa6.ZoneId = unix.AF_INET6, to.As16(), zoneIndex(to)
	}
	return s, nil
}

func (s *epoll) connect(port uint16) (int, bool, outcome) {
	fd, err := unix.Socket(s.domain, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, false, here(err)
	}
	tellErrorsOf(fd, s.domain == unix.AF_INET6)
	if s.domain == unix.AF_INET {
		s.sa4.Port = int(port)
		err = unix.Connect(fd, &s.sa4)
	} else {
		s.sa6.Port = int(port)
		err = unix.Connect(fd, &s.sa6)
	}
	if err != unix.EINPROGRESS && err != nil {
		o := s.outcome(fd, err)
		unix.Close(fd)
		return 0, false, o
	}
	if !s.from.IsValid() {
		s.from = localAddr(fd).Addr()
	}
	ev := unix.EpollEvent{Events: unix.EPOLLOUT, Fd: int32(fd)}
	if err := unix.EpollCtl(s.fd, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		unix.Close(fd)
		return 0, false, here(err)
	}
	return fd, true, outcome{}
}

func here(err error) outcome {
	e, _ := err.(syscall.Errno)
	return outcome{errno: errnoName(e), here: true, err: err}
}

func (s *epoll) wait(d time.Duration, report func(int, outcome)) {
	// a millisecond is the finest that epoll waits; sooner would be a busy loop
	ms := int((d + time.Millisecond - 1) / time.Millisecond)
	for {
		n, err := unix.EpollWait(s.fd, s.events[:], ms)
		if err != nil {
			return // interrupted: the caller comes again
		}
		for _, ev := range s.events[:n] {
			s.look(int(ev.Fd), ev.Events, report)
		}
		if n < len(s.events) {
			return
		}
		ms = 0
	}
}

// look reads what became of a socket that has an event.
func (s *epoll) look(fd int, events uint32, report func(int, outcome)) {
	var o outcome
	if events&(unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		e, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err != nil {
			e = int(unix.EIO)
		}
		o = s.outcome(fd, syscall.Errno(e))
		if e == 0 && o.icmp == nil {
			return // a note on the path's MTU, or the like: the connect goes on
		}
	} else if s.from == s.to {
		if a := localAddr(fd); a == s.peer(fd) {
			// the system chose the very port that it connects to, and met
			// itself; it would not have done so if somebody listened there
			o = outcome{errno: "ECONNREFUSED"}
		}
	}
	if o == (outcome{}) {
		// reset, so that neither side keeps the connection's remains
		_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	unix.Close(fd)
	report(fd, o)
}

// outcome is a failed connect's, with its ICMP error if there was one.
func (s *epoll) outcome(fd int, err error) outcome {
	e, _ := err.(syscall.Errno)
	var o outcome
	if e != 0 {
		o.errno = errnoName(e)
	}
	for {
		m, more := errorQueue(fd)
		if m != nil && (e != 0 || icmpFailure(m) != result.FailMessageSize) {
			o.icmp = s.intern(m)
			break
		}
		if !more {
			break
		}
	}
	if o.icmp == nil && (e == unix.ENETUNREACH || e == unix.EHOSTUNREACH || e == unix.EACCES || e == unix.EPERM || e == unix.EINVAL) {
		a := localAddr(fd)
		if o.here = !a.IsValid() || a.Addr().IsUnspecified(); o.here {
			o.err = err
		}
	}
	return o
}

func (s *epoll) intern(m *result.ICMP) *result.ICMP {
	if p := s.icmps[*m]; p != nil {
		return p
	}
	if len(s.icmps) < 1024 { // more different ones are no router's doing
		s.icmps[*m] = m
	}
	return m
}

func (s *epoll) peer(fd int) netip.AddrPort {
	sa, err := unix.Getpeername(fd)
	if err != nil {
		return netip.AddrPort{}
	}
	return addrPort(sa)
}

func (s *epoll) drop(fd int) { unix.Close(fd) }

func (s *epoll) local() netip.Addr { return s.from }

func (s *epoll) close() { unix.Close(s.fd) }
