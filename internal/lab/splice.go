//go:build linux

package lab

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"netcheck/internal/servers"
)

// splice is a transparent proxy at a router: it takes the connections to these
// ports, and once it has them it connects on. A destination that does not
// answer costs the client its connection.
func splice(w *World, args []string) error { return take(w, args, true) }

// answerAll is a firewall that completes every handshake itself, before it
// asks the destination; what the destination does not accept ends at once.
func answerAll(w *World, args []string) error { return take(w, args, false) }

func take(w *World, args []string, patient bool) error {
	if len(args) < 2 {
		return errors.New("a place and ports")
	}
	m, err := match(append([]string{"tcp"}, args[1:]...))
	if err != nil {
		return err
	}
	patience := 500 * time.Millisecond // a firewall's: shorter than a client's
	if patient {
		patience = 20 * time.Second
	}
	return w.divert(args[0], m, func(c net.Conn, to netip.AddrPort) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		on, err := w.Dial(ctx, args[0], "tcp", to.String())
		if err != nil {
			c.(*net.TCPConn).SetLinger(0)
			return
		}
		defer on.Close()
		servers.Join(c, on)
	})
}

// divert gives the TCP connections that a place forwards to a server of its
// own.
func (w *World) divert(place string, m Match, handle func(c net.Conn, to netip.AddrPort)) error {
	s, err := w.Place(place)
	if err != nil {
		return err
	}
	m.Proto = "tcp"
	for _, local := range []string{"0.0.0.0", "::"} {
		at := netip.AddrPortFrom(netip.MustParseAddr(local), w.port())
		err := w.Listen(place, at, func(c net.Conn) {
			if to, err := Meant(c.(*net.TCPConn)); err == nil {
				handle(c, to)
			}
		})
		if err != nil {
			return err
		}
		family := v4Only
		if at.Addr().Is6() {
			family = v6Only
		}
		of := m
		of.Also = append(slices.Clone(m.Also), family)
		// only what is sent on to others, not what is meant for the router
		if err := s.Rule(Turn, of, Redirect(at.Port())...); err != nil {
			return err
		}
	}
	return nil
}

// Meant is where a connection was to go before a rule gave it to us.
func Meant(c *net.TCPConn) (to netip.AddrPort, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return to, err
	}
	local := c.LocalAddr().(*net.TCPAddr).AddrPort()
	errC := raw.Control(func(fd uintptr) {
		if local.Addr().Unmap().Is4() {
			var m *unix.IPv6Mreq // large enough for a sockaddr_in
			if m, err = unix.GetsockoptIPv6Mreq(int(fd), unix.SOL_IP, unix.SO_ORIGINAL_DST); err == nil {
				b := m.Multiaddr
				to = netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), uint16(b[2])<<8|uint16(b[3]))
			}
			return
		}
		var i *unix.IPv6MTUInfo // begins with a sockaddr_in6
		if i, err = unix.GetsockoptIPv6MTUInfo(int(fd), unix.SOL_IPV6, unix.SO_ORIGINAL_DST); err == nil {
			to = netip.AddrPortFrom(netip.AddrFrom16(i.Addr.Addr), i.Addr.Port<<8|i.Addr.Port>>8)
		}
	})
	return to, errors.Join(err, errC)
}

// port is one that nobody else in the world has.
func (w *World) port() uint16 {
	w.ports++
	return 20000 + w.ports
}
