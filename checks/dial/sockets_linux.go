package dial

import (
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
	"unsafe"

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
// goroutine and a net.Dialer for each. A socket that is done with one port is
// good for the next, which spares much of the rest.
type epoll struct {
	fd     int
	file   *os.File // of fd, which the runtime can wait for
	raw    syscall.RawConn
	spares []int // done, and to be used again
	most   int   // of them
	to     netip.Addr
	from   netip.Addr
	zone   uint32
	events [128]unix.EpollEvent
	icmps  map[result.ICMP]*result.ICMP
}

func newSockets(to netip.Addr, spares int) (sockets, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	s := &epoll{fd: fd, most: spares, to: to, icmps: make(map[result.ICMP]*result.ICMP)}
	if to.Zone() != "" {
		s.zone = zoneIndex(to)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // the mark of what can be waited for
		unix.Close(fd)
		return nil, err
	}
	s.file = os.NewFile(uintptr(fd), "epoll")
	if s.raw, err = s.file.SyscallConn(); err == nil {
		err = s.file.SetReadDeadline(time.Time{})
	}
	if err != nil {
		s.file.Close()
		return newDialers(to), nil // no such epoll here: an emulated kernel
	}
	return s, nil
}

// parallel is from how many connects on a second thread is worth its wakening.
// A connect carries its SYN as far as this machine's own network goes, and over
// virtual ones the answer back: that is most of a scan's work.
const parallel = 16

func (s *epoll) connect(batch []start, hurry bool) {
	for i := range batch {
		b := &batch[i]
		b.id = -1
		if last := len(s.spares) - 1; last >= 0 {
			b.id, s.spares = s.spares[last], s.spares[:last]
		}
	}
	if !hurry || len(batch) < parallel {
		s.begin(batch)
	} else {
		half := len(batch) / 2
		var wg sync.WaitGroup
		wg.Go(func() { s.begin(batch[:half]) })
		s.begin(batch[half:])
		wg.Wait()
	}
	for i := 0; i < len(batch) && !s.from.IsValid(); i++ {
		if batch[i].pending {
			s.from = localAddr(batch[i].id).Addr()
		}
	}
}

func (s *epoll) begin(batch []start) {
	var sa4 unix.SockaddrInet4
	var sa6 unix.SockaddrInet6
	domain := unix.AF_INET
	if s.to.Is4() {
		sa4.Addr = s.to.As4()
	} else {
		domain, sa6.Addr, sa6.ZoneId = unix.AF_INET6, s.to.As16(), s.zone
	}
	for i := range batch {
		b := &batch[i]
		b.at = time.Now()
		known := b.id >= 0 // to epoll
		if !known {
			fd, err := unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				b.outcome = here(err)
				continue
			}
			b.id = fd
			tellErrorsOf(fd, domain == unix.AF_INET6)
			if b.packets != (packets{}) {
				if err := b.packets.set(uintptr(fd), domain == unix.AF_INET6); err != nil {
					unix.Close(fd)
					b.outcome = here(err)
					continue
				}
			}
		}
		var err error
		if domain == unix.AF_INET {
			sa4.Port = int(b.port)
			err = unix.Connect(b.id, &sa4)
		} else {
			sa6.Port = int(b.port)
			err = unix.Connect(b.id, &sa6)
		}
		if err != nil && err != unix.EINPROGRESS {
			b.outcome = failure(b.id, err)
			unix.Close(b.id)
			continue
		}
		if !known {
			// by edges: a spare one would be ready all the time
			ev := unix.EpollEvent{Events: unix.EPOLLOUT | unix.EPOLLET, Fd: int32(b.id)}
			if err := unix.EpollCtl(s.fd, unix.EPOLL_CTL_ADD, b.id, &ev); err != nil {
				unix.Close(b.id)
				b.outcome = here(err)
				continue
			}
		}
		b.pending = true
	}
}

func here(err error) outcome {
	e, _ := err.(syscall.Errno)
	return outcome{errno: errnoName(e), here: true, err: err}
}

func (s *epoll) wait(d time.Duration, report func(int, outcome)) {
	n := s.ready()
	if n == 0 && d > 0 {
		// parked as for any other file: a blocking epoll_wait would keep the
		// runtime's watchdog awake, which costs as much as the scan
		if s.file.SetReadDeadline(time.Now().Add(d)) != nil {
			return
		}
		_ = s.raw.Read(func(uintptr) bool { n = s.ready(); return n > 0 }) // or its time is over
	}
	for n > 0 {
		for _, ev := range s.events[:n] {
			s.look(int(ev.Fd), ev.Events, report)
		}
		if n < len(s.events) {
			return
		}
		n = s.ready()
	}
}

// ready fetches the events that are there.
func (s *epoll) ready() int {
	n, err := unix.EpollWait(s.fd, s.events[:], 0)
	if err != nil {
		return 0 // interrupted: the caller comes again
	}
	return n
}

// look reads what became of a socket that has an event.
func (s *epoll) look(fd int, events uint32, report func(int, outcome)) {
	if slices.Contains(s.spares, fd) {
		return // it tells that it was made a spare
	}
	var o outcome
	if events&(unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		e, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err != nil {
			e = int(unix.EIO)
		}
		o = failure(fd, syscall.Errno(e))
		if e == 0 && o.icmp == nil {
			return // a note on the path's MTU, or the like: the connect goes on
		}
		o.icmp = s.intern(o.icmp)
	} else if s.from == s.to {
		if a := localAddr(fd); a == s.peer(fd) {
			// the system chose the very port that it connects to, and met
			// itself; it would not have done so if somebody listened there
			o = outcome{errno: "ECONNREFUSED"}
		}
	}
	if renew(fd) && len(s.spares) < s.most {
		s.spares = append(s.spares, fd)
	} else {
		unix.Close(fd)
	}
	report(fd, o)
}

// renew makes a socket as good as new, in the way that connect(2) gives for it.
// A connection is reset by that, so that neither side keeps its remains.
func renew(fd int) bool {
	none := unix.RawSockaddr{Family: unix.AF_UNSPEC}
	_, _, e := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&none)), unsafe.Sizeof(none))
	if e != 0 {
		return false
	}
	_, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR) // it keeps the reset as an error of its own
	return err == nil
}

// failure is a failed connect's outcome, with its ICMP error if there was one.
func failure(fd int, err error) outcome {
	e, _ := err.(syscall.Errno)
	var o outcome
	if e != 0 {
		o.errno = errnoName(e)
	}
	for {
		m, more := errorQueue(fd)
		if m != nil && o.icmp == nil && (e != 0 || icmpFailure(m) != result.FailMessageSize) {
			o.icmp = m
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

// intern returns the same ICMP error each time: many ports share one device's.
func (s *epoll) intern(m *result.ICMP) *result.ICMP {
	if m == nil {
		return nil
	}
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

func (s *epoll) close() {
	for _, fd := range s.spares {
		unix.Close(fd)
	}
	s.file.Close()
}
