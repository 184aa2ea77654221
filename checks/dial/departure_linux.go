package dial

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// departing is how long a SYN takes to be sent again: Linux does it after
	// one second, and its timers are a few ticks late.
	departing = 1600 * time.Millisecond
	// looked is the time between two looks at the socket.
	looked = 50 * time.Millisecond
	// farAway is more hops than an answer can have left: the system drops every
	// answer with less, so that the SYN is sent again whoever refuses it.
	farAway = 255
)

var errNotRepeated = errors.New("the system has not sent the packet again, which would tell")

// departs connects deaf, so that the SYN is repeated, and reads how that went.
func departs(ctx context.Context, to netip.AddrPort) (bool, error) {
	fd, err := deaf(to)
	if err != nil {
		return false, fmt.Errorf("see whether packets to %s leave: %w", to, err)
	}
	defer unix.Close(fd)
	ctx, cancel := context.WithTimeout(ctx, departing)
	defer cancel()
	for sleep(ctx, looked) == nil {
		ti, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return false, fmt.Errorf("see whether packets to %s leave: %w", to, err)
		}
		if ti.Total_retrans > 0 {
			return ti.Retrans > 0, nil // what failed to leave is not counted as under way
		}
	}
	return false, fmt.Errorf("see whether packets to %s leave: %w", to, errNotRepeated)
}

// deaf begins a connect that takes no answer.
func deaf(to netip.AddrPort) (int, error) {
	family := unix.AF_INET
	if to.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if to.Addr().Is6() {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MINHOPCOUNT, farAway)
	} else {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MINTTL, farAway)
	}
	if err == nil {
		err = unix.Connect(fd, sockaddrOf(to))
	}
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func sockaddrOf(to netip.AddrPort) unix.Sockaddr {
	if to.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16(), ZoneId: zoneIndex(to.Addr())}
}
