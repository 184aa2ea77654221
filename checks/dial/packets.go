package dial

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"netcheck/report/result"
)

// packets says what the packets of a socket are like. The zero packets are the
// system's own; a system that can't make others says errors.ErrUnsupported.
type packets struct {
	ttl        int  // with which they leave
	minTTL     int  // less in an answer makes the system ignore it
	maxSegment int  // bytes, in both directions
	brief      bool // as few SYNs as the system allows: nobody waits for a third
}

// control prepares a socket. It is net.Dialer's Control.
func (p packets) control(network, _ string, c syscall.RawConn) error {
	if p == (packets{}) {
		return nil
	}
	var err error
	v6 := network == "tcp6" || network == "udp6"
	if e := c.Control(func(fd uintptr) { err = unsupported(p.set(fd, v6)) }); e != nil {
		return e
	}
	return err
}

// unsupported is what a system says that does not know an option.
func unsupported(err error) error {
	if err == nil || errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
}

// ConnectOptions change what a connection sends.
type ConnectOptions struct {
	TTL        int // of its packets; 0: the system's
	MaxSegment int // bytes of a segment, in both directions; 0: the path's
}

// ConnectWith is Connect with other packets. Where the system can't, its error
// is errors.ErrUnsupported.
func (n *Network) ConnectWith(ctx context.Context, to netip.AddrPort, o ConnectOptions) (*Conn, error) {
	return n.connectAs(ctx, to, packets{ttl: o.TTL, maxSegment: o.MaxSegment}, nil)
}

// SetTTL gives what is sent from now on so many hops.
func (c *Conn) SetTTL(ttl int) error {
	return c.raw(func(fd uintptr, v6 bool) error { return unsupported(packets{ttl: ttl}.set(fd, v6)) })
}

// TCPInfo is what the system's TCP knows of the connection just now; nil where
// it does not tell.
func (c *Conn) TCPInfo() (info *result.TCPInfo) {
	if c.raw(func(fd uintptr, _ bool) error { info = tcpInfo(fd); return nil }) != nil {
		return nil
	}
	return info
}

// raw calls f with the connection's descriptor, also while others read and
// write.
func (c *Conn) raw(f func(fd uintptr, v6 bool) error) error {
	s, ok := c.Conn.(syscall.Conn)
	if !ok {
		return errors.ErrUnsupported
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	v6 := false
	if a, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil {
		v6 = a.Addr().Is6() && !a.Addr().Is4In6()
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = f(fd, v6) }); err != nil {
		return err
	}
	return failed
}
