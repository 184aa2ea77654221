package dial

import (
	"context"
	"net"
	"net/netip"
	"sync"
)

// Unconnected is a UDP socket that hears whoever writes to it, for questions to
// a multicast group, which its members answer each from an address of its own.
type Unconnected struct {
	net.PacketConn
	leave func()
}

// Unconnected opens a socket on one of this machine's own addresses: a question
// to a group leaves on the interface that has it. It sends nothing.
func (n *Network) Unconnected(ctx context.Context, local netip.Addr) (*Unconnected, error) {
	at := netip.AddrPortFrom(local.Unmap(), 0)
	if err := n.admit(ctx, at.Addr(), 1); err != nil {
		return nil, waited(ctx, at, err)
	}
	var l net.ListenConfig
	c, err := l.ListenPacket(ctx, "udp", at.String())
	if err != nil {
		n.limits.files.leave(1)
		e := &Error{Op: "listen", Addr: at, Err: cause(err)}
		e.Code, e.Evidence.Errno = Classify(err)
		return nil, e
	}
	return &Unconnected{PacketConn: c, leave: sync.OnceFunc(func() { n.limits.files.leave(1) })}, nil
}

// Close closes the socket.
func (u *Unconnected) Close() error {
	defer u.leave()
	return u.PacketConn.Close()
}
