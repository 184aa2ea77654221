//go:build !windows

package machine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// attemptPatience is how long this machine may take to answer itself: that
// needs no network, so far less than a connect elsewhere.
const attemptPatience = 500 * time.Millisecond

// attemptSockets finds out without a table of sockets: who listens on TCP
// accepts a connect from this machine, and an address and UDP port that can't
// be bound is taken. A TCP bind would not do: it also fails for a port whose
// last connections are not forgotten yet.
func attemptSockets(proto string, ports []uint16) ([]Socket, error) {
	as, err := addresses()
	if err != nil {
		return nil, err
	}
	attempt := attemptTCP
	if proto == "udp" {
		attempt = attemptUDP
	}
	var found []Socket
	for _, p := range ports {
		for _, a := range as {
			to := netip.AddrPortFrom(a.Prefix.Addr(), p)
			if to.Addr().Is6() && to.Addr().IsLinkLocalUnicast() {
				to = netip.AddrPortFrom(to.Addr().WithZone(a.Interface), p)
			}
			taken, err := attempt(to)
			if err != nil {
				return nil, fmt.Errorf("look for a listener on %s: %w", to, err)
			}
			if taken {
				found = append(found, Socket{Proto: proto, Addr: to})
			}
		}
	}
	return found, nil
}

func attemptTCP(to netip.AddrPort) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), attemptPatience)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", to.String())
	if err != nil {
		return false, nil
	}
	return true, c.Close()
}

func attemptUDP(to netip.AddrPort) (bool, error) {
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(to))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return true, nil
	case err != nil:
		return false, err
	}
	return false, c.Close()
}
