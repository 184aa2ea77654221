package dial

import (
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// shortestGap is the least time between two asks of a port.
	shortestGap = 100 * time.Millisecond
	// refusalTakes is how much longer than a round trip a refusal may take.
	refusalTakes = 0
	// mostSockets bounds what one scan holds open.
	mostSockets = 4096
)

// kqueue are sockets on one kqueue. The system tells errno and no more.
type kqueue struct {
	fd     int
	to     netip.Addr
	from   netip.Addr
	domain int
	events [128]unix.Kevent_t
}

func newSockets(to netip.Addr, _ int) (sockets, error) {
	fd, err := unix.Kqueue()
	if err != nil {
		return nil, err
	}
	unix.CloseOnExec(fd)
	s := &kqueue{fd: fd, to: to, domain: unix.AF_INET}
	if to.Is6() {
		s.domain = unix.AF_INET6
	}
	return s, nil
}

func (s *kqueue) connect(batch []start, _ bool) {
	for i := range batch {
		b := &batch[i]
		b.at = time.Now()
		b.id, b.pending, b.outcome = s.begin(b.port, b.packets)
	}
}

func (s *kqueue) begin(port uint16, p packets) (id int, pending bool, o outcome) {
	// a child started in between would inherit the socket, and hold it open
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(s.domain, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return 0, false, outcome{errno: nameOf(err), here: true, err: err}
	}
	if err = unix.SetNonblock(fd, true); err == nil && p != (packets{}) {
		err = p.set(uintptr(fd), s.domain == unix.AF_INET6)
	}
	if err == nil {
		err = unix.Connect(fd, s.sockaddr(port))
	}
	if err != nil && err != unix.EINPROGRESS {
		a := localAddr(fd)
		unix.Close(fd)
		return 0, false, outcome{errno: nameOf(err), here: !a.IsValid() || a.Addr().IsUnspecified(), err: err}
	}
	if !s.from.IsValid() {
		s.from = localAddr(fd).Addr()
	}
	var ev unix.Kevent_t
	unix.SetKevent(&ev, fd, unix.EVFILT_WRITE, unix.EV_ADD|unix.EV_ONESHOT)
	if _, err := unix.Kevent(s.fd, []unix.Kevent_t{ev}, nil, nil); err != nil {
		unix.Close(fd)
		return 0, false, outcome{errno: nameOf(err), here: true, err: err}
	}
	return fd, true, outcome{}
}

func (s *kqueue) sockaddr(port uint16) unix.Sockaddr {
	if s.domain == unix.AF_INET {
		return &unix.SockaddrInet4{Port: int(port), Addr: s.to.As4()}
	}
	return &unix.SockaddrInet6{Port: int(port), Addr: s.to.As16(), ZoneId: zoneIndex(s.to)}
}

func nameOf(err error) string {
	e, _ := err.(syscall.Errno)
	return errnoName(e)
}

func (s *kqueue) wait(d time.Duration, report func(int, outcome)) {
	for {
		ts := unix.NsecToTimespec(int64(d))
		n, err := unix.Kevent(s.fd, nil, s.events[:], &ts)
		if err != nil {
			return // interrupted: the caller comes again
		}
		for _, ev := range s.events[:n] {
			s.look(int(ev.Ident), report)
		}
		if n < len(s.events) {
			return
		}
		d = 0
	}
}

// look reads what became of a socket that has an event.
func (s *kqueue) look(fd int, report func(int, outcome)) {
	var o outcome
	if e, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || e != 0 {
		o.errno = nameOf(syscall.Errno(e))
	} else if peer, err := unix.Getpeername(fd); err != nil {
		o.errno = "ECONNRESET" // it was a connection, and is none any more
	} else if addrPort(peer) == localAddr(fd) {
		// the system chose the very port that it connects to, and met itself;
		// it would not have done so if somebody listened there
		o.errno = "ECONNREFUSED"
	} else {
		// reset, so that neither side keeps the connection's remains
		_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	unix.Close(fd)
	report(fd, o)
}

func (s *kqueue) drop(fd int) { unix.Close(fd) }

func (s *kqueue) local() netip.Addr { return s.from }

func (s *kqueue) close() { unix.Close(s.fd) }
